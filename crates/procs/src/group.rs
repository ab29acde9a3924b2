//! A child's process group: killed when the guard goes, so that nothing below the child is left.

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::{Child, Command};

/// Kills a process group when dropped. Make it only from a child that leads its group.
#[derive(Debug)]
pub struct GroupGuard(Option<Pid>);

impl GroupGuard {
    /// Start a command as the leader of a new process group.
    pub fn spawn(command: &mut Command) -> std::io::Result<(Child, Self)> {
        let child = command.process_group(0).kill_on_drop(true).spawn()?;
        let pid = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        Ok((child, Self(pid)))
    }

    /// Kill every process of the group now.
    pub fn kill(&mut self) {
        if let Some(pid) = self.0.take() {
            // "No such process" means that the group is gone already.
            let _ = kill_process_group(pid, Signal::KILL);
        }
    }
}

/// Whether there is a process of that number. One of another user's counts as running.
pub fn is_running(pid: u32) -> bool {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    pid.is_some_and(|pid| rustix::process::test_kill_process(pid) != Err(rustix::io::Errno::SRCH))
}

impl Drop for GroupGuard {
    fn drop(&mut self) {
        self.kill();
    }
}
