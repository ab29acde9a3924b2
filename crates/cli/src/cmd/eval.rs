//! `leanwright eval`: tasks to a runner, its answers as attempts.

use crate::args::EvalArguments;
use crate::output::Output;
use crate::records;
use crate::settings::{Settings, launcher, words};
use anyhow::{Context, anyhow};
use leanwright_contract::{
    Attempt, MineTask, RunnerResponse, SCHEMA_VERSION, edit_of, lines_of, read_lines, write_line,
};
use leanwright_procs::{Runner, RunnerCommand};
use leanwright_server::TaskPacker;
use sha2::{Digest, Sha256};
use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

pub async fn run(arguments: EvalArguments) -> anyhow::Result<ExitCode> {
    let mut output = Output::new(true);
    let lake_root = std::fs::canonicalize(&arguments.lake_root)
        .with_context(|| format!("could not find {}", arguments.lake_root.display()))?;
    let mut settings = Settings::load()?;
    settings.runner.trusted |= arguments.trust_runner;
    let launcher = launcher()?;
    let access = settings.access(&launcher);
    let access = access.map_err(|why| anyhow!("the runner is not started: {why}; so does `--trust-runner`"))?;
    let how = RunnerCommand { command: program(words(&arguments.runner)), lake_root, access };
    let (tasks, mut out) = records::open(&arguments.tasks, &arguments.out)?;
    let packer = TaskPacker::new(Arc::new(settings.outgoing()?));
    let mut runner: Option<Runner> = None;
    let (mut answered, mut failed) = (0, 0);
    for (number, task) in read_lines::<MineTask>(tasks) {
        let task = match task {
            Ok(task) => task,
            Err(error) => {
                output.line(&format!("{}: {error}", arguments.tasks.display()));
                failed += 1;
                continue;
            }
        };
        let line = match packer.task(&how.lake_root, &task, Vec::new()) {
            Ok(sent) => sent.to_string(),
            Err(why) => {
                output.line(&format!("line {number}, `{}`: {why}", task.task_id));
                failed += 1;
                continue;
            }
        };
        let mut current = match runner.take() {
            Some(runner) => runner,
            None => Runner::start(&launcher, &how).await?,
        };
        let answer = current.ask(&line, Duration::from_secs(arguments.timeout)).await;
        match answer
            .map_err(anyhow::Error::from)
            .and_then(|answer| Ok(serde_json::from_str::<RunnerResponse>(&answer)?))
        {
            Ok(response) => {
                if response.task_id != task.task_id {
                    output.line(&format!("line {number}: the runner answered `{}`", response.task_id));
                }
                write_line(&mut out, &attempt(&task, &line, response))?;
                answered += 1;
                runner = Some(current);
            }
            // The next task gets a new runner: an answer that comes late must not be taken for its answer.
            Err(error) => {
                output.line(&format!("line {number}, `{}`: {error:#}", task.task_id));
                failed += 1;
            }
        }
    }
    out.flush()?;
    output.line(&format!("{answered} attempts written to {}, {failed} tasks without", arguments.out.display()));
    Ok(ExitCode::from(u8::from(failed > 0)))
}

/// A path like `./scripts/runner.sh` is meant from here, though the runner starts in the project's root.
fn program(mut command: Vec<String>) -> Vec<String> {
    if let Some(program) = command.first_mut()
        && program.contains('/')
        && let Ok(absolute) = std::fs::canonicalize(&*program)
    {
        *program = absolute.display().to_string();
    }
    command
}

/// Members of an attempt that a runner's answer has not.
const OURS: [&str; 6] = ["schema_version", "allowed_edit", "edit", "target_file", "extra_edits", "original_diagnostic"];

fn attempt(task: &MineTask, line: &str, response: RunnerResponse) -> Attempt {
    let digest = || Sha256::digest(line.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    Attempt {
        schema_version: SCHEMA_VERSION,
        task_id: task.task_id.clone(),
        allowed_edit: task.allowed_edit.clone(),
        replacement: lines_of(task, &response),
        edit: edit_of(task, &response),
        attempt_id: response.attempt_id,
        target_file: None,
        extra_edits: Vec::new(),
        original_diagnostic: task.diagnostic.clone(),
        model: response.model,
        prompt_hash: Some(response.prompt_hash.unwrap_or_else(digest)),
        metadata: response.metadata,
        // What an attempt edits, and what it repairs, is not the runner's to say.
        other: response.other.into_iter().filter(|(name, _)| !OURS.contains(&name.as_str())).collect(),
    }
}
