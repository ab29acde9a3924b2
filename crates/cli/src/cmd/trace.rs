//! `leanwright trace`: what Lean says of whole files, one record a file, as lean-agent writes them.

use crate::args::TraceArguments;
use crate::output::Output;
use crate::provenance::provenance;
use crate::settings::toolchain;
use anyhow::{Context, ensure};
use leanwright_contract::{FileStatus, SCHEMA_VERSION, TraceDiagnostic, TraceRecord, TraceRecordType, write_line};
use leanwright_lean::dialect::CompilerMessage;
use leanwright_procs::{Finished, Invocation, RunEnd, Trust};
use leanwright_project::{Project, lean_files};
use serde::Deserialize;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

/// A `lean-agent.toml`: what `trace` reads of it is all that it has.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct FileSettings {
    project: ProjectTable,
    trace: TraceTable,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ProjectTable {
    /// For people.
    #[serde(rename = "name")]
    _name: Option<String>,
    lake_root: Option<PathBuf>,
    source_roots: Vec<PathBuf>,
    exclude: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct TraceTable {
    timeout_secs: Option<u64>,
    keep_raw_output: Option<bool>,
    include_warnings: Option<bool>,
    only_failures: Option<bool>,
}

/// What is written of what Lean says.
struct Wanted {
    raw: bool,
    warnings: bool,
    passes: bool,
}

pub async fn run(arguments: TraceArguments) -> anyhow::Result<ExitCode> {
    let FileSettings { project: given, trace } = match &arguments.config {
        None => FileSettings::default(),
        Some(path) => {
            let text = std::fs::read_to_string(path).with_context(|| format!("could not read {}", path.display()))?;
            toml::from_str(&text).with_context(|| format!("{} is not what `trace` reads", path.display()))?
        }
    };
    let lake_root = arguments.lake_root.or(given.lake_root).unwrap_or_else(|| ".".into());
    let root = std::fs::canonicalize(&lake_root).with_context(|| format!("could not find {}", lake_root.display()))?;
    let project = Project::of(&root)?;
    let places: Vec<PathBuf> = arguments.path.map_or(given.source_roots, |path| vec![path]);
    ensure!(!places.is_empty(), "name a file or a folder, or set `project.source_roots` in the configuration");
    let excludes: Vec<String> = given.exclude.into_iter().chain(arguments.exclude).collect();
    let excluded = |path: &Path| excludes.iter().any(|text| path.to_string_lossy().contains(text.as_str()));
    let mut files = Vec::new();
    for place in &places {
        let place = std::fs::canonicalize(place).with_context(|| format!("could not find {}", place.display()))?;
        files.extend(lean_files(&place, arguments.recursive, excluded)?);
    }
    files.sort();
    files.dedup();
    let wanted = Wanted {
        raw: arguments.keep_raw_output.or(trace.keep_raw_output).unwrap_or(false),
        warnings: !arguments.no_warnings.or(trace.include_warnings.map(|kept| !kept)).unwrap_or(false),
        passes: !arguments.only_failures.or(trace.only_failures).unwrap_or(false),
    };
    let deadline = Duration::from_secs(arguments.timeout.or(trace.timeout_secs).unwrap_or(60));
    let toolchain = toolchain(false, &mut |_| {})?;
    let provenance = provenance(&toolchain, &project.root).await;
    let run_id = uuid::Uuid::new_v4().to_string();
    let out = std::fs::File::create(&arguments.out);
    let mut out = out.with_context(|| format!("could not write {}", arguments.out.display()))?;
    let mut output = Output::new(true);
    let (mut written, mut failed) = (0, 0);
    for file in &files {
        // As it is named here, it is named in the messages.
        let named = project.relative(file).unwrap_or(file);
        let run = toolchain.launcher.run(Trust::User, &toolchain.lake, &project.root);
        let run = run.args(["lean".into(), named.as_os_str().to_owned(), "--".into(), "--json".into()]);
        let mut record = record(run.deadline(deadline).output_limit(OUTPUT_LIMIT), &wanted).await;
        record.file = named.display().to_string();
        (record.run_id, record.provenance) = (run_id.clone(), provenance.clone());
        let passed = record.status == FileStatus::Passed;
        failed += usize::from(!passed);
        if !passed {
            let first = record.diagnostics.iter().find(|one| one.severity != "warning");
            let why = first.map_or("", |one| one.message.lines().next().unwrap_or_default());
            output.line(&format!("{}: {why}", record.file));
        }
        if wanted.passes || !passed || !record.diagnostics.is_empty() {
            write_line(&mut out, &record)?;
            written += 1;
        }
    }
    out.flush()?;
    let (all, place) = (files.len(), arguments.out.display());
    output.line(&format!("{all} files, {failed} do not compile; {written} records in {place}"));
    Ok(ExitCode::SUCCESS)
}

/// What is kept of each stream, in bytes.
const OUTPUT_LIMIT: usize = 64 << 20;

/// Compile a file. The record's name, run and programs are the caller's.
async fn record(run: Invocation, wanted: &Wanted) -> TraceRecord {
    let created_at = humantime::format_rfc3339_millis(SystemTime::now()).to_string();
    let mut record = TraceRecord {
        schema_version: SCHEMA_VERSION,
        record_type: TraceRecordType::FileTrace,
        run_id: String::new(),
        file: String::new(),
        status: FileStatus::RunnerError,
        exit_code: None,
        elapsed_ms: 0,
        diagnostics: Vec::new(),
        stdout: None,
        stderr: None,
        provenance: leanwright_contract::Provenance::default(),
        created_at,
        other: serde_json::Map::new(),
    };
    let why = match run.run().await {
        Err(error) => error.to_string(),
        Ok(finished) => {
            record.elapsed_ms = u64::try_from(finished.elapsed.as_millis()).unwrap_or(u64::MAX);
            let (stdout, stderr) = (text(&finished.stdout), text(&finished.stderr));
            record.diagnostics = diagnostics(&stdout);
            let has_error = record.diagnostics.iter().any(|one| one.severity == "error");
            if !wanted.warnings {
                record.diagnostics.retain(|one| one.severity != "warning");
            }
            record.exit_code = finished.status().and_then(|status| status.code());
            record.status = status(&finished, has_error);
            let why = format!("lake {}", finished.ending());
            // An import that does not build is reported by `lake` alone.
            let lake_says = if record.status == FileStatus::Failed && !has_error { stderr.trim() } else { "" };
            let why = if lake_says.is_empty() { why } else { format!("{why}: {lake_says}") };
            if wanted.raw {
                (record.stdout, record.stderr) = (Some(stdout), Some(stderr));
            }
            if record.status == FileStatus::Passed || has_error {
                return record;
            }
            why
        }
    };
    record.stderr.get_or_insert_with(|| why.clone());
    let (severity, message) = ("unknown".to_owned(), why);
    record.diagnostics.push(TraceDiagnostic {
        file: None,
        line: None,
        column: None,
        severity,
        message,
        goal_state: None,
    });
    record
}

fn status(finished: &Finished, has_error: bool) -> FileStatus {
    match finished.end {
        RunEnd::TimedOut => FileStatus::TimedOut,
        RunEnd::OutOfMemory(_) | RunEnd::Idle(_) | RunEnd::WroteTooMuch => FileStatus::RunnerError,
        RunEnd::Itself(status) if status.success() && !has_error => FileStatus::Passed,
        RunEnd::Itself(_) => FileStatus::Failed,
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A line of `lean --json` with the file that it names.
#[derive(Deserialize)]
struct Line {
    #[serde(rename = "fileName")]
    file: Option<String>,
    #[serde(flatten)]
    message: CompilerMessage,
}

/// The messages among what was printed; other lines are `lake`'s own.
fn diagnostics(stdout: &str) -> Vec<TraceDiagnostic> {
    let lines = stdout.lines().filter(|line| line.starts_with('{'));
    let messages = lines.filter_map(|line| serde_json::from_str::<Line>(line).ok());
    messages
        .map(|Line { file, message }| {
            let CompilerMessage { severity, pos, data, .. } = message;
            let severity = if severity == "information" { "info".to_owned() } else { severity };
            let name = file.as_deref().unwrap_or_default();
            TraceDiagnostic {
                message: format!("{name}:{}:{}: {severity}: {data}", pos.line, pos.column),
                goal_state: data
                    .split_once("unsolved goals")
                    .map(|(_, goals)| goals.trim().to_owned())
                    .filter(|goals| !goals.is_empty()),
                file,
                line: Some(pos.line),
                column: Some(pos.column),
                severity,
            }
        })
        .collect()
}
