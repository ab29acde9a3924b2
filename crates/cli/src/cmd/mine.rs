//! `leanwright mine`: holes or errors of a project as tasks.

use crate::args::{MineArguments, MineKind};
use crate::settings::toolchain;
use anyhow::Context;
use leanwright_contract::{ContextDiagnostic, MineTask, TaskKind, write_line};
use leanwright_engine::{SourceFile, task};
use leanwright_lean::dialect::{tactic_goals, term_goal};
use leanwright_lean::{Goals, Hole, HoleKind, Scan, Text, may_have_holes, scan};
use leanwright_procs::editor::{Editor, PlainGoal, PlainTermGoal, file_uri};
use leanwright_verify::{Project, lean_files, parallel_map};
use lsp_types as lsp;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

/// Lean may have to build a file's imports before it answers the first question about it.
const ELABORATION: Duration = Duration::from_secs(1800);

/// A file that has something to mine.
struct Mined {
    path: PathBuf,
    source_file: SourceFile,
    source: String,
    scan: Scan,
}

pub async fn run(arguments: MineArguments) -> anyhow::Result<ExitCode> {
    let root = std::fs::canonicalize(&arguments.lake_root)
        .with_context(|| format!("could not find {}", arguments.lake_root.display()))?;
    let project = Project::of(&root)?;
    let name = arguments.project.clone().or_else(|| Some(project.root.file_name()?.to_str()?.to_owned()));
    let name = name.unwrap_or_else(|| "project".to_owned());
    let excluded = |path: &Path| arguments.exclude.iter().any(|text| path.to_string_lossy().contains(text.as_str()));
    let place = std::fs::canonicalize(&arguments.path)
        .with_context(|| format!("could not find {}", arguments.path.display()))?;
    let files = lean_files(&place, arguments.recursive, excluded)?;
    let without_lean = arguments.no_goals && arguments.kind != MineKind::Error;
    let found = parallel_map(&files, |file| match read(file, arguments.kind, &project, &name)? {
        Some(file) if without_lean => lines(&tasks_without_goals(&file, arguments.kind)).map(Found::Lines),
        Some(file) => Ok(Found::File(Box::new(file))),
        None => Ok(Found::Nothing),
    });
    let mut lean = None;
    let mut written = 0;
    let out = std::fs::File::create(&arguments.out)
        .with_context(|| format!("could not write {}", arguments.out.display()))?;
    let mut out = std::io::BufWriter::with_capacity(1 << 18, out);
    for found in found {
        let (count, lines) = match found? {
            Found::Nothing => continue,
            Found::Lines(lines) => lines,
            Found::File(file) => {
                if lean.is_none() {
                    let lake = toolchain(false, &mut |_| {})?.lake;
                    lean = Some(Editor::start(&[lake.into(), "serve".into()], &project.root).await?);
                }
                let Some(lean) = &lean else { continue };
                lines(&ask_lean(lean, &file, &arguments).await?)?
            }
        };
        written += count;
        out.write_all(&lines)?;
    }
    out.flush()?;
    if let Some(lean) = lean {
        lean.shutdown(Duration::from_secs(20)).await?;
    }
    crate::output::Output::new(true).line(&format!("{written} tasks written to {}", arguments.out.display()));
    Ok(ExitCode::SUCCESS)
}

/// What one file gave.
enum Found {
    Nothing,
    /// The number of tasks, and the tasks as lines.
    Lines((usize, Vec<u8>)),
    /// Lean has to be asked about it.
    File(Box<Mined>),
}

fn lines(tasks: &[MineTask]) -> anyhow::Result<(usize, Vec<u8>)> {
    let mut lines = Vec::new();
    for task in tasks {
        write_line(&mut lines, task)?;
    }
    Ok((tasks.len(), lines))
}

/// Read and scan a file; `None` if there is nothing in it to mine.
fn read(file: &Path, kind: MineKind, project: &Project, name: &str) -> anyhow::Result<Option<Mined>> {
    thread_local! {
        // One buffer for all files of a thread: most files have no hole, and their text is not kept.
        static CONTENT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    }
    let content = CONTENT.with_borrow_mut(|content| {
        let length = read_into(&mut std::fs::File::open(file)?, content)?;
        let content = content.get(..length).unwrap_or_default();
        Ok::<_, std::io::Error>((kind == MineKind::Error || may_have_holes(content)).then(|| content.to_vec()))
    });
    let Some(content) = content.with_context(|| format!("could not read {}", file.display()))? else {
        return Ok(None);
    };
    let source = String::from_utf8(content).with_context(|| format!("{} is not UTF-8", file.display()))?;
    let scan = scan(&source);
    if kind != MineKind::Error && !scan.holes.iter().any(|hole| wanted(kind, hole)) {
        return Ok(None);
    }
    let path = std::path::absolute(file)?;
    let Some(relative) = project.relative(&path).and_then(Path::to_str) else { return Ok(None) };
    let module = project.module_of(Path::new(relative)).map(|(module, _)| module.to_string());
    let module = module.unwrap_or_else(|_| relative.to_owned());
    let root = project.root.display().to_string();
    let source_file = SourceFile { root, project: name.to_owned(), file: relative.to_owned(), module };
    Ok(Some(Mined { path, source_file, source, scan }))
}

