//! `leanwright mine`: holes or errors of a project as tasks.

use crate::args::{MineArguments, MineKind};
use crate::settings::toolchain;
use crate::source_text::SourceText;
use anyhow::Context;
use leanwright_contract::{MineTask, write_line};
use leanwright_lean::{Hole, HoleKind, may_have_holes};
use leanwright_procs::editor::Editor;
use leanwright_project::{Project, lean_files, parallel_map};
use std::cell::RefCell;
use std::io::{Read, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

pub async fn run(arguments: MineArguments) -> anyhow::Result<ExitCode> {
    let root = std::fs::canonicalize(&arguments.lake_root)
        .with_context(|| format!("could not find {}", arguments.lake_root.display()))?;
    let project = Project::of(&root)?;
    let excluded = |path: &Path| arguments.exclude.iter().any(|text| path.to_string_lossy().contains(text.as_str()));
    let place = std::fs::canonicalize(&arguments.path)
        .with_context(|| format!("could not find {}", arguments.path.display()))?;
    let files = lean_files(&place, arguments.recursive, excluded)?;
    let without_lean = arguments.no_goals && arguments.kind != MineKind::Error;
    let found = parallel_map(&files, |file| match read(file, &project, &arguments)? {
        Some(file) if without_lean => {
            lines(&written_holes(&file, arguments.kind).map(|hole| file.task(hole)).collect::<Vec<_>>())
                .map(Found::Lines)
        }
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
    File(Box<SourceText>),
}

fn lines(tasks: &[MineTask]) -> anyhow::Result<(usize, Vec<u8>)> {
    let mut lines = Vec::new();
    for task in tasks {
        write_line(&mut lines, task)?;
    }
    Ok((tasks.len(), lines))
}

/// Read and scan a file; `None` if there is nothing in it to mine.
fn read(file: &Path, project: &Project, arguments: &MineArguments) -> anyhow::Result<Option<SourceText>> {
    thread_local! {
        // One buffer for all files of a thread: most files have no hole, and their text is not kept.
        static CONTENT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    }
    let content = CONTENT.with_borrow_mut(|content| {
        let length = read_into(&mut std::fs::File::open(file)?, content)?;
        let content = content.get(..length).unwrap_or_default();
        let kind = arguments.kind;
        Ok::<_, std::io::Error>((kind == MineKind::Error || may_have_holes(content)).then(|| content.to_vec()))
    });
    let Some(content) = content.with_context(|| format!("could not read {}", file.display()))? else {
        return Ok(None);
    };
    let source = String::from_utf8(content).with_context(|| format!("{} is not UTF-8", file.display()))?;
    let path = std::path::absolute(file)?;
    let Some(mut source_file) = project.source_file(&path) else { return Ok(None) };
    if let Some(name) = &arguments.project {
        source_file.project.clone_from(name);
    }
    let source = SourceText::new(path, source_file, source);
    let is_empty = arguments.kind != MineKind::Error && written_holes(&source, arguments.kind).next().is_none();
    Ok((!is_empty).then_some(source))
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

async fn ask_lean(lean: &Editor, file: &SourceText, arguments: &MineArguments) -> anyhow::Result<Vec<MineTask>> {
    let elaborated = file.elaborate(lean).await?;
    let holes: Vec<Hole> = match arguments.kind {
        MineKind::Error => elaborated.error_holes(),
        kind => written_holes(file, kind).cloned().collect(),
    };
    let mut tasks = Vec::new();
    for hole in &holes {
        tasks.push(elaborated.task(hole, Duration::from_secs(arguments.timeout)).await?);
    }
    elaborated.close()?;
    Ok(tasks)
}

fn written_holes(file: &SourceText, kind: MineKind) -> impl Iterator<Item = &Hole> {
    file.scan.holes.iter().filter(move |hole| match kind {
        MineKind::Sorry => hole.kind == HoleKind::Sorry,
        MineKind::Admit => hole.kind == HoleKind::Admit,
        MineKind::Error => false,
    })
}
