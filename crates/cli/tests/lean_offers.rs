//! What an offer is worth when something changes, on a real Lean: the three kinds of yes, offers beside each other, imports.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, clippy::indexing_slicing, reason = "tests")]

use leanwright_contract::Acceptance;
use leanwright_contract::editor::WorkView;
use leanwright_testkit::{EditorSession, LeanProject, PATIENCE, script};
use lsp_types as lsp;
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;

const LEANWRIGHT: &str = env!("CARGO_BIN_EXE_leanwright");

/// A runner that answers for each declaration with a text, written as in JSON, whatever it is asked.
fn runner(project: &LeanProject, answers: &[(&str, &str)]) -> String {
    let cases: String = answers.iter().map(|(name, text)| format!("*.{name}:*) text='{text}' ;;\n")).collect();
    let body = format!(
        r#"while IFS= read -r task; do
id=$(printf '%s' "$task" | sed 's/.*"task_id":"\([^"]*\)".*/\1/')
case "$id" in
{cases}*) text='' ;;
esac
printf '{{"task_id":"%s","replacement":"","hole_replacement":"%s"}}\n' "$id" "$text"
done"#
    );
    script(&project.root.parent().unwrap().join("bin"), "runner", &body).display().to_string()
}

async fn open(project: &LeanProject, runner: &str) -> EditorSession {
    EditorSession::open(Path::new(LEANWRIGHT), project, "P.lean", &["--runner", runner, "--trust-runner"]).await
}

fn run(project: &LeanProject, arguments: &[&str]) -> (i32, String) {
    let run = Command::new(LEANWRIGHT).args(arguments).current_dir(&project.root).output().unwrap();
    let output = String::from_utf8_lossy(&run.stdout).into_owned() + &String::from_utf8_lossy(&run.stderr);
    (run.status.code().unwrap(), output)
}

const LEANING: &str = "\
theorem lemma₁ (n : Nat) : n * 1 = n := by
  sorry

theorem main (n : Nat) : n * 1 + n = n + n := by
  sorry
";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_offer_says_that_it_rests_on_an_open_lemma_until_it_does_not() {
    let project = LeanProject::new(&[("P.lean", LEANING)]);
    let runner = runner(&project, &[("lemma₁", "exact Nat.mul_one n"), ("main", "rw [lemma₁]")]);
    let session = open(&project, &runner).await;
    session.holes().await;
    assert_eq!(session.prove(4).await.acceptance, Some(Acceptance::OpenLemmas));
    let offers = session.offers(4).await;
    assert_eq!(offers[0].title, "Replace sorry: rw [lemma₁] (verified, rests on open `lemma₁`)");
    assert_eq!(offers[0].is_preferred, Some(false));
    assert_eq!(session.lenses().await, ["1 sorry: prove", "1 sorry: 1 verified on open lemmas"]);
    // The lemma is proved: what rests on it is judged again, and rests on nothing open.
    assert_eq!(session.prove(1).await.acceptance, Some(Acceptance::Verified));
    session.take(&session.offers(1).await[0], 2);
    session.settled().await;
    let offers = session.offers(4).await;
    assert_eq!(
        (offers[0].title.as_str(), offers[0].is_preferred),
        ("Replace sorry: rw [lemma₁] (verified)", Some(true))
    );
    session.editor.shutdown(PATIENCE).await.unwrap();
}

#[test]
fn in_batch_a_proof_that_rests_on_an_open_lemma_is_accepted_only_on_demand() {
    let project = LeanProject::new(&[("P.lean", LEANING)]);
    let attempt = json!({"task_id": "main", "attempt_id": "a", "replacement": "  rw [lemma₁]",
        "allowed_edit": {"file": "P.lean", "start_line": 5, "end_line": 5}});
    project.write("attempts.jsonl", &format!("{attempt}\n"));
    let result = |arguments: &[&str]| -> Value {
        let (code, output) = run(&project, &[&["replay", "attempts.jsonl", "--certificates", "c"], arguments].concat());
        assert_eq!(code, 0, "{output}");
        serde_json::from_str(&project.read("results.jsonl")).unwrap()
    };
    let refused = result(&[]);
    let words = |result: &Value| [&result["accepted"], &result["status"], &result["acceptance"]].map(Value::to_string);
    assert_eq!(words(&refused), ["false", "\"rejected\"", "\"open_lemmas\""], "{refused}");
    assert_eq!(refused["reject_reason"]["guard"], "rests_on_open_lemmas");
    assert_eq!(refused["reject_reason"]["lemmas"], json!(["lemma₁"]));
    assert_eq!(std::fs::read_dir(project.root.join("c")).unwrap().count(), 0, "no certificate of what is not accepted");
    let (_, report) = run(&project, &["report", "results.jsonl"]);
    assert!(report.contains("attempts accepted: 0") && report.contains("not counted as accepted: 1"), "{report}");

    let allowed = result(&["--allow-open-lemmas"]);
    assert_eq!(words(&allowed), ["true", "\"passed\"", "\"open_lemmas\""], "{allowed}");
    let (_, report) = run(&project, &["report", "results.jsonl"]);
    assert!(report.contains("attempts accepted: 0"), "the report has a rule of its own: {report}");
    let (_, report) = run(&project, &["report", "results.jsonl", "--allow-open-lemmas"]);
    assert!(report.contains("attempts accepted: 1"), "{report}");
    let (_, shown) = run(&project, &["certificate", "show", "c/main--a.json"]);
    assert!(shown.contains("\n\n  verified, rests on open `lemma₁`\n\n"), "at the top: {shown}");
}

