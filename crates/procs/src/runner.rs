//! A runner's process: one line of JSON in, one line out, in lock step. It may die, hang, flood or lie.

use crate::confinement::{Confinement, View};
use crate::group::{GroupGuard, Limits, WRITTEN};
use crate::launcher::{Launcher, Trust};
use crate::leftovers::empty;
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};
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
#[derive(Clone, Debug)]
pub struct RunnerCommand {
    /// Program and arguments.
    pub command: Vec<String>,
    /// The root of the Lake project: its working directory and `LEAN_AGENT_LAKE_ROOT`.
    pub lake_root: PathBuf,
    /// What it is confined to; `None` for one that can do what its user can do.
    pub access: Option<RunnerAccess>,
}

/// What a confined runner has beside the system's programs and the project, which it can read.
#[derive(Clone, Debug)]
pub struct RunnerAccess {
    pub confinement: Confinement,
    /// Other files and folders to read.
    pub read: Vec<PathBuf>,
    pub network: bool,
    /// Names of our variables that it gets: keys for a service, for instance.
    pub variables: Vec<String>,
}

impl RunnerCommand {
    /// The program and its arguments, as far as they are files, with what is beside them. `program` is what a shim stands for.
    fn own_files(&self, program: Option<&Path>) -> Vec<PathBuf> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let on_path = self.command.first().filter(|program| !program.contains('/'));
        let on_path = on_path.and_then(|program| crate::lake::find_on_path(program, &path));
        let named = self.command.iter().map(|word| self.lake_root.join(word)).chain(on_path);
        let named = named.chain(program.map(Path::to_owned));
        let root = std::fs::canonicalize(&self.lake_root).unwrap_or_else(|_| self.lake_root.clone());
        // A link is shown, and what it leads to; but a project does not choose what of the user's is shown.
        let files = named.filter(|path| path.is_file()).flat_map(|path| {
            let folder = path.parent().and_then(|folder| std::fs::canonicalize(folder).ok());
            let link = folder.zip(path.file_name()).map(|(folder, name)| folder.join(name));
            let of_project = link.as_ref().is_some_and(|link| link.starts_with(&root));
            let real = std::fs::canonicalize(&path).ok().filter(|real| !of_project || real.starts_with(&root));
            [link, real]
        });
        files.flatten().flat_map(|file| [Some(beside(file.clone())), library_of(&file)]).flatten().collect()
    }

    /// A file's name as it can be found where only the file is shown: the folders that `x/../` leads through are not there.
    fn without_parents(&self, word: &str) -> OsString {
        let leads_up = Path::new(word).components().any(|part| part == Component::ParentDir);
        let file = Some(self.lake_root.join(word)).filter(|path| leads_up && path.is_file());
        file.and_then(|file| std::fs::canonicalize(file).ok()).map_or_else(|| word.into(), PathBuf::into_os_string)
    }

    /// What a version manager's shim on PATH stands for. The shim itself would start the manager, which looks all over the user's home.
    async fn behind_shim(&self, launcher: &Launcher) -> Option<PathBuf> {
        const MANAGERS: [&str; 5] = ["asdf", "mise", "nodenv", "pyenv", "rbenv"];
        let path = std::env::var_os("PATH").unwrap_or_default();
        let name = self.command.first()?;
        let shim = crate::lake::find_on_path(name, &path)?;
        let shims = shim.parent().filter(|folder| folder.ends_with("shims"))?;
        let home = shims.parent()?;
        let manager = home.file_name()?.to_str()?.trim_start_matches('.');
        let manager = MANAGERS.into_iter().find(|known| *known == manager)?;
        let own =
            ["bin", "libexec"].map(|folder| home.join(folder).join(manager)).into_iter().find(|path| path.is_file());
        let manager = own.or_else(|| crate::lake::find_on_path(manager, &path))?;
        let run = launcher.run(Trust::User, &manager, &self.lake_root).args(["which", name]).deadline(MANAGER_DEADLINE);
        let finished = run.run().await.ok().filter(crate::Finished::success)?;
        Some(PathBuf::from(String::from_utf8(finished.stdout).ok()?.trim())).filter(|program| program.is_file())
    }
}

/// How long a version manager may take to say which program it means.
const MANAGER_DEADLINE: Duration = Duration::from_secs(20);

/// The libraries of a Python that is installed in a folder of its own.
fn library_of(program: &Path) -> Option<PathBuf> {
    let installed = program.parent().filter(|folder| folder.ends_with("bin"))?.parent()?;
    let library = installed.join("lib");
    let has_python = |entry: std::fs::DirEntry| entry.file_name().to_string_lossy().starts_with("python");
    let is_python = program.file_name().is_some_and(|name| name.to_string_lossy().starts_with("python"));
    (is_python && std::fs::read_dir(&library).ok()?.flatten().any(has_python)).then_some(library)
}

/// A file's folder, or of a program of a Python environment the environment; where that is more than the runner's own, the file alone.
fn beside(file: PathBuf) -> PathBuf {
    let folder = file.parent().filter(|folder| !is_shared(folder));
    let environment = folder.and_then(Path::parent).filter(|above| above.join("pyvenv.cfg").is_file());
    environment.filter(|above| !is_shared(above)).or(folder).map_or_else(|| file.clone(), Path::to_owned)
}

