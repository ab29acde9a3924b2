//! Settings in force: flags over environment over the user's configuration file over defaults.
//!
//! Only the user's own file is read, never one of the project: a project must not choose which program is run.

use crate::args::RunnerArguments;
use anyhow::{Context, anyhow, bail};
use clap::ValueEnum;
use leanwright_engine::{BundleSize, EngineSettings, Outgoing, SourceExtent};
use leanwright_procs::{Launcher, RunnerAccess, Toolchain, ToolchainSource, embedded};
use leanwright_server::RunnerSettings;
use leanwright_verify::{JudgeSettings, Sandbox, VerdictStore};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::sync::Arc;
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
    /// What a runner is told.
    pub context: ContextSection,
}

/// The program that proposes replacements.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RunnerSection {
    /// Program and arguments; empty for the bundled `leanwright-tactics`.
    pub command: Vec<String>,
    /// Run the runner without a sandbox: it can do what you can do. Where there is no sandbox at all, a runner that is not the bundled one is not run without this.
    pub trusted: bool,
    /// Whether a runner that is not trusted has the network.
    pub network: bool,
    /// Names of environment variables that a runner that is not trusted gets, for keys of a model server.
    pub variables: Vec<String>,
    /// Files and folders that a runner that is not trusted may read, beside the system's, the project and its own folder.
    pub read: Vec<PathBuf>,
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
    /// Axioms that a proof may rest on, beside `propext`, `Classical.choice` and `Quot.sound`: names as `#print axioms` shows them.
    pub axioms: Vec<String>,
    /// Seconds that compiling the modules that import a patched one may take, where they could see a difference.
    pub dependents_secs: u64,
    /// Try to prove `False` in the place of what was proved: a warning if that works. One more compile for each accepted candidate.
    pub control: bool,
    /// What confines whatever compiles or reads a candidate, and the runner: `auto` for the strongest that works here, `bubblewrap`, `landlock`, or `off`. Where there is
    /// none, candidates are not run. A system that is not Linux has none: there `auto` is `off`.
    pub sandbox: SandboxSetting,
    /// MiB of memory that compiling one candidate may take; mapped files, as compiled modules are, do not count. What takes more is stopped, and the verdict is
    /// unknown.
    pub memory_mib: u64,
    /// MiB that remembered verdicts may take on disk; 0 remembers none.
    pub store_mib: u64,
}

/// How the language server behaves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ServerSection {
    /// Milliseconds without an edit before Lean is asked for goals, at most: less where Lean answers quickly.
    pub pause_ms: u64,
    /// Work on holes without being asked. Holes marked with `-- leanwright: skip` are left alone.
    pub automatic: bool,
    /// Milliseconds without an edit before work begins that nobody has asked for.
    pub idle_ms: u64,
    /// Holes that are worked on at a time without being asked: with `automatic`, and when what was verified is judged again.
    pub at_a_time: usize,
    /// Processors that judging leaves to the editor and to Lean, as far as one is left for judging; on Linux.
    pub free_cores: usize,
}

/// What a candidate is confined by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum SandboxSetting {
    #[default]
    Auto,
    Bubblewrap,
    Landlock,
    Off,
}

impl From<SandboxSetting> for Sandbox {
    fn from(setting: SandboxSetting) -> Self {
        match setting {
            SandboxSetting::Auto => Self::Strongest,
            SandboxSetting::Bubblewrap => Self::Bubblewrap,
            SandboxSetting::Landlock => Self::Landlock,
            SandboxSetting::Off => Self::Off,
        }
    }
}

/// How much of a file's text goes with a task.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SourceSetting {
    #[default]
    File,
    Declaration,
    Nothing,
}

/// What a runner is told about a hole. `leanwright context` shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ContextSection {
    /// Add what surrounds the hole to each task: scope, earlier declarations, names of the project.
    pub attach: bool,
    /// Patterns for paths relative to the project's root: holes of other files are never sent. Empty for all files.
    pub files: Vec<String>,
    /// Regular expressions: what they match in a task is sent as `[redacted]`.
    pub redact: Vec<String>,
    /// How much of the file's text is sent: `file`, `declaration` or `nothing`.
    pub source: SourceSetting,
    /// Lines before the hole's line in the context.
    pub before: usize,
    /// Lines after the hole's line in the context.
    pub after: usize,
    /// Declarations of the same file in the context.
    pub earlier: usize,
    /// Declarations of other files of the project in the context.
    pub nearby: usize,
}

impl Default for ContextSection {
    fn default() -> Self {
        let BundleSize { before, after, earlier, nearby } = BundleSize::default();
        let (files, redact) = (Vec::new(), Vec::new());
        Self { attach: true, files, redact, source: SourceSetting::File, before, after, earlier, nearby }
    }
}

impl Default for RunnerSection {
    fn default() -> Self {
        Self {
            command: Vec::new(),
            trusted: false,
            network: false,
            variables: Vec::new(),
            read: Vec::new(),
            timeout_secs: 120,
            attempts: EngineSettings::default().attempts,
        }
    }
}

impl Default for JudgeSection {
    fn default() -> Self {
        let JudgeSettings { parallel, axioms, dependents, control, memory, .. } = JudgeSettings::default();
        let (dependents_secs, memory_mib) = (dependents.as_secs(), memory >> 20);
        Self { parallel, axioms, dependents_secs, control, sandbox: SandboxSetting::Auto, memory_mib, store_mib: 64 }
    }
}

