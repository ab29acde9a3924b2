//! `leanwright context FILE:LINE`: what a runner is told about a hole, after the user's own rules.

use crate::args::{ContextArguments, ContextFormat};
use crate::cmd::mine::{diagnostics, goals};
use crate::output::write_result;
use crate::settings::{Settings, toolchain};
use crate::target::target;
use anyhow::{Context, bail};
use leanwright_contract::{ContextBundle, ContextDiagnostic};
use leanwright_engine::{SourceFile, task};
use leanwright_lean::{Goals, Hole, Scan, Text, scan};
use leanwright_procs::editor::{Editor, file_uri};
use leanwright_render::context_markdown;
use leanwright_server::TaskPacker;
use leanwright_verify::Project;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

/// Lean may have to build the file's imports first.
const ELABORATION: Duration = Duration::from_secs(1800);

pub async fn run(arguments: ContextArguments) -> anyhow::Result<ExitCode> {
    let (path, line) = target(&arguments.target);
    let file = std::fs::canonicalize(&path).with_context(|| format!("could not find {}", path.display()))?;
    let project = Project::of(&file)?;
    let source = std::fs::read_to_string(&file).with_context(|| format!("could not read {}", path.display()))?;
    let found = scan(&source);
    let text = Text::new(source);
    let Some(hole) = hole_on(&text, &found, line) else {
        bail!("there is no `sorry` on that line of {}", path.display());
    };
    let relative = project.relative(&file).and_then(Path::to_str).context("the file is not in its project")?;
    let module = project.module_of(Path::new(relative)).map(|(module, _)| module.to_string()).unwrap_or_default();
    let source_file = SourceFile {
        root: project.root.display().to_string(),
        project: project.root.file_name().and_then(|name| name.to_str()).unwrap_or("project").to_owned(),
        file: relative.to_owned(),
        module,
    };
    let (goals, reported) = if arguments.no_goals {
        (None, Vec::new())
    } else {
        let (goals, reported) = ask_lean(&project, &file, &text, &found, hole).await?;
        (Some(goals), reported)
    };
    let mut settings = Settings::load()?;
    settings.context.before = arguments.before.unwrap_or(settings.context.before);
    settings.context.after = arguments.after.unwrap_or(settings.context.after);
    if arguments.format != ContextFormat::Task {
        settings.context.attach = true;
    }
    let packer = TaskPacker::new(Arc::new(settings.outgoing()?));
    let task = task(&source_file, &text, &found, hole, goals.as_ref(), Vec::new());
    let sent = packer.task(&project.root, &task, reported).map_err(anyhow::Error::msg)?;
    let text = match arguments.format {
        ContextFormat::Task => sent.to_string() + "\n",
        format => {
            let bundle = sent.get("context").context("the task has no context")?.clone();
            let bundle: ContextBundle = serde_json::from_value(bundle)?;
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
fn hole_on<'a>(text: &Text, scan: &'a Scan, line: Option<u32>) -> Option<&'a Hole> {
    match line {
        Some(line) => scan.holes.iter().find(|hole| text.line_of(hole.span.start) + 1 == line as usize),
        None => scan.holes.first().filter(|_| scan.holes.len() == 1),
    }
}

async fn ask_lean(
    project: &Project,
    file: &Path,
    text: &Text,
    scan: &Scan,
    hole: &Hole,
) -> anyhow::Result<(Goals, Vec<ContextDiagnostic>)> {
    let lake = toolchain(false, &mut |_| {})?.lake;
    let lean = Editor::start(&[lake.into(), "serve".into()], &project.root).await?;
    let uri = file_uri(file)?;
    lean.open(&uri, 1, text.as_str())?;
    lean.elaborated(&uri, 1, ELABORATION).await?;
    let goals = goals(&lean, &uri, text, hole, ELABORATION).await?;
    let reported = diagnostics(&lean.diagnostics(&uri), text, scan, hole.declaration);
    lean.shutdown(Duration::from_secs(20)).await?;
    Ok((goals, reported))
}
