//! The folder of a copy: locked as long as its owner lives, removed with everything in it, and never anything that is not in it.

use leanwright_procs::leftovers::{empty, is_own_folder};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How the folders of copies are called: this, the process, and something random.
pub const PREFIX: &str = "leanwright-copy-";

/// How the folder of one run is called, before its number.
pub const RUN: &str = "run-";

/// How a run calls the folder that its candidate writes to.
pub const OUTPUT: &str = "output";

/// The file that its owner holds a lock on: process numbers mean nothing to who is in a container of its own.
const LOCK: &str = ".leanwright-lock";

/// How often removing a copy is tried.
const REMOVALS: u32 = 20;
const BETWEEN_REMOVALS: Duration = Duration::from_millis(25);

/// Removed with everything in it, also if a process that was killed has just written there.
pub struct CopyFolder {
    path: PathBuf,
    _lock: File,
}

impl CopyFolder {
    /// A new one in the folder for temporary files. Those of processes that were killed and could not do it themselves are removed.
    pub fn make() -> std::io::Result<Self> {
        remove_stale();
        let prefix = format!("{PREFIX}{}-", std::process::id());
        let made = tempfile::Builder::new().prefix(&prefix).tempdir()?;
        let lock = File::create(made.path().join(LOCK))?;
        lock.try_lock()?;
        Ok(Self { path: std::fs::canonicalize(made.keep())?, _lock: lock })
    }

    /// Without links.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for CopyFolder {
    fn drop(&mut self) {
        for _ in 0..REMOVALS {
            match remove(&self.path) {
                Err(error) if error.kind() == std::io::ErrorKind::DirectoryNotEmpty => {
                    std::thread::sleep(BETWEEN_REMOVALS);
                }
                _ => return,
            }
        }
    }
}

/// Remove a copy; of a process that was killed, what candidates have written is still in it. What is a link is not gone through.
fn remove(folder: &Path) -> std::io::Result<()> {
    for run in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let is_run = run.file_name().to_str().is_some_and(|name| name.starts_with(RUN));
        if is_run && is_own_folder(&run.path()) {
            empty(&run.path().join(OUTPUT));
        }
    }
    std::fs::remove_dir_all(folder)
}

fn remove_stale() {
    for entry in std::fs::read_dir(std::env::temp_dir()).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let owner = name.to_str().and_then(|name| name.strip_prefix(PREFIX)?.split('-').next()?.parse().ok());
        let has_ended = owner.is_some_and(|owner| !leanwright_procs::group::is_running(owner));
        let path = entry.path();
        if has_ended && is_own_folder(&path) && !is_locked(&path.join(LOCK)) {
            let _ = remove(&path);
        }
    }
}

fn is_locked(lock: &Path) -> bool {
    matches!(File::open(lock).map(|file| file.try_lock()), Ok(Err(std::fs::TryLockError::WouldBlock)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use std::os::unix::fs::symlink;

    /// What a link in a copy leads to is the user's, wherever the link stands.
    #[test]
    fn nothing_is_removed_through_a_link() {
        let outside = tempfile::tempdir().unwrap();
        for folder in ["output", "victim/output"] {
            std::fs::create_dir_all(outside.path().join(folder)).unwrap();
            std::fs::write(outside.path().join(folder).join("thesis"), "years").unwrap();
        }
        let copy = CopyFolder::make().unwrap();
        std::fs::create_dir_all(copy.path().join("up")).unwrap();
        std::fs::create_dir_all(copy.path().join("run-1")).unwrap();
        let links = ["up/output", "project", "run-1/output"].map(|link| (link, "output"));
        for (link, target) in links.into_iter().chain([("run-2", "victim"), ("output", "output")]) {
            symlink(outside.path().join(target), copy.path().join(link)).unwrap();
        }
        let path = copy.path().to_owned();
        drop(copy);
        assert!(!path.exists());
        // A copy of nobody's is removed by the next one; a link that is called so is not.
        let stale = std::env::temp_dir().join(format!("{PREFIX}{}-nobody", u32::MAX >> 1));
        let link = std::env::temp_dir().join(format!("{PREFIX}{}-link", u32::MAX >> 1));
        std::fs::create_dir_all(&stale).unwrap();
        symlink(outside.path().join("victim"), stale.join("run-0")).unwrap();
        symlink(outside.path().join("victim"), &link).unwrap();
        drop(CopyFolder::make().unwrap());
        assert!(!stale.exists());
        std::fs::remove_file(link).unwrap();
        for folder in ["output", "victim/output"] {
            assert!(outside.path().join(folder).join("thesis").exists(), "{folder}");
        }
    }

    /// A process number that is not to be seen from here may be that of a process in another container.
    #[test]
    fn a_copy_that_somebody_holds_is_not_removed() {
        let held = CopyFolder::make().unwrap();
        let name = std::env::temp_dir().join(format!("{PREFIX}{}-elsewhere", u32::MAX >> 1));
        std::fs::rename(held.path(), &name).unwrap();
        drop(CopyFolder::make().unwrap());
        assert!(name.exists());
        drop(held);
        drop(CopyFolder::make().unwrap());
        assert!(!name.exists());
    }
}
