//! What a confined process can see and write: nothing but what it is given, in namespaces of its own made by bubblewrap. It decides nothing about who is confined.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Stdio;

/// Where programs and libraries of the system are, as far as they are there.
const SYSTEM: [&str; 8] =
    ["/usr", "/bin", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/alternatives", "/nix/store", "/gnu/store"];

/// The private `/tmp` and the shared memory, in bytes each.
const SCRATCH: &str = "268435456";

/// Files of the kernel's that root may write to, whatever namespaces it is in (`proc_sys_permission`, `fs/proc/proc_sysctl.c`): root here is root there.
const KERNEL: [&str; 5] = ["/proc/sys", "/proc/sysrq-trigger", "/proc/irq", "/proc/bus", "/proc/fs"];

/// Files and folders that a confined process has. Everything else of the machine is not there: no other file, no network, no other process.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// To read, below the same paths as outside.
    pub read: Vec<PathBuf>,
    /// The one folder that it may write to.
    pub write: PathBuf,
}

/// A bubblewrap that works here.
#[derive(Clone, Debug)]
pub struct Bubblewrap {
    program: PathBuf,
}

/// Why there is none.
#[derive(Debug, thiserror::Error)]
pub enum NoBubblewrap {
    #[error("there is no `bwrap` on PATH; install the package `bubblewrap`")]
    NotFound,
    #[error("`{0}` cannot make namespaces here: {1}")]
    DoesNotWork(PathBuf, String),
}

impl Bubblewrap {
    /// The one on our PATH, if it can do here what is asked of it.
    pub fn find() -> Result<Self, NoBubblewrap> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        Self::at(crate::lake::find_on_path("bwrap", &path).ok_or(NoBubblewrap::NotFound)?)
    }

    /// That of a path, if it can do here what is asked of it.
    pub fn at(program: PathBuf) -> Result<Self, NoBubblewrap> {
        let found = Self { program };
        let folder = tempfile::tempdir().map_err(|error| found.does_not_work(error.to_string()))?;
        found.shows(&View { read: Vec::new(), write: folder.path().to_owned() })?;
        Ok(found)
    }

    /// Whether a program can be started with this view.
    pub(crate) fn shows(&self, view: &View) -> Result<(), NoBubblewrap> {
        let mut command = std::process::Command::new(&self.program);
        command.args(self.arguments(view, &view.write)).args(["/bin/sh", "-c", ":"]);
        let output = command.stdin(Stdio::null()).output().map_err(|error| self.does_not_work(error.to_string()))?;
        match output.status.success() {
            true => Ok(()),
            false => Err(self.does_not_work(String::from_utf8_lossy(&output.stderr).trim().to_owned())),
        }
    }

    fn does_not_work(&self, why: String) -> NoBubblewrap {
        NoBubblewrap::DoesNotWork(self.program.clone(), why)
    }

    pub(crate) fn program(&self) -> &Path {
        &self.program
    }

    /// What stands before the program and its arguments.
    pub(crate) fn arguments(&self, view: &View, directory: &Path) -> Vec<OsString> {
        let mut all: Vec<OsString> = Vec::new();
        let mut add = |words: &[&std::ffi::OsStr]| all.extend(words.iter().map(|word| (*word).to_owned()));
        let word = |text: &'static str| std::ffi::OsStr::new(text);
        for option in ["--unshare-user", "--unshare-all", "--disable-userns", "--die-with-parent", "--new-session"] {
            add(&[word(option)]);
        }
        add(&[word("--cap-drop"), word("ALL"), word("--proc"), word("/proc"), word("--dev"), word("/dev")]);
        for file in KERNEL {
            add(&[word("--ro-bind-try"), word(file), word(file)]);
        }
        for folder in ["/tmp", "/dev/shm"] {
            add(&[word("--size"), word(SCRATCH), word("--tmpfs"), word(folder)]);
        }
        add(&[word("--remount-ro"), word("/dev")]);
        for folder in SYSTEM {
            add(&[word("--ro-bind-try"), word(folder), word(folder)]);
        }
        // What is inside of another one must come behind it.
        let mut read: Vec<&PathBuf> = view.read.iter().collect();
        read.sort();
        read.dedup();
        for path in read {
            add(&[word("--ro-bind"), path.as_os_str(), path.as_os_str()]);
        }
        let write = view.write.as_os_str();
        add(&[word("--bind"), write, write, word("--remount-ro"), word("/"), word("--chdir"), directory.as_os_str()]);
        add(&[word("--")]);
        all
    }
}
