//! Runs of `lean` on one text: its messages, and the compiled module if there is one.

use crate::outcome::NotAccepted;
use leanwright_lean::dialect::CompilerMessage;
use leanwright_procs::{Invocation, RunEnd, RunError, Trust};
use leanwright_project::{CopyError, PART_ENDINGS, ProjectCopy, Tree, part_paths, read_parts};
use std::ffi::OsStr;
use std::fmt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};

/// The largest compiled module that is read, in bytes.
const MAX_OLEAN: u64 = 512 << 20;

/// A Lean that takes no processor time for so long will not take any more: even cold imports from a slow disk are read with some. It is less than the shortest deadline
/// of a candidate: one that hangs is run again, and does not count as too slow.
const IDLE_LIMIT: Duration = Duration::from_secs(30);

/// The bytes of a compiled module: its file, and the parts beside it if it is of the module system.
pub type Parts = Vec<Vec<u8>>;

/// How a run of `lean` ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CompileEnd {
    /// It has said everything that it had to say.
    Done,
    /// It was stopped after this time.
    TimedOut(Duration),
    /// It was stopped because it took more memory than this, in bytes.
    OutOfMemory(u64),
    /// It was stopped because it did nothing for this time.
    Stalled(Duration),
    /// It was stopped because it wrote too much.
    WroteTooMuch,
    /// What was to confine it did not let it start.
    NotStarted(String),
    /// It ended in another way; its last words.
    Crashed(String),
}

impl fmt::Display for CompileEnd {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done => formatter.write_str("Lean has ended"),
            Self::TimedOut(after) => write!(formatter, "Lean was stopped after {after:.0?}"),
            Self::OutOfMemory(limit) => write!(
                formatter,
                "Lean was stopped when it took more than {} MiB; `judge.memory_mib` says how much it may",
                limit >> 20
            ),
            Self::Stalled(time) => write!(formatter, "Lean did nothing for {time:.0?} and was stopped"),
            Self::WroteTooMuch => {
                formatter.write_str("Lean was stopped when it had written too much beside its module")
            }
            Self::NotStarted(why) => write!(formatter, "Lean was not started, as it could not be confined: {why}"),
            Self::Crashed(words) => write!(formatter, "Lean {words}"),
        }
    }
}

/// What `lean` made of a text.
#[derive(Debug)]
pub struct Compiled {
    pub messages: Vec<CompilerMessage>,
    /// The compiled module; absent if anything in the file is an error.
    pub module: Option<Parts>,
    pub end: CompileEnd,
    pub elapsed: Duration,
}

impl Compiled {
    pub fn first_error(&self) -> Option<&CompilerMessage> {
        self.messages.iter().find(|message| message.is_error())
    }

    pub fn errors(&self) -> impl Iterator<Item = &CompilerMessage> {
        self.messages.iter().filter(|message| message.is_error())
    }
}

/// Compiles, a bounded number of texts at a time.
pub struct Compiler {
    slots: Semaphore,
}

impl Compiler {
    pub fn new(at_a_time: usize) -> Self {
        Self { slots: Semaphore::new(at_a_time.max(1)) }
    }

    /// Wait until one fewer is compiled. What else takes a core for as long takes a place here, too.
    pub async fn slot(&self) -> Result<SemaphorePermit<'_>, NotAccepted> {
        self.slots.acquire().await.map_err(|error| NotAccepted::Unknown(error.to_string()))
    }

    /// Compile a text as the module that `file` holds; `lean_path` are other folders for its imports.
    pub async fn compile(
        &self,
        copy: &ProjectCopy,
        file: &Path,
        text: &str,
        deadline: Duration,
        lean_path: Option<&OsStr>,
    ) -> Result<Compiled, NotAccepted> {
        let job = || -> Result<CompileJob, CopyError> {
            let job = CompileJob::prepare(copy, file, text, deadline)?;
            Ok(lean_path.into_iter().fold(job, CompileJob::lean_path))
        };
        let first = job()?;
        let _slot = self.slot().await?;
        let compiled = first.run().await.map_err(|error| NotAccepted::Unknown(error.to_string()))?;
        if !matches!(compiled.end, CompileEnd::Crashed(_) | CompileEnd::Stalled(_)) {
            return Ok(compiled);
        }
        // The embedded Lean crashes or hangs once in a thousand times, and not again: that is not the text's fault.
        tracing::warn!(end = %compiled.end, "compiled once more");
        job()?.run().await.map_err(|error| NotAccepted::Unknown(error.to_string()))
    }
}

