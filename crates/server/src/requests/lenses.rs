//! `textDocument/codeLens`: our lenses, where Lean has none.

use crate::command_argument::CommandArgument;
use crate::handshake::command_name;
use crate::session::Session;
use leanwright_contract::editor as own;
use lsp_types as lsp;
use serde_json::json;

impl Session {
    pub(super) fn lenses(&self, uri: &str) -> Vec<lsp::CodeLens> {
        let at = |at: own::Position| lsp::Position::new(at.line, at.character);
        let lenses = self.engine.lenses(uri).into_iter().map(|lens| {
            let argument = CommandArgument::ProveAll { uri: uri.to_owned(), lines: Some(lens.lines) };
            lsp::CodeLens {
                range: lsp::Range::new(at(lens.range.start), at(lens.range.end)),
                command: Some(lsp::Command::new(lens.title, command_name(), Some(vec![json!(argument)]))),
                data: None,
            }
        });
        lenses.collect()
    }
}