/// Read all of a file into a buffer that grows and is not cleared; returns the file's length. Unlike `read_to_end` it does
/// not ask for the size and the position first: on thousands of small files those calls are a third of the time.
fn read_into(file: &mut impl Read, buffer: &mut Vec<u8>) -> std::io::Result<usize> {
    let mut length = 0;
    loop {
        if length == buffer.len() {
            buffer.resize((buffer.len() * 2).max(1 << 17), 0);
        }
        match file.read(buffer.get_mut(length..).unwrap_or_default()) {
            Ok(0) => return Ok(length),
            Ok(read) => length += read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

fn tasks_without_goals(file: &Mined, kind: MineKind) -> Vec<MineTask> {
    let text = Text::new(file.source.clone());
    let holes = file.scan.holes.iter().filter(|hole| wanted(kind, hole));
    make_unique(holes.map(|hole| task(&file.source_file, &text, &file.scan, hole, None, Vec::new())).collect())
}

async fn ask_lean(lean: &Editor, file: &Mined, arguments: &MineArguments) -> anyhow::Result<Vec<MineTask>> {
    let text = Text::new(file.source.clone());
    let uri = file_uri(&file.path)?;
    lean.open(&uri, 1, &file.source)?;
    lean.elaborated(&uri, 1, ELABORATION).await?;
    let mut tasks = Vec::new();
    if arguments.kind == MineKind::Error {
        tasks = error_tasks(&file.source_file, &text, &file.scan, &lean.diagnostics(&uri));
    } else {
        for hole in file.scan.holes.iter().filter(|hole| wanted(arguments.kind, hole)) {
            let goals = goals(lean, &uri, &text, hole, Duration::from_secs(arguments.timeout)).await?;
            tasks.push(task(&file.source_file, &text, &file.scan, hole, Some(&goals), Vec::new()));
        }
    }
    lean.close(&uri)?;
    Ok(make_unique(tasks))
}

fn wanted(kind: MineKind, hole: &Hole) -> bool {
    match kind {
        MineKind::Sorry => hole.kind == HoleKind::Sorry,
        MineKind::Admit => hole.kind == HoleKind::Admit,
        MineKind::Error => false,
    }
}

pub async fn goals(
    editor: &Editor,
    uri: &lsp::Url,
    text: &Text,
    hole: &Hole,
    deadline: Duration,
) -> anyhow::Result<Goals> {
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

/// What Lean reports in a declaration.
pub fn diagnostics(
    all: &[lsp::Diagnostic],
    text: &Text,
    scan: &Scan,
    declaration: Option<usize>,
) -> Vec<ContextDiagnostic> {
    let at = |position: lsp::Position| {
        text.offset(leanwright_lean::Position { line: position.line, character: position.character })
    };
    let inside = all.iter().filter(|one| scan.outline.index_at(at(one.range.start)) == declaration);
    let shown = inside.map(|one| ContextDiagnostic {
        line: one.range.start.line as usize + 1,
        severity: match one.severity {
            None | Some(lsp::DiagnosticSeverity::ERROR) => "error",
            Some(lsp::DiagnosticSeverity::WARNING) => "warning",
            Some(_) => "info",
        }
        .to_owned(),
        message: one.message.clone(),
    });
    shown.collect()
}

/// A task for each declaration with an error, merged by declaration; an error outside of any has its own lines.
fn error_tasks(source_file: &SourceFile, text: &Text, scan: &Scan, diagnostics: &[lsp::Diagnostic]) -> Vec<MineTask> {
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
        let mut error = task(source_file, text, scan, &hole, None, Vec::new());
        let (line, column) = text.lean_position(offset);
        error.kind = TaskKind::Error;
        (error.line, error.column) = (line, column);
        error.diagnostic = Some(serde_json::json!({
            "file": source_file.file, "line": line, "column": column, "severity": "error", "message": diagnostic.message,
        }));
        tasks.push(error);
    }
    tasks
}

/// Two holes on one line of one declaration: the second gets its column, as in lean-agent. The tasks are one file's: the
/// module, or else the file, is part of every name.
fn make_unique(mut tasks: Vec<MineTask>) -> Vec<MineTask> {
    let mut seen = BTreeSet::new();
    for task in &mut tasks {
        if !seen.insert(task.task_id.clone()) {
            task.task_id = format!("{}:{}", task.task_id, task.column);
            seen.insert(task.task_id.clone());
        }
    }
    tasks
}
