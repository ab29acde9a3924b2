//! One run of a program to its end: with a deadline, bounded output, and nothing left behind.

use crate::confinement::{NoConfinement, View};
use crate::group::{Excess, GroupGuard, Limits, WRITTEN};
use crate::launcher::{Launcher, Trust, restrict_environment};
use crate::supervisor::{GRACE, STANDARD_INPUT};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncReadExt};

/// Limit the memory that this process may ever take, in bytes: what wants more fails.
pub fn limit_memory(bytes: u64) -> std::io::Result<()> {
    let limit = rustix::process::Rlimit { current: Some(bytes), maximum: Some(bytes) };
    Ok(rustix::process::setrlimit(rustix::process::Resource::As, limit)?)
}

/// What is to be run; [`Launcher::run`] makes one.
#[derive(Clone, Debug)]
pub struct Invocation {
    launcher: Launcher,
    trust: Trust,
    program: PathBuf,
    arguments: Vec<OsString>,
    directory: PathBuf,
    environment: Vec<(OsString, OsString)>,
    deadline: Duration,
    output_limit: usize,
    limits: Limits,
    view: Option<View>,
}

/// How a run ended.
#[derive(Debug)]
pub struct Finished {
    pub end: RunEnd,
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
    /// Whether output was thrown away.
    pub truncated: bool,
    /// Whether something that the program left behind kept its output open: then the pipes were closed, and there may be more.
    pub held_open: bool,
    pub elapsed: Duration,
}

/// Whether a program ended or was stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunEnd {
    Itself(ExitStatus),
    /// The deadline passed.
    TimedOut,
    /// It and what it had started took more memory than this, in bytes.
    OutOfMemory(u64),
    /// It and what it had started did nothing for this time.
    Idle(Duration),
    /// There was more in the folder that it may write to than may be.
    WroteTooMuch,
}

impl From<Excess> for RunEnd {
    fn from(excess: Excess) -> Self {
        match excess {
            Excess::Memory(bytes) => Self::OutOfMemory(bytes),
            Excess::Idle(time) => Self::Idle(time),
            Excess::Output => Self::WroteTooMuch,
        }
    }
}

/// Why a program could not be run at all.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error("could not start `{program}`: {source}")]
    Start { program: String, source: std::io::Error },
    #[error("`{program}` was not started, as it cannot be confined: {source}")]
    NotConfined { program: String, source: NoConfinement },
    #[error("lost `{program}` while it ran: {source}")]
    Wait { program: String, source: std::io::Error },
}

impl Invocation {
    pub(crate) fn new(launcher: Launcher, trust: Trust, program: &Path, directory: &Path, limits: Limits) -> Self {
        Self {
            launcher,
            trust,
            program: program.to_owned(),
            arguments: Vec::new(),
            directory: directory.to_owned(),
            environment: Vec::new(),
            deadline: Duration::from_secs(600),
            output_limit: 4 << 20,
            limits,
            view: None,
        }
    }

    /// What it can see and write, where the launcher confines; elsewhere it sees what its user sees. How much it writes is limited in any case.
    pub fn view(mut self, view: View) -> Self {
        self.limits.output.clone_from(&view.write);
        self.view = Some(view);
        self
    }

