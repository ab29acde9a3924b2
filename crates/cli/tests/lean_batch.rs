//! The batch chain on a real Lean: mine, eval, replay, report, with a runner that is a shell script.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, clippy::indexing_slicing, reason = "tests")]

use leanwright_testkit::{LeanProject, fixtures};
use serde_json::Value;
use std::process::Command;

fn run(project: &LeanProject, arguments: &[&str]) -> String {
    let run =
        Command::new(env!("CARGO_BIN_EXE_leanwright")).args(arguments).current_dir(&project.root).output().unwrap();
    let output = String::from_utf8_lossy(&run.stdout).into_owned() + &String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{arguments:?}: {output}");
    output
}

fn records(project: &LeanProject, file: &str) -> Vec<Value> {
    project.read(file).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn the_chain_runs_with_a_shell_runner() {
    let project = LeanProject::fixture("first-steps");
    run(&project, &["mine", ".", "--recursive", "--exclude", "Arithmetic"]);
    let tasks = records(&project, "tasks.jsonl");
    assert_eq!(tasks.len(), 6);
    assert_eq!(tasks[0]["task_id"], "FirstSteps.Logic.FirstSteps.Logic.and_intro:7");
    assert_eq!(tasks[0]["schema_version"], 1);
    assert_eq!(tasks[0]["goals"][0], "case left\np q : Prop\nhp : p\nhq : q\n⊢ p");
    assert_eq!(tasks[2]["mode"], "term");
    for task in &tasks {
        let parts = ["/source_before", "/target_span/text", "/source_after"]
            .map(|at| task.pointer(at).unwrap().as_str().unwrap());
        assert_eq!(parts.concat(), project.read("FirstSteps/Logic.lean"));
    }

    // The runner knows lean-agent's contract only: whole lines, no ids but the task's.
    let runner = fixtures().join("runners/assumption.sh");
    run(&project, &["eval", "tasks.jsonl", "--runner", runner.to_str().unwrap()]);
    let attempts = records(&project, "attempts.jsonl");
    assert_eq!(attempts.len(), 6);
    assert_eq!(attempts[0]["replacement"], "  · assumption");
    assert_eq!(attempts[0]["prompt_hash"].as_str().unwrap().len(), 64);

    run(&project, &["replay", "attempts.jsonl"]);
    let results = records(&project, "results.jsonl");
    let words: Vec<&str> = results.iter().map(|result| result["status"].as_str().unwrap()).collect();
    assert_eq!(words, ["passed", "passed", "failed", "failed", "failed", "failed"]);
    assert_eq!(results[0]["guards"]["statement"]["status"], "passed");
    assert_eq!(results[0]["verdict"]["verdict"], "accepted");
    assert_eq!(results[0]["verdict"]["sandbox"], "copy_only");

    let report = run(&project, &["report", "results.jsonl"]);
    assert!(report.contains("tasks: 6, solved: 2, attempts accepted: 2"), "{report}");
}
