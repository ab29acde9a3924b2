//! `leanwright mine`: holes or errors of a project as tasks.

use crate::args::{MineArguments, MineKind};
use crate::settings::toolchain;
use anyhow::Context;
use leanwright_contract::{MineTask, TaskKind, write_line};
use leanwright_engine::{Origin, task};
use leanwright_lean::dialect::{tactic_goals, term_goal};
use leanwright_lean::{Goals, Hole, HoleKind, Scan, Text, scan};
use leanwright_procs::editor::{Editor, PlainGoal, PlainTermGoal, file_uri};
use leanwright_verify::Project;
use lsp_types as lsp;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

/// Lean may have to build a file's imports before it answers the first question about it.
const ELABORATION: Duration = Duration::from_secs(1800);

pub async fn run(arguments: MineArguments) -> anyhow::Result<ExitCode> {
    let root = std::fs::canonicalize(&arguments.lake_root)
        .with_context(|| format!("could not find {}", arguments.lake_root.display()))?;
    let project = Project::of(&root)?;
    let name = arguments.project.clone().or_else(|| Some(project.root.file_name()?.to_str()?.to_owned()));
    let name = name.unwrap_or_else(|| "project".to_owned());
    let mut tasks = Vec::new();
    let mut lean: Option<Editor> = None;
    for file in lean_files(&arguments)? {
        let path = std::fs::canonicalize(&file)?;
        let Some(relative) = project.relative(&path).and_then(Path::to_str) else { continue };
        let source = std::fs::read_to_string(&path).with_context(|| format!("could not read {}", file.display()))?;
        let module = project.module_of(Path::new(relative)).map(|(module, _)| module.to_string()).unwrap_or_default();
        let root = project.root.display().to_string();
        let origin = Origin { root, project: name.clone(), file: relative.to_owned(), module };
        let text = Text::new(source.clone());
        let scan = scan(&source);
        let errors = arguments.kind == MineKind::Error;
        let holes = scan.holes.iter().filter(|hole| wanted(arguments.kind, hole));
        let holes: Vec<&Hole> = holes.collect();
        if errors || (!holes.is_empty() && !arguments.no_goals) {
            if lean.is_none() {
                let lake = toolchain(false, &mut |_| {})?.lake;
                lean = Some(Editor::start(&[lake.into(), "serve".into()], &project.root).await?);
            }
            let Some(editor) = &lean else { continue };
            let uri = file_uri(&path)?;
            editor.open(&uri, 1, &source)?;
            editor.elaborated(&uri, 1, ELABORATION).await?;
            if errors {
                tasks.extend(error_tasks(&origin, &text, &scan, &editor.diagnostics(&uri)));
            } else {
                for hole in &holes {
                    let goals = goals(editor, &uri, &text, hole, Duration::from_secs(arguments.timeout)).await?;
                    tasks.push(task(&origin, &text, &scan, hole, Some(&goals), Vec::new()));
                }
            }
            editor.close(&uri)?;
        } else {
            tasks.extend(holes.iter().map(|hole| task(&origin, &text, &scan, hole, None, Vec::new())));
        }
    }
    if let Some(lean) = lean {
        lean.shutdown(Duration::from_secs(20)).await?;
    }
    make_unique(&mut tasks);
    let file = std::fs::File::create(&arguments.out)
        .with_context(|| format!("could not write {}", arguments.out.display()))?;
    let mut out = std::io::BufWriter::new(file);
    for task in &tasks {
        write_line(&mut out, task)?;
    }
    std::io::Write::flush(&mut out)?;
    crate::output::Output::new(true).line(&format!("{} tasks written to {}", tasks.len(), arguments.out.display()));
    Ok(ExitCode::SUCCESS)
}

fn wanted(kind: MineKind, hole: &Hole) -> bool {
    match kind {
        MineKind::Sorry => hole.kind == HoleKind::Sorry,
        MineKind::Admit => hole.kind == HoleKind::Admit,
        MineKind::Error => false,
    }
}

/// The `.lean` files that are asked for, in order. Build products are never among them.
fn lean_files(arguments: &MineArguments) -> anyhow::Result<Vec<PathBuf>> {
    if arguments.path.is_file() {
        return Ok(vec![arguments.path.clone()]);
    }
    let depth = if arguments.recursive { usize::MAX } else { 1 };
    let walk = walkdir::WalkDir::new(&arguments.path).max_depth(depth).sort_by_file_name().into_iter();
    let mut files = Vec::new();
    for entry in walk.filter_entry(|entry| entry.file_name() != ".lake" && entry.file_name() != ".git") {
        let path = entry.with_context(|| format!("could not read {}", arguments.path.display()))?.into_path();
        let shown = path.to_string_lossy();
        let excluded = arguments.exclude.iter().any(|text| shown.contains(text.as_str()));
        if path.extension().is_some_and(|extension| extension == "lean") && path.is_file() && !excluded {
            files.push(path);
        }
    }
    Ok(files)
}

async fn goals(editor: &Editor, uri: &lsp::Url, text: &Text, hole: &Hole, deadline: Duration) -> anyhow::Result<Goals> {
    let at = text.position(hole.span.start);
    let params = || lsp::TextDocumentPositionParams {
        text_document: lsp::TextDocumentIdentifier::new(uri.clone()),
        position: lsp::Position::new(at.line, at.character),
    };
    let tactic = editor.request::<PlainGoal>(params(), deadline).await?;
    match tactic_goals(&tactic.to_string())? {
        Goals::Nothing => Ok(term_goal(&editor.request::<PlainTermGoal>(params(), deadline).await?.to_string())?),
        goals => Ok(goals),
    }
}

/// A task for each declaration with an error, merged by declaration; an error outside of any has its own lines.
fn error_tasks(origin: &Origin, text: &Text, scan: &Scan, diagnostics: &[lsp::Diagnostic]) -> Vec<MineTask> {
    let mut seen = BTreeSet::new();
    let mut tasks = Vec::new();
    for diagnostic in diagnostics.iter().filter(|one| one.severity == Some(lsp::DiagnosticSeverity::ERROR)) {
        let at = |position: lsp::Position| {
            text.offset(leanwright_lean::Position { line: position.line, character: position.character })
        };
        let offset = at(diagnostic.range.start);
        let index = scan.outline.index_at(offset);
        let span = match index.and_then(|index| scan.outline.declarations.get(index)) {
            Some(declaration) => declaration.span.clone(),
            None => offset..at(diagnostic.range.end).max(offset),
        };
        if !seen.insert((span.start, span.end)) {
            continue;
        }
        let hole = Hole { kind: HoleKind::Sorry, span, declaration: index, skipped: false };
        let mut error = task(origin, text, scan, &hole, None, Vec::new());
        let (line, column) = text.lean_position(offset);
        error.kind = TaskKind::Error;
        (error.line, error.column) = (line, column);
        error.diagnostic = Some(serde_json::json!({
            "file": origin.file, "line": line, "column": column, "severity": "error", "message": diagnostic.message,
        }));
        tasks.push(error);
    }
    tasks
}

/// Two holes on one line of one declaration: the second gets its column, as in lean-agent.
fn make_unique(tasks: &mut [MineTask]) {
    let mut seen = BTreeSet::new();
    for task in tasks {
        if !seen.insert(task.task_id.clone()) {
            task.task_id = format!("{}:{}", task.task_id, task.column);
            seen.insert(task.task_id.clone());
        }
    }
}
