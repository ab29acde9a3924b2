//! The whole, on a real Lean: editor, server, runner, judge, code action, and Lean again.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, clippy::indexing_slicing, reason = "tests")]

use leanwright_contract::editor::{
    DocumentParams, DocumentUri, GoalView, HolesResult, Position, ProveParams, WorkView,
};
use leanwright_procs::editor::{Editor, Holes, Prove, StatusRequest, file_uri};
use leanwright_testkit::{LeanProject, lean};
use lsp_types as lsp;
use std::ffi::OsString;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(600);
const LEANWRIGHT: &str = env!("CARGO_BIN_EXE_leanwright");

/// An editor on `leanwright serve`, with one open file.
struct Session {
    editor: Editor,
    uri: lsp::Url,
}

impl Session {
    async fn open(project: &LeanProject, file: &str, extra: &[&str]) -> Self {
        let mut command: Vec<OsString> = vec![LEANWRIGHT.into(), "serve".into()];
        command.extend(extra.iter().map(OsString::from));
        let editor = Editor::start(&command, &project.root).await.unwrap();
        let uri = file_uri(&project.root.join(file)).unwrap();
        editor.open(&uri, 1, &project.read(file)).unwrap();
        Self { editor, uri }
    }

    async fn holes(&self) -> HolesResult {
        let document = || DocumentParams { text_document: DocumentUri { uri: self.uri.to_string() } };
        let mut changes = self.editor.hole_changes();
        loop {
            changes.borrow_and_update();
            let holes = self.editor.request::<Holes>(document(), PATIENCE).await.unwrap();
            if !holes.holes.iter().any(|hole| matches!(hole.goal, GoalView::Pending { .. })) {
                return holes;
            }
            tokio::time::timeout(PATIENCE, changes.changed()).await.unwrap().unwrap();
        }
    }

    async fn prove(&self, line: u32) -> leanwright_contract::editor::ProveResult {
        let position = Position { line, character: 2 };
        let params = ProveParams { text_document: DocumentUri { uri: self.uri.to_string() }, position };
        self.editor.request::<Prove>(params, PATIENCE).await.unwrap()
    }

    /// Titles and edits of our own code actions on a line; Lean's own come first and are left out.
    async fn offers(&self, line: u32) -> Vec<(String, lsp::WorkspaceEdit)> {
        let at = lsp::Position::new(line, 2);
        let params = lsp::CodeActionParams {
            text_document: lsp::TextDocumentIdentifier::new(self.uri.clone()),
            range: lsp::Range::new(at, at),
            context: lsp::CodeActionContext::default(),
            work_done_progress_params: lsp::WorkDoneProgressParams::default(),
            partial_result_params: lsp::PartialResultParams::default(),
        };
        let all = self.editor.request::<lsp::request::CodeActionRequest>(params, PATIENCE).await.unwrap();
        let own = all.unwrap_or_default().into_iter().filter_map(|action| match action {
            lsp::CodeActionOrCommand::CodeAction(action) if action.data.as_ref()?.get("leanwright").is_some() => {
                Some((action.title, action.edit?))
            }
            _ => None,
        });
        own.collect()
    }

    /// In the order of the text: Lean elaborates declarations side by side and publishes what is done first.
    async fn sorry_lines(&self, version: i32) -> Vec<u32> {
        self.editor.elaborated(&self.uri, version, PATIENCE).await.unwrap();
        let mut diagnostics = self.editor.diagnostics(&self.uri);
        diagnostics.retain(|one| one.message.contains("declaration uses"));
        let mut lines: Vec<u32> = diagnostics.iter().map(|one| one.range.start.line).collect();
        lines.sort_unstable();
        lines
    }
}

fn edit_of(edit: &lsp::WorkspaceEdit) -> (i32, lsp::TextEdit) {
    let Some(lsp::DocumentChanges::Edits(edits)) = &edit.document_changes else { panic!("{edit:?}") };
    match &edits[0].edits[0] {
        lsp::OneOf::Left(text) => (edits[0].text_document.version.unwrap(), text.clone()),
        lsp::OneOf::Right(_) => panic!("{edit:?}"),
    }
}

const SOURCE: &str = "\
theorem first (a b : Nat) : a + b = b + a := by
  sorry

theorem «𝓝 second» (p : Prop) (hp : p) : p := by
  sorry
