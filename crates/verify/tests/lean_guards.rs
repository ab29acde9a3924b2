//! For each guard that reads compiled data: attempts that only this guard stops once the gate is off, on a real Lean. The same attempts are accepted
//! when the guard is switched off, so that each guard is known to be needed.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, reason = "tests")]

use leanwright_contract::VerdictState;
use leanwright_testkit::{LeanProject, lean, span_of};
use leanwright_verify::{Candidate, Guard, Judge, JudgeSettings};
use std::path::Path;

const SOURCE: &str = "\
axiom evil : 1 = 2

macro \"later\" : term => `(sorry)

syntax \"claim\" : term
macro_rules | `(claim) => `(1 = 2)

class Measure (α : Type) where
  value : Nat
instance : Measure Unit := ⟨2⟩

namespace Odd
scoped instance (priority := high) : Measure Unit := ⟨1⟩
scoped notation \"size\" => 1
scoped macro_rules | `(claim) => `(1 = 1)
end Odd

namespace Poison
scoped macro_rules | `(tactic| trivial) => `(tactic| exact sorry)
end Poison

def size : Nat := 2

opaque hidden : 1 = 2 := evil

theorem gap (n : Nat) : n + 0 = n := by
  sorry -- 1

theorem wrong : 1 = 2 := by
  sorry -- 2

theorem zero_add' (n : Nat) : 0 + n = n := by
  simp

theorem by_instance : Measure.value Unit = 1 := by sorry -- 4
theorem by_notation : size = 1 := by sorry -- 5
theorem by_macro : claim := by sorry -- 6

def count : Nat := default

@[simp] theorem tagged (n : Nat) : n + 0 = n := by
  sorry -- 3

theorem afterwards : Measure.value Unit ≤ Measure.value Unit := Nat.le_refl _

theorem settled : 3 = 3 := by trivial
";

