//! `leanwright walk FILE:LINE`: the goals before and after each tactic, as text, JSON, or a page for a browser.

use crate::args::{WalkArguments, WalkFormat};
use crate::output::write_result;
use crate::target::target;
use anyhow::{Context, bail};
use leanwright_contract::Walk as Record;
use leanwright_contract::editor::{DocumentUri, Position, ProveParams};
use leanwright_procs::editor::{Editor, Walk, file_uri};
use leanwright_project::Project;
use leanwright_render::{walk_page, walk_text};
use std::ffi::OsString;
use std::process::ExitCode;
use std::time::Duration;

/// Lean may have to build the file's imports first.
const ELABORATION: Duration = Duration::from_secs(1800);

pub async fn run(arguments: WalkArguments) -> anyhow::Result<ExitCode> {
    let (path, line) = target(&arguments.target);
    let Some(line) = line else { bail!("which proof? Give a line of it: {}:LINE", path.display()) };
    let file = std::fs::canonicalize(&path).with_context(|| format!("could not find {}", path.display()))?;
    let project = Project::of(&file)?;
    let program = std::env::current_exe().context("could not find this program's own file")?;
    let command: Vec<OsString> = vec![program.into(), "serve".into()];
    let editor = Editor::start(&command, &project.root).await?;
    let uri = file_uri(&file)?;
    editor.open(&uri, 1, &std::fs::read_to_string(&file)?)?;
    editor.elaborated(&uri, 1, ELABORATION).await?;
    let params = ProveParams {
        text_document: DocumentUri { uri: uri.to_string() },
        position: Position { line: line.saturating_sub(1), character: 0 },
    };
    let walk: Record = editor.request::<Walk>(params, ELABORATION).await?;
    editor.shutdown(Duration::from_secs(20)).await?;
    let text = match arguments.format {
        WalkFormat::Text => walk_text(&walk),
        WalkFormat::Json => serde_json::to_string_pretty(&walk)? + "\n",
        WalkFormat::Html => walk_page(&walk),
    };
    write_result(arguments.out.as_deref(), &text)?;
    Ok(ExitCode::SUCCESS)
}
