//! An independent kernel, where there is one: `leanchecker` replays the patched module's declarations through Lean's kernel in a
//! process that elaborates nothing. Optional: without one the verdict says so.

use leanwright_contract::GuardOutcome;
use leanwright_lean::ModuleName;
use leanwright_procs::{Finished, RunError, Trust, find_on_path};
use leanwright_project::{Overlay, ProjectCopy};
use std::future::Future;
use std::path::{Path, PathBuf};
use std::time::Duration;

const CHECKER: &str = "leanchecker";

/// The checker of the project's toolchain, or one on PATH.
pub fn checker(copy: &ProjectCopy) -> Option<PathBuf> {
    let beside = copy.environment.lean.with_file_name(CHECKER);
    if beside.is_file() { Some(beside) } else { find_on_path(CHECKER, &copy.environment.path) }
}

/// Run a checker on a module of an overlay.
pub fn run(
    copy: &ProjectCopy,
    checker: &Path,
    overlay: Overlay,
    module: &ModuleName,
    deadline: Duration,
) -> impl Future<Output = Result<Finished, RunError>> + Send + use<> {
    let run = copy.toolchain.launcher.run(Trust::Candidate, checker, &copy.project.root);
    let mut view = copy.view(None);
    view.read.extend(std::fs::canonicalize(checker).into_iter().chain([checker.to_owned()]));
    let run = run.args([module.to_string()]).deadline(deadline).view(view);
    let run = run.env("LEAN_PATH", &overlay.lean_path).env("PATH", &copy.environment.path);
    async move {
        let finished = run.run().await;
        drop(overlay);
        let finished = finished?;
        // What was to confine it may have ended with the code of a refusal.
        if answer(&finished) == Some(false) {
            run.could_start().map_err(|source| RunError::NotConfined { program: CHECKER.to_owned(), source })?;
        }
        Ok(finished)
    }
}

/// What a checker has said by its exit code; nothing if it was stopped, killed, or could not be started (126 and above).
pub fn answer(finished: &Finished) -> Option<bool> {
    let code = finished.status()?.code()?;
    (code < 126 && !finished.held_open).then_some(code == 0)
}

/// What the verdict says where there is none.
pub fn absent() -> GuardOutcome {
    GuardOutcome::Skipped { note: format!("no `{CHECKER}` beside `lean` or on PATH") }
}
