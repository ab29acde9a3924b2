//! `leanwright toolchain`: the embedded Lean.

use crate::args::{ToolchainAction, ToolchainArguments};
use crate::output::Output;
use leanwright_procs::embedded::{self, DESCRIPTION, Status};
use leanwright_procs::{Toolchain, Trust};
use std::process::ExitCode;

pub async fn run(arguments: &ToolchainArguments) -> anyhow::Result<ExitCode> {
    let mut output = Output::new(false);
    match arguments.action {
        ToolchainAction::Install => {
            output.faint(DESCRIPTION);
            let folder = embedded::install()?;
            output.line(&format!("installed in {}", folder.display()));
        }
        ToolchainAction::Path => output.line(&Toolchain::find()?.lake.display().to_string()),
        ToolchainAction::Status => {
            let word = match embedded::status()? {
                Status::Installed => "installed",
                Status::Outdated => "incomplete: run `leanwright toolchain install`",
                Status::Absent => "not installed",
            };
            output.line(&format!("embedded Lean: {word} ({})", embedded::folder()?.display()));
            output.faint(DESCRIPTION);
            let found = Toolchain::find()?;
            output.line(&format!("in use: {}", found.describe()));
            let version = found.launcher.run(Trust::User, &found.lake, "/").args(["--version"]).run().await?;
            output.line(String::from_utf8_lossy(&version.stdout).trim());
        }
    }
    Ok(ExitCode::SUCCESS)
}
