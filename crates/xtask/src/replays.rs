//! `cargo xtask bench replay`: the same attempts through `leanwright replay` and through lean-agent's, side by side.

use crate::{provide, root};
use anyhow::Context;
use serde_json::Value;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// One program's answers, and how long it took for all of them.
struct Run {
    results: Vec<Value>,
    elapsed: Duration,
}

pub fn compare(programs: &Path) -> anyhow::Result<bool> {
    provide::lean(programs)?;
    let lake = Command::new(programs.join("leanwright")).args(["toolchain", "path"]).output()?.stdout;
    let lake = String::from_utf8_lossy(&lake).trim().to_owned();
    let folder = Path::new(&lake).parent().context("no folder for lake")?;
    let path = std::env::join_paths(
        std::iter::once(folder.to_path_buf())
            .chain(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())),
    )?;
    let copy = tempfile::tempdir()?;
    let project = copy.path().join("attempts");
    crate::must(
        Command::new("cp").arg("-R").arg(root().join("fixtures/projects/attempts")).arg(&project),
        "copying the attempts",
    )?;
    // What is imported and what imports is built before anybody's clock runs.
    crate::must(Command::new(&lake).args(["build", "P.A", "P.B", "P.C"]).current_dir(&project), "lake build")?;
    let agent = provide::lean_agent()?;
    let ours = replay(&programs.join("leanwright"), &project, &path)?;
    let theirs = replay(&agent, &project, &path)?;
    println!("| attempt | leanwright | lean-agent 0.2.0 |\n|---|---|---|");
    for (one, other) in ours.results.iter().zip(&theirs.results) {
        let name = one.get("attempt_id").and_then(Value::as_str).unwrap_or_default();
        println!("| {name} | {} | {} |", cell(one), cell(other));
    }
    let seconds = |run: &Run| run.elapsed.as_secs_f64() / run.results.len().max(1) as f64;
    let (one, other) = (seconds(&ours), seconds(&theirs));
    println!("| seconds of the whole run, for each of the twenty | {one:.1} | {other:.1} |");
    println!("\n{:.1} times as fast", other / one);
    Ok(ours.results.len() == theirs.results.len())
}

fn replay(program: &Path, project: &Path, path: &std::ffi::OsStr) -> anyhow::Result<Run> {
    let out = project.with_file_name("results.jsonl");
    let mut command = Command::new(program);
    command.args(["replay", "attempts.jsonl", "--out"]).arg(&out).current_dir(project);
    command.env("PATH", path).env("LEANWRIGHT_VERDICTS", "off").stdout(std::process::Stdio::null());
    let started = Instant::now();
    // lean-agent ends with an error where it accepts nothing.
    let _ = command.status().with_context(|| format!("could not start {}", program.display()))?;
    let elapsed = started.elapsed();
    let text = std::fs::read_to_string(&out)?;
    let results = text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    Ok(Run { results, elapsed })
}

/// What was said, and why, in one line.
fn cell(result: &Value) -> String {
    let word = |at: &str| result.pointer(at).and_then(Value::as_str).map(str::to_owned);
    let status = word("/status").unwrap_or_default();
    let offending = result.pointer("/reject_reason/offending").map(ToString::to_string);
    let why = offending
        .or(word("/reject_reason/detail"))
        .or(word("/reject_reason/guard"))
        .or(word("/verdict/error"))
        .or(word("/patch_error"))
        .unwrap_or_default();
    let why: String = why.lines().next().unwrap_or_default().chars().take(80).collect();
    let milliseconds = result.get("elapsed_ms").and_then(Value::as_u64).unwrap_or(0);
    let why = if why.is_empty() { why } else { format!(": {}", why.replace('|', "\\|")) };
    format!("{status}{why} ({}.{} s)", milliseconds / 1000, milliseconds % 1000 / 100)
}
