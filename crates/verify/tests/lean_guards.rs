//! For each guard that reads compiled data: an attempt that only this guard stops, on a real Lean. The same attempt is accepted
//! when the guard is switched off, so that each guard is known to be needed.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, reason = "tests")]

use leanwright_contract::VerdictState;
use leanwright_testkit::{LeanProject, lean, span_of};
use leanwright_verify::{Candidate, Guard, Judge};
use std::path::Path;

const SOURCE: &str = "\
axiom evil : 1 = 2

macro \"later\" : term => `(sorry)

opaque hidden : 1 = 2 := evil

theorem gap (n : Nat) : n + 0 = n := by
  sorry -- 1

theorem wrong : 1 = 2 := by
  sorry -- 2

theorem zero_add' (n : Nat) : 0 + n = n := by
  simp

def size : Nat := default

@[simp] theorem tagged (n : Nat) : n + 0 = n := by
  sorry -- 3
";

fn candidate(project: &LeanProject, marker: &str, replacement: &str) -> Candidate {
    let (root, file) = (project.root.clone(), Path::new("P.lean").into());
    let (before, span) = (SOURCE.to_owned(), span_of(SOURCE, marker));
    Candidate { root, file, before, span, replacement: replacement.to_owned() }
}

/// Refused with `reason` by the guards, accepted without `guard`.
async fn check(guard: Guard, marker: &str, replacement: &str, reason: &str) {
    let project = LeanProject::new(&[("P.lean", SOURCE)]);
    let candidate = candidate(&project, marker, replacement);
    let refused = Judge::new(lean(), 1).judge(&candidate).await.verdict;
    match &refused.state {
        VerdictState::Rejected { reject_reason } => {
            assert!(reject_reason.to_string().contains(reason), "{}: {reject_reason}", candidate.replacement);
        }
        other => panic!("{}: {other:?}", candidate.replacement),
    }
    let accepted = Judge::new(lean(), 1).without(&[guard]).judge(&candidate).await.verdict;
    assert_eq!(accepted.state, VerdictState::Accepted, "{} without {guard:?}", candidate.replacement);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn axioms_are_found_wherever_they_are() {
    tokio::join!(
        check(Guard::Axioms, "sorry -- 2", "exact evil", "would rest on evil"),
        check(Guard::Axioms, "sorry -- 2", "exact hidden", "would rest on evil"),
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn statement_and_placeholder_are_compared() {
    tokio::join!(
        check(
            Guard::Statement,
            "theorem wrong : 1 = 2 := by\n  sorry -- 2",
            "theorem wrong : 1 = 1 := by\n  rfl",
            "the statement of `wrong` has changed"
        ),
        check(Guard::Placeholder, "sorry -- 1", "exact later", "still has a hole"),
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_rest_of_the_file_stays_what_it_was() {
    tokio::join!(
        check(Guard::Invariance, "sorry -- 1", "rfl\n\ndef extra : Nat := 3", "a new declaration"),
        check(Guard::Extensions, "sorry -- 1", "rfl\n\nattribute [simp] Nat.add_comm", "Nat.add_comm"),
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attributes_are_not_given_in_passing() {
    tokio::join!(
        check(Guard::Extensions, "sorry -- 1", "rfl\n\nattribute [simp] gap", "`gap` would get an entry of"),
        check(Guard::Extensions, "sorry -- 3", "simp\n\nattribute [irreducible] size", "size"),
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tagged_theorem_keeps_its_tag() {
    let project = LeanProject::new(&[("P.lean", SOURCE)]);
    let judge = Judge::new(lean(), 2);
    let proofs = ["rfl", "omega", "match n with\n  | 0 => rfl\n  | n + 1 => omega", "induction n <;> omega"];
    for replacement in proofs {
        let judgement = judge.judge(&candidate(&project, "sorry -- 3", replacement)).await;
        assert_eq!(judgement.verdict.state, VerdictState::Accepted, "{replacement}: {:?}", judgement.messages);
    }
}
