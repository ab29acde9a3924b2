//! A child's process group, and its descendants outside of it: killed when the guard goes, so that nothing below the child is left.
//!
//! Without a sandbox a process can get away by leaving both its group and its parents; `supervisor::supervise` catches those.

use rustix::process::{Pid, Signal, WaitOptions, kill_process, kill_process_group};
use std::collections::HashMap;
use std::ffi::OsStr;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tokio::process::{Child, Command};

/// The hidden command that runs another one and does not let it outlive its caller: [`crate::supervisor::supervise`].
pub const SUPERVISE: &str = "__supervise";

/// What a process and those below it may take together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Limits {
    /// In bytes.
    pub memory: Option<u64>,
    /// How long they may do nothing: a compiler that works takes processor time, one whose threads wait for each other does not.
    pub idle: Option<Duration>,
    /// The folder that they write to, which may hold [`WRITTEN`] bytes in [`FILES`] files and folders.
    pub output: Option<PathBuf>,
}

/// What may be written, in bytes of the disk.
pub(crate) const WRITTEN: u64 = 1 << 30;

/// Files and folders that may be written.
const FILES: usize = 1000;

/// Which limit was passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Excess {
    Memory(u64),
    Idle(Duration),
    Output,
}

/// When a group of processes was last seen at work.
struct Worked {
    last: Instant,
    /// The group's processor time then.
    taken: Duration,
}

/// Less than this is what a process takes that only wakes up from time to time.
const WORK: Duration = Duration::from_millis(500);

impl Worked {
    fn new(now: Instant) -> Self {
        Self { last: now, taken: Duration::ZERO }
    }

    /// How long nothing was done, if the group has now taken so much processor time. Where nobody counts it, something is always done.
    fn idle_at(&mut self, now: Instant, taken: Duration) -> Duration {
        // A process that is gone takes its time with it: less is a change, too.
        if taken.is_zero() || taken.abs_diff(self.taken) >= WORK {
            *self = Self { last: now, taken };
        }
        now.duration_since(self.last)
    }
}

/// How often it is looked at what runs: what takes more than it may in a shorter time is found late.
const LOOK: Duration = Duration::from_millis(250);

/// Whether there is more in a folder than may be, or something that cannot be looked at; what these processes have open and was removed counts, too.
fn holds_too_much(folder: &Path, processes: &[Pid]) -> bool {
    let (mut bytes, mut files) = (removed_but_open(processes), 0_usize);
    let mut waiting = vec![folder.to_owned()];
    while let Some(folder) = waiting.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { return true };
        for entry in entries.flatten() {
            let Ok(metadata) = entry.metadata() else { continue };
            bytes = bytes.saturating_add(metadata.blocks().saturating_mul(BLOCK));
            files += 1;
            if bytes > WRITTEN || files > FILES {
                return true;
            }
            if metadata.is_dir() {
                waiting.push(entry.path());
            }
        }
    }
    bytes > WRITTEN
}

/// The room on the disk of files that are open and have no name any more, in bytes.
fn removed_but_open(processes: &[Pid]) -> u64 {
    let mut files = HashMap::new();
    for pid in processes {
        let open = std::fs::read_dir(format!("/proc/{}/fd", pid.as_raw_nonzero())).into_iter().flatten().flatten();
        for metadata in open.filter_map(|entry| std::fs::metadata(entry.path()).ok()) {
            if metadata.is_file() && metadata.nlink() == 0 {
                files.insert((metadata.dev(), metadata.ino()), metadata.blocks().saturating_mul(BLOCK));
            }
        }
    }
    files.values().sum()
}

/// The unit in which a file's room on the disk is counted, in bytes (stat(2)).
const BLOCK: u64 = 512;

/// Kills a process group when dropped. Make it only from a child that leads its group.
#[derive(Debug)]
pub struct GroupGuard {
    leader: Option<Pid>,
    /// The leader ends by itself when nothing is below it any more, and not before.
    is_supervisor: bool,
}

