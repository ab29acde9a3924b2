//! `leanwright config`: the settings in force.

use crate::output::Output;
use crate::settings::{Settings, file};
use std::process::ExitCode;

pub fn run() -> anyhow::Result<ExitCode> {
    let mut output = Output::new(false);
    if let Some(path) = file() {
        let word = if path.is_file() { "read from" } else { "defaults; they would be read from" };
        output.line(&format!("# {word} {}", path.display()));
    }
    output.line(toml::to_string_pretty(&Settings::load()?)?.trim_end());
    Ok(ExitCode::SUCCESS)
}
