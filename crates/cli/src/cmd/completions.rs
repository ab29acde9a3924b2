//! `leanwright completions SHELL` and the manual pages: both are made from the command line's own description.

use crate::args::{Arguments, CompletionsArguments};
use crate::output::write_result;
use anyhow::Context;
use clap::CommandFactory;
use std::path::Path;
use std::process::ExitCode;

pub fn run(arguments: &CompletionsArguments) -> anyhow::Result<ExitCode> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), "leanwright", &mut script);
    write_result(arguments.out.as_deref(), &String::from_utf8(script)?)?;
    Ok(ExitCode::SUCCESS)
}

/// One manual page for the program and one for each of its commands.
pub fn manual(folder: &Path) -> anyhow::Result<ExitCode> {
    std::fs::create_dir_all(folder).with_context(|| format!("could not make {}", folder.display()))?;
    clap_mangen::generate_to(Arguments::command(), folder).context("could not write the manual pages")?;
    Ok(ExitCode::SUCCESS)
}