/// Two proofs that pass alone. After the first, `trivial` is another tactic.
const ODD: &str = "\
namespace Odd
scoped macro_rules | `(tactic| trivial) => `(tactic| exact sorryAx _ true)
end Odd

theorem one : 1 = 1 := by
  sorry

theorem two (n : Nat) : n + 0 = n := by
  sorry
";
const FIRST: &str = "rfl\\n\\nopen Odd";
const SECOND: &str = "first | trivial | omega";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_offer_that_another_one_spoils_is_not_offered_any_more() {
    let project = LeanProject::new(&[("P.lean", ODD)]);
    let runner = runner(&project, &[("one", FIRST), ("two", SECOND)]);
    let session = open(&project, &runner).await;
    session.holes().await;
    assert_eq!(session.prove(8).await.replacement.as_deref(), Some(SECOND));
    session.prove(5).await;
    match session.offers(5).await.first() {
        Some(offer) => session.take(offer, 2),
        // A judge that sees through it: then the user writes it.
        None => {
            let hole = lsp::Range::new(lsp::Position::new(5, 2), lsp::Position::new(5, 7));
            session.editor.change(&session.uri, 2, hole, &FIRST.replace("\\n", "\n")).unwrap();
        }
    }
    assert!(session.offers(10).await.is_empty(), "it was verified against the text before");
    let holes = session.settled().await.holes;
    let why = match &holes[..] {
        [hole] => match &hole.work {
            WorkView::Refused { reason } => reason.clone(),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    };
    assert!(why.contains("for an earlier text, but not for this one"), "{why}");
    assert!(session.offers(10).await.is_empty());
    session.editor.shutdown(PATIENCE).await.unwrap();
}

#[test]
fn prove_apply_leaves_out_what_is_not_accepted_beside_the_rest() {
    let project = LeanProject::new(&[("P.lean", ODD)]);
    let runner = runner(&project, &[("one", FIRST), ("two", SECOND)]);
    let (code, output) =
        run(&project, &["prove", "P.lean", "--apply", "--plain", "--runner", &runner, "--trust-runner"]);
    assert_eq!(code, 1, "one hole stays open: {output}");
    assert!(output.contains("1 of 2 holes closed by verified fixes, 1 left open"), "{output}");
    assert!(output.contains("written to P.lean"), "{output}");
    let written = project.read("P.lean");
    let has = |text: &str| written.contains(&text.replace("\\n", "\n"));
    assert!(has(FIRST) != has(SECOND), "either, never both:\n{written}");
    assert_eq!(written.matches("  sorry\n").count(), 1, "{written}");
    if has(FIRST) {
        assert!(output.contains("two  left out"), "it is said: {output}");
    }
}

const HELPER: &str = "theorem helper (n : Nat) : n + 0 = n := rfl\n";
const IMPORTING: &str = "import P.Q\n\ntheorem t (n : Nat) : n + 0 = n := by\n  sorry\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_offer_goes_when_an_imported_file_changes_on_disk() {
    let project = LeanProject::new(&[("P.lean", IMPORTING), ("P/Q.lean", HELPER)]);
    let runner = runner(&project, &[("t", "exact helper n")]);
    let session = open(&project, &runner).await;
    session.holes().await;
    assert_eq!(session.prove(3).await.replacement.as_deref(), Some("exact helper n"));
    assert_eq!(session.offers(3).await.len(), 1);
    let resolve =
        |item: lsp::CodeAction| session.editor.request::<lsp::request::CodeActionResolveRequest>(item, PATIENCE);
    let item = session.offers(3).await.remove(0);
    resolve(item.clone()).await.unwrap();

    // Nobody says so: the offer is looked at before it is handed out.
    project.write("P/Q.lean", "theorem another (n : Nat) : n + 0 = n := rfl\n");
    assert!(resolve(item).await.is_err(), "what it was verified with is gone");
    assert!(session.offers(3).await.is_empty());
    let refused = |holes: &[leanwright_contract::editor::HoleView]| matches!(holes[0].work, WorkView::Refused { .. });
    assert!(refused(&session.settled().await.holes), "judged again with the new file");

    // The editor says so.
    project.write("P/Q.lean", HELPER);
    assert_eq!(session.prove(3).await.replacement.as_deref(), Some("exact helper n"));
    project.write("P/Q.lean", "theorem a_third_one (n : Nat) : n + 0 = n := rfl\n");
    let uri = leanwright_procs::editor::file_uri(&project.root.join("P/Q.lean")).unwrap();
    let changes = vec![lsp::FileEvent::new(uri, lsp::FileChangeType::CHANGED)];
    let watched = lsp::DidChangeWatchedFilesParams { changes };
    session.editor.notify::<lsp::notification::DidChangeWatchedFiles>(watched).unwrap();
    let again = session.holes().await.holes.remove(0).work;
    assert!(matches!(&again, WorkView::Running { step } if step == "verifying again"), "{again:?}");
    assert!(refused(&session.settled().await.holes));
    session.editor.shutdown(PATIENCE).await.unwrap();
}
