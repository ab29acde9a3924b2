//! The one way to start a process: on whose account it runs, what it may see and take, and that it ends with us.
//!
//! Unless a [`Confinement`] is in force, nothing here keeps a process from the files and the network: a verdict names the sandbox tier that was.

use crate::command::Invocation;
use crate::confinement::{Confinement, NoConfinement, View};
use crate::group::{GroupGuard, Limits};
use crate::supervisor::{SUPERVISE, free_cores_word};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tokio::process::{Child, Command};

/// On whose account a process runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// The user has chosen it: it sees what we see.
    User,
    /// It compiles or reads what a candidate has written: it sees no variables but [`VISIBLE`] and those that it is given, its memory is bounded, and where
    /// the launcher confines it must say what it has to see.
    Candidate,
}

/// The variables that a candidate's process inherits; with a `*` at the end, all that begin so. They say where programs and libraries are and which
/// language and time zone are meant. Whatever else the user has set may be a secret.
pub const VISIBLE: [&str; 14] = [
    "PATH",
    "HOME",
    "USER",
    "LANG",
    "LC_*",
    "TZ",
    "TMPDIR",
    "XDG_CACHE_HOME",
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
    "LEAN_SYSROOT",
    "LEAN_NUM_THREADS",
    "ELAN_HOME",
    "ELAN_TOOLCHAIN",
];

/// Starts processes.
#[derive(Clone, Debug, Default)]
pub struct Launcher {
    /// A program that knows the hidden commands: it runs another one and kills it and all that is below it when we end, however we end
    /// ([`crate::supervisor::supervise`]). Without one nothing can be confined, and only what is in the process group ends, and only when we end in order.
    helper: Option<PathBuf>,
    /// For all processes together that one candidate's process has started, itself included, in bytes.
    candidate_memory: Option<u64>,
    /// Processors that its processes leave to others.
    free_cores: usize,
    confinement: Option<Confinement>,
}

impl Launcher {
    /// `program` is `leanwright` itself, or does with its hidden commands what that does.
    pub fn helped_by(program: PathBuf) -> Self {
        Self { helper: Some(program), ..Self::default() }
    }

    /// Bound the memory of [`Trust::Candidate`], in bytes.
    pub fn candidate_memory(self, bytes: u64) -> Self {
        Self { candidate_memory: Some(bytes), ..self }
    }

    /// Keep what it starts off this many processors, as far as one is left; only with a supervisor, on Linux.
    pub fn free_cores(self, count: usize) -> Self {
        Self { free_cores: count, ..self }
    }

    /// Confine what says what it has to see ([`Invocation::view`]).
    pub fn confined_by(self, confinement: Option<Confinement>) -> Self {
        Self { confinement, ..self }
    }

    pub(crate) fn helper(&self) -> Option<&Path> {
        self.helper.as_deref()
    }

    /// What confines, if anything does, and the helper that it takes.
    pub(crate) fn confining(&self) -> Option<(&Confinement, Option<&Path>)> {
        Some((self.confinement.as_ref()?, self.helper()))
    }

    /// A program that is run to its end, with nothing on its standard input.
    pub fn run(&self, trust: Trust, program: impl AsRef<Path>, directory: impl AsRef<Path>) -> Invocation {
        let memory = self.candidate_memory.filter(|_| trust == Trust::Candidate);
        Invocation::new(
            self.clone(),
            trust,
            program.as_ref(),
            directory.as_ref(),
            Limits { memory, ..Limits::default() },
        )
    }

    /// Start a program of the user's that we talk with through pipes; its standard error goes to `stderr`.
    pub(crate) fn talk(
        &self,
        program: &OsStr,
        arguments: &[impl AsRef<OsStr>],
        directory: &Path,
        stderr: Stdio,
    ) -> std::io::Result<(Child, GroupGuard)> {
        self.talk_with(program, arguments, directory, stderr, &[])
    }

    /// The same with variables beside ours.
    pub(crate) fn talk_with(
        &self,
        program: &OsStr,
        arguments: &[impl AsRef<OsStr>],
        directory: &Path,
        stderr: Stdio,
        variables: &[(&str, OsString)],
    ) -> std::io::Result<(Child, GroupGuard)> {
        let mut command = self.command(program, &std::process::id().to_string());
        command.args(arguments).envs(variables.iter().map(|(key, value)| (key, value)));
        Self::start_talking(command, directory, stderr)
    }

    /// The same for a program that is confined, by what was found with this launcher: it sees no variables of ours but those that everybody sees.
    pub(crate) fn talk_confined(
        &self,
        (confinement, view): (&Confinement, &View),
        program: &OsStr,
        arguments: &[impl AsRef<OsStr>],
        directory: &Path,
        variables: &[(&str, OsString)],
    ) -> std::io::Result<(Child, GroupGuard)> {
        let helper = self.helper().ok_or_else(|| std::io::Error::other(NoConfinement::NoHelper))?;
        let mut words = confinement.words(helper, view, directory).into_iter();
        let mut command = self.command(&words.next().unwrap_or_default(), &std::process::id().to_string());
        command.args(words).arg(program).args(arguments);
        restrict_environment(command.as_std_mut());
        command.envs(variables.iter().map(|(key, value)| (key, value)));
        Self::start_talking(command, directory, Stdio::piped())
    }

    /// The supervisor hands its streams on and looks whether we are still there.
    fn start_talking(mut command: Command, directory: &Path, stderr: Stdio) -> std::io::Result<(Child, GroupGuard)> {
        command.current_dir(directory).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(stderr);
        GroupGuard::spawn(&mut command)
    }

    /// The program, behind the supervisor if there is one, which is told what its lifeline is.
    pub(crate) fn command(&self, program: &OsStr, lifeline: &str) -> Command {
        let Some(helper) = self.helper() else { return Command::new(program) };
        let mut command = Command::new(helper);
        command.arg(SUPERVISE);
        if self.free_cores > 0 {
            command.arg(free_cores_word(self.free_cores));
        }
        command.arg(lifeline).arg(program);
        command
    }
}

/// Leave a command nothing of our environment but what a candidate may see.
pub(crate) fn restrict_environment(command: &mut std::process::Command) {
    let is_visible = |key: &OsStr| {
        VISIBLE.iter().any(|visible| match visible.strip_suffix('*') {
            Some(prefix) => key.as_encoded_bytes().starts_with(prefix.as_bytes()),
            None => key == *visible,
        })
    };
    command.env_clear().envs(std::env::vars_os().filter(|(key, _)| is_visible(key)));
}
