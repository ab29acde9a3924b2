//! `leanwright-tactics`: a runner without a model. Reads one task per line, answers each with a tactic that fits the
//! shape of the goal and has not been tried. It gives up with an empty replacement.

mod propose;

use leanwright_contract::{MineTask, RunnerResponse};
use std::io::{BufRead, Write};

fn main() -> anyhow::Result<()> {
    let mut output = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        let task: MineTask = serde_json::from_str(&line)?;
        leanwright_contract::write_line(&mut output, &answer(&task))?;
        output.flush()?;
    }
    Ok(())
}

fn answer(task: &MineTask) -> RunnerResponse {
    let proposal = propose::next(task);
    RunnerResponse {
        task_id: task.task_id.clone(),
        attempt_id: format!("tactics-{}", task.previous_attempts.len() + 1),
        replacement: proposal.as_deref().map(|text| whole_lines(task, text)).unwrap_or_default(),
        hole_replacement: proposal,
        model: None,
        prompt_hash: None,
        metadata: None,
        other: serde_json::Map::new(),
    }
}

/// The lines of the hole with the hole replaced, for tools that only know whole lines.
fn whole_lines(task: &MineTask, replacement: &str) -> String {
    let before = task.source_before.rsplit('\n').next().unwrap_or_default();
    let after = task.source_after.split('\n').next().unwrap_or_default();
    format!("{before}{replacement}{}", after.strip_suffix('\r').unwrap_or(after))
}
