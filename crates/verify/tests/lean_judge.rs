//! The judge on a real Lean: what it accepts, what it refuses and for which reason.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::disallowed_methods, reason = "tests")]

use leanwright_contract::{HoleClass, RejectReason, VerdictState};
use leanwright_testkit::{LeanProject, lean, span_of};
use leanwright_verify::{Candidate, Guard, Judge, JudgeSettings, Judgement};
use std::path::Path;

/// Judges replacements in one file of a project; the hole is marked by its text.
struct Bench {
    project: LeanProject,
    judge: Judge,
    file: &'static str,
}

impl Bench {
    fn new(source: &str) -> Self {
        Self {
            project: LeanProject::new(&[("P.lean", source)]),
            judge: Judge::new(lean(), JudgeSettings { control: false, ..JudgeSettings::default() }),
            file: "P.lean",
        }
    }

    /// Replace `marker` by `replacement` and judge.
    async fn check(&self, marker: &str, replacement: &str) -> Judgement {
        self.judge.judge(&self.candidate(marker, replacement)).await
    }

    fn candidate(&self, marker: &str, replacement: &str) -> Candidate {
        let before = self.project.read(self.file);
        let span = span_of(&before, marker);
        let root = self.project.root.clone();
        Candidate { root, file: Path::new(self.file).into(), before, span, replacement: replacement.to_owned() }
    }

    /// Why the guards on compiled data refuse it: the gate would stop most of these before anything is compiled.
    async fn reason(&self, marker: &str, replacement: &str) -> RejectReason {
        let judgement = self.judge.judge_without(&self.candidate(marker, replacement), &[Guard::Gate]).await;
        match judgement.verdict.state {
            VerdictState::Rejected { reject_reason } => reject_reason,
            other => panic!("{replacement}: {other:?}"),
        }
    }
}

const SOURCE: &str = "\
theorem lemma₁ (n : Nat) : n + 0 = n := by
  sorry -- 1

theorem target (n : Nat) (h : 0 < n) : 1 ≤ n ∧ n = n := by
  constructor
  · sorry -- 2
  · sorry -- 3

def data : Nat := sorry -- 4

example (a b : Nat) : a + b = b + a := by
  sorry -- 5

theorem later (n : Nat) : n = n + 0 := by
  sorry -- 6

theorem wrong : 1 = 2 := by
  sorry -- 7

def below.data : {b : Bool // b = !b} := ⟨true, by sorry⟩

theorem below : False := by
  sorry -- 8
";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_proved_is_accepted_while_other_holes_stay_open() {
    let bench = Bench::new(SOURCE);
    let (one, two, example, leaning, below) = tokio::join!(
        bench.check("sorry -- 1", "rfl"),
        bench.check("sorry -- 2", "omega"),
        bench.check("sorry -- 5", "omega"),
        bench.check("sorry -- 6", "exact (lemma₁ n).symm"),
        bench.check(
            "sorry -- 8",
            "exact absurd below.data.property (by generalize below.data.val = b; cases b <;> decide)"
        ),
    );
    for judgement in [&one, &two, &example, &leaning, &below] {
        assert_eq!(judgement.verdict.state, VerdictState::Accepted, "{judgement:?}");
        assert_eq!(judgement.verdict.hole_class, HoleClass::Proof);
        let [before, after] = judgement.verdict.statement_digest.clone().unwrap();
        assert!(before == after && before.len() == 64);
        assert!(judgement.verdict.toolchain.contains("Lean (version"));
    }
    assert_eq!((one.verdict.holes_left, two.verdict.holes_left), (0, 1));
    assert_eq!(two.verdict.declaration.as_deref(), Some("target"));
    assert_eq!(leaning.verdict.rests_on, ["lemma₁"], "an open lemma is named");
    assert!(one.verdict.rests_on.is_empty());
    // What Lean has made of it is called `below.data._proof_1`, and is not a part of `below`.
    assert_eq!((below.verdict.rests_on, below.verdict.holes_left), (vec!["below.data".to_owned()], 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_fails_accepts_nothing() {
    // It ends well, and has said nothing.
    let examiner = Some(vec!["true".into()]);
    let judge = Judge::new(lean(), JudgeSettings { control: false, examiner, ..JudgeSettings::default() });
    let bench = Bench { judge, ..Bench::new("theorem t : 1 = 1 := sorry -- 1") };
    match bench.check("sorry -- 1", "rfl").await.verdict.state {
        VerdictState::Unknown { why } => assert!(why.contains("could not be examined"), "{why}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_attack_is_refused_for_its_reason() {
    let bench = Bench::new(SOURCE);

    let again = bench.reason("sorry -- 1", "first | sorry | rfl").await;
    assert!(matches!(again, RejectReason::PlaceholderLeft { .. }), "{again:?}");

    let (wrong, native, axiom, unused, statement, data) = tokio::join!(
        bench.check("sorry -- 7", "decide"),
        bench.reason("sorry -- 1", "have : 1 = 1 := by native_decide\n  rfl"),
        bench.reason(
            "theorem wrong : 1 = 2 := by\n  sorry",
            "axiom evil : 1 = 2\ntheorem wrong : 1 = 2 := by\n  exact evil"
        ),
        bench.reason("sorry -- 1", "rfl\naxiom evil : False"),
        bench.reason(
            "theorem later (n : Nat) : n = n + 0 := by\n  sorry",
            "theorem later (n : Nat) : n = n := by\n  rfl"
        ),
        bench.check("sorry -- 4", "7"),
    );
    match &wrong.verdict.state {
        VerdictState::Failed { error } => assert!(error.contains("1 = 2"), "{error}"),
        other => panic!("{other:?}"),
    }
    assert_eq!((wrong.compiled, wrong.new_errors), (Some(false), 1));
    match native {
        RejectReason::DisallowedAxiom { declaration, offending, .. } => {
            assert_eq!(declaration, "lemma₁");
            assert!(
                offending.iter().any(|name| name.contains("ofReduceBool") || name.contains("native")),
                "{offending:?}"
            );
        }
        other => panic!("{other:?}"),
    }
    for (axiom, target) in [(axiom, "wrong"), (unused, "lemma₁")] {
        match axiom {
            RejectReason::DisallowedAxiom { declaration, offending, .. } => {
                assert_eq!((declaration.as_str(), offending), (target, vec!["evil".to_owned()]));
            }
            other => panic!("{other:?}"),
        }
    }
    match statement {
        RejectReason::StatementChanged { declaration, before, after } => {
            assert_eq!(declaration, "later");
            assert!(before.ends_with("n = n + 0") && after.ends_with("n = n"), "{before} / {after}");
        }
        other => panic!("{other:?}"),
    }
    match data.verdict.state {
        VerdictState::Unknown { why } => assert!(why.contains("data"), "{why}"),
        other => panic!("{other:?}"),
    }
}
