//! `leanwright demo`: the whole on a small project, through a real editor session over standard input and output.

use crate::args::DemoArguments;
use crate::output::Output;
use crate::proof_session::ProofSession;
use crate::settings::toolchain;
use anyhow::Context;
use leanwright_procs::Trust;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

/// The project `fixtures/projects/first-steps`.
const FILES: [(&str, &str); 5] = [
    ("lakefile.toml", include_str!("../../../../fixtures/projects/first-steps/lakefile.toml")),
    ("lean-toolchain", include_str!("../../../../fixtures/projects/first-steps/lean-toolchain")),
    ("FirstSteps.lean", include_str!("../../../../fixtures/projects/first-steps/FirstSteps.lean")),
    (
        "FirstSteps/Arithmetic.lean",
        include_str!("../../../../fixtures/projects/first-steps/FirstSteps/Arithmetic.lean"),
    ),
    ("FirstSteps/Logic.lean", include_str!("../../../../fixtures/projects/first-steps/FirstSteps/Logic.lean")),
];

/// Files with holes.
const WITH_HOLES: [&str; 2] = ["FirstSteps/Arithmetic.lean", "FirstSteps/Logic.lean"];

/// Declarations that no bundled tactic proves. Every other hole must be closed, or the demo has failed.
const STAYS_OPEN: [&str; 1] = ["FirstSteps.collatz"];

pub async fn run(arguments: DemoArguments) -> anyhow::Result<ExitCode> {
    let started = Instant::now();
    let mut output = Output::new(arguments.plain);
    let toolchain = toolchain(true, &mut |text| output.line(text))?;
    let version = toolchain.launcher.run(Trust::User, &toolchain.lake, "/").args(["--version"]).run().await?;
    output.line(&format!("Using {}", toolchain.describe()));
    output.faint(String::from_utf8_lossy(&version.stdout).trim());

    let folder = tempfile::tempdir().context("could not make a temporary folder")?;
    let root = std::fs::canonicalize(folder.path())?.join("first-steps");
    materialize(&root)?;
    output.heading("Opening the project `first-steps` in an editor session over stdio");
    let runner = arguments.runner.runner.as_deref().unwrap_or("leanwright-tactics");
    output.faint(&format!("editor <-> leanwright serve <-> lake serve; runner: {runner}; nothing is written to disk"));
    let files: Vec<PathBuf> = WITH_HOLES.iter().map(|file| root.join(file)).collect();
    let mut session = ProofSession::start(&root, &files, &arguments.runner).await?;
    let mut all = 0;
    for index in 0..files.len() {
        all += session.holes(index).await?.len();
    }
    output.line(&format!("{all} holes in {} files; Lean has said what is to be proved in each.", files.len()));
    session.prove(&mut output, |_| true).await?;

    output.heading("What the code actions changed");
    let mut errors = 0;
    let mut sorries = 0;
    for index in 0..files.len() {
        let (file_errors, file_sorries) = session.lean_says(index).await?;
        errors += file_errors;
        sorries += file_sorries;
        if let Some(file) = session.files.get(index) {
            output.difference(&file.name, &file.before, file.after());
        }
    }
    let totals = std::mem::take(&mut session.totals);
    session.end().await?;

    let missing: Vec<&str> =
        totals.open.iter().map(|(name, _)| name.as_str()).filter(|name| !STAYS_OPEN.contains(name)).collect();
    output.totals(&totals, all, started.elapsed());
    output.line(&format!("Lean, asked again: {errors} errors, {sorries} declarations with `sorry`."));
    if errors > 0 || !missing.is_empty() || sorries != STAYS_OPEN.len() {
        output.line(&format!("The demo has failed: {errors} errors; open though they should not be: {missing:?}"));
        return Ok(ExitCode::from(1));
    }
    Ok(ExitCode::SUCCESS)
}

/// Write the project's files.
fn materialize(root: &Path) -> anyhow::Result<()> {
    for (name, content) in FILES {
        let path = root.join(name);
        std::fs::create_dir_all(path.parent().context("a file without a folder")?)?;
        std::fs::File::create(&path)?.write_all(content.as_bytes())?;
    }
    Ok(())
}