impl GroupGuard {
    /// Start a command as the leader of a new process group.
    pub fn spawn(command: &mut Command) -> std::io::Result<(Child, Self)> {
        let child = command.process_group(0).kill_on_drop(true).spawn()?;
        let pid = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        let is_supervisor = command.as_std().get_args().next() == Some(OsStr::new(SUPERVISE));
        Ok((child, Self { leader: pid, is_supervisor }))
    }

    /// Wait until what is below the leader, itself included, takes more than it may; for ever if it may take anything.
    pub(crate) fn excess(&self, limits: Limits) -> impl Future<Output = Excess> + use<> {
        let leader = self.leader.filter(|_| limits != Limits::default());
        async move {
            match leader {
                Some(leader) => excess_below(leader, &limits).await,
                None => std::future::pending().await,
            }
        }
    }

    /// Kill every process of the group now.
    pub fn kill(&mut self) {
        if let Some(pid) = self.leader.take() {
            // The leader last: it may be a supervisor, to which those come that lose their parents. Nobody knows whose they were when it is gone.
            for _ in 0..LOOKS {
                let below = descendants(pid);
                if below.is_empty() {
                    break;
                }
                below.into_iter().for_each(kill);
            }
            // A look may miss what is being started; a supervisor does not.
            for _ in 0..ENDINGS {
                if !self.is_supervisor || living_parent(pid).is_none() {
                    break;
                }
                std::thread::sleep(Duration::from_millis(1));
            }
            // "No such process" means that the group is gone already.
            let _ = kill_process_group(pid, Signal::KILL);
        }
    }
}

/// The same below this process.
async fn excess_below(leader: Pid, limits: &Limits) -> Excess {
    let mut worked = Worked::new(Instant::now());
    loop {
        tokio::time::sleep(LOOK).await;
        let all: Vec<Pid> = descendants(leader).into_iter().chain([leader]).collect();
        if let Some(limit) = limits.memory
            && all.iter().copied().map(private_memory).sum::<u64>() > limit
        {
            return Excess::Memory(limit);
        }
        if limits.output.as_deref().is_some_and(|folder| holds_too_much(folder, &all)) {
            return Excess::Output;
        }
        let idle = worked.idle_at(Instant::now(), all.into_iter().map(processor_time).sum());
        if let Some(limit) = limits.idle
            && idle >= limit
        {
            return Excess::Idle(limit);
        }
    }
}

/// How often a group is looked for what is left of it, when it is killed: a look takes some milliseconds, and nobody may wait long for it.
const LOOKS: usize = 10;

/// For how many milliseconds a supervisor may see to what is left, when its program has been killed.
const ENDINGS: usize = 200;

fn kill(pid: Pid) {
    let _ = kill_process(pid, Signal::KILL);
}

/// The processes below one that have not ended, as `/proc` shows them; none where there is no `/proc`.
fn descendants(root: Pid) -> Vec<Pid> {
    let mut children: HashMap<i32, Vec<Pid>> = HashMap::new();
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let pid = entry.file_name().to_str().and_then(|name| name.parse().ok()).and_then(Pid::from_raw);
        let Some((pid, parent)) = pid.and_then(|pid| Some((pid, living_parent(pid)?))) else { continue };
        children.entry(parent).or_default().push(pid);
    }
    let (mut found, mut waiting) = (Vec::new(), vec![root]);
    while let Some(pid) = waiting.pop() {
        let below = children.remove(&pid.as_raw_nonzero().get()).unwrap_or_default();
        found.extend(&below);
        waiting.extend(below);
    }
    found
}

/// The parent of a process that is not a zombie.
fn living_parent(pid: Pid) -> Option<i32> {
    let fields = stat(pid);
    let (state, parent, threads) = (fields.first()?, fields.get(1)?, fields.get(17)?);
    // The first thread may have ended, and others not.
    let has_ended = matches!(state.as_str(), "Z" | "X") && threads == "1";
    if has_ended { None } else { parent.parse().ok() }
}