    pub fn args(mut self, arguments: impl IntoIterator<Item = impl Into<OsString>>) -> Self {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    pub fn env(mut self, key: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.environment.push((key.into(), value.into()));
        self
    }

    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Stop it when it has done nothing for this time.
    pub fn idle_limit(mut self, time: Duration) -> Self {
        self.limits.idle = Some(time);
        self
    }

    /// Keep this many bytes of each stream; the rest is read and thrown away.
    pub fn output_limit(mut self, bytes: usize) -> Self {
        self.output_limit = bytes;
        self
    }

    /// Whether what confines it, if anything does, lets it start: why not. For a run that has ended without a word.
    pub fn could_start(&self) -> Result<(), NoConfinement> {
        match (self.launcher.confining(), &self.view) {
            (Some((confinement, helper)), Some(view)) => {
                // What the program has made of its own folder says nothing.
                let fresh = tempfile::tempdir().map_err(|error| NoConfinement::NotTried(error.to_string()))?;
                let write = view.write.as_ref().map(|_| fresh.path().to_owned());
                confinement.shows(helper.ok_or(NoConfinement::NoHelper)?, &View { write, ..view.clone() })
            }
            _ => Ok(()),
        }
    }

    /// What stands before the program: nothing if it is not confined.
    fn confining_words(&self) -> Result<Vec<OsString>, NoConfinement> {
        match (self.launcher.confining(), &self.view) {
            (Some((confinement, helper)), Some(view)) => {
                Ok(confinement.words(helper.ok_or(NoConfinement::NoHelper)?, view, &self.directory))
            }
            (Some(_), None) if self.trust == Trust::Candidate => Err(NoConfinement::NoView),
            _ => Ok(Vec::new()),
        }
    }

    /// Run it. Standard input is empty.
    pub async fn run(&self) -> Result<Finished, RunError> {
        let program = || self.program.display().to_string();
        let mut words =
            self.confining_words().map_err(|source| RunError::NotConfined { program: program(), source })?;
        words.push(self.program.clone().into_os_string());
        let mut words = words.into_iter();
        let mut command = self.launcher.command(&words.next().unwrap_or_default(), STANDARD_INPUT);
        command.args(words);
        command.args(&self.arguments).current_dir(&self.directory).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.stdin(if self.launcher.helper().is_some() { Stdio::piped() } else { Stdio::null() });
        if self.trust == Trust::Candidate {
            restrict_environment(command.as_std_mut());
        }
        command.envs(self.environment.iter().map(|(key, value)| (key, value)));
        let started = Instant::now();
        let (mut child, mut group) =
            GroupGuard::spawn(&mut command).map_err(|source| RunError::Start { program: program(), source })?;
        // The supervisor's lifeline: it ends with this process, or here.
        let lifeline = child.stdin.take();
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let (mut kept_out, mut kept_err) = (Kept::new(self.output_limit), Kept::new(self.output_limit));
        let mut is_read = false;
        let end = {
            let reading = async { tokio::join!(kept_out.read(stdout), kept_err.read(stderr)) };
            tokio::pin!(reading);
            let ending = async {
                // The pipes end before the process does, unless a grandchild has kept them: then the process decides.
                tokio::select! {
                    _ = &mut reading => { is_read = true; child.wait().await }
                    status = child.wait() => status,
                }
            };
            let end = tokio::select! {
                status = ending => Ok(RunEnd::Itself(status.map_err(|source| RunError::Wait { program: program(), source })?)),
                excess = group.excess(self.limits.clone()) => Err(excess.into()),
                () = tokio::time::sleep(self.deadline) => Err(RunEnd::TimedOut),
            };
            // A supervisor kills what is below it, wherever that went, and ends; without one, or if it was killed, we do what we can.
            drop(lifeline);
            if end.is_err() && self.launcher.helper().is_some() {
                let _ = tokio::time::timeout(GRACE, child.wait()).await;
            }
            group.kill();
            is_read = is_read || tokio::time::timeout(GRACE, &mut reading).await.is_ok();
            end.unwrap_or_else(|stopped| stopped)
        };
        Ok(Finished {
            end,
            truncated: kept_out.cut || kept_err.cut,
            stdout: kept_out.bytes,
            stderr: kept_err.bytes,
            held_open: !is_read,
            elapsed: started.elapsed(),
        })
    }
}

impl Finished {
    pub fn success(&self) -> bool {
        self.status().is_some_and(|status| status.success()) && !self.held_open
    }

    /// `None` if it was stopped.
    pub fn status(&self) -> Option<ExitStatus> {
        match self.end {
            RunEnd::Itself(status) => Some(status),
            RunEnd::TimedOut | RunEnd::OutOfMemory(_) | RunEnd::Idle(_) | RunEnd::WroteTooMuch => None,
        }
    }

    /// Both streams as text, errors first, for a message to a person.
    pub fn text(&self) -> String {
        let text = [&self.stderr, &self.stdout].map(|stream| String::from_utf8_lossy(stream).trim().to_owned());
        text.iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join("\n")
    }

    /// How it ended, in words.
    pub fn ending(&self) -> String {
        match self.end {
            RunEnd::TimedOut => format!("was stopped after {:.0?}", self.elapsed),
            RunEnd::OutOfMemory(limit) => format!("was stopped when it took more than {} MiB", limit >> 20),
            RunEnd::Idle(time) => format!("was stopped when it had done nothing for {time:.0?}"),
            RunEnd::WroteTooMuch => {
                format!("was stopped when it had written more than {} MiB, or too many files", WRITTEN >> 20)
            }
            RunEnd::Itself(_) if self.held_open => {
                "ended, but something that it had started kept its output open".to_owned()
            }
            RunEnd::Itself(status) => status.to_string(),
        }
    }
}

/// What is kept of a stream; it is there also when reading is given up.
struct Kept {
    bytes: Vec<u8>,
    cut: bool,
    limit: usize,
}

impl Kept {
    fn new(limit: usize) -> Self {
        Self { bytes: Vec::new(), cut: false, limit }
    }

