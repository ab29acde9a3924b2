//! `leanwright replay`: attempts to verdicts.

use crate::args::ReplayArguments;
use crate::output::Output;
use crate::settings::toolchain;
use anyhow::Context;
use leanwright_contract::{Attempt, ReplayResult, VerdictState, read_lines, write_line};
use leanwright_verify::{Judge, PatchError, Project, apply_attempt, replay_result};
use std::io::{BufReader, Write};
use std::path::Path;
use std::process::ExitCode;

pub async fn run(arguments: ReplayArguments) -> anyhow::Result<ExitCode> {
    let mut output = Output::new(true);
    let root = std::fs::canonicalize(&arguments.lake_root)
        .with_context(|| format!("could not find {}", arguments.lake_root.display()))?;
    let project = Project::of(&root)?;
    let toolchain = toolchain(false, &mut |_| {})?;
    output.line(&toolchain.describe());
    let judge = Judge::new(toolchain, 1);
    let input = std::fs::File::open(&arguments.attempts)
        .with_context(|| format!("could not read {}", arguments.attempts.display()))?;
    let file = std::fs::File::create(&arguments.out)
        .with_context(|| format!("could not write {}", arguments.out.display()))?;
    let mut out = std::io::BufWriter::new(file);
    let (mut accepted, mut all, mut unreadable) = (0, 0, 0);
    for (_, attempt) in read_lines::<Attempt>(BufReader::new(input)) {
        let attempt = match attempt {
            Ok(attempt) => attempt,
            Err(error) => {
                output.line(&format!("{}: {error}", arguments.attempts.display()));
                unreadable += 1;
                continue;
            }
        };
        let judged = match read_target(&project.root, &attempt) {
            Ok(before) => match apply_attempt(&project.root, &attempt, before) {
                Ok(candidate) => Ok(judge.judge(&candidate).await),
                Err(refused) => Err(refused),
            },
            Err(refused) => Err(refused),
        };
        let result = replay_result(&attempt, &judged);
        let why = result.reject_reason.as_ref().map(ToString::to_string).or_else(|| result.patch_error.clone());
        let why = why.or_else(|| lean_error(&result));
        let word = serde_json::to_value(result.status)?.as_str().unwrap_or_default().to_owned();
        let seconds = result.elapsed_ms / 100;
        output.line(&format!(
            "{word:13} {} {}  {}.{} s  {}",
            result.task_id,
            result.attempt_id,
            seconds / 10,
            seconds % 10,
            why.unwrap_or_default().lines().next().unwrap_or_default()
        ));
        all += 1;
        accepted += usize::from(result.accepted);
        write_line(&mut out, &result)?;
        out.flush()?;
    }
    output.line(&format!("{accepted} of {all} attempts accepted; results in {}", arguments.out.display()));
    Ok(ExitCode::from(u8::from(unreadable > 0)))
}

/// What Lean says of an attempt that does not compile.
fn lean_error(result: &ReplayResult) -> Option<String> {
    match &result.verdict.as_ref()?.state {
        VerdictState::Failed { error } => Some(error.clone()),
        _ => None,
    }
}

/// The text of the file that an attempt edits, as it is on disk.
fn read_target(root: &Path, attempt: &Attempt) -> Result<String, PatchError> {
    let written = &attempt.allowed_edit.file;
    let path = root.join(leanwright_verify::project_path(written)?);
    std::fs::read_to_string(&path)
        .map_err(|error| PatchError::Unreadable { file: written.clone(), reason: error.to_string() })
}