/// An attempt: what is replaced, by what, and what the refusal says.
type Attempt = (&'static str, &'static str, &'static str);

fn settings() -> JudgeSettings {
    JudgeSettings { control: false, ..JudgeSettings::default() }
}

fn candidate(project: &LeanProject, marker: &str, replacement: &str) -> Candidate {
    let (root, file) = (project.root.clone(), Path::new("P.lean").into());
    let before = project.read("P.lean");
    let span = span_of(&before, marker);
    Candidate { root, file, before, span, replacement: replacement.to_owned() }
}

/// Each is refused for its reason, and accepted without `guard`.
async fn check(guard: Guard, attempts: &[Attempt]) {
    check_in(SOURCE, &[guard], attempts).await;
}

/// The same where several guards stop it.
async fn check_in(source: &str, guards: &[Guard], attempts: &[Attempt]) {
    let project = LeanProject::new(&[("P.lean", source)]);
    let judge = Judge::new(lean(), settings());
    for (marker, replacement, reason) in attempts {
        let candidate = candidate(&project, marker, replacement);
        // The gate would stop most of these before anything is compiled.
        let (gate, off) = ([Guard::Gate], [&[Guard::Gate], guards].concat());
        let (refused, accepted) =
            tokio::join!(judge.judge_without(&candidate, &gate), judge.judge_without(&candidate, &off));
        match &refused.verdict.state {
            VerdictState::Rejected { reject_reason } => {
                assert!(reject_reason.to_string().contains(reason), "{replacement}: {reject_reason}");
            }
            other => panic!("{replacement}: {other:?}"),
        }
        let state = accepted.verdict.state;
        assert_eq!(state, VerdictState::Accepted, "{replacement} without {guards:?}: {:?}", accepted.messages);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn axioms_are_found_wherever_they_are() {
    let attempts =
        [("sorry -- 2", "exact evil", "would rest on evil"), ("sorry -- 2", "exact hidden", "would rest on evil")];
    check(Guard::Axioms, &attempts).await;
    // A tactic of a later proof would mean something else.
    let poison = [("sorry -- 3", "simp\n\nopen Poison", "`settled` would rest on sorryAx")];
    check_in(SOURCE, &[Guard::Axioms, Guard::Placeholder], &poison).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_axiom_of_the_project_counts_if_it_is_listed() {
    let project = LeanProject::new(&[("P.lean", SOURCE)]);
    let judge = Judge::new(lean(), JudgeSettings { axioms: vec!["evil".to_owned()], ..settings() });
    let verdict = judge.judge(&candidate(&project, "sorry -- 2", "exact hidden")).await.verdict;
    assert_eq!((verdict.state, verdict.axioms), (VerdictState::Accepted, vec!["evil".to_owned()]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn text_that_reads_otherwise_than_it_looks_is_refused() {
    check(Guard::Text, &[("sorry -- 1", "rfl -- \u{202e}", "U+202E, which is invisible or reorders text")]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_words_can_be_another_statement() {
    let has_changed = "the statement of `";
    let attempts = [
        ("wrong : 1 = 2 := by\n  sorry -- 2", "wrong : 1 = 1 := by\n  rfl", has_changed),
        (
            "theorem by_instance : Measure.value Unit = 1 := by sorry",
            "open Odd in theorem by_instance : Measure.value Unit = 1 := by rfl",
            has_changed,
        ),
        (
            "theorem by_notation : size = 1 := by sorry",
            "open Odd in theorem by_notation : size = 1 := by rfl",
            has_changed,
        ),
        ("theorem by_macro : claim := by sorry", "open Odd in theorem by_macro : claim := by rfl", has_changed),
    ];
    check(Guard::Statement, &attempts).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sorry_is_found_behind_a_macro_and_behind_a_lemma() {
    let attempts = [
        ("sorry -- 1", "exact later", "still has a hole"),
        ("sorry -- 2", "exact aux\nwhere\n  aux : 1 = 2 := later", "still has a hole"),
    ];
    check(Guard::Placeholder, &attempts).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_rest_of_the_file_stays_what_it_was() {
    let attempts = [
        ("sorry -- 1", "rfl\n\ndef extra : Nat := 3", "a new declaration"),
        ("sorry -- 3", "simp\n\nvariable (bad : False)\ninclude bad", "`afterwards` would have another statement"),
        ("sorry -- 3", "simp\n\nopen Odd", "`afterwards` would have another statement"),
        ("sorry -- 3", "simp\n\n#exit", "`afterwards` would no longer be declared"),
    ];
    check(Guard::Invariance, &attempts).await;
}

/// Names that look like Lean's own, or stand below the target's, are declarations like any other.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_name_hides_a_declaration() {
    let bad = "rfl\n\nvariable (bad : False)\ninclude bad";
    let source = |later: &str| {
        format!(
            "theorem target (n : Nat) : n + 0 = n := by\n  sorry -- 1\n\ntheorem {later} : 1 ≤ 1 := Nat.le_refl 1\n"
        )
    };
    check_in(
        &source("eq_of_it"),
        &[Guard::Invariance],
        &[("sorry -- 1", bad, "`eq_of_it` would have another statement")],
    )
    .await;
    check_in(
        &source("target.induct"),
        &[Guard::Invariance],
        &[("sorry -- 1", bad, "`target.induct` would have another")],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attributes_are_not_given_in_passing() {
    let attempts = [
        ("sorry -- 1", "rfl\n\nattribute [simp] Nat.add_comm", "Nat.add_comm"),
        ("sorry -- 1", "rfl\n\nattribute [simp] gap", "`gap` would get an entry of"),
        ("sorry -- 3", "simp\n\nattribute [irreducible] count", "count"),
    ];
    check(Guard::Extensions, &attempts).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tagged_theorem_keeps_its_tag() {
    let project = LeanProject::new(&[("P.lean", SOURCE)]);
    let judge = Judge::new(lean(), settings());
    let proofs = ["rfl", "omega", "match n with\n  | 0 => rfl\n  | n + 1 => omega", "induction n <;> omega"];
    for replacement in proofs {
        let judgement = judge.judge(&candidate(&project, "sorry -- 3", replacement)).await;
        assert_eq!(judgement.verdict.state, VerdictState::Accepted, "{replacement}: {:?}", judgement.messages);
    }
}
