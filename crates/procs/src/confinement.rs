//! What keeps a process from everything that it is not given: the tiers that there are, and the words that start a program in one. Nothing is decided here about who is
//! confined.

mod bubblewrap;
pub mod escapes;
#[cfg(target_os = "linux")]
mod files;
pub mod restraint;
#[cfg(target_os = "linux")]
mod system_calls;

use crate::launcher::Launcher;
use bubblewrap::Bubblewrap;
use restraint::{RESTRAIN, Restraint};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// Where programs and libraries of the system are, as far as they are there, and what Node will not start without if it is there.
const SYSTEM: [&str; 9] = [
    "/usr",
    "/bin",
    "/lib",
    "/lib64",
    "/etc/ld.so.cache",
    "/etc/alternatives",
    "/etc/ssl/openssl.cnf",
    "/nix/store",
    "/gnu/store",
];

/// What a program needs beside them to find servers and to know whom it talks with.
const NETWORK: [&str; 9] = [
    "/etc/resolv.conf",
    "/etc/hosts",
    "/etc/nsswitch.conf",
    "/etc/gai.conf",
    "/etc/ssl/certs",
    "/etc/pki/tls/certs",
    "/etc/pki/ca-trust/extracted",
    "/etc/ca-certificates",
    "/run/systemd/resolve",
];

/// What a confined process has. Everything else of the machine it has not: no other file, no other process.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// Files and folders to read, below the same paths as outside.
    pub read: Vec<PathBuf>,
    /// The one folder that it may write to, if any.
    pub write: Option<PathBuf>,
    /// Whether it may start other processes.
    pub processes: bool,
    /// Whether it has the network.
    pub network: bool,
}

/// How processes are confined.
#[derive(Clone, Debug)]
pub enum Confinement {
    /// In namespaces of their own.
    Bubblewrap(Bubblewrap),
    /// By rules about files and system calls alone.
    Landlock,
}

/// Why nothing confines.
#[derive(Debug, thiserror::Error)]
pub enum NoConfinement {
    #[error("there is no `bwrap` on PATH; install the package `bubblewrap`")]
    NotFound,
    #[error("`{0}` cannot make namespaces here: {1}")]
    DoesNotWork(PathBuf, String),
    #[error("landlock does not work here: {0}")]
    NoLandlock(String),
    #[error("a confined process could do what it must not: {0}")]
    Leaks(String),
    #[error("what confines could not be tried: {0}")]
    NotTried(String),
    #[error("there is no helper program for it")]
    NoHelper,
    #[error("nothing says what it may see")]
    NoView,
}

impl Confinement {
    /// bubblewrap from our PATH, if it can do here what is asked of it.
    pub fn bubblewrap(launcher: &Launcher) -> Result<Self, NoConfinement> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        Self::Bubblewrap(Bubblewrap(crate::lake::find_on_path("bwrap", &path).ok_or(NoConfinement::NotFound)?))
            .tried(launcher)
    }

    /// landlock and seccomp, if this system has them.
    pub fn landlock(launcher: &Launcher) -> Result<Self, NoConfinement> {
        Self::Landlock.tried(launcher)
    }

    /// The strongest that works here; why not, of each.
    pub fn strongest(launcher: &Launcher) -> Result<Self, [NoConfinement; 2]> {
        let one = match Self::bubblewrap(launcher) {
            Ok(found) => return Ok(found),
            Err(why) => why,
        };
        Self::landlock(launcher).map_err(|other| [one, other])
    }

    fn tried(self, launcher: &Launcher) -> Result<Self, NoConfinement> {
        escapes::must_fail(&self, launcher.helper().ok_or(NoConfinement::NoHelper)?)?;
        Ok(self)
    }

    /// Whether a program can be started with this view.
    pub(crate) fn shows(&self, helper: &Path, view: &View) -> Result<(), NoConfinement> {
        let words = self.words(helper, view, view.write.as_deref().unwrap_or(Path::new("/")));
        let (program, arguments) = words.split_first().ok_or(NoConfinement::NoHelper)?;
        let mut command = Command::new(program);
        command.args(arguments).args(["/bin/sh", "-c", ":"]);
        let output = run_briefly(&mut command).map_err(|error| self.does_not_work(error.to_string()))?;
        match output.status.success() {
            true => Ok(()),
            false => Err(self.does_not_work(String::from_utf8_lossy(&output.stderr).trim().to_owned())),
        }
    }

    fn does_not_work(&self, why: String) -> NoConfinement {
        match self {
            Self::Bubblewrap(Bubblewrap(program)) => NoConfinement::DoesNotWork(program.clone(), why),
            Self::Landlock => NoConfinement::NoLandlock(why),
        }
    }

    /// What stands before a program and its arguments.
    pub(crate) fn words(&self, helper: &Path, view: &View, directory: &Path) -> Vec<OsString> {
        let restraint = Restraint {
            processes: view.processes,
            network: view.network,
            files: matches!(self, Self::Landlock).then(|| files_of(view, helper)),
        };
        let mut words = match self {
            Self::Bubblewrap(bubblewrap) => bubblewrap.words(helper, view, directory),
            Self::Landlock => Vec::new(),
        };
        words.extend([helper.as_os_str(), OsStr::new(RESTRAIN)].map(OsStr::to_owned));
        words.extend(restraint.words());
        words
    }
}

/// What is tried takes milliseconds. An editor may be waiting.
const BRIEFLY: Duration = Duration::from_secs(10);

/// Run a command whose output is short, with nothing on its standard input.
fn run_briefly(command: &mut Command) -> std::io::Result<Output> {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let started = Instant::now();
    while child.try_wait()?.is_none() {
        if started.elapsed() > BRIEFLY {
            child.kill()?;
            child.wait()?;
            return Err(std::io::Error::other(format!("it had not ended after {BRIEFLY:?}")));
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    child.wait_with_output()
}

/// All that a view shows, with what every program needs, and the helper as it is shown in namespaces.
fn files_of(view: &View, helper: &Path) -> restraint::Files {
    let network = NETWORK.iter().filter(|_| view.network);
    let system = SYSTEM.iter().chain(network).map(PathBuf::from);
    restraint::Files {
        read: system.chain(view.read.iter().cloned()).chain([helper.to_owned()]).collect(),
        write: view.write.clone(),
    }
}
