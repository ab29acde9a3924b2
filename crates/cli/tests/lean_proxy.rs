//! The proxy between a headless editor and two real Leans: the native 4.35 watchdog, and the embedded one with its library.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, clippy::indexing_slicing, reason = "tests")]

use leanwright_contract::editor::{DocumentParams, DocumentUri, GoalView};
use leanwright_procs::editor::{Editor, Holes, PlainGoal, RpcCall, RpcConnect, file_uri};
use leanwright_testkit::{LeanProject, Process, lean, native_lean, processes_below, script};
use lsp_types as lsp;
use serde_json::json;
use std::ffi::OsString;
use std::process::Command;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(300);
const LEANWRIGHT: &str = env!("CARGO_BIN_EXE_leanwright");

/// A file that needs no library, with a word that our scanner takes for a hole.
const PRELUDE: &str = "\
prelude
inductive True : Prop where
  | intro : True
axiom A : Prop
theorem t : True := True.intro
theorem u : A := sorry
";

async fn goal(editor: &Editor, uri: &lsp::Url) -> GoalView {
    let params = DocumentParams { text_document: DocumentUri { uri: uri.to_string() } };
    editor.request::<Holes>(params, PATIENCE).await.unwrap().holes[0].goal.clone()
}

/// Wait until the goal of the first hole is as wanted.
async fn goal_until(editor: &Editor, uri: &lsp::Url, wanted: impl Fn(&GoalView) -> bool) -> GoalView {
    let mut changes = editor.hole_changes();
    loop {
        changes.borrow_and_update();
        let goal = goal(editor, uri).await;
        if wanted(&goal) {
            return goal;
        }
        tokio::time::timeout(PATIENCE, changes.changed()).await.unwrap_or_else(|_| panic!("still {goal:?}")).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn contract_on_the_native_watchdog() {
    let project = LeanProject::new(&[("N.lean", PRELUDE)]);
    let bin = project.root.parent().unwrap().join("bin");
    let serve = format!("shift; [ \"$1\" = -- ] && shift; exec {} --server \"$@\"", native_lean().display());
    script(&bin, "lake", &serve);
    let path = format!("PATH={}:{}", bin.display(), std::env::var("PATH").unwrap());
    let words = ["/usr/bin/env", &path, LEANWRIGHT, "serve", "--", "-Dserver.reportDelayMs=0"].map(OsString::from);
    let editor = Editor::start(&words, &project.root).await.unwrap();
    let uri = file_uri(&project.root.join("N.lean")).unwrap();
    assert!(editor.capabilities.experimental.is_some(), "Lean's own capabilities arrive");

    // Our own requests have string ids, and this watchdog answers them (statement 19).
    editor.open(&uri, 1, PRELUDE).unwrap();
    let known = goal_until(&editor, &uri, |goal| !matches!(goal, GoalView::Pending { .. })).await;
    assert_eq!(known, GoalView::Nothing, "without a library the word is no syntax: Lean says `null`");
    editor.elaborated(&uri, 1, PATIENCE).await.unwrap();
    let errors =
        |editor: &Editor| editor.diagnostics(&uri).into_iter().map(|one| one.range.start.line).collect::<Vec<_>>();
    assert_eq!(errors(&editor), [5]);

    // The worker is killed: the state says so, nothing is asked, and the next edit brings everything back (statement 39).
    let is_worker = |process: &Process| process.arguments.iter().any(|word| word.contains("--worker"));
    let worker = processes_below(editor.pid().unwrap()).into_iter().find(is_worker).unwrap();
    assert!(Command::new("kill").args(["-KILL", &worker.pid.to_string()]).status().unwrap().success());
    goal_until(&editor, &uri, |goal| format!("{goal:?}").contains("stopped working")).await;
    let top = lsp::Range::new(lsp::Position::new(4, 0), lsp::Position::new(4, 0));
    editor.change(&uri, 7, top, "theorem s : True := True.intro\n").unwrap();
    goal_until(&editor, &uri, |goal| matches!(goal, GoalView::Nothing)).await;
    editor.elaborated(&uri, 7, PATIENCE).await.unwrap();
    assert_eq!(errors(&editor), [6]);

    let processes = processes_below(editor.pid().unwrap());
    assert!(processes.len() >= 2, "{processes:?}");
    let status = editor.shutdown(PATIENCE).await.unwrap().unwrap();
    assert!(status.success(), "Lean's exit code is ours: {status}");
    for Process { pid, arguments, .. } in processes {
        let state = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        assert!(state.is_empty() || state.contains(") Z "), "left behind: {arguments:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn contract_49_a_recorded_session_replays_byte_for_byte() {
    const SOURCE: &str = "theorem t (p : Prop) (h : p) : p := by\n  sorry\n";
    let project = LeanProject::new(&[("P.lean", SOURCE), ("Q.lean", "def q := 1\n")]);
    let tape = project.root.join("tape.jsonl");
    let words: [OsString; 4] = [LEANWRIGHT.into(), "serve".into(), "--record".into(), tape.clone().into()];
    let editor = Editor::start(&words, &project.root).await.unwrap();
    let uri = file_uri(&project.root.join("P.lean")).unwrap();
    editor.open(&uri, 1, SOURCE).unwrap();
    goal_until(&editor, &uri, |goal| matches!(goal, GoalView::Tactic { .. })).await;

    // The interactive goals of the infoview, through an RPC session of the editor's own.
    let session = editor.request::<RpcConnect>(json!({ "uri": uri }), PATIENCE).await.unwrap();
    let place = json!({"textDocument": {"uri": uri}, "position": {"line": 1, "character": 2}});
    let call = json!({
        "textDocument": {"uri": uri}, "position": {"line": 1, "character": 2}, "sessionId": session["sessionId"],
        "method": "Lean.Widget.getInteractiveGoals", "params": place,
    });
    let goals = editor.request::<RpcCall>(call, PATIENCE).await.unwrap();
    assert_eq!(goals["goals"][0]["hyps"][1]["names"], json!(["h"]), "{goals}");

    // A header edit restarts the worker; goals come back.
    let top = lsp::Range::new(lsp::Position::new(0, 0), lsp::Position::new(0, 0));
    editor.change(&uri, 2, top, "import Init.Data.List\n").unwrap();
    goal_until(&editor, &uri, |goal| matches!(goal, GoalView::Tactic { .. })).await;
    let params =
        lsp::TextDocumentPositionParams::new(lsp::TextDocumentIdentifier::new(uri.clone()), lsp::Position::new(2, 2));
    let plain = editor.request::<PlainGoal>(params, PATIENCE).await.unwrap();
    assert_eq!(plain["goals"], json!(["p : Prop\nh : p\n⊢ p"]));
    editor.shutdown(PATIENCE).await.unwrap();

    let run = |arguments: &[&str]| {
        let output = Command::new(LEANWRIGHT).args(arguments).arg(&tape).output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let (code, output) = run(&["tape", "replay"]);
    assert_eq!(code, Some(0), "{output}");
    assert!(output.lines().count() == 2 && output.lines().all(|line| line.ends_with("identical")), "{output}");
    let (_, shown) = run(&["tape", "show"]);
    assert!(shown.contains("-> initialize 0") && shown.contains("$/lean/rpc/call"), "{shown}");

    // A tape that was tampered with is told from the one that was played.
    let other = project.root.join("other.jsonl");
    std::fs::write(&other, std::fs::read_to_string(&tape).unwrap().replacen("$/lean/rpc/call", "$/lean/rpc/cell", 1))
        .unwrap();
    let output = Command::new(LEANWRIGHT).args(["tape", "diff"]).args([&tape, &other]).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stdout));
}

/// Where there is no project, an editor starts Lean itself, and so may we be asked to.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_outside_a_project_has_lean_itself() {
    const SOURCE: &str = "theorem t (p : Prop) (h : p) : p := by\n  exact h\n\ntheorem f : False := trivial\n";
    let folder = tempfile::tempdir().unwrap();
    let root = std::fs::canonicalize(folder.path()).unwrap();
    let file = root.join("Alone.lean");
    std::fs::write(&file, SOURCE).unwrap();
    let lean = lean().lake.with_file_name("lean");
    let editor = Editor::start(&[lean.into(), "--server".into()], &root).await.unwrap();
    let uri = file_uri(&file).unwrap();
    editor.open(&uri, 1, SOURCE).unwrap();
    editor.elaborated(&uri, 1, PATIENCE).await.unwrap();
    let lines: Vec<u32> = editor.diagnostics(&uri).iter().map(|one| one.range.start.line).collect();
    assert_eq!(lines, [3]);
    let params =
        lsp::TextDocumentPositionParams::new(lsp::TextDocumentIdentifier::new(uri.clone()), lsp::Position::new(1, 2));
    assert_eq!(editor.request::<PlainGoal>(params, PATIENCE).await.unwrap()["goals"], json!(["p : Prop\nh : p\n⊢ p"]));
    editor.shutdown(PATIENCE).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_of_the_judge_is_left_after_the_end() {
    use leanwright_contract::editor::{Position, ProveParams};
    use leanwright_procs::editor::Prove;
    const SOURCE: &str = "theorem t (p : Prop) (h : p) : p := by\n  sorry\n";
    let project = LeanProject::new(&[("P.lean", SOURCE)]);
    let scratch = project.root.parent().unwrap().join("scratch");
    std::fs::create_dir(&scratch).unwrap();
    // A copy whose process is gone is taken away, too.
    std::fs::create_dir(scratch.join("leanwright-copy-4194303-x")).unwrap();
    let temporary = format!("TMPDIR={}", scratch.display());
    let words = ["/usr/bin/env", &temporary, LEANWRIGHT, "serve"].map(OsString::from);
    let editor = Editor::start(&words, &project.root).await.unwrap();
    let uri = file_uri(&project.root.join("P.lean")).unwrap();
    editor.open(&uri, 1, SOURCE).unwrap();
    let document = DocumentUri { uri: uri.to_string() };
    let params = ProveParams { text_document: document, position: Position { line: 1, character: 2 } };
    let proved = editor.request::<Prove>(params, PATIENCE).await.unwrap();
    assert_eq!(proved.replacement.as_deref(), Some("exact h"));
    let at_work: Vec<_> = std::fs::read_dir(&scratch).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    let of = |prefix: &str| at_work.iter().filter(|name| name.to_string_lossy().starts_with(prefix)).count();
    // A confined runner has a folder of its own as long as it runs; it may have ended by now.
    let (copies, runners) = (of("leanwright-copy-"), of("leanwright-runner-"));
    assert!(copies == 1 && runners <= 1 && copies + runners == at_work.len(), "what is at work: {at_work:?}");
    editor.shutdown(PATIENCE).await.unwrap();
    assert_eq!(std::fs::read_dir(&scratch).unwrap().count(), 0, "and it is gone");
}
