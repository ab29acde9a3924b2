//! A candidate that runs code while it is compiled, by a tactic of the project's own, which the gate leaves to the user: on a real Lean, without a sandbox and in one.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

use leanwright_contract::{SandboxTier, VerdictState};
use leanwright_procs::{Launcher, Trust};
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

const FORGING: &str = "\
import Lean
open Lean Elab Tactic

elab \"forge\" : tactic => do
  let bytes ← IO.FS.readBinFile \"forged\"
  IO.FS.writeBinFile \"../output/module.olean\" bytes
  IO.Process.exit 0

theorem helper : 1 = 1 := rfl

theorem t (n : Nat) : n + 0 = n := by
  sorry
";

/// A candidate that runs code may write the module itself and end Lean before that does: what is read is judged, whoever has written it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forged_module_is_judged_like_any_other() {
    let lean = confining_lean();
    let settings = JudgeSettings { control: false, sandbox: Sandbox::Strongest, ..JudgeSettings::default() };
    let judge = Judge::new(lean.clone(), settings);
    let proved = FORGING.replace("sorry", "rfl");
    let project = LeanProject::new(&[("P.lean", FORGING)]);
    let environment = lean.environment(&project.root).await.unwrap();
    let check = async |text: &str, forge: &dyn Fn(&mut Vec<u8>)| {
        let other = LeanProject::new(&[("P.lean", text)]);
        let made = other.root.join("made.olean");
        let run = Launcher::default().run(Trust::User, &environment.lean, &other.root);
        let run = run.args(["-R".as_ref(), other.root.as_path(), Path::new("-o"), &made, Path::new("P.lean")]);
        let run = run.env("LEAN_PATH", &environment.lean_path).env("PATH", &environment.path).run().await.unwrap();
        assert!(run.success(), "{}", run.text());
        let mut bytes = std::fs::read(&made).unwrap();
        forge(&mut bytes);
        std::fs::write(project.root.join("forged"), bytes).unwrap();
        let (root, span) = (project.root.clone(), span_of(FORGING, "sorry\n"));
        let span = span.start..span.end - 1;
        let candidate = Candidate {
            root,
            file: Path::new("P.lean").into(),
            before: FORGING.to_owned(),
            span,
            replacement: "forge".to_owned(),
        };
        judge.judge(&candidate).await.verdict
    };
    let keep = |_: &mut Vec<u8>| {};
    let other_lean = |bytes: &mut Vec<u8>| bytes.get_mut(7..12).unwrap().copy_from_slice(b"9.9.9");
    let cut_off = |bytes: &mut Vec<u8>| bytes.truncate(bytes.len() / 2);
    let statement = proved.replace("n + 0 = n", "n = n");
    let axiom = proved.replace("theorem helper", "axiom cheat : 1 = 2\n\ntheorem helper");
    let import = proved.replace("import Lean\n", "import Lean\nimport Std\n");
    let helper = proved.replace("helper : 1 = 1", "helper : 2 = 2");
    type Forge<'a> = &'a dyn Fn(&mut Vec<u8>);
    let forgeries: [(&str, &str, Forge<'_>); 7] = [
        ("another statement", &statement, &keep),
        ("an axiom", &axiom, &keep),
        ("another import", &import, &keep),
        ("another declaration", &helper, &keep),
        ("the hole itself", FORGING, &keep),
        ("written by another Lean", &proved, &other_lean),
        ("cut off", &proved, &cut_off),
    ];
    for (what, text, forge) in forgeries {
        let verdict = check(text, forge).await;
        println!("{what}: {:?}", verdict.state);
        let is_seen = !matches!(verdict.state, VerdictState::Accepted | VerdictState::Failed { .. });
        assert!(is_seen, "{what}: {verdict:#?}");
    }
    // A proof that the kernel has checked is one.
    let honest = check(&proved, &keep).await;
    println!("a proof: {:?}", honest.state);
}