impl Default for ServerSection {
    fn default() -> Self {
        let EngineSettings { pause, automatic, idle, at_a_time, .. } = EngineSettings::default();
        Self { pause_ms: pause, automatic, idle_ms: idle, at_a_time, free_cores: 1 }
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
        if let Some(tier) = std::env::var_os("LEANWRIGHT_SANDBOX").filter(|value| !value.is_empty()) {
            let read = SandboxSetting::from_str(&tier.to_string_lossy(), false);
            settings.judge.sandbox = read.map_err(|why| anyhow!("LEANWRIGHT_SANDBOX: {why}"))?;
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
        settings.judge.sandbox = arguments.sandbox.unwrap_or(settings.judge.sandbox);
        if let Some(attempts) = arguments.attempts {
            settings.runner.attempts = attempts;
        }
        Ok(settings)
    }

    /// The runner's command, and what it is confined to. One that is not bundled and not confined must be trusted.
    pub fn runner(&self) -> anyhow::Result<RunnerSettings> {
        let deadline = Duration::from_secs(self.runner.timeout_secs);
        let bundled = bundled_runner()?;
        let own = |command: &[String]| command.is_empty() || *command == [bundled.clone()];
        let command = if own(&self.runner.command) { vec![bundled.clone()] } else { self.runner.command.clone() };
        let access = self.access(&launcher()?);
        let access = match access {
            Ok(None) if !own(&self.runner.command) && !self.runner.trusted => bail!(
                "the runner `{}` is not the bundled one, and would be run without a sandbox, as its candidates would.\n\
                 If you trust it, say so: --trust-runner, or `trusted = true` under [runner] in your configuration",
                command.join(" ")
            ),
            // Who works with the bundled one sees the reason in every verdict.
            Err(_) if own(&self.runner.command) => None,
            Err(why) => bail!("the runner `{}` is not started: {why}", command.join(" ")),
            Ok(access) => access,
        };
        Ok(RunnerSettings { command, access, deadline, outgoing: Arc::new(self.outgoing()?) })
    }

    /// What a runner is confined to; `None` if it is not. An error if it should be and cannot.
    pub fn access(&self, launcher: &Launcher) -> Result<Option<RunnerAccess>, String> {
        if self.runner.trusted {
            return Ok(None);
        }
        let RunnerSection { read, network, variables, .. } = self.runner.clone();
        let found = Sandbox::from(self.judge.sandbox).find(launcher)?;
        Ok(found.map(|confinement| RunnerAccess { confinement, read, network, variables }))
    }

    /// What may leave the machine.
    pub fn outgoing(&self) -> anyhow::Result<Outgoing> {
        let section = &self.context;
        let source = match section.source {
            SourceSetting::File => SourceExtent::File,
            SourceSetting::Declaration => SourceExtent::Declaration,
            SourceSetting::Nothing => SourceExtent::Nothing,
        };
        let ContextSection { before, after, earlier, nearby, .. } = *section;
        let size = section.attach.then_some(BundleSize { before, after, earlier, nearby });
        Ok(Outgoing::new(&section.files, &section.redact, source, size)?)
    }

    /// How candidates are judged. A store that cannot be opened is not used.
    pub fn judge(&self) -> JudgeSettings {
        let JudgeSection { parallel, axioms, dependents_secs, control, memory_mib, .. } = self.judge.clone();
        let store = verdict_store(&self.judge).ok().flatten().map(Arc::new);
        let examiner = std::env::current_exe().ok().map(|own| vec![own.into(), EXAMINE.into()]);
        JudgeSettings {
            examiner,
            parallel: parallel.max(1),
            axioms,
            dependents: Duration::from_secs(dependents_secs),
            control,
            memory: memory_mib << 20,
            sandbox: self.judge.sandbox.into(),
            store,
            ..JudgeSettings::default()
        }
    }

    /// The same beside an editor.
    pub fn judge_beside_editor(&self) -> JudgeSettings {
        JudgeSettings { free_cores: self.server.free_cores, ..self.judge() }
    }

    pub fn engine(&self) -> EngineSettings {
        EngineSettings {
            attempts: self.runner.attempts.max(1),
            pause: self.server.pause_ms,
            automatic: self.server.automatic,
            idle: self.server.idle_ms,
            at_a_time: self.server.at_a_time.max(1),
            ..EngineSettings::default()
        }
    }
}

/// The store of verdicts in the cache folder, or in the one that `LEANWRIGHT_VERDICTS` names; `None` if the settings want none or
/// the variable is `off`.
pub fn verdict_store(settings: &JudgeSection) -> anyhow::Result<Option<VerdictStore>> {
    if settings.store_mib == 0 {
        return Ok(None);
    }
    let folder = match std::env::var_os("LEANWRIGHT_VERDICTS").filter(|value| !value.is_empty()) {
        Some(off) if off == "off" => return Ok(None),
        Some(folder) => PathBuf::from(folder),
        None => embedded::cache_folder()?.join("verdicts"),
    };
    let store = VerdictStore::open(folder.clone(), settings.store_mib << 20);
    Ok(Some(store.with_context(|| format!("could not open the verdict store {}", folder.display()))?))
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
        Ok(found) if !install || found.source == ToolchainSource::Path => found,
        Err(error) if !install => return Err(error.into()),
        _ => {
            if embedded::status()? != embedded::Status::Installed {
                say("No `lake` on PATH: installing the embedded Lean (one to two minutes, 590 MB) …");
            }
            embedded::install()?;
            Toolchain::embedded().context("the embedded Lean was installed, but its `lake` is not there")?
        }
    };
    Ok(Toolchain { launcher: launcher()?, ..found })
}

/// What starts processes: this program supervises them.
pub fn launcher() -> anyhow::Result<Launcher> {
    let own = std::env::current_exe().context("could not find this program's own file")?;
    Ok(Launcher::helped_by(own))
}

/// The hidden command that reads compiled modules for the judge, in a process of its own.
pub const EXAMINE: &str = "__examine";