/// Folders that have what is of others, or of other programs, in them.
const SHARED: [&str; 13] =
    ["/", "/bin", "/boot", "/dev", "/etc", "/home", "/media", "/opt", "/proc", "/run", "/srv", "/tmp", "/var"];

/// Whether a folder, without links, is one of these, is below `/etc`, or has a home folder or the temporary files in it.
fn is_shared(folder: &Path) -> bool {
    let passwd = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let homes = passwd.lines().filter_map(|line| line.split(':').nth(5)).map(PathBuf::from);
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let private = homes.chain(home).chain([std::env::temp_dir()]);
    let private = private.filter(|home| home.parent().is_some());
    let private: Vec<PathBuf> = private.map(|home| std::fs::canonicalize(&home).unwrap_or(home)).collect();
    SHARED.iter().any(|shared| folder == Path::new(shared))
        || folder.starts_with("/etc")
        || private.iter().any(|home| home.starts_with(folder) && !folder.starts_with("/usr"))
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
    #[error("the runner wrote more than {} MiB of temporary files, or too many", WRITTEN >> 20)]
    WroteTooMuch,
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
    /// Whether it has the network, if it is confined.
    limits: Option<bool>,
    group: GroupGuard,
    /// The one folder that a confined runner may write to.
    scratch: Option<Scratch>,
}

/// It goes after the processes, whatever they have left in it.
#[derive(Debug)]
struct Scratch(tempfile::TempDir);

impl Drop for Scratch {
    fn drop(&mut self) {
        empty(self.0.path());
    }
}

impl Drop for Runner {
    /// What the runner left behind may keep its stream open.
    fn drop(&mut self) {
        self.stderr.abort();
        self.group.kill();
    }
}

impl Runner {
    pub async fn start(launcher: &Launcher, how: &RunnerCommand) -> Result<Self, RunnerError> {
        let (program, arguments) = how.command.split_first().ok_or(RunnerError::NotConfigured)?;
        let failed = |source| RunnerError::Start { program: program.clone(), source };
        let lake_root = (leanwright_contract::LAKE_ROOT_VARIABLE, how.lake_root.clone().into_os_string());
        let scratch = how
            .access
            .as_ref()
            .map(|_| tempfile::Builder::new().prefix("leanwright-runner-").tempdir().map(Scratch))
            .transpose()
            .map_err(failed)?;
        let started = match (&how.access, &scratch) {
            (Some(access), Some(scratch)) => {
                let write = std::fs::canonicalize(scratch.0.path()).map_err(failed)?;
                let named = access.variables.iter().map(String::as_str);
                let mut variables: Vec<_> = named.filter_map(|name| Some((name, std::env::var_os(name)?))).collect();
                variables.extend([lake_root, ("TMPDIR", write.clone().into_os_string())]);
                let behind = how.behind_shim(launcher).await;
                let arguments: Vec<OsString> = arguments.iter().map(|word| how.without_parents(word)).collect();
                let read =
                    [how.own_files(behind.as_deref()), access.read.clone(), vec![how.lake_root.clone()]].concat();
                let view = View { read, write: Some(write), processes: true, network: access.network };
                launcher.talk_confined(
                    (&access.confinement, &view),
                    behind.as_deref().map_or(program.as_ref(), Path::as_os_str),
                    &arguments,
                    &how.lake_root,
                    &variables,
                )
            }
            _ => launcher.talk_with(program.as_ref(), arguments, &how.lake_root, Stdio::piped(), &[lake_root]),
        };
        let (mut child, group) = started.map_err(failed)?;
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(stdin), Some(stdout), Some(pipe)) = pipes else {
            return Err(failed(std::io::Error::other("no pipes")));
        };
        let stderr = tokio::spawn(drain(pipe));
        let limits = how.access.as_ref().map(|access| access.network);
        Ok(Self { child, stdin, stdout: BufReader::new(stdout), stderr, limits, group, scratch })
    }

    /// Send one line and read one. After any error the runner is of no more use: its answers would be to old questions.
    pub async fn ask(&mut self, line: &str, deadline: Duration) -> Result<String, RunnerError> {
        let output = self.scratch.as_ref().map(|scratch| scratch.0.path().to_owned());
        let excess = self.group.excess(Limits { output, ..Limits::default() });
        tokio::select! {
            answer = self.exchange(line) => answer,
            _ = excess => Err(RunnerError::WroteTooMuch),
            () = tokio::time::sleep(deadline) => Err(RunnerError::TimedOut(deadline)),
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
        let mut stderr = if stderr.is_empty() { stderr } else { format!(":\n{stderr}") };
        if let Some(network) = self.limits {
            let network = if network { "" } else { " and has no network (`runner.network`)" };
            stderr += &format!(
                "\nIt is confined: it reads the project, its own folder and `runner.read`, writes to a temporary folder{network}. \
                 `--trust-runner` runs it as you would"
            );
        }
        RunnerError::Died { status, stderr }
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
        let mut runner =
            Runner::start(&Launcher::default(), &RunnerCommand { command, lake_root: "/".into(), access: None })
                .await
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
        let missing = RunnerCommand { command: vec!["/no/runner".into()], lake_root: "/".into(), access: None };
        assert!(Runner::start(&Launcher::default(), &missing).await.unwrap_err().to_string().contains("/no/runner"));
    }
}
