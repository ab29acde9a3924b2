//! A process between us and what we start: it kills everything below itself when we end, however we end.

use crate::group;
pub use crate::group::SUPERVISE;
use rustix::process::WaitOptions;
use std::ffi::OsString;
use std::process::Stdio;
use std::time::Duration;

/// The lifeline of a supervisor whose standard input ends with its caller; the program gets an empty one.
pub(crate) const STANDARD_INPUT: &str = "-";

const FREE_CORES: &str = "--free-cores=";

/// The word that tells a supervisor to leave this many processors to others.
pub(crate) fn free_cores_word(count: usize) -> String {
    format!("{FREE_CORES}{count}")
}

/// Keep this process, and what it starts, off so many of the processors that it may use; one is left to it. Priorities do not do: a process of the lowest priority
/// still makes others wait while the kernel works for it. Where a system cannot do this, nothing happens.
fn leave_free(count: usize) {
    #[cfg(target_os = "linux")]
    {
        use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
        let Ok(mut usable) = sched_getaffinity(None) else { return };
        let all = (0..CpuSet::MAX_CPU).rev().filter(|cpu| usable.is_set(*cpu));
        let all: Vec<usize> = all.collect();
        for cpu in all.iter().take(count.min(all.len().saturating_sub(1))) {
            usable.unset(*cpu);
        }
        let _ = sched_setaffinity(None, &usable);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = count;
}

/// How often a supervisor that has handed on its standard input looks whether its caller is there.
const LOOK: Duration = Duration::from_millis(200);

/// How long something may take to end after it was told to: a supervisor with all that is below it, or a stream whose writers are dead.
pub(crate) const GRACE: Duration = Duration::from_secs(3);

/// Run a program as a supervisor does: when it ends, or our caller does, everything below this process is killed, also what has left its group and its
/// parents. The words are: perhaps how many processors must not be used ([`free_cores_word`]); the lifeline, `-` for our standard input or the process number of our
/// caller; the program and its arguments.
/// Returns the program's exit code.
pub fn supervise(command_line: &[OsString]) -> std::io::Result<i32> {
    let free = command_line.first().and_then(|word| word.to_str()?.strip_prefix(FREE_CORES)?.parse::<usize>().ok());
    if let Some(free) = free {
        leave_free(free);
    }
    let command_line = command_line.get(usize::from(free.is_some())..).unwrap_or_default();
    let [lifeline, program, arguments @ ..] = command_line else { return Err(std::io::Error::other("no program")) };
    let caller = (lifeline != STANDARD_INPUT).then(|| lifeline.to_str().and_then(|text| text.parse::<u32>().ok()));
    group::adopt_orphans();
    let mut command = std::process::Command::new(program);
    command.args(arguments);
    if caller.is_none() {
        command.stdin(Stdio::null());
    }
    // What we have inherited ourselves, an open folder perhaps, is not the program's.
    close_fds::set_fds_cloexec(3, &[]);
    let child = command.spawn()?.id();
    std::thread::spawn(move || {
        match caller {
            // Nobody ever writes: reading ends when the last holder of the other end is gone.
            None => drop(std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink())),
            Some(caller) => {
                while Some(std::os::unix::process::parent_id()) == caller {
                    std::thread::sleep(LOOK);
                }
            }
        }
        group::kill_descendants();
        // The program has ended with them, and we do; if not, something could not be killed.
        std::thread::sleep(GRACE);
        let _ = rustix::process::kill_current_process_group(rustix::process::Signal::KILL);
    });
    // What has lost its parents is ours to wait for, too: a session has time for more of them than there are process numbers.
    let status = loop {
        match rustix::process::wait(WaitOptions::empty()) {
            Ok(Some((pid, status))) if u32::try_from(pid.as_raw_nonzero().get()) == Ok(child) => break status,
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    };
    group::end_children(GRACE);
    Ok(status.exit_status().or_else(|| status.terminating_signal().map(|signal| 128 + signal)).unwrap_or(1))
}
