//! One run of a program to its end: with a deadline, bounded output, and nothing left behind.

use crate::group::{self, GroupGuard};
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Command;

/// How long something may take to end after it was told to: a supervisor with all that is below it, or a stream whose writers are dead.
const GRACE: Duration = Duration::from_secs(3);

/// Limit the memory that this process may ever take, in bytes: what wants more fails.
pub fn limit_memory(bytes: u64) -> std::io::Result<()> {
    let limit = rustix::process::Rlimit { current: Some(bytes), maximum: Some(bytes) };
    Ok(rustix::process::setrlimit(rustix::process::Resource::As, limit)?)
}

/// What is to be run.
#[derive(Clone, Debug)]
pub struct Invocation {
    pub program: PathBuf,
    pub arguments: Vec<OsString>,
    pub directory: PathBuf,
    /// Variables to set; with `None`, to remove.
    pub environment: Vec<(OsString, Option<OsString>)>,
    pub deadline: Duration,
    /// Bytes of each stream that are kept; the rest is read and thrown away.
    pub output_limit: usize,
    /// A program that runs the rest of the command line and kills it when its own standard input ends: with it nothing
    /// outlives us, however we end. See [`supervise`].
    pub supervisor: Option<Vec<OsString>>,
}

/// How a run ended.
#[derive(Debug)]
pub struct Finished {
    /// `None` when the deadline passed and the group was killed.
    pub status: Option<ExitStatus>,
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
    /// Whether output was thrown away.
    pub truncated: bool,
    /// Whether something that the program left behind kept its output open: then the pipes were closed, and there may be more.
    pub held_open: bool,
    pub elapsed: Duration,
}

/// Why a program could not be run at all.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error("could not start `{program}`: {source}")]
    Start { program: String, source: std::io::Error },
    #[error("lost `{program}` while it ran: {source}")]
    Wait { program: String, source: std::io::Error },
}

impl Invocation {
    pub fn new(program: impl Into<PathBuf>, directory: impl Into<PathBuf>) -> Self {
        Self {
            program: program.into(),
            arguments: Vec::new(),
            directory: directory.into(),
            environment: Vec::new(),
            deadline: Duration::from_secs(600),
            output_limit: 4 << 20,
            supervisor: None,
        }
    }