    async fn read(&mut self, stream: Option<impl AsyncRead + Unpin>) {
        let Some(mut stream) = stream else { return };
        let mut buffer = vec![0; 64 << 10];
        while let Ok(count @ 1..) = stream.read(&mut buffer).await {
            let room = count.min(self.limit - self.bytes.len());
            self.bytes.extend_from_slice(buffer.get(..room).unwrap_or_default());
            self.cut |= room < count;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Invocation {
        Launcher::default().run(Trust::User, "/bin/sh", "/").args(["-c", script])
    }

    #[tokio::test]
    async fn output_is_bounded_and_streams_are_apart() {
        let run = shell("echo err >&2; yes | head -c 100000").output_limit(10);
        let finished = run.run().await.unwrap();
        assert!(finished.success() && finished.truncated);
        assert_eq!((&finished.stdout[..], &finished.stderr[..]), (&b"y\ny\ny\ny\ny\n"[..], &b"err\n"[..]));
    }

    #[tokio::test]
    async fn a_deadline_kills_the_whole_group() {
        // The grandchild holds our pipe: `run` returns only because it was killed too.
        let run = shell("sleep 1000 & echo started; wait").deadline(Duration::from_millis(300));
        let finished = tokio::time::timeout(Duration::from_secs(60), run.run()).await.unwrap().unwrap();
        assert_eq!(finished.end, RunEnd::TimedOut);
    }

    /// It has left the group and its parents, and holds our pipe for longer than anybody waits.
    #[tokio::test]
    async fn what_keeps_the_output_open_is_not_waited_for() {
        // The shell ends when the other has said a word, so it has a session of its own by then.
        let run = shell(r#"{ (setsid sh -c "echo said; exec sleep 100 >&3" &) | head -n 1; } 3>&1"#);
        let finished = tokio::time::timeout(Duration::from_secs(60), run.run()).await.unwrap().unwrap();
        assert!(finished.held_open && !finished.success());
        assert_eq!(finished.stdout, b"said\n");
        assert!(finished.ending().contains("kept its output open"), "{}", finished.ending());
    }

    #[tokio::test]
    async fn a_descendant_with_a_group_of_its_own_is_killed() {
        let run = shell("setsid sleep 1000 & wait").deadline(Duration::from_millis(300));
        let finished = tokio::time::timeout(Duration::from_secs(60), run.run()).await.unwrap().unwrap();
        assert!(finished.end == RunEnd::TimedOut && !finished.held_open);
    }

    #[tokio::test]
    async fn a_missing_program_is_named() {
        let error = Launcher::default().run(Trust::User, "/no/such/program", "/").run().await.unwrap_err();
        assert!(error.to_string().contains("/no/such/program"), "{error}");
    }

    #[tokio::test]
    async fn what_a_candidate_starts_has_a_limit_for_all_its_memory() {
        let limit = 64 << 20;
        let launcher = Launcher::default().candidate_memory(limit);
        // Two processes below the limit, and above it together: each has read a block that nobody takes from it.
        let one = "dd if=/dev/zero bs=40000000 count=1 | sleep 1000";
        let script = format!("({one}) & ({one}) & wait");
        let run = launcher.run(Trust::Candidate, "/bin/sh", "/").args(["-c", &script]);
        let finished = tokio::time::timeout(Duration::from_secs(60), run.run()).await.unwrap().unwrap();
        assert_eq!(finished.end, RunEnd::OutOfMemory(limit));
        assert!(finished.ending().contains("more than 64 MiB"), "{}", finished.ending());
    }

    #[tokio::test]
    async fn what_does_nothing_is_stopped() {
        let time = Duration::from_secs(1);
        // It has worked before; then it waits for nothing.
        let run = shell("i=0; while [ $i -lt 100000 ]; do i=$((i + 1)); done; exec sleep 1000").idle_limit(time);
        let finished = tokio::time::timeout(Duration::from_secs(60), run.run()).await.unwrap().unwrap();
        assert_eq!(finished.end, RunEnd::Idle(time));
    }

    #[tokio::test]
    async fn a_candidate_sees_no_variable_that_is_not_listed() {
        let seen = async |trust| {
            let run = Launcher::default().run(trust, "/usr/bin/env", "/").env("GIVEN", "yes").run().await.unwrap();
            String::from_utf8(run.stdout).unwrap()
        };
        // Cargo has set this one for the tests.
        assert!(seen(Trust::User).await.contains("CARGO_PKG_NAME="));
        let seen = seen(Trust::Candidate).await;
        assert!(seen.contains("GIVEN=yes") && seen.contains("PATH="), "{seen}");
        assert!(!seen.contains("CARGO_"), "{seen}");
    }
}
