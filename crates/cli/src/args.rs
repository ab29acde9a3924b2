//! The command line, as clap reads it. Defaults that a user may set elsewhere are not filled in here.

use crate::settings::SandboxSetting;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::ffi::OsString;
use std::path::PathBuf;

/// The program's version and commit, and the versions of what it speaks; a test compares these with the contract.
pub const VERSION: &str =
    concat!(env!("CARGO_PKG_VERSION"), " (", env!("LEANWRIGHT_COMMIT"), ")\nrecords 1, editor protocol 1");

/// A language server for Lean 4 that turns every `sorry` into a verified suggestion
#[derive(Debug, Parser)]
#[command(
    name = "leanwright",
    version = VERSION,
    propagate_version = true,
    arg_required_else_help = true,
    after_help = "Called as `lake`, or as `leanwright lake ...`, it serves where lake would serve, and is the real lake otherwise."
)]
pub struct Arguments {
    /// Write a log to this file
    #[arg(long, global = true, env = "LEANWRIGHT_LOG", value_name = "FILE")]
    pub log: Option<PathBuf>,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve an editor on standard input and output, with `lake serve` behind
    Serve(ServeArguments),
    /// Show everything on a small project: holes, goals, proposals, verdicts, code actions
    Demo(DemoArguments),
    /// Prove the holes of a file and print the difference
    Prove(ProveArguments),
    /// Walk through a proof: the goals before and after each tactic
    Walk(WalkArguments),
    /// Show what a runner is told about a hole, exactly
    Context(ContextArguments),
    /// Collect holes or errors of a project as tasks, one JSON object per line
    Mine(MineArguments),
    /// Send tasks to a runner and collect its attempts
    Eval(EvalArguments),
    /// Compile files and write down what Lean says of each
    Trace(TraceArguments),
    /// Judge attempts in an isolated copy of the project
    Replay(ReplayArguments),
    /// The judge as a program: requests on standard input, events on standard output
    Judge,
    /// Summarize a file of records
    Report(ReportArguments),
    /// The embedded Lean, for machines without one
    Toolchain(ToolchainArguments),
    /// Recorded sessions: look at one, replay it through the proxy, compare two
    Tape(TapeArguments),
    /// Show the settings that are in force
    Config(ConfigArguments),
    /// Look at what is needed here: Lean, sandbox, runner, kernels, memory, editors, caches
    Doctor(DoctorArguments),
    /// Turn a walk or a certificate (JSON) into a page that needs nothing but a browser
    Page(PageArguments),
    /// Certificates of accepted attempts: check one again, or show it
    Certificate(CertificateArguments),
    /// Remembered verdicts: how many there are, or remove the oldest
    Verdicts(VerdictsArguments),
    /// Show what is in a compiled module (`.olean`): declarations with axioms, imports, extension entries
    Olean(OleanArguments),
    /// Print the completions for a shell
    Completions(CompletionsArguments),
    /// Write the manual pages to a folder
    #[command(hide = true, name = "__manual")]
    Manual { folder: PathBuf },
}

#[derive(Debug, Args)]
pub struct CertificateArguments {
    #[command(subcommand)]
    pub command: CertificateCommand,
}

#[derive(Debug, Subcommand)]
pub enum CertificateCommand {
    /// Judge again what a certificate is about, and compare: any changed byte of it, of its file or of an import is found
    Verify {
        /// The certificate
        file: PathBuf,
        /// Root of the Lake project
        #[arg(long, default_value = ".")]
        lake_root: PathBuf,
    },
    /// Print a certificate as text; `leanwright page` makes a page of it
    Show {
        /// The certificate
        file: PathBuf,
    },
}

#[derive(Debug, Args)]
pub struct VerdictsArguments {
    #[command(subcommand)]
    pub command: VerdictsCommand,
}

#[derive(Debug, Subcommand)]
pub enum VerdictsCommand {
    /// Remove damaged entries, and the oldest until the rest fits
    Gc {
        /// MiB that may be left; the setting `judge.store_mib` by default
        #[arg(long)]
        mib: Option<u64>,
    },
}

