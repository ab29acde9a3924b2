//! For tests only: an editor on `leanwright serve` with one open file, and what its user does.

use crate::LeanProject;
use leanwright_contract::editor::{
    DocumentParams, DocumentUri, GoalView, HolesResult, Position, ProveParams, ProveResult, WorkView,
};
use leanwright_procs::editor::{Editor, Holes, Prove, file_uri};
use lsp_types as lsp;
use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

/// How long Lean may take on a busy machine. Nothing is measured by it.
pub const PATIENCE: Duration = Duration::from_secs(600);

/// An editor on `leanwright serve`, with one open file.
pub struct EditorSession {
    pub editor: Editor,
    pub uri: lsp::Url,
}

impl EditorSession {
    /// `program` is Leanwright, `extra` are arguments of `serve`.
    pub async fn open(program: &Path, project: &LeanProject, file: &str, extra: &[&str]) -> Self {
        let mut command: Vec<OsString> = vec![program.into(), "serve".into()];
        command.extend(extra.iter().map(OsString::from));
        let editor = Editor::start(&command, &project.root).await.expect("an editor");
        let uri = file_uri(&project.root.join(file)).expect("a path");
        editor.open(&uri, 1, &project.read(file)).expect("an open file");
        Self { editor, uri }
    }

    /// The holes once the goal of each is known.
    pub async fn holes(&self) -> HolesResult {
        self.holes_without(|work, goal| matches!((work, goal), (_, GoalView::Pending { .. }))).await
    }

    /// The holes once nothing is worked on any more.
    pub async fn settled(&self) -> HolesResult {
        self.holes_without(|work, _| matches!(work, WorkView::Running { .. })).await
    }

    async fn holes_without(&self, unwanted: impl Fn(&WorkView, &GoalView) -> bool) -> HolesResult {
        let document = || DocumentParams { text_document: DocumentUri { uri: self.uri.to_string() } };
        let mut changes = self.editor.hole_changes();
        loop {
            changes.borrow_and_update();
            let holes = self.editor.request::<Holes>(document(), PATIENCE).await.expect("holes");
            if !holes.holes.iter().any(|hole| unwanted(&hole.work, &hole.goal)) {
                return holes;
            }
            tokio::time::timeout(PATIENCE, changes.changed()).await.expect("a change in time").expect("a server");
        }
    }

    /// Prove the hole on a line.
    pub async fn prove(&self, line: u32) -> ProveResult {
        let position = Position { line, character: 2 };
        let params = ProveParams { text_document: DocumentUri { uri: self.uri.to_string() }, position };
        self.editor.request::<Prove>(params, PATIENCE).await.expect("an answer")
    }

    /// Our own code actions with an edit on a line; Lean's own come first and are left out.
    pub async fn offers(&self, line: u32) -> Vec<lsp::CodeAction> {
        let at = lsp::Position::new(line, 2);
        let params = lsp::CodeActionParams {
            text_document: lsp::TextDocumentIdentifier::new(self.uri.clone()),
            range: lsp::Range::new(at, at),
            context: lsp::CodeActionContext::default(),
            work_done_progress_params: lsp::WorkDoneProgressParams::default(),
            partial_result_params: lsp::PartialResultParams::default(),
        };
        let all = self.editor.request::<lsp::request::CodeActionRequest>(params, PATIENCE).await.expect("an answer");
        let own = all.unwrap_or_default().into_iter().filter_map(|action| match action {
            lsp::CodeActionOrCommand::CodeAction(action) => Some(action),
            lsp::CodeActionOrCommand::Command(_) => None,
        });
        let is_ours = |action: &lsp::CodeAction| {
            action.edit.is_some() && action.data.as_ref().is_some_and(|data| data.get("leanwright").is_some())
        };
        own.filter(is_ours).collect()
    }

    /// The titles of the code lenses.
    pub async fn lenses(&self) -> Vec<String> {
        let params = lsp::CodeLensParams {
            text_document: lsp::TextDocumentIdentifier::new(self.uri.clone()),
            work_done_progress_params: lsp::WorkDoneProgressParams::default(),
            partial_result_params: lsp::PartialResultParams::default(),
        };
        let all = self.editor.request::<lsp::request::CodeLensRequest>(params, PATIENCE).await.expect("an answer");
        all.unwrap_or_default().into_iter().filter_map(|lens| Some(lens.command?.title)).collect()
    }

    /// Take an offer: apply its edit, which makes the document this version.
    pub fn take(&self, action: &lsp::CodeAction, version: i32) {
        let (verified, edit) = edit_of(action);
        assert_eq!(verified + 1, version, "the edit is for the version before");
        self.editor.change(&self.uri, version, edit.range, &edit.new_text).expect("a change");
    }

    /// The lines of declarations that Lean says use `sorry`, in the order of the text: Lean elaborates declarations side by
    /// side and publishes what is done first.
    pub async fn sorry_lines(&self, version: i32) -> Vec<u32> {
        self.editor.elaborated(&self.uri, version, PATIENCE).await.expect("an elaborated file");
        let mut diagnostics = self.editor.diagnostics(&self.uri);
        diagnostics.retain(|one| one.message.contains("declaration uses"));
        let mut lines: Vec<u32> = diagnostics.iter().map(|one| one.range.start.line).collect();
        lines.sort_unstable();
        lines
    }
}

/// The version and the one edit of an offer.
pub fn edit_of(action: &lsp::CodeAction) -> (i32, lsp::TextEdit) {
    let changes = action.edit.as_ref().and_then(|edit| edit.document_changes.as_ref());
    let Some(lsp::DocumentChanges::Edits(edits)) = changes else { panic!("{action:?}") };
    let [edit] = edits.as_slice() else { panic!("{action:?}") };
    match edit.edits.as_slice() {
        [lsp::OneOf::Left(text)] => (edit.text_document.version.expect("a version"), text.clone()),
        _ => panic!("{action:?}"),
    }
}
