//! Live on a real Lean: somebody types, goals and holes follow; what Lean sees; a walk; what a runner would be told.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, clippy::indexing_slicing, reason = "tests")]

use leanwright_contract::editor::{
    CancelParams, DocumentParams, DocumentUri, HolesResult, Position, ProveAllParams, ProveParams, SeenByLean, WorkView,
};
use leanwright_contract::{ContextBundle, Mark};
use leanwright_procs::editor::{Cancel, Certificate, Editor, Goals, Holes, ProveAll, TaskContext, Walk, file_uri};
use leanwright_testkit::{LeanProject, Process, lean, processes_below, program};
use lsp_types as lsp;
use std::process::Command;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(300);
const LEANWRIGHT: &str = env!("CARGO_BIN_EXE_leanwright");

struct Session {
    editor: Editor,
    uri: lsp::Url,
}

impl Session {
    async fn open(project: &LeanProject, file: &str) -> Self {
        let editor = Editor::start(&[LEANWRIGHT.into(), "serve".into()], &project.root).await.unwrap();
        let uri = file_uri(&project.root.join(file)).unwrap();
        editor.open(&uri, 1, &project.read(file)).unwrap();
        Self { editor, uri }
    }

    fn document(&self) -> DocumentUri {
        DocumentUri { uri: self.uri.to_string() }
    }

    fn place(&self, line: u32, character: u32) -> ProveParams {
        ProveParams { text_document: self.document(), position: Position { line, character } }
    }

    /// The holes once they are as wanted.
    async fn holes(&self, enough: impl Fn(&HolesResult) -> bool) -> HolesResult {
        let mut changes = self.editor.hole_changes();
        loop {
            changes.borrow_and_update();
            let params = DocumentParams { text_document: self.document() };
            let holes = self.editor.request::<Holes>(params, PATIENCE).await.unwrap();
            if enough(&holes) {
                return holes;
            }
            let next = tokio::time::timeout(PATIENCE, changes.changed()).await;
            next.unwrap_or_else(|_| panic!("it stays at {holes:?}; {:#?}", processes_below(std::process::id())))
                .unwrap();
        }
    }
}

fn is_looked_at(holes: &HolesResult) -> bool {
    holes.elaborated && holes.holes.iter().all(|hole| !matches!(hole.seen_by_lean, SeenByLean::Unknown { .. }))
}

/// The program compares every goal with Lean's own answer and every hole with the text, and fails if one differs; its
/// figures are for `cargo xtask bench typing`.
#[test]
fn goals_and_holes_follow_a_typist_and_the_session_can_be_played_again() {
    let folder = tempfile::tempdir().unwrap();
    let recording = folder.path().join("events.jsonl");
    let typed = Command::new(program("bench-typing"))
        .args([LEANWRIGHT.as_ref(), lean().lake.as_os_str(), "60".as_ref(), recording.as_os_str()])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&typed.stdout).into_owned() + &String::from_utf8_lossy(&typed.stderr);
    assert!(typed.status.success(), "{said}");
    println!("{said}");
    let played = Command::new(LEANWRIGHT).args(["tape", "events", "--times", "2"]).arg(&recording).output().unwrap();
    let said = String::from_utf8_lossy(&played.stdout).into_owned();
    assert!(played.status.success() && said.contains("round 2") && !said.contains(": 0 events"), "{said}");
}

const SEEN: &str = "\
macro \"later\" : tactic => `(tactic| sorry)

theorem first (n : Nat) : n + 0 = n := by
  sorry

theorem second (n : Nat) : n * 0 = 0 := by
  later

theorem third (a b : Nat) : a + b = b + a := by
  rfl

theorem fourth : 1 = 2 := sorry -- leanwright: skip
";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_lean_sees_and_what_the_text_shows() {
    let project = LeanProject::new(&[("P.lean", SEEN)]);
    let session = Session::open(&project, "P.lean").await;
    let holes = session.holes(is_looked_at).await;
    let shown: Vec<_> = holes
        .holes
        .iter()
        .map(|hole| {
            let seen = matches!(hole.seen_by_lean, SeenByLean::Yes);
            (hole.range.start.line, hole.kind.as_str(), hole.declaration.as_deref(), seen, hole.skipped)
        })
        .collect();
    let expected = [
        (0, "sorry", None, true, false),
        (3, "sorry", Some("first"), true, false),
        (8, "error", Some("third"), true, false),
        (11, "sorry", Some("fourth"), true, true),
    ];
    // Where the macro is used, no `sorry` is written.
    assert_eq!(shown.iter().filter(|hole| hole.0 > 0).copied().collect::<Vec<_>>(), expected[1..], "{holes:#?}");
    let said: Vec<_> = holes.contradictions.iter().map(|one| one.range.start.line).collect();
    assert_eq!(said, [5], "{:?}", holes.contradictions);

    // A body with an error is repaired like a hole.
    let result =
        session.editor.request::<leanwright_procs::editor::Prove>(session.place(9, 3), PATIENCE).await.unwrap();
    assert_eq!(result.replacement.as_deref(), Some("by omega"), "{result:?}");
    let offered = session.editor.request::<Certificate>(session.place(9, 3), PATIENCE).await.unwrap();
    assert_eq!((offered.range.start.line, offered.range.end.line), (8, 9));
    session
        .editor
        .change(
            &session.uri,
            2,
            lsp::Range::new(
                lsp::Position::new(offered.range.start.line, offered.range.start.character),
                lsp::Position::new(offered.range.end.line, offered.range.end.character),
            ),
            &offered.replacement,
        )
        .unwrap();
    let holes = session.holes(|holes| holes.version == 2 && is_looked_at(holes)).await;
    assert!(holes.holes.iter().all(|hole| hole.kind != "error"), "{holes:#?}");
    session.editor.shutdown(PATIENCE).await.unwrap();
}

