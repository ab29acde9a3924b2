//! `leanwright doctor`: what is here to work with, and what to do about what is not. It changes nothing but what the self-test of a sandbox makes and removes.

use crate::args::{DoctorArguments, DoctorFormat};
use crate::output::{Output, write_result};
use crate::settings::{self, Settings, launcher, toolchain};
use leanwright_procs::confinement::escapes;
use leanwright_procs::{Confinement, Launcher, NoConfinement, Trust, embedded, find_on_path};
use leanwright_verify::{KERNEL_VERSION, Sandbox};
use serde::Serialize;
use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

/// How something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Ok,
    /// Something works without it.
    Absent,
    /// Nothing is verified without it.
    Missing,
}

/// One line of the table.
#[derive(Debug, Serialize)]
struct Finding {
    name: &'static str,
    state: State,
    found: String,
    /// What to do; empty if there is nothing to do.
    advice: String,
}

impl Finding {
    fn ok(name: &'static str, found: impl Into<String>) -> Self {
        Self { name, state: State::Ok, found: found.into(), advice: String::new() }
    }

    fn not(name: &'static str, state: State, found: impl Into<String>, advice: &str) -> Self {
        Self { name, state, found: found.into(), advice: advice.to_owned() }
    }
}

pub async fn run(arguments: DoctorArguments) -> anyhow::Result<ExitCode> {
    let loaded = Settings::load();
    let settings = loaded.as_ref().ok().cloned().unwrap_or_default();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let launcher = launcher()?;
    let mut findings = vec![configuration(&loaded), lean().await];
    findings.extend([
        tier("bubblewrap", Confinement::bubblewrap(&launcher), "install the package `bubblewrap`, 0.8 or newer"),
        tier("landlock", Confinement::landlock(&launcher), "needs Linux 6.2 or newer with landlock switched on"),
        in_force(&settings, &launcher),
        runner(&settings),
        Finding::ok("kernel", format!("our own, version {KERNEL_VERSION}")),
        program("leanchecker", &path, "a second kernel; it comes with Lean 4.29 or newer"),
        memory(&settings),
        program("code", &path, "VS Code; see README, Editors"),
        program("nvim", &path, "Neovim; see README, Editors"),
        caches(),
    ]);
    match arguments.format {
        DoctorFormat::Json => write_result(None, &(serde_json::to_string_pretty(&findings)? + "\n"))?,
        DoctorFormat::Table => show(&findings),
    }
    Ok(ExitCode::from(u8::from(findings.iter().any(|finding| finding.state == State::Missing))))
}

fn show(findings: &[Finding]) {
    let mut output = Output::new(false);
    let width = findings.iter().map(|finding| finding.name.len()).max().unwrap_or(0);
    for Finding { name, state, found, advice } in findings {
        let word = match state {
            State::Ok => "ok",
            State::Absent => "-",
            State::Missing => "MISSING",
        };
        output.line(&format!("{name:width$}  {word:7}  {found}"));
        if !advice.is_empty() {
            output.faint(&format!("{:width$}           {advice}", ""));
        }
    }
}

fn configuration(loaded: &anyhow::Result<Settings>) -> Finding {
    let path = settings::file();
    let shown = path.as_ref().map_or_else(|| "no home folder".to_owned(), |path| path.display().to_string());
    match loaded {
        Err(why) => Finding::not("configuration", State::Missing, format!("{why:#}"), "mend or remove it"),
        Ok(_) if path.is_some_and(|path| path.is_file()) => Finding::ok("configuration", shown),
        Ok(_) => Finding::ok("configuration", format!("none ({shown} would be it): defaults")),
    }
}

async fn lean() -> Finding {
    let advice = "install Lean with elan, or run `leanwright toolchain install`";
    let found = match toolchain(false, &mut |_| {}) {
        Ok(found) => found,
        Err(why) => return Finding::not("Lean", State::Missing, format!("{why:#}"), advice),
    };
    let version = found.launcher.run(Trust::User, &found.lake, "/").args(["--version"]).run().await;
    match version {
        Ok(version) if version.success() => {
            let said = String::from_utf8_lossy(&version.stdout).trim().to_owned();
            Finding::ok("Lean", format!("{said}; {}", found.describe()))
        }
        Ok(version) => Finding::not("Lean", State::Missing, format!("`lake --version` {}", version.ending()), advice),
        Err(why) => Finding::not("Lean", State::Missing, why.to_string(), advice),
    }
}

fn tier(name: &'static str, found: Result<Confinement, NoConfinement>, advice: &str) -> Finding {
    let tried = escapes::names().count();
    match found {
        Ok(_) => Finding::ok(name, format!("works: {tried} ways out of it were tried, and none is open")),
        Err(why) => Finding::not(name, State::Absent, why.to_string(), advice),
    }
}

fn in_force(settings: &Settings, launcher: &Launcher) -> Finding {
    let name = "sandbox";
    match Sandbox::from(settings.judge.sandbox).find(launcher) {
        Ok(Some(Confinement::Bubblewrap(_))) => Finding::ok(name, "candidates are confined by bubblewrap"),
        Ok(Some(Confinement::Landlock)) => Finding::ok(name, "candidates are confined by landlock and seccomp"),
        Ok(None) => Finding::not(
            name,
            State::Absent,
            "candidates are not confined: they can do what you can do",
            "`judge.sandbox` is `off`, or this system is not Linux",
        ),
        Err(why) => Finding::not(name, State::Missing, why, "without one, every verdict is unknown"),
    }
}

fn runner(settings: &Settings) -> Finding {
    match settings.runner() {
        Err(why) => Finding::not("runner", State::Missing, format!("{why:#}"), ""),
        Ok(runner) => {
            let confined = if runner.access.is_some() { "confined" } else { "not confined" };
            Finding::ok("runner", format!("{} ({confined})", runner.command.join(" ")))
        }
    }
}

fn program(name: &'static str, path: &OsString, advice: &str) -> Finding {
    match find_on_path(name, path) {
        Some(found) => Finding::ok(name, found.display().to_string()),
        None => Finding::not(name, State::Absent, "not on PATH", advice),
    }
}

/// Of the memory that is free, as Linux estimates it.
fn memory(settings: &Settings) -> Finding {
    let wanted = settings.judge.memory_mib.saturating_mul(settings.judge.parallel as u64);
    let text = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let available = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"));
    let available = available.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok());
    match available.map(|kib| kib >> 10) {
        None => Finding::ok("memory", "not known here"),
        Some(mib) if mib < wanted => Finding::not(
            "memory",
            State::Absent,
            format!("{mib} MiB are free, and {} candidates at a time may take {wanted} MiB", settings.judge.parallel),
            "lower `judge.parallel` or `judge.memory_mib` if Lean is killed",
        ),
        Some(mib) => Finding::ok("memory", format!("{mib} MiB are free")),
    }
}

fn caches() -> Finding {
    let Ok(folder) = embedded::cache_folder() else {
        return Finding::not("caches", State::Absent, "no cache folder", "set HOME or XDG_CACHE_HOME");
    };
    let size = |folder: &Path| -> u64 {
        let files = walkdir::WalkDir::new(folder).into_iter().filter_map(Result::ok);
        files.filter_map(|entry| entry.metadata().ok()).filter(std::fs::Metadata::is_file).map(|file| file.len()).sum()
    };
    let parts = [("verdicts", "verdicts"), ("imports", "imports"), ("embedded Lean", "lean-wasm")];
    let shown = parts.map(|(name, below)| format!("{name} {} MiB", size(&folder.join(below)) >> 20));
    Finding::ok("caches", format!("{}: {}", folder.display(), shown.join(", ")))
}
