//! `leanwright prove FILE[:LINE]`: prove the holes of the user's own file and print the difference.

use crate::args::ProveArguments;
use crate::output::Output;
use crate::proof_session::ProofSession;
use crate::settings::toolchain;
use crate::target::target;
use anyhow::{Context, bail, ensure};
use leanwright_project::Project;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

pub async fn run(arguments: ProveArguments) -> anyhow::Result<ExitCode> {
    let started = Instant::now();
    let mut output = Output::new(arguments.plain);
    let (path, line) = target(&arguments.target);
    let file = std::fs::canonicalize(&path).with_context(|| format!("could not find {}", path.display()))?;
    let project = Project::of(&file)?;
    output.faint(&toolchain(false, &mut |_| {})?.describe());

    let mut session = ProofSession::start(&project.root, std::slice::from_ref(&file), &arguments.runner).await?;
    session.prove(&mut output, |hole| line.is_none_or(|line| hole.range.start.line + 1 == line)).await?;
    let (errors, _) = session.lean_says(0).await?;
    let open = session.files.first().context("no file is open")?;
    let (before, after, name) = (open.before.clone(), open.after().to_owned(), open.name.clone());
    let is_judged = open.is_judged();
    let totals = std::mem::take(&mut session.totals);
    session.end().await?;
    if let Some(line) = line {
        ensure!(totals.closed + totals.open.len() > 0, "there is no hole on line {line} of {name}");
    }

    if before != after {
        output.difference(&name, &before, &after);
    }
    let left = totals.open.len();
    output.totals(&totals, totals.closed + left, started.elapsed());
    if errors > 0 {
        output.line(&format!("Lean reports {errors} errors in the file"));
    }
    if arguments.apply && before != after {
        // Each edit was judged in the text that has those before it, the last one in this text.
        ensure!(is_judged, "the text with all edits is not one that was judged: nothing was written");
        apply(&file, &before, &after)?;
        output.line(&format!("written to {name}"));
    }
    Ok(ExitCode::from(u8::from(left > 0)))
}

/// Replace the file's content if it is still what was proved about: the new file takes the old one's place at once.
fn apply(file: &Path, before: &str, after: &str) -> anyhow::Result<()> {
    let folder = file.parent().context("the file has no folder")?;
    let mut fresh = tempfile::NamedTempFile::new_in(folder)?;
    fresh.write_all(after.as_bytes())?;
    fresh.as_file().set_permissions(std::fs::metadata(file)?.permissions())?;
    fresh.as_file().sync_all()?;
    if std::fs::read(file)? != before.as_bytes() {
        bail!("{} has changed meanwhile: nothing was written", file.display());
    }
    fresh.persist(file)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_changed_is_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("A.lean");
        std::fs::write(&file, "old").unwrap();
        apply(&file, "old", "new").unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "new");
        assert!(apply(&file, "old", "newer").unwrap_err().to_string().contains("changed meanwhile"));
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "new");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file is left");
    }
}
