//! `leanwright tape events`: plays what a session's engine was told to a new engine, and compares what it asks for.

use crate::output::Output;
use anyhow::{Context, bail};
use leanwright_engine::Engine;
use leanwright_server::{RecordedStep, RecordingHead};
use std::io::{BufRead, BufReader};
use std::path::Path;

/// Play a recording as often as asked; `false` if any effect differs.
pub fn replay(output: &mut Output, path: &Path, times: usize) -> anyhow::Result<bool> {
    let file = std::fs::File::open(path).with_context(|| format!("could not read {}", path.display()))?;
    let mut lines = BufReader::new(file).lines();
    let Some(first) = lines.next() else { bail!("{} is empty", path.display()) };
    let head: RecordingHead = serde_json::from_str(&first?).context("the first line is not that of a recording")?;
    let mut steps = Vec::new();
    for (number, line) in (2..).zip(lines) {
        let step: RecordedStep = serde_json::from_str(&line?).with_context(|| format!("line {number}"))?;
        steps.push((number, step));
    }
    for round in 1..=times {
        let mut engine = Engine::new(head.settings.clone());
        let mut effects = 0;
        for (number, step) in &steps {
            let played = engine.handle(step.at, step.event.clone());
            if played != step.effects {
                output.line(&format!("line {number}: round {round} asks for something else"));
                output.line(&format!("  recorded: {}", serde_json::to_string(&step.effects)?));
                output.line(&format!("  played:   {}", serde_json::to_string(&played)?));
                return Ok(false);
            }
            effects += played.len();
        }
        output.line(&format!("round {round}: {} events, {effects} effects, the same", steps.len()));
    }
    Ok(true)
}
