//! Settings in force: flags over environment over the user's configuration file over defaults.
//!
//! Only the user's own file is read, never one of the project: a project must not choose which program is run.

use crate::args::RunnerArguments;
use anyhow::{Context, bail};
use leanwright_engine::EngineSettings;
use leanwright_procs::{Origin, Toolchain, embedded};
use leanwright_server::RunnerSettings;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::time::Duration;

/// The user's configuration file, `leanwright/config.toml` in the configuration folder.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The runner.
    pub runner: RunnerSection,
    /// The judge.
    pub judge: JudgeSection,
    /// The language server.
    pub server: ServerSection,
}

/// The program that proposes replacements.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RunnerSection {
    /// Program and arguments; empty for the bundled `leanwright-tactics`.
    pub command: Vec<String>,
    /// Allow a runner that is not the bundled one. Its candidates are run without a sandbox.
    pub trusted: bool,
    /// Seconds for one answer.
    pub timeout_secs: u64,
    /// Answers that are judged for one hole before giving up.
    pub attempts: usize,
}

/// How candidates are judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct JudgeSection {
    /// Candidates that are compiled at a time.
    pub parallel: usize,
}

/// How the language server behaves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ServerSection {
    /// Milliseconds without an edit before Lean is asked for goals.
    pub pause_ms: u64,
}

impl Default for RunnerSection {
    fn default() -> Self {
        Self { command: Vec::new(), trusted: false, timeout_secs: 120, attempts: EngineSettings::default().attempts }
    }
}

impl Default for JudgeSection {
    fn default() -> Self {
        Self { parallel: 2 }
    }
}

impl Default for ServerSection {
    fn default() -> Self {
        Self { pause_ms: EngineSettings::default().pause }
    }
}

/// Where the user's configuration file is or would be.
pub fn file() -> Option<PathBuf> {
    let set = |key| std::env::var_os(key).filter(|value| !value.is_empty()).map(PathBuf::from);
    let folder = set("XDG_CONFIG_HOME").or_else(|| Some(set("HOME")?.join(".config")))?;
    Some(folder.join("leanwright/config.toml"))
}

impl Settings {
    /// File and environment.
    pub fn load() -> anyhow::Result<Self> {
        let mut settings = match file().filter(|path| path.is_file()) {
            None => Self::default(),
            Some(path) => {
                let text =
                    std::fs::read_to_string(&path).with_context(|| format!("could not read {}", path.display()))?;
                toml::from_str(&text).with_context(|| format!("{} is not a valid configuration", path.display()))?
            }
        };
        if let Ok(command) = std::env::var("LEANWRIGHT_RUNNER") {
            settings.runner.command = words(&command);
        }
        if std::env::var_os("LEANWRIGHT_TRUST_RUNNER").is_some_and(|value| value == "1") {
            settings.runner.trusted = true;
        }
        Ok(settings)
    }

    /// File, environment and flags.
    pub fn with(arguments: &RunnerArguments) -> anyhow::Result<Self> {
        let mut settings = Self::load()?;
        if let Some(command) = &arguments.runner {
            settings.runner.command = words(command);
        }
        settings.runner.trusted |= arguments.trust_runner;
        if let Some(attempts) = arguments.attempts {
            settings.runner.attempts = attempts;
        }
        Ok(settings)
    }

    /// The runner's command. One that is not bundled must be trusted, as there is no sandbox around its candidates yet.
    pub fn runner(&self) -> anyhow::Result<RunnerSettings> {
        let deadline = Duration::from_secs(self.runner.timeout_secs);
        let bundled = bundled_runner()?;
        let command = match self.runner.command.as_slice() {
            [] => vec![bundled],
            [program] if *program == bundled => vec![bundled],
            command if self.runner.trusted => command.to_vec(),
            command => bail!(
                "the runner `{}` is not the bundled one, and its candidates would be run without a sandbox.\n\
                 If you trust it, say so: --trust-runner, or `trusted = true` under [runner] in your configuration",
                command.join(" ")
            ),
        };
        Ok(RunnerSettings { command, deadline })
    }

    pub fn engine(&self) -> EngineSettings {
        EngineSettings {
            attempts: self.runner.attempts.max(1),
            pause: self.server.pause_ms,
            ..EngineSettings::default()
        }
    }
}

/// A command line split at blanks.
pub fn words(command: &str) -> Vec<String> {
    command.split_whitespace().map(str::to_owned).collect()
}

/// `leanwright-tactics` beside this program.
fn bundled_runner() -> anyhow::Result<String> {
    let own = std::env::current_exe().context("could not find this program's own file")?;
    let runner = own.with_file_name("leanwright-tactics");
    if !runner.is_file() {
        bail!("the bundled runner is missing: {} is not there", runner.display());
    }
    Ok(runner.display().to_string())
}

/// The Lean to use: the user's, else the embedded one, which is installed if `install` says so.
pub fn toolchain(install: bool, say: &mut dyn FnMut(&str)) -> anyhow::Result<Toolchain> {
    let found = match Toolchain::find() {
        Ok(found) if !install || found.origin == Origin::Path => found,
        Err(error) if !install => return Err(error.into()),
        _ => {
            if embedded::status()? != embedded::Status::Installed {
                say("No `lake` on PATH: installing the embedded Lean (20 to 60 seconds, 550 MB) …");
            }
            embedded::install()?;
            Toolchain::embedded().context("the embedded Lean was installed, but its `lake` is not there")?
        }
    };
    let own = std::env::current_exe().context("could not find this program's own file")?;
    Ok(Toolchain { supervisor: Some(vec![own.into(), SUPERVISE.into()]), ..found })
}

/// The hidden command that runs another one and does not let it outlive its caller.
pub const SUPERVISE: &str = "__supervise";
