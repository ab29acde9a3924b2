//! The user's Lean server: `lake serve` with our pipes on its standard input and output.
//!
//! Its standard error is ours, unread and unchanged. It ends when its input closes, also when we are killed, because no
//! other process holds that pipe.

use crate::group::GroupGuard;
use crate::launcher::Launcher;
use std::ffi::OsString;
use std::path::Path;
use std::process::Stdio;
use tokio::process::{Child, ChildStdin, ChildStdout};

/// A running server.
#[derive(Debug)]
pub struct Upstream {
    pub child: Child,
    pub group: GroupGuard,
}

#[derive(Debug, thiserror::Error)]
#[error("could not start the Lean server `{program}`: {source}")]
pub struct StartError {
    program: String,
    source: std::io::Error,
}

/// Start a Lean server; the pipes are the caller's to read and write.
pub fn start(
    launcher: &Launcher,
    program: &Path,
    arguments: &[OsString],
    directory: &Path,
) -> Result<(Upstream, ChildStdin, ChildStdout), StartError> {
    let failed = |source| StartError { program: program.display().to_string(), source };
    let started = launcher.talk(program.as_os_str(), arguments, directory, Stdio::inherit());
    let (mut child, group) = started.map_err(failed)?;
    match (child.stdin.take(), child.stdout.take()) {
        (Some(stdin), Some(stdout)) => Ok((Upstream { child, group }, stdin, stdout)),
        _ => Err(failed(std::io::Error::other("no pipes"))),
    }
}
