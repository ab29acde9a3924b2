//! `textDocument/codeLens`: our lenses, where Lean has none.

use crate::lsp_items::lens_item;
use crate::session::Session;
use lsp_types::CodeLens;

impl Session {
    pub(super) fn lenses(&self, uri: &str) -> Vec<CodeLens> {
        self.engine.view().lenses(uri).into_iter().map(|lens| lens_item(uri, lens)).collect()
    }
}
