//! The one way to start a process: on whose account it runs, what it may see and take, and that it ends with us.
//!
//! Unless bubblewrap confines it, nothing here keeps a process from the files and the network: a verdict names the sandbox tier that was in force.

use crate::command::Invocation;
use crate::confinement::Bubblewrap;
use crate::group::{GroupGuard, Limits};
use crate::supervisor::free_cores_word;
use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::Stdio;
use tokio::process::{Child, Command};

/// On whose account a process runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// The user has chosen it: it sees what we see.
    User,
    /// It compiles or reads what a candidate has written: it sees no variables but [`VISIBLE`] and those that it is given, and its memory is bounded.
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
    /// A program, with arguments, that runs the rest of the command line and kills it and all that is below it when we end, however we end: see
    /// [`crate::supervisor::supervise`]. Without one only what is in the process group ends, and only when we end in order.
    supervisor: Option<Vec<OsString>>,
    /// For all processes together that one candidate's process has started, itself included, in bytes.
    candidate_memory: Option<u64>,
    /// Processors that its processes leave to others.
    free_cores: usize,
    bubblewrap: Option<Bubblewrap>,
}

impl Launcher {
    pub fn supervised_by(supervisor: Vec<OsString>) -> Self {
        Self { supervisor: Some(supervisor), ..Self::default() }
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
    pub fn confined_by(self, bubblewrap: Option<Bubblewrap>) -> Self {
        Self { bubblewrap, ..self }
    }

    pub(crate) fn bubblewrap(&self) -> Option<&Bubblewrap> {
        self.bubblewrap.as_ref()
    }

    /// A program that is run to its end, with nothing on its standard input.
    pub fn run(&self, trust: Trust, program: impl AsRef<Path>, directory: impl AsRef<Path>) -> Invocation {
        let memory = self.candidate_memory.filter(|_| trust == Trust::Candidate);
        Invocation::new(self.clone(), trust, program.as_ref(), directory.as_ref(), Limits { memory, idle: None })
    }

    /// Start a program of the user's that we talk with through pipes; its standard error goes to `stderr`.
    pub(crate) fn talk(
        &self,
        program: &OsStr,
        arguments: &[impl AsRef<OsStr>],
        directory: &Path,
        stderr: Stdio,
        variables: &[(&str, &OsStr)],
    ) -> std::io::Result<(Child, GroupGuard)> {
        // The supervisor hands its streams on and looks whether we are still there.
        let mut command = self.command(program, &std::process::id().to_string());
        command.args(arguments).current_dir(directory).envs(variables.iter().copied());
        GroupGuard::spawn(command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(stderr))
    }

    /// The program, behind the supervisor if there is one, which is told what its lifeline is.
    pub(crate) fn command(&self, program: &OsStr, lifeline: &str) -> Command {
        let Some((supervisor, leading)) = self.supervisor.as_deref().and_then(<[OsString]>::split_first) else {
            return Command::new(program);
        };
        let mut command = Command::new(supervisor);
        command.args(leading);
        if self.free_cores > 0 {
            command.arg(free_cores_word(self.free_cores));
        }
        command.arg(lifeline).arg(program);
        command
    }

    pub(crate) fn has_supervisor(&self) -> bool {
        self.supervisor.is_some()
    }
}

/// Leave a command nothing of our environment but what a candidate may see.
pub(crate) fn restrict_environment(command: &mut Command) {
    let is_visible = |key: &OsStr| {
        VISIBLE.iter().any(|visible| match visible.strip_suffix('*') {
            Some(prefix) => key.as_encoded_bytes().starts_with(prefix.as_bytes()),
            None => key == *visible,
        })
    };
    command.env_clear().envs(std::env::vars_os().filter(|(key, _)| is_visible(key)));
}