    pub fn args(mut self, arguments: impl IntoIterator<Item = impl Into<OsString>>) -> Self {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    pub fn env(mut self, key: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.environment.push((key.into(), Some(value.into())));
        self
    }

    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    pub fn supervisor(mut self, supervisor: Option<&[OsString]>) -> Self {
        self.supervisor = supervisor.map(<[OsString]>::to_vec);
        self
    }

    /// The command line, with the supervisor in front if there is one.
    fn command(&self) -> Command {
        match self.supervisor.as_deref().and_then(<[OsString]>::split_first) {
            None => {
                let mut command = Command::new(&self.program);
                command.args(&self.arguments).stdin(Stdio::null());
                command
            }
            Some((supervisor, leading)) => {
                let mut command = Command::new(supervisor);
                command.args(leading).arg(&self.program).args(&self.arguments).stdin(Stdio::piped());
                command
            }
        }
    }

    /// Run it. Standard input is empty.
    pub async fn run(&self) -> Result<Finished, RunError> {
        let program = || self.program.display().to_string();
        let mut command = self.command();
        command.current_dir(&self.directory).stdout(Stdio::piped()).stderr(Stdio::piped());
        for (key, value) in &self.environment {
            match value {
                Some(value) => command.env(key, value),
                None => command.env_remove(key),
            };
        }
        let started = Instant::now();
        let (mut child, mut group) =
            GroupGuard::spawn(&mut command).map_err(|source| RunError::Start { program: program(), source })?;
        // The supervisor's lifeline: it ends with this process, or here.
        let lifeline = child.stdin.take();
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let (mut kept_out, mut kept_err) = (Kept::new(self.output_limit), Kept::new(self.output_limit));
        let mut is_read = false;
        let status = {
            let reading = async { tokio::join!(kept_out.read(stdout), kept_err.read(stderr)) };
            tokio::pin!(reading);
            let status = tokio::time::timeout(self.deadline, async {
                // The pipes end before the process does, unless a grandchild has kept them: then the process decides.
                tokio::select! {
                    _ = &mut reading => { is_read = true; child.wait().await }
                    status = child.wait() => status,
                }
            })
            .await;
            // A supervisor kills what is below it, wherever that went, and ends; without one, or if it was killed, we do what we can.
            drop(lifeline);
            if status.is_err() && self.supervisor.is_some() {
                let _ = tokio::time::timeout(GRACE, child.wait()).await;
            }
            group.kill();
            is_read = is_read || tokio::time::timeout(GRACE, &mut reading).await.is_ok();
            status
        };
        let status = match status {
            Ok(status) => Some(status.map_err(|source| RunError::Wait { program: program(), source })?),
            Err(_) => None,
        };
        Ok(Finished {
            status,
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
        self.status.is_some_and(|status| status.success()) && !self.held_open
    }

    /// Both streams as text, errors first, for a message to a person.
    pub fn text(&self) -> String {
        let text = [&self.stderr, &self.stdout].map(|stream| String::from_utf8_lossy(stream).trim().to_owned());
        text.iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join("\n")
    }

    /// How it ended, in words.
    pub fn ending(&self) -> String {
        match self.status {
            None => format!("was stopped after {:.0?}", self.elapsed),
            Some(_) if self.held_open => "ended, but something that it had started kept its output open".to_owned(),
            Some(status) => status.to_string(),
        }
    }
}

/// Run a program as a supervisor does: its standard input is empty, and when it ends, or our standard input does, everything below
/// this process is killed, also what has left its group and its parents. Returns the program's exit code.
pub fn supervise(command_line: &[OsString]) -> std::io::Result<i32> {
    let (program, arguments) = command_line.split_first().ok_or_else(|| std::io::Error::other("no program"))?;
    group::adopt_orphans();
    let mut child = std::process::Command::new(program).args(arguments).stdin(Stdio::null()).spawn()?;
    std::thread::spawn(|| {
        // Nobody ever writes: reading ends when the last holder of the other end is gone.
        let _ = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink());
        group::kill_descendants();
        // The program has ended with them, and we do; if not, something could not be killed.
        std::thread::sleep(GRACE);
        let _ = rustix::process::kill_current_process_group(rustix::process::Signal::KILL);
    });
    let status = child.wait()?;
    group::kill_descendants();
    use std::os::unix::process::ExitStatusExt;
    Ok(status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(1))
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
        Invocation::new("/bin/sh", "/").args(["-c", script])
    }

    #[tokio::test]
    async fn output_is_bounded_and_streams_are_apart() {
        let mut run = shell("echo err >&2; yes | head -c 100000");
        run.output_limit = 10;
        let finished = run.run().await.unwrap();
        assert!(finished.success() && finished.truncated);
        assert_eq!((&finished.stdout[..], &finished.stderr[..]), (&b"y\ny\ny\ny\ny\n"[..], &b"err\n"[..]));
    }

    #[tokio::test]
    async fn a_deadline_kills_the_whole_group() {
        // The grandchild holds our pipe: `run` returns only because it was killed too.
        let run = shell("sleep 1000 & echo started; wait").deadline(Duration::from_millis(300));
        let finished = tokio::time::timeout(Duration::from_secs(60), run.run()).await.unwrap().unwrap();
        assert!(finished.status.is_none());
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
        assert!(finished.status.is_none() && !finished.held_open);
    }

    #[tokio::test]
    async fn a_missing_program_is_named() {
        let error = Invocation::new("/no/such/program", "/").run().await.unwrap_err();
        assert!(error.to_string().contains("/no/such/program"), "{error}");
    }
}
