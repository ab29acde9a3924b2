//! The steps of the judgement that run Lean again, on a real Lean: modules that import the patched one, the negative control.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, reason = "tests")]

use leanwright_contract::{GuardOutcome, HoleClass, Verdict, VerdictState};
use leanwright_testkit::{LeanProject, lean, span_of};
use leanwright_verify::{Candidate, Guard, Judge, JudgeSettings};
use std::path::Path;
use std::time::Duration;

const SHARED: &str = "\
structure Pair where
  a : Nat
  b : Nat
  le : a ≤ b

def pairs (n : Nat) : Pair where
  a := n
  b := n + 1
  le := by sorry -- 1

theorem shared (n : Nat) : n < n + 2 := by
  sorry -- 2

theorem from_nothing (n : Nat) (h : n < n) : n = 5 := by
  sorry -- 3

theorem from_something (n : Nat) (h : 2 < n) : 1 < n := by
  sorry -- 4
";

fn project() -> LeanProject {
    LeanProject::new(&[
        ("P.lean", SHARED),
        ("P/Other.lean", "def other : Nat := 1"),
        ("P/Direct.lean", "import P\nimport P.Other\n\ntheorem three : other < 3 := shared 1\n"),
        // Names what Lean has made of the proof.
        ("P/Inner.lean", "import P.Direct\n\ntheorem le (n : Nat) : (pairs n).a ≤ (pairs n).b := pairs._proof_1 n\n"),
        ("P/Broken.lean", "import P\n\ntheorem broken : 1 = 2 := rfl\n"),
        // Cannot be compiled at all, and keeps nothing else from it.
        ("P/Above.lean", "import P\nimport P.Wrong\n"),
        ("P/Wrong.lean", "theorem wrong : 1 = 2 := rfl\n"),
    ])
}

async fn judge(project: &LeanProject, judge: &Judge, marker: &str, replacement: &str) -> Verdict {
    judge_without(project, judge, marker, replacement, &[]).await
}

async fn judge_without(
    project: &LeanProject,
    judge: &Judge,
    marker: &str,
    replacement: &str,
    off: &[Guard],
) -> Verdict {
    let (root, file) = (project.root.clone(), Path::new("P.lean").into());
    let (before, span) = (SHARED.to_owned(), span_of(SHARED, marker));
    let candidate = Candidate { root, file, before, span, replacement: replacement.to_owned() };
    judge.judge_without(&candidate, off).await.verdict
}

fn settings(control: bool) -> JudgeSettings {
    JudgeSettings { control, ..JudgeSettings::default() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn modules_that_import_the_patched_one_still_compile() {
    let project = project();
    let all = Judge::new(lean(), settings(false));

    // Only a proof differs: nobody can see it.
    let verdict = judge(&project, &all, "sorry -- 2", "omega").await;
    assert_eq!(verdict.state, VerdictState::Accepted);
    assert!(matches!(&verdict.guards.reverse_dep, GuardOutcome::Skipped { note } if note.contains("with proof")));

    // A proof in a definition: dependents are compiled; what was broken before is not held against it.
    let verdict = judge(&project, &all, "sorry -- 1", "simp").await;
    assert_eq!((&verdict.state, verdict.hole_class), (&VerdictState::Accepted, HoleClass::ProofField));
    match &verdict.guards.reverse_dep {
        GuardOutcome::Passed { evidence } => {
            assert!(evidence.contains("2 of 4 modules that import it compile"), "{evidence}")
        }
        other => panic!("{other:?}"),
    }
    let left_out = "1 of 4 modules that import it were not compiled: other imports of theirs do not build";
    assert!(verdict.notes.iter().any(|note| note == left_out), "{:?}", verdict.notes);

    // This proof leaves another auxiliary theorem, and somebody has used it.
    let (marker, replacement) = ("sorry -- 1", "omega");
    let verdict = judge(&project, &all, marker, replacement).await;
    match &verdict.state {
        VerdictState::Rejected { reject_reason } => {
            assert!(reject_reason.to_string().contains("`P.Inner` no longer builds"), "{reject_reason}");
        }
        other => panic!("{other:?}"),
    }
    let without = judge_without(&project, &all, marker, replacement, &[Guard::Dependents]).await;
    assert_eq!(without.state, VerdictState::Accepted);

    // No time for dependents: the verdict says so.
    let hurried = Judge::new(lean(), JudgeSettings { dependents: Duration::ZERO, ..settings(false) });
    let verdict = judge(&project, &hurried, marker, replacement).await;
    assert!(matches!(&verdict.guards.reverse_dep, GuardOutcome::Skipped { note } if note.contains("partial: 0 of 4")));
    assert!(verdict.notes.iter().any(|note| note.contains("partial")), "{:?}", verdict.notes);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_weakened_lemma_breaks_what_imports_it() {
    let project = project();
    let marker = "theorem shared (n : Nat) : n < n + 2 := by\n  sorry -- 2";
    let weakened = "theorem shared (n : Nat) : n < n + 3 := by\n  omega";
    let reason = |verdict: Verdict| match verdict.state {
        VerdictState::Rejected { reject_reason } => reject_reason.to_string(),
        other => panic!("{other:?}"),
    };
    let all = Judge::new(lean(), settings(false));
    // The gate would stop it before anything is compiled.
    let gate = [Guard::Gate];
    let statement = [Guard::Gate, Guard::Statement];
    let dependents = [Guard::Gate, Guard::Statement, Guard::Dependents];
    let (first, second, accepted) = tokio::join!(
        judge_without(&project, &all, marker, weakened, &gate),
        judge_without(&project, &all, marker, weakened, &statement),
        judge_without(&project, &all, marker, weakened, &dependents),
    );
    let refused = reason(first);
    assert!(refused.contains("the statement of `shared` has changed"), "{refused}");
    let refused = reason(second);
    assert!(refused.contains("`P.Direct` no longer builds"), "{refused}");
    assert_eq!(accepted.state, VerdictState::Accepted);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn contradictory_hypotheses_are_a_warning() {
    let project = project();
    let (all, control) = (Judge::new(lean(), settings(true)), [Guard::Control]);
    let (vacuous, honest, silent) = tokio::join!(
        judge(&project, &all, "sorry -- 3", "omega"),
        judge(&project, &all, "sorry -- 4", "omega"),
        judge_without(&project, &all, "sorry -- 3", "omega", &control),
    );
    for verdict in [&vacuous, &honest, &silent] {
        assert_eq!(verdict.state, VerdictState::Accepted);
    }
    let warned = vacuous.notes.iter().any(|note| note.contains("contradictory hypotheses: `omega` proves `False`"));
    assert!(warned && matches!(vacuous.guards.negative_control, GuardOutcome::Warned { .. }), "{vacuous:?}");
    assert!(matches!(honest.guards.negative_control, GuardOutcome::Passed { .. }), "{honest:?}");
    let is_warned = |verdict: &Verdict| verdict.notes.iter().any(|note| note.contains("`False`"));
    assert!(is_warned(&vacuous) && !is_warned(&honest) && !is_warned(&silent));
}
