//! A candidate that runs code while it is compiled, by a tactic of the project's own, which the gate leaves to the user: on a real Lean, without a sandbox and in one.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

use leanwright_contract::{SandboxTier, VerdictState};
use leanwright_testkit::{LeanProject, confining_lean, program, span_of};
use leanwright_verify::{Candidate, Judge, JudgeSettings, Sandbox};
use std::path::Path;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_candidate_that_runs_code_reaches_nothing_in_a_sandbox() {
    let project = LeanProject::new(&[]);
    let beside = project.root.parent().unwrap().join("beside");
    let text = format!(
        "import Lean\nopen Lean Elab Tactic\n\nelab \"leak\" : tactic => do\n  IO.FS.writeFile {beside:?} \"written\"\n  evalTactic (← `(tactic| rfl))\n\n\
        theorem t (n : Nat) : n + 0 = n := by\n  sorry\n"
    );
    project.write("P.lean", &text);
    let examiner = Some(vec![program("leanwright").into(), "__examine".into()]);
    let settings = JudgeSettings { control: false, examiner, ..JudgeSettings::default() };
    let judge = |sandbox| Judge::new(confining_lean(), JudgeSettings { sandbox, ..settings.clone() });
    let candidate = |replacement: &str| Candidate {
        root: project.root.clone(),
        file: Path::new("P.lean").into(),
        before: text.clone(),
        span: span_of(&text, "sorry"),
        replacement: replacement.to_owned(),
    };
    for (sandbox, tier) in [(Sandbox::Bubblewrap, SandboxTier::Bubblewrap), (Sandbox::Landlock, SandboxTier::Landlock)]
    {
        let confined = judge(sandbox);
        let verdict = confined.judge(&candidate("leak")).await.verdict;
        assert!(matches!(verdict.state, VerdictState::Failed { .. }), "{verdict:#?}");
        assert!(!beside.exists());
        let honest = confined.judge(&candidate("rfl")).await.verdict;
        assert_eq!((&honest.state, honest.sandbox), (&VerdictState::Accepted, tier), "{honest:#?}");
    }

    let open = judge(Sandbox::Off).judge(&candidate("leak")).await.verdict;
    assert_eq!((&open.state, open.sandbox), (&VerdictState::Accepted, SandboxTier::CopyOnly));
    assert!(beside.exists(), "that is what the sandbox is for");
}