/// The processor time that a process has taken, with that of the children that it has waited for; none where there is no `/proc`.
fn processor_time(pid: Pid) -> Duration {
    let fields = stat(pid);
    let ticks: u64 = fields.iter().skip(11).take(4).filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_secs_f64(ticks as f64 / rustix::param::clock_ticks_per_second().max(1) as f64)
}

/// The fields of `/proc/PID/stat` behind the program's name, the first of which is the state (the third one in `proc_pid_stat(5)`).
fn stat(pid: Pid) -> Vec<String> {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).unwrap_or_default();
    // The program's name stands in parentheses and may contain some itself.
    let behind = stat.rsplit_once(')').map_or("", |(_, behind)| behind);
    behind.split_ascii_whitespace().map(str::to_owned).collect()
}

/// The memory that a process has to itself, in bytes; 0 where there is no `/proc`.
fn private_memory(pid: Pid) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", pid.as_raw_nonzero())).unwrap_or_default();
    private_memory_in(&status) << 10
}

/// Read from `/proc/PID/status`, in KiB, also what was swapped out: without mapped files, as compiled modules are, which can be shared and taken away.
/// Systems that only look like Linux (gVisor) tell no more than all that is resident.
fn private_memory_in(status: &str) -> u64 {
    let of = |name| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|line| line.split_ascii_whitespace().next()?.parse::<u64>().ok())
    };
    let resident = of("RssAnon:").map(|anonymous| anonymous + of("RssShmem:").unwrap_or(0));
    resident.or_else(|| of("VmRSS:")).unwrap_or(0) + of("VmSwap:").unwrap_or(0)
}

/// Become the parent of all descendants whose own parents end, so that none can get away.
pub(crate) fn adopt_orphans() {
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
}

/// Kill everything below this process until nothing is left, or for some seconds: a process may start others faster.
pub(crate) fn kill_descendants() {
    for _ in 0..MAX_ROUNDS {
        let left = descendants(rustix::process::getpid());
        if left.is_empty() {
            return;
        }
        left.into_iter().for_each(kill);
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The same until the system says that we have no child, or for so long: those whose parents have ended are ours, so nothing is below us then, whatever a look at `/proc`
/// has missed.
pub(crate) fn end_children(longest: Duration) {
    let started = Instant::now();
    while started.elapsed() < longest {
        kill_descendants();
        loop {
            match rustix::process::wait(WaitOptions::NOHANG) {
                Ok(Some(_)) | Err(rustix::io::Errno::INTR) => {}
                Ok(None) => break,
                Err(_) => return,
            }
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// How often `kill_descendants` looks.
const MAX_ROUNDS: usize = 400;

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

#[cfg(test)]
mod tests {
    use super::{Worked, private_memory_in};
    use std::time::{Duration, Instant};

    #[test]
    fn what_takes_processor_time_is_not_idle() {
        let start = Instant::now();
        let mut worked = Worked::new(start);
        // Seconds since the start, milliseconds of processor time in all, and how many seconds were idle by then.
        let looks = [(1, 0, 0), (2, 0, 0), (3, 600, 0), (9, 700, 6), (10, 1100, 0), (20, 1100, 10), (21, 100, 0)];
        for (second, taken, idle) in looks {
            let now = start + Duration::from_secs(second);
            assert_eq!(worked.idle_at(now, Duration::from_millis(taken)), Duration::from_secs(idle), "{second} s");
        }
    }

    #[test]
    fn memory_is_what_a_process_has_to_itself() {
        let linux = "VmRSS:\t    2144 kB\nRssAnon:\t     148 kB\nRssFile:\t    1996 kB\nRssShmem:\t      12 kB\nVmSwap:\t5000 kB\n";
        assert_eq!(private_memory_in(linux), 5160);
        assert_eq!(private_memory_in("VmSize:\t9000 kB\nVmRSS:\t4000 kB\n"), 4000);
        assert_eq!(private_memory_in(""), 0);
    }
}
