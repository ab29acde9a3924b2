//! One run of a program to its end: with a deadline, bounded output, and nothing left behind.

use crate::group::GroupGuard;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Command;

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
        let reading = async { tokio::join!(read(stdout, self.output_limit), read(stderr, self.output_limit)) };
        tokio::pin!(reading);
        let mut output = None;
        let status = tokio::time::timeout(self.deadline, async {
            // The pipes end before the process does, unless a grandchild has kept them: then the process decides.
            tokio::select! {
                streams = &mut reading => { output = Some(streams); child.wait().await }
                status = child.wait() => status,
            }
        })
        .await;
        group.kill();
        drop(lifeline);
        let ((stdout, cut_out), (stderr, cut_err)) = match output {
            Some(streams) => streams,
            None => reading.await,
        };
        let status = match status {
            Ok(status) => Some(status.map_err(|source| RunError::Wait { program: program(), source })?),
            Err(_) => None,
        };
        Ok(Finished { status, stdout, stderr, truncated: cut_out || cut_err, elapsed: started.elapsed() })
    }
}

impl Finished {
    pub fn success(&self) -> bool {
        self.status.is_some_and(|status| status.success())
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
            Some(status) => status.to_string(),
        }
    }
}

/// Run a program as a supervisor does: its standard input is empty, and when ours ends, everything in this process group
/// is killed. Returns the program's exit code.
pub fn supervise(command_line: &[OsString]) -> std::io::Result<i32> {
    let (program, arguments) = command_line.split_first().ok_or_else(|| std::io::Error::other("no program"))?;
    let mut child = std::process::Command::new(program).args(arguments).stdin(Stdio::null()).spawn()?;
    std::thread::spawn(|| {
        // Nobody ever writes: reading ends when the last holder of the other end is gone.
        let _ = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink());
        let _ = rustix::process::kill_current_process_group(rustix::process::Signal::KILL);
    });
    let status = child.wait()?;
    use std::os::unix::process::ExitStatusExt;
    Ok(status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(1))
}

async fn read(stream: Option<impl AsyncRead + Unpin>, limit: usize) -> (Vec<u8>, bool) {
    let (mut kept, mut cut) = (Vec::new(), false);
    let Some(mut stream) = stream else { return (kept, cut) };
    let mut buffer = vec![0; 64 << 10];
    while let Ok(count) = stream.read(&mut buffer).await {
        if count == 0 {
            break;
        }
        let room = count.min(limit - kept.len());
        kept.extend_from_slice(buffer.get(..room).unwrap_or_default());
        cut |= room < count;
    }
    (kept, cut)
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

    #[tokio::test]
    async fn a_missing_program_is_named() {
        let error = Invocation::new("/no/such/program", "/").run().await.unwrap_err();
        assert!(error.to_string().contains("/no/such/program"), "{error}");
    }
}
