//! `leanwright context FILE:LINE`: what a runner is told about a hole, after the user's own rules.

use crate::args::{ContextArguments, ContextFormat};
use crate::output::write_result;
use crate::provenance::provenance;
use crate::settings::{Settings, toolchain};
use crate::source_text::{ELABORATION, SourceText};
use crate::target::target;
use anyhow::{Context, bail};
use leanwright_contract::ContextBundle;
use leanwright_lean::Hole;
use leanwright_procs::editor::Editor;
use leanwright_project::Project;
use leanwright_render::context_markdown;
use leanwright_server::TaskPacker;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

pub async fn run(arguments: ContextArguments) -> anyhow::Result<ExitCode> {
    let (path, line) = target(&arguments.target);
    let file = std::fs::canonicalize(&path).with_context(|| format!("could not find {}", path.display()))?;
    let (project, source_file) = Project::locate(&file)?;
    let source = std::fs::read_to_string(&file).with_context(|| format!("could not read {}", path.display()))?;
    let source = SourceText::new(file, source_file, source);
    let Some(hole) = hole_on(&source, line) else {
        bail!("there is no `sorry` on that line of {}", path.display());
    };
    let (task, reported, provenance) = if arguments.no_goals {
        (source.task(hole), Vec::new(), None)
    } else {
        let toolchain = toolchain(false, &mut |_| {})?;
        let provenance = provenance(&toolchain, &project.root).await;
        let lean = Editor::start(&[toolchain.lake.into(), "serve".into()], &project.root).await?;
        let elaborated = source.elaborate(&lean).await?;
        let task = elaborated.task(hole, ELABORATION).await?;
        let reported = elaborated.reported(hole);
        lean.shutdown(Duration::from_secs(20)).await?;
        (task, reported, Some(provenance))
    };
    let mut settings = Settings::load()?;
    settings.context.before = arguments.before.unwrap_or(settings.context.before);
    settings.context.after = arguments.after.unwrap_or(settings.context.after);
    if arguments.format != ContextFormat::Task {
        settings.context.attach = true;
    }
    let packer = TaskPacker::new(Arc::new(settings.outgoing()?));
    let sent = packer.task(&project.root, &task, reported).map_err(anyhow::Error::msg)?;
    let text = match arguments.format {
        ContextFormat::Task => sent.to_string() + "\n",
        format => {
            let bundle = sent.get("context").context("the task has no context")?.clone();
            let mut bundle: ContextBundle = serde_json::from_value(bundle)?;
            bundle.provenance = provenance;
            match format {
                ContextFormat::Json => serde_json::to_string_pretty(&bundle)? + "\n",
                _ => context_markdown(&bundle),
            }
        }
    };
    write_result(arguments.out.as_deref(), &text)?;
    Ok(ExitCode::SUCCESS)
}

/// The first hole on a 1-based line; without a line, the only one of the file.
fn hole_on(source: &SourceText, line: Option<u32>) -> Option<&Hole> {
    let SourceText { text, scan, .. } = source;
    match line {
        Some(line) => scan.holes.iter().find(|hole| text.line_of(hole.span.start) + 1 == line as usize),
        None => scan.holes.first().filter(|_| scan.holes.len() == 1),
    }
}