#[derive(Debug, Args)]
pub struct DoctorArguments {
    /// A table for people, or JSON
    #[arg(long, default_value = "table")]
    pub format: DoctorFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DoctorFormat {
    Table,
    Json,
}

#[derive(Debug, Args)]
pub struct PageArguments {
    /// The record; standard input by default
    pub record: Option<PathBuf>,
    /// Write to this file
    #[arg(short, long)]
    pub out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct OleanArguments {
    /// The compiled module
    pub file: PathBuf,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Show what differs in another one; exit code 1 if anything does
    #[arg(long, value_name = "OTHER")]
    pub diff: Option<PathBuf>,
    /// Write to this file
    #[arg(short, long)]
    pub out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct CompletionsArguments {
    pub shell: clap_complete::Shell,
    /// Write to this file
    #[arg(short, long)]
    pub out: Option<PathBuf>,
}

/// Settings of the runner; unset ones come from the environment or the configuration file.
#[derive(Debug, Default, Args)]
pub struct RunnerArguments {
    /// The runner's command, split at blanks; the bundled `leanwright-tactics` by default
    #[arg(long, value_name = "COMMAND")]
    pub runner: Option<String>,
    /// Run the runner without a sandbox: it can do what you can do
    #[arg(long)]
    pub trust_runner: bool,
    /// What confines candidates, and a runner that is not trusted; `auto` is the strongest that works here
    #[arg(long, value_name = "TIER")]
    pub sandbox: Option<SandboxSetting>,
    /// Answers that are judged for one hole before giving up
    #[arg(long, value_name = "N")]
    pub attempts: Option<usize>,
}

#[derive(Debug, Args)]
pub struct ServeArguments {
    #[command(flatten)]
    pub runner: RunnerArguments,
    /// Forward only: observe nothing, add nothing
    #[arg(long)]
    pub passive: bool,
    /// Record the session to this file
    #[arg(long, value_name = "TAPE")]
    pub record: Option<PathBuf>,
    /// Record what the session's engine was told and asked for
    #[arg(long, value_name = "FILE")]
    pub record_events: Option<PathBuf>,
    /// Arguments for `lake serve`
    #[arg(last = true)]
    pub lake: Vec<OsString>,
}

#[derive(Debug, Args)]
pub struct DemoArguments {
    #[command(flatten)]
    pub runner: RunnerArguments,
    /// Plain text without colours, for logs
    #[arg(long)]
    pub plain: bool,
}

#[derive(Debug, Args)]
pub struct ProveArguments {
    /// The file, with an optional 1-based line: then only the hole on that line
    #[arg(value_name = "FILE[:LINE]")]
    pub target: String,
    /// Write the result to the file, if it has not changed meanwhile: each edit was judged in the text that has those before it
    #[arg(long)]
    pub apply: bool,
    /// Plain text without colours, for logs
    #[arg(long)]
    pub plain: bool,
    #[command(flatten)]
    pub runner: RunnerArguments,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum MineKind {
    Sorry,
    Admit,
    Error,
}

#[derive(Debug, Args)]
pub struct WalkArguments {
    /// The file and a 1-based line of the declaration
    #[arg(value_name = "FILE:LINE")]
    pub target: String,
    /// How the walk is written
    #[arg(long, value_enum, default_value = "text")]
    pub format: WalkFormat,
    /// Write to this file
    #[arg(short, long)]
    pub out: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum WalkFormat {
    Text,
    Json,
    /// One page that needs nothing but a browser
    Html,
}

#[derive(Debug, Args)]
pub struct ContextArguments {
    /// The file and the 1-based line of the hole
    #[arg(value_name = "FILE:LINE")]
    pub target: String,
    /// How it is written: the bundle, or the whole task as it is sent
    #[arg(long, value_enum, default_value = "markdown")]
    pub format: ContextFormat,
    /// Lines before the hole's line
    #[arg(long)]
    pub before: Option<usize>,
    /// Lines after the hole's line
    #[arg(long)]
    pub after: Option<usize>,
    /// Do not start Lean: no goals, no diagnostics
    #[arg(long, alias = "no-trace")]
    pub no_goals: bool,
    /// Write to this file
    #[arg(short, long)]
    pub out: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ContextFormat {
    Markdown,
    Json,
    /// The line that a runner gets
    Task,
}

#[derive(Debug, Args)]
pub struct TraceArguments {
    /// A file or a folder; without it, `project.source_roots` of `--config`
    pub path: Option<PathBuf>,
    /// A `lean-agent.toml`; flags count before what it says
    #[arg(long)]
    pub config: Option<PathBuf>,
    /// Root of the Lake project
    #[arg(long)]
    pub lake_root: Option<PathBuf>,
    /// Look into folders below, too
    #[arg(short, long)]
    pub recursive: bool,
    /// Where to write the records
    #[arg(short, long, default_value = "lean-agent-trace.jsonl")]
    pub out: PathBuf,
    /// Seconds for one file, its imports included; 60 by default
    #[arg(long)]
    pub timeout: Option<u64>,
    /// Keep what `lake` prints
    #[arg(long, num_args = 0..=1, default_missing_value = "true", require_equals = true)]
    pub keep_raw_output: Option<bool>,
    /// Leave out warnings
    #[arg(long, num_args = 0..=1, default_missing_value = "true", require_equals = true)]
    pub no_warnings: Option<bool>,
    /// Leave out files that compile and that Lean says nothing about
    #[arg(long, num_args = 0..=1, default_missing_value = "true", require_equals = true)]
    pub only_failures: Option<bool>,
    /// Leave out paths that contain this text
    #[arg(long)]
    pub exclude: Vec<String>,
}

#[derive(Debug, Args)]
pub struct MineArguments {
    /// A file or a folder
    #[arg(default_value = ".")]
    pub path: PathBuf,
    /// Root of the Lake project
    #[arg(long, default_value = ".")]
    pub lake_root: PathBuf,
    /// What to collect
    #[arg(long, value_enum, default_value = "sorry")]
    pub kind: MineKind,
    /// Where to write the tasks
    #[arg(short, long, default_value = "tasks.jsonl")]
    pub out: PathBuf,
    /// Look into folders below, too
    #[arg(short, long)]
    pub recursive: bool,
    /// Name of the project; the root's folder by default
    #[arg(long)]
    pub project: Option<String>,
    /// Seconds for one question to Lean
    #[arg(long, default_value_t = 60)]
    pub timeout: u64,
    /// Leave out paths that contain this text
    #[arg(long)]
    pub exclude: Vec<String>,
    /// Do not start Lean: tasks without goals; errors need it all the same
    #[arg(long)]
    pub no_goals: bool,
}

#[derive(Debug, Args)]
pub struct EvalArguments {
    /// Tasks, one JSON object per line
    pub tasks: PathBuf,
    /// The runner's command, split at blanks
    #[arg(long)]
    pub runner: String,
    /// Root of the Lake project
    #[arg(long, default_value = ".")]
    pub lake_root: PathBuf,
    /// Where to write the attempts
    #[arg(short, long, default_value = "attempts.jsonl")]
    pub out: PathBuf,
    /// Seconds for one answer
    #[arg(long, default_value_t = 120)]
    pub timeout: u64,
    /// Run the runner without a sandbox: it can do what you can do
    #[arg(long)]
    pub trust_runner: bool,
}

#[derive(Debug, Args)]
pub struct ReplayArguments {
    /// Attempts, one JSON object per line
    pub attempts: PathBuf,
    /// Root of the Lake project
    #[arg(long, default_value = ".")]
    pub lake_root: PathBuf,
    /// Where to write the results
    #[arg(short, long, default_value = "results.jsonl")]
    pub out: PathBuf,
    /// Write a certificate for each accepted attempt into this folder
    #[arg(long, value_name = "FOLDER")]
    pub certificates: Option<PathBuf>,
    /// Accept proofs that rest on declarations with a `sorry` of their own; without it they are rejected
    #[arg(long)]
    pub allow_open_lemmas: bool,
    /// Accepted for lean-agent's sake: a candidate may take four times as long as the file without it, at least 60 s
    #[arg(long, default_value_t = 60, hide = true)]
    pub timeout: u64,
    /// Accepted for lean-agent's sake: attempts that edit several files are refused either way
    #[arg(long, hide = true)]
    pub allow_multi_file: bool,
    /// Accepted for lean-agent's sake: the baseline is the evidence, and is always compiled
    #[arg(long, hide = true)]
    pub no_baseline: bool,
    /// Do not compile the modules that import a patched one, even where they could see a difference
    #[arg(long)]
    pub no_reverse_dep: bool,
    /// What confines candidates; `auto` is the strongest that works here
    #[arg(long, value_name = "TIER")]
    pub sandbox: Option<SandboxSetting>,
    /// Have another program judge, that speaks as `leanwright judge` does, in a process that is started again if it dies: in a container, say
    #[arg(long, value_name = "COMMAND", conflicts_with_all = ["certificates", "allow_open_lemmas", "no_reverse_dep", "sandbox"])]
    pub judge: Option<String>,
    /// Accepted for lean-agent's sake: nothing is ever downloaded
    #[arg(long, hide = true)]
    pub no_cache_get: bool,
    /// Accepted for lean-agent's sake: the copy is removed in any case
    #[arg(long, hide = true)]
    pub keep_workdir: bool,
}

#[derive(Debug, Args)]
pub struct ReportArguments {
    /// A file of records
    pub input: PathBuf,
    /// Count attempts as accepted that rest on declarations with a `sorry` of their own
    #[arg(long)]
    pub allow_open_lemmas: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct TapeArguments {
    #[command(subcommand)]
    pub action: TapeAction,
}

#[derive(Debug, Subcommand)]
pub enum TapeAction {
    /// A line per message: time, direction, method or id, size
    Show { tape: PathBuf },
    /// Play both sides of a tape to a proxy with our own part off, and compare every byte that comes out
    Replay { tape: PathBuf },
    /// Play what `serve --record-events` kept to a new engine, and compare what it asks for
    Events {
        file: PathBuf,
        /// How often
        #[arg(long, default_value_t = 2)]
        times: usize,
    },
    /// Compare the messages of two tapes, each direction for itself
    Diff { one: PathBuf, other: PathBuf },
}

#[derive(Debug, Args)]
pub struct ConfigArguments {
    /// Print the table of the README instead: every setting with its default
    #[arg(long)]
    pub table: bool,
}

#[derive(Debug, Args)]
pub struct ToolchainArguments {
    #[command(subcommand)]
    pub action: ToolchainAction,
}

#[derive(Debug, Subcommand)]
pub enum ToolchainAction {
    /// Install the embedded Lean into the user's cache folder
    Install,
    /// Print the `lake` that is used
    Path,
    /// Say what there is and which one is used
    Status,
}

#[cfg(test)]
mod tests {
    use super::*;
    use leanwright_contract::{SCHEMA_VERSION, editor::PROTOCOL_VERSION};

    #[test]
    fn the_version_is_that_of_the_contract() {
        let spoken = format!("records {SCHEMA_VERSION}, editor protocol {PROTOCOL_VERSION}");
        assert_eq!(VERSION.lines().last(), Some(spoken.as_str()));
    }
}