";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sorry_becomes_a_verified_code_action() {
    let project = LeanProject::new(&[("P.lean", SOURCE)]);
    let session = Session::open(&project, "P.lean", &[]).await;

    let holes = session.holes().await.holes;
    let shown: Vec<_> =
        holes.iter().map(|hole| (hole.declaration.as_deref().unwrap(), hole.range.start.line)).collect();
    assert_eq!(shown, [("first", 1), ("«𝓝 second»", 4)]);
    assert_eq!(holes[1].goal, GoalView::Tactic { goals: vec!["p : Prop\nhp : p\n⊢ p".into()] });
    assert!(session.offers(1).await.is_empty(), "nothing is offered before it is verified");

    let (one, two) = tokio::join!(session.prove(1), session.prove(4));
    assert_eq!((one.replacement.as_deref(), two.replacement.as_deref()), (Some("omega"), Some("exact hp")), "{one:?}");
    assert_eq!(session.sorry_lines(1).await, [0, 3]);

    // Taking one offer keeps the other: it was verified against a statement that has not changed.
    let offers = session.offers(1).await;
    assert_eq!(offers.len(), 1);
    assert!(offers[0].0.contains("omega") && offers[0].0.contains("verified"), "{}", offers[0].0);
    let (version, edit) = edit_of(&offers[0].1);
    assert_eq!(version, 1);
    session.editor.change(&session.uri, 2, edit.range, &edit.new_text).unwrap();
    assert_eq!(session.sorry_lines(2).await, [3]);
    let (version, edit) = edit_of(&session.offers(4).await[0].1);
    assert_eq!(version, 2);

    // Any other edit withdraws it.
    let top = lsp::Range::new(lsp::Position::new(0, 0), lsp::Position::new(0, 0));
    session.editor.change(&session.uri, 3, top, "-- a comment\n").unwrap();
    assert!(session.holes().await.holes.iter().all(|hole| hole.work == WorkView::Idle));
    assert!(session.offers(5).await.is_empty());
    let again = session.prove(5).await;
    assert_eq!(again.replacement.as_deref(), Some("exact hp"));
    assert_eq!(edit.new_text, "exact hp");
    let (_, edit) = edit_of(&session.offers(5).await[0].1);
    session.editor.change(&session.uri, 4, edit.range, &edit.new_text).unwrap();
    assert_eq!(session.sorry_lines(4).await, Vec::<u32>::new());

    let status = session.editor.request::<StatusRequest>(None, PATIENCE).await.unwrap();
    assert_eq!((status.off, status.holes, status.documents), (vec![], 0, 1));
    // contract_31 and contract_47: nothing of the judge's work is seen in the project or in the editor.
    assert_eq!(session.editor.published(), std::slice::from_ref(&session.uri));
    let mut files: Vec<_> = std::fs::read_dir(&project.root)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.retain(|name| name != ".lake");
    files.sort();
    assert_eq!(files, ["P.lean", "lakefile.toml", "lean-toolchain"]);
    assert_eq!(project.read("P.lean"), SOURCE, "the file is the user's: only the editor changes it");
    let status = session.editor.shutdown(PATIENCE).await.unwrap().unwrap();
    assert!(status.success(), "{status}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_runner_that_is_not_bundled_needs_trust() {
    let project = LeanProject::new(&[("P.lean", SOURCE)]);
    let refused = std::process::Command::new(LEANWRIGHT)
        .args(["serve", "--runner", "/bin/cat"])
        .current_dir(&project.root)
        .output()
        .unwrap();
    assert_eq!(refused.status.code(), Some(2));
    let message = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(message.contains("without a sandbox") && message.contains("--trust-runner"), "{message}");

    // Trusted, it is asked; its nonsense is an answer to the user and nothing more.
    let session = Session::open(&project, "P.lean", &["--runner", "/bin/cat", "--trust-runner"]).await;
    session.holes().await;
    let result = session.prove(1).await;
    assert_eq!(result.replacement, None);
    assert!(result.reason.is_some(), "{result:?}");
    assert_eq!(session.sorry_lines(1).await, [0, 3], "Lean goes on");
    session.editor.shutdown(PATIENCE).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_users_own_lake_is_used() {
    let project = LeanProject::new(&[("P.lean", SOURCE)]);
    let folder = tempfile_in(&project);
    let log = folder.join("log");
    let wrapper = format!("#!/bin/sh\necho \"$@\" >> {}\nexec {} \"$@\"\n", log.display(), lean().lake.display());
    std::fs::write(folder.join("lake"), wrapper).unwrap();
    let mut permissions = std::fs::metadata(folder.join("lake")).unwrap().permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o755);
    std::fs::set_permissions(folder.join("lake"), permissions).unwrap();
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    let file = project.root.join("P.lean");
    let run = std::process::Command::new(LEANWRIGHT)
        .args(["prove", "--plain"])
        .arg(format!("{}:2", file.display()))
        .env("PATH", path)
        .output()
        .unwrap();
    let output = String::from_utf8_lossy(&run.stdout).into_owned() + &String::from_utf8_lossy(&run.stderr);
    assert!(output.contains("lake from PATH"), "{output}");
    assert!(output.contains("+  omega") && output.contains("1 of 1 holes closed"), "{output}");
    let calls = std::fs::read_to_string(log).unwrap();
    assert!(calls.lines().any(|line| line == "serve") && calls.contains("env"), "{calls}");
    assert_eq!(project.read("P.lean"), SOURCE, "without --apply nothing is written");
}

fn tempfile_in(project: &LeanProject) -> std::path::PathBuf {
    let folder = project.root.parent().unwrap().join("bin");
    std::fs::create_dir(&folder).unwrap();
    folder
}