/// Whether a module's files are files, under one name each: a link leads to what the candidate cannot read, but we can. Whoever could change that has ended.
fn are_plain(olean: &Path) -> bool {
    let is_plain = |path: &PathBuf| {
        std::fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file() && metadata.nlink() == 1)
    };
    part_paths(olean).iter().all(is_plain)
}

/// A compile that is ready to run: it holds no lock on the copy.
struct CompileJob {
    tree: Tree,
    invocation: Invocation,
    olean: PathBuf,
}

impl CompileJob {
    /// Prepare a tree in which `file` has this text.
    fn prepare(copy: &ProjectCopy, file: &Path, text: &str, deadline: Duration) -> Result<Self, CopyError> {
        let (_, source_folder) = copy.project.module_of(file)?;
        let tree = copy.tree(file, text)?;
        let olean = tree.output.join("module.olean");
        let environment = &copy.environment;
        let launcher = &copy.toolchain.launcher;
        let run = launcher.run(Trust::Candidate, &environment.lean, &tree.root);
        let mut invocation = run.deadline(deadline).idle_limit(IDLE_LIMIT).view(copy.view(Some(&tree.output)));
        // The same module name as in the project: private names and dependents' references contain it.
        invocation = invocation.args([Path::new("-R"), &tree.root.join(source_folder), Path::new("-o"), &olean]);
        let options = copy.project.options_of(file)?;
        invocation = invocation.args(options.iter().map(|option| format!("-D{option}")));
        invocation = invocation.args(["--json".as_ref(), tree.root.join(file).as_os_str()]);
        invocation = invocation.env("LEAN_PATH", &environment.lean_path).env("PATH", &environment.path);
        Ok(Self { tree, invocation, olean })
    }

    /// Take imports from other folders than the copy's.
    fn lean_path(mut self, folders: &OsStr) -> Self {
        self.invocation = self.invocation.env("LEAN_PATH", folders);
        self
    }

    async fn run(self) -> Result<Compiled, RunError> {
        let finished = self.invocation.run().await?;
        let text = String::from_utf8_lossy(&finished.stdout);
        // Lines that are no messages are the candidate's own output: display only, and nobody displays it.
        let messages: Vec<CompilerMessage> = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        let size = |path: &Path| std::fs::metadata(path).map_or(0, |metadata| metadata.len());
        let all = std::iter::once("olean").chain(PART_ENDINGS).map(|ending| size(&self.olean.with_extension(ending)));
        let is_read = all.sum::<u64>() <= MAX_OLEAN && are_plain(&self.olean);
        let module = if is_read { read_parts(&self.olean).ok() } else { None };
        let has_error = messages.iter().any(CompilerMessage::is_error);
        let end = match finished.end {
            RunEnd::TimedOut => CompileEnd::TimedOut(finished.elapsed),
            RunEnd::OutOfMemory(limit) => CompileEnd::OutOfMemory(limit),
            RunEnd::Idle(time) => CompileEnd::Stalled(time),
            RunEnd::WroteTooMuch => CompileEnd::WroteTooMuch,
            RunEnd::Itself(status) if !status.success() && !has_error => {
                let tail: String = finished.text().lines().rev().take(3).collect::<Vec<_>>().join(" / ");
                CompileEnd::Crashed(format!("ended with {status} and no error message: {tail}"))
            }
            RunEnd::Itself(_) => CompileEnd::Done,
        };
        let end = match end {
            CompileEnd::Crashed(words) => match self.invocation.could_start() {
                Ok(()) => CompileEnd::Crashed(words),
                Err(why) => CompileEnd::NotStarted(why.to_string()),
            },
            end => end,
        };
        // A module beside an error or another end was not written by an honest compile.
        let module = module.filter(|_| !has_error && finished.success());
        drop(self.tree);
        Ok(Compiled { messages, module, end, elapsed: finished.elapsed })
    }
}
