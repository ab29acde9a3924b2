//! How a judge works: what the user may choose, and what tests put in.

use crate::verdict_store::VerdictStore;
use leanwright_contract::SandboxTier;
use leanwright_procs::{Confinement, Launcher};
use std::ffi::OsString;
use std::sync::Arc;
use std::time::Duration;

/// How a judge works.
#[derive(Clone, Debug)]
pub struct JudgeSettings {
    /// Candidates that are compiled at a time, at most.
    pub parallel: usize,
    /// Axioms that a proof may rest on, beside Lean's own three.
    pub axioms: Vec<String>,
    /// The time that compiling dependents may take for one candidate.
    pub dependents: Duration,
    /// The memory that one compile of a candidate may take, in bytes.
    pub memory: u64,
    /// What keeps what reads or compiles a candidate from everything that it does not need. Where that cannot be had, every verdict is unknown.
    pub sandbox: Sandbox,
    /// Processors that judging leaves to others, as far as one is left.
    pub free_cores: usize,
    /// Run the negative control on what is accepted, as a part of the judgement.
    pub control: bool,
    /// The program, with its first arguments, that reads what candidates were compiled to: `examine_file` in a process of its
    /// own. Without one it is done in this process.
    pub examiner: Option<Vec<OsString>>,
    /// Where verdicts are kept.
    pub store: Option<Arc<VerdictStore>>,
    /// For tests: called when it is clear what a judgement is about, before anything is compiled.
    #[doc(hidden)]
    pub hook: Option<Hook>,
}

/// Which sandbox is wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sandbox {
    /// None: who runs candidates trusts them.
    Off,
    /// The strongest that works here. On a system for which there is none, that is none.
    #[default]
    Strongest,
    Bubblewrap,
    Landlock,
}

impl Sandbox {
    /// What confines; why nothing does although something should, and what to do about it.
    pub fn find(self, launcher: &Launcher) -> Result<Option<Confinement>, String> {
        let found = match self {
            Self::Off => return Ok(None),
            Self::Strongest if !cfg!(target_os = "linux") => return Ok(None),
            Self::Strongest => Confinement::strongest(launcher).map_err(|[one, other]| format!("{one}; {other}")),
            Self::Bubblewrap => Confinement::bubblewrap(launcher).map_err(|why| why.to_string()),
            Self::Landlock => Confinement::landlock(launcher).map_err(|why| why.to_string()),
        };
        found.map(Some).map_err(|why| {
            format!(
                "candidates are not run, as nothing here could confine them ({why}). `leanwright doctor` shows what is missing; \
                 `--sandbox off` runs them all the same: then they can do what you can do"
            )
        })
    }
}

/// The tier of what confines.
pub(crate) fn tier(confinement: Option<&Confinement>) -> SandboxTier {
    match confinement {
        None => SandboxTier::CopyOnly,
        Some(Confinement::Bubblewrap(_)) => SandboxTier::Bubblewrap,
        Some(Confinement::Landlock) => SandboxTier::Landlock,
    }
}

/// For tests: something that happens in the middle of a judgement.
#[doc(hidden)]
#[derive(Clone)]
pub struct Hook(Arc<dyn Fn() + Send + Sync>);

impl Hook {
    pub fn new(happens: impl Fn() + Send + Sync + 'static) -> Self {
        Self(Arc::new(happens))
    }

    pub(crate) fn call(&self) {
        (self.0)();
    }
}

impl std::fmt::Debug for Hook {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Hook")
    }
}

impl JudgeSettings {
    /// How many candidates are compiled at a time. Where processors are left to others, one for each of the rest: on the same one two Leans wait for each other's threads,
    /// and both take twice as long as one after the other.
    pub fn at_a_time(&self) -> usize {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let rest = if self.free_cores == 0 { usize::MAX } else { processors.saturating_sub(self.free_cores) };
        self.parallel.min(rest).max(1)
    }
}

impl Default for JudgeSettings {
    fn default() -> Self {
        Self {
            parallel: 2,
            axioms: Vec::new(),
            dependents: Duration::from_secs(120),
            memory: 6 << 30,
            sandbox: Sandbox::Off,
            free_cores: 0,
            control: true,
            examiner: None,
            store: None,
            hook: None,
        }
    }
}