/// The judge's compiles that this test's server has begun.
fn compiles() -> Vec<Process> {
    let is_compile = |process: &Process| process.arguments.iter().any(|word| word == "--json");
    processes_below(std::process::id()).into_iter().filter(is_compile).collect()
}

async fn until(patience: Duration, condition: impl Fn() -> bool) {
    let waiting = async {
        while !condition() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(patience, waiting).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_holes_are_proved_but_those_that_are_marked_and_work_can_be_stopped() {
    let source = "theorem a (n : Nat) : n + 0 = n := by\n  sorry\n\ntheorem b (p : Prop) (hp : p) : p := by\n  sorry\n\n\
                  theorem c : 1 = 2 := by\n  sorry -- leanwright: skip\n";
    let project = LeanProject::new(&[("P.lean", source)]);
    let session = Session::open(&project, "P.lean").await;
    session.holes(is_looked_at).await;
    let params = ProveAllParams { text_document: session.document(), range: None };
    let all = session.editor.request::<ProveAll>(params, PATIENCE).await.unwrap();
    let mut found: Vec<_> = all.results.iter().map(|one| one.replacement.clone().unwrap_or_default()).collect();
    found.sort();
    assert_eq!(found.len(), 2, "{all:?}");
    assert!(found.iter().all(|replacement| !replacement.is_empty()), "{all:?}");
    let started = session.editor.request::<leanwright_procs::editor::Prove>(session.place(7, 3), PATIENCE);
    let stop = async {
        session.holes(|holes| matches!(holes.holes[2].work, WorkView::Running { .. })).await;
        until(PATIENCE, || !compiles().is_empty()).await;
        // From now on it cannot end by itself.
        let group = format!("-{}", compiles()[0].group);
        assert!(Command::new("kill").args(["-STOP", "--", &group]).status().unwrap().success());
        let params = CancelParams { text_document: session.document(), position: None };
        session.editor.request::<Cancel>(params, PATIENCE).await.unwrap();
    };
    let (ended, ()) = tokio::join!(started, stop);
    assert_eq!(ended.unwrap().reason.as_deref(), Some("stopped"));
    // What was being judged is not wanted any more.
    let stopped = Instant::now();
    // The judge itself does not give a compile up before half a minute in which that did nothing.
    until(Duration::from_secs(20), || compiles().is_empty()).await;
    println!("the judge's processes were gone after {} ms", stopped.elapsed().as_millis());
    session.editor.shutdown(PATIENCE).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_walk_the_goals_anywhere_and_what_would_be_sent() {
    let project = LeanProject::fixture("walk");
    project.write("Walk/Open.lean", "import Walk.Basic\n\nopen Nat in\n/-- Not yet. -/\ntheorem doubled (n : Nat) : oddSum n + oddSum n = 2 * (n * n) := by\n  sorry\n");
    let session = Session::open(&project, "Walk/Basic.lean").await;
    session.holes(|holes| holes.elaborated).await;
    let walk = session.editor.request::<Walk>(session.place(9, 0), PATIENCE).await.unwrap();
    assert_eq!((walk.declaration.as_str(), walk.steps.len()), ("oddSum_eq", 10), "{walk:#?}");
    assert_eq!(walk.steps[0].text.lines().next(), Some("induction n with"));
    let square = walk.steps.iter().find(|step| step.text.starts_with("have square")).unwrap();
    let new: Vec<_> = square.after[0].hypotheses.iter().filter(|one| one.mark == Mark::New).collect();
    assert_eq!(new[0].names, ["square"]);
    assert!(walk.steps.last().unwrap().after.is_empty());

    let line = walk.steps[1].range.start;
    let goals = session.editor.request::<Goals>(session.place(line.line, line.character), PATIENCE).await.unwrap();
    assert_eq!(goals.goals.unwrap()[0].case.as_deref(), Some("zero"));
    session.editor.shutdown(PATIENCE).await.unwrap();

    // The same task in the editor and on the command line.
    let session = Session::open(&project, "Walk/Open.lean").await;
    session.holes(is_looked_at).await;
    let sent = session.editor.request::<TaskContext>(session.place(5, 2), PATIENCE).await.unwrap();
    let bundle: ContextBundle = serde_json::from_value(sent["context"].clone()).unwrap();
    assert_eq!(bundle.nearby[0].name, "oddSum", "{:?}", bundle.nearby);
    assert_eq!((bundle.docstring.as_deref(), bundle.opened.join(",")), (Some("Not yet."), "Nat".into()));
    assert_eq!(bundle.diagnostics[0].severity, "warning");
    session.editor.shutdown(PATIENCE).await.unwrap();
    let shown = Command::new(LEANWRIGHT)
        .args(["context", "Walk/Open.lean:6", "--format", "task"])
        .current_dir(&project.root)
        .output()
        .unwrap();
    assert!(shown.status.success(), "{}", String::from_utf8_lossy(&shown.stderr));
    let shown: serde_json::Value = serde_json::from_slice(&shown.stdout).unwrap();
    assert_eq!(shown, sent);
}
