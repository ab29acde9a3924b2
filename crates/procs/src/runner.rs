//! A runner's process: one line of JSON in, one line out, in lock step. It may die, hang, flood or lie.

use crate::group::GroupGuard;
use crate::launcher::Launcher;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout};
use tokio::task::JoinHandle;

/// The longest answer that is read, in bytes.
const MAX_LINE: usize = 4 << 20;

/// How much of a runner's standard error is kept for messages, in bytes.
const STDERR_TAIL: usize = 4 << 10;

/// How a runner is started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunnerCommand {
    /// Program and arguments.
    pub command: Vec<String>,
    /// The root of the Lake project: its working directory and `LEAN_AGENT_LAKE_ROOT`.
    pub lake_root: PathBuf,
}

#[derive(Debug, thiserror::Error)]
pub enum RunnerError {
    #[error("no runner is configured")]
    NotConfigured,
    #[error("could not start the runner `{program}`: {source}")]
    Start { program: String, source: std::io::Error },
    #[error("the runner ended before it answered ({status}){stderr}")]
    Died { status: String, stderr: String },
    #[error("the runner did not answer within {0:.0?}")]
    TimedOut(Duration),
    #[error("the runner's answer is longer than {MAX_LINE} bytes")]
    TooLong,
    #[error("the runner's answer is not UTF-8")]
    NotUtf8,
}

/// A running runner. Dropping it kills its process group.
#[derive(Debug)]
pub struct Runner {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
    /// Ends with the stream, and has kept its last bytes.
    stderr: JoinHandle<Vec<u8>>,
    _group: GroupGuard,
}

impl Drop for Runner {
    /// What the runner left behind may keep its stream open.
    fn drop(&mut self) {
        self.stderr.abort();
    }
}

impl Runner {
    pub fn start(launcher: &Launcher, how: &RunnerCommand) -> Result<Self, RunnerError> {
        let (program, arguments) = how.command.split_first().ok_or(RunnerError::NotConfigured)?;
        let failed = |source| RunnerError::Start { program: program.clone(), source };
        let variables = [(leanwright_contract::LAKE_ROOT_VARIABLE, how.lake_root.as_os_str())];
        let started = launcher.talk(program.as_ref(), arguments, &how.lake_root, Stdio::piped(), &variables);
        let (mut child, group) = started.map_err(failed)?;
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(stdin), Some(stdout), Some(pipe)) = pipes else {
            return Err(failed(std::io::Error::other("no pipes")));
        };
        let stderr = tokio::spawn(drain(pipe));
        Ok(Self { child, stdin, stdout: BufReader::new(stdout), stderr, _group: group })
    }

    /// Send one line and read one. After any error the runner is of no more use: its answers would be to old questions.
    pub async fn ask(&mut self, line: &str, deadline: Duration) -> Result<String, RunnerError> {
        match tokio::time::timeout(deadline, self.exchange(line)).await {
            Ok(answer) => answer,
            Err(_) => Err(RunnerError::TimedOut(deadline)),
        }
    }

    async fn exchange(&mut self, line: &str) -> Result<String, RunnerError> {
        let sent = async {
            self.stdin.write_all(line.as_bytes()).await?;
            self.stdin.write_all(b"\n").await?;
            self.stdin.flush().await
        };
        // A runner that has ended without reading may still have answered; if not, the end of its output tells.
        let _ = sent.await;
        let mut answer = Vec::new();
        loop {
            answer.clear();
            let limit = u64::try_from(MAX_LINE + 1).unwrap_or(u64::MAX);
            let read = (&mut self.stdout).take(limit).read_until(b'\n', &mut answer).await;
            match read {
                Ok(0) | Err(_) => return Err(self.died().await),
                Ok(_) if answer.len() > MAX_LINE => return Err(RunnerError::TooLong),
                Ok(_) if answer.trim_ascii().is_empty() => {}
                Ok(_) => return String::from_utf8(answer).map_err(|_| RunnerError::NotUtf8),
            }
        }
    }

    async fn died(&mut self) -> RunnerError {
        let ending = async {
            let status = self.child.wait().await.map_or_else(|error| error.to_string(), |status| status.to_string());
            (status, (&mut self.stderr).await.unwrap_or_default())
        };
        let (status, stderr) = match tokio::time::timeout(Duration::from_secs(1), ending).await {
            Ok((status, tail)) => (status, String::from_utf8_lossy(&tail).trim().to_owned()),
            Err(_) => ("it closed its output".to_owned(), String::new()),
        };
        RunnerError::Died { status, stderr: if stderr.is_empty() { stderr } else { format!(":\n{stderr}") } }
    }
}

/// Read a stream to its end and keep its last bytes; a full pipe would stop the runner.
async fn drain(mut pipe: ChildStderr) -> Vec<u8> {
    let (mut tail, mut buffer) = (Vec::new(), vec![0; 4 << 10]);
    while let Ok(count @ 1..) = pipe.read(&mut buffer).await {
        tail.extend_from_slice(buffer.get(..count).unwrap_or_default());
        let excess = tail.len().saturating_sub(STDERR_TAIL);
        tail.drain(..excess);
    }
    tail
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn check(script: &str) -> Result<String, String> {
        let deadline = Duration::from_secs(if script.contains("sleep 100") { 1 } else { 60 });
        let command = ["/bin/sh", "-c", script].map(str::to_owned).to_vec();
        let mut runner = Runner::start(&Launcher::default(), &RunnerCommand { command, lake_root: "/".into() })
            .map_err(|e| e.to_string())?;
        runner.ask("{\"task\":1}", deadline).await.map_err(|error| error.to_string())
    }

    #[tokio::test]
    async fn a_line_for_a_line() {
        assert_eq!(check("read x; echo; echo \"got $x\"").await.unwrap(), "got {\"task\":1}\n");
        assert_eq!(check("echo $LEAN_AGENT_LAKE_ROOT").await.unwrap(), "/\n");
    }

    #[tokio::test]
    async fn faults_are_named() {
        assert!(check("echo boom >&2; exit 3").await.unwrap_err().contains("exit status: 3"));
        assert!(check("echo boom >&2; exit 3").await.unwrap_err().contains("boom"));
        assert!(check("sleep 100").await.unwrap_err().contains("did not answer"));
        assert!(check("yes | tr -d '\\n'").await.unwrap_err().contains("longer than"));
        assert!(check("printf '\\377\\n'").await.unwrap_err().contains("UTF-8"));
        let missing = RunnerCommand { command: vec!["/no/runner".into()], lake_root: "/".into() };
        assert!(Runner::start(&Launcher::default(), &missing).unwrap_err().to_string().contains("/no/runner"));
    }
}
