//! Tier 1: namespaces for files, processes, network and the rest, made by bubblewrap. What is shown in them is a [`View`].

use super::{NETWORK, SYSTEM, View};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// The private `/tmp` and the shared memory, in bytes each.
const SCRATCH: &str = "268435456";

/// Files of the kernel's that root may write to, whatever namespaces it is in (`proc_sys_permission`, `fs/proc/proc_sysctl.c`): root here is root there.
const KERNEL: [&str; 6] = ["/proc/sys", "/proc/sysrq-trigger", "/proc/irq", "/proc/bus", "/proc/fs", "/proc/pressure"];

/// Files of the kernel's that tell of the machine, not of the process: they are empty.
const EMPTY: [&str; 6] =
    ["/proc/keys", "/proc/key-users", "/proc/timer_list", "/proc/slabinfo", "/proc/kallsyms", "/proc/kcore"];

/// The path of a bubblewrap.
#[derive(Clone, Debug)]
pub struct Bubblewrap(pub(super) PathBuf);

impl Bubblewrap {
    /// bubblewrap, and all its words before the program. The helper is shown as well.
    pub(super) fn words(&self, helper: &Path, view: &View, directory: &Path) -> Vec<OsString> {
        let mut all = vec![self.0.clone().into_os_string()];
        let mut add = |words: &[&OsStr]| all.extend(words.iter().map(|word| (*word).to_owned()));
        let word = |text: &'static str| OsStr::new(text);
        // Its own process 1 would have no filter, and could be written to by who has: so the program is process 1.
        for option in
            ["--unshare-user", "--unshare-all", "--disable-userns", "--die-with-parent", "--new-session", "--as-pid-1"]
        {
            add(&[word(option)]);
        }
        if view.network {
            add(&[word("--share-net")]);
        }
        add(&[word("--cap-drop"), word("ALL"), word("--proc"), word("/proc"), word("--dev"), word("/dev")]);
        for file in KERNEL {
            add(&[word("--ro-bind-try"), word(file), word(file)]);
        }
        for file in EMPTY.into_iter().filter(|file| Path::new(file).exists()) {
            add(&[word("--ro-bind"), word("/dev/null"), word(file)]);
        }
        for folder in ["/tmp", "/dev/shm"] {
            add(&[word("--size"), word(SCRATCH), word("--tmpfs"), word(folder)]);
        }
        add(&[word("--remount-ro"), word("/dev")]);
        for path in SYSTEM.iter().chain(NETWORK.iter().filter(|_| view.network)) {
            add(&[word("--ro-bind-try"), word(path), word(path)]);
        }
        // What is inside of another one must come behind it.
        let mut read: Vec<&Path> = view.read.iter().map(PathBuf::as_path).chain([helper]).collect();
        read.sort();
        read.dedup();
        for path in read {
            add(&[word("--ro-bind"), path.as_os_str(), path.as_os_str()]);
        }
        if let Some(write) = &view.write {
            add(&[word("--bind"), write.as_os_str(), write.as_os_str()]);
        }
        add(&[word("--remount-ro"), word("/"), word("--chdir"), directory.as_os_str(), word("--")]);
        all
    }
}
