//! The shim: this program under the name `lake`, which is how an editor that hard-codes `lake serve` gets it.

use crate::cmd::serve::{fault, run_proxy};
use crate::settings::{Settings, toolchain};
use anyhow::{Context, anyhow, bail};
use leanwright_procs::Toolchain;
use leanwright_server::ProxySettings;
use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

/// Counts how often shims have called each other: two of different versions could do so for ever.
const DEPTH: &str = "LEANWRIGHT_SHIM_DEPTH";
const MAX_DEPTH: u32 = 8;

/// Options of lake that take the next word as their value.
const WITH_VALUE: [&str; 8] = ["-d", "--dir", "-f", "--file", "-K", "--lean", "-H", "--packages"];

/// Whether lake would serve: `serve` is the first word that is no option and no toolchain.
pub fn is_serve(words: &[OsString]) -> bool {
    let mut words = words.iter().filter_map(|word| word.to_str());
    while let Some(word) = words.next() {
        if WITH_VALUE.contains(&word) {
            words.next();
        } else if !word.starts_with(['-', '+']) {
            return word == "serve";
        }
    }
    false
}

/// Serve, with lake's own arguments behind. Whatever is wrong with our settings must not keep Lean from the user.
pub async fn serve(words: Vec<OsString>) -> anyhow::Result<ExitCode> {
    let toolchain = toolchain(false, &mut |_| {})?;
    let settings = Settings::load();
    let runner = settings.as_ref().map_err(|error| format!("{error:#}"));
    let runner = runner.and_then(|settings| settings.runner().map_err(|error| format!("{error:#}")));
    let settings = settings.unwrap_or_default();
    let tape = std::env::var_os("LEANWRIGHT_RECORD").and_then(|path| std::fs::File::create(path).ok());
    let proxy = ProxySettings {
        toolchain,
        runner,
        engine: settings.engine(),
        judge: settings.judge_beside_editor(),
        tape: tape.map(|file| leanwright_wire::Tape::new(Box::new(file))),
        recorder: None,
        passive: std::env::var_os("LEANWRIGHT_PASSIVE").is_some_and(|value| value == "1"),
        fault: fault(),
        own_thread: true,
    };
    run_proxy(words, proxy).await
}

/// Become the real lake: same arguments, same standard streams, its exit code. Returns only if that is not possible.
pub fn become_real(words: &[OsString]) -> anyhow::Error {
    match real(words) {
        Ok(mut command) => anyhow!(command.exec()).context("could not start the real lake"),
        Err(error) => error,
    }
}

fn real(words: &[OsString]) -> anyhow::Result<Command> {
    let depth: u32 = std::env::var(DEPTH).ok().and_then(|text| text.parse().ok()).unwrap_or(0);
    if MAX_DEPTH <= depth {
        bail!("the `lake` on PATH leads back here {depth} times: put the real lake on PATH");
    }
    let lake = Toolchain::find().context("called as `lake`")?.lake;
    let mut command = Command::new(lake);
    command.args(words).env(DEPTH, (depth + 1).to_string());
    Ok(command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serve_is_told_from_everything_else() {
        let check = |line: &str| is_serve(&line.split(' ').map(OsString::from).collect::<Vec<_>>());
        for line in ["serve", "serve -- /root -Dx=y", "+v4.28.0 serve -- .", "-d sub serve", "--dir=sub -q serve"] {
            assert!(check(line), "{line}");
        }
        for line in ["build serve", "env lean --server", "-d serve build", "--version", "setup-file serve", "exe serve"]
        {
            assert!(!check(line), "{line}");
        }
    }
}
