//! The whole, on a real Lean: editor, server, runner, judge, code action, and Lean again.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, clippy::indexing_slicing, reason = "tests")]

use leanwright_contract::editor::{GoalView, WorkView};
use leanwright_procs::editor::StatusRequest;
use leanwright_testkit::{EditorSession, LeanProject, PATIENCE, edit_of, lean};
use lsp_types as lsp;
use std::path::Path;

const LEANWRIGHT: &str = env!("CARGO_BIN_EXE_leanwright");

async fn open(project: &LeanProject, extra: &[&str]) -> EditorSession {
    EditorSession::open(Path::new(LEANWRIGHT), project, "P.lean", extra).await
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
    let session = open(&project, &[]).await;

    let holes = session.holes().await.holes;
    let shown: Vec<_> =
        holes.iter().map(|hole| (hole.declaration.as_deref().unwrap(), hole.range.start.line)).collect();
    assert_eq!(shown, [("first", 1), ("«𝓝 second»", 4)]);
    assert_eq!(holes[1].goal, GoalView::Tactic { goals: vec!["p : Prop\nhp : p\n⊢ p".into()] });
    assert!(session.offers(1).await.is_empty(), "nothing is offered before it is verified");

    let (one, two) = tokio::join!(session.prove(1), session.prove(4));
    assert_eq!((one.replacement.as_deref(), two.replacement.as_deref()), (Some("omega"), Some("exact hp")), "{one:?}");
    assert_eq!(session.sorry_lines(1).await, [0, 3]);

    // Taking one offer takes the other away until it is verified in the new text.
    let offers = session.offers(1).await;
    assert_eq!(offers.len(), 1);
    assert!(offers[0].title.contains("omega (verified)"), "{}", offers[0].title);
    session.take(&offers[0], 2);
    assert!(session.offers(4).await.is_empty(), "it was verified against the text before");
    assert_eq!(session.sorry_lines(2).await, [3]);
    session.settled().await;
    assert_eq!(edit_of(&session.offers(4).await[0]).0, 2);

    // So does any other edit.
    let top = lsp::Range::new(lsp::Position::new(0, 0), lsp::Position::new(0, 0));
    session.editor.change(&session.uri, 3, top, "-- a comment\n").unwrap();
    assert!(session.holes().await.holes.iter().all(|hole| matches!(hole.work, WorkView::Running { .. })));
    assert!(session.offers(5).await.is_empty());
    let again = session.prove(5).await;
    assert_eq!(again.replacement.as_deref(), Some("exact hp"), "who asks gets what is judged again");
    session.take(&session.offers(5).await[0], 4);
    assert_eq!(session.sorry_lines(4).await, Vec::<u32>::new());

    let status = session.editor.request::<StatusRequest>(None, PATIENCE).await.unwrap();
    assert_eq!((status.off, status.holes, status.documents), (vec![], 0, 1));
    // contract_31 and contract_47: nothing of the judge's work is seen in the project or in the editor.
    assert_eq!(session.editor.published(), [session.uri.to_string()]);
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
async fn a_runner_that_is_not_bundled_is_confined_or_trusted() {
    let project = LeanProject::new(&[("P.lean", SOURCE)]);
    let refused = std::process::Command::new(LEANWRIGHT)
        .args(["serve", "--runner", "/bin/cat", "--sandbox", "off"])
        .current_dir(&project.root)
        .output()
        .unwrap();
    assert_eq!(refused.status.code(), Some(2));
    let message = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(message.contains("without a sandbox") && message.contains("--trust-runner"), "{message}");

    // Confined, it is asked without further words; its nonsense is an answer to the user and nothing more.
    let session = open(&project, &["--runner", "/bin/cat"]).await;
    session.holes().await;
    let result = session.prove(1).await;
    assert_eq!(result.replacement, None);
    assert!(result.reason.is_some(), "{result:?}");
    assert_eq!(session.sorry_lines(1).await, [0, 3], "Lean goes on");
    session.editor.shutdown(PATIENCE).await.unwrap();
}

/// A script that nobody here has blessed proves a hole, and no flag says that it may.
#[test]
fn a_script_of_the_users_is_a_runner() {
    let project = LeanProject::new(&[("P.lean", SOURCE)]);
    // Where that leads through is not there in a sandbox.
    let runner = concat!("python3 ", env!("CARGO_MANIFEST_DIR"), "/../../fixtures/runners/first.py");
    let prove = std::process::Command::new(LEANWRIGHT)
        .args(["prove", "P.lean", "--plain", "--runner", runner])
        .current_dir(&project.root)
        .output()
        .unwrap();
    let output = String::from_utf8_lossy(&prove.stdout);
    assert!(output.contains("verified  first | rfl"), "{output}{}", String::from_utf8_lossy(&prove.stderr));
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
