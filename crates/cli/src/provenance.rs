//! Which programs and sources a record is made with.

use leanwright_contract::Provenance;
use leanwright_procs::{Finished, Toolchain, Trust};
use std::path::Path;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(60);

/// Ask `lean`, `lake` and `git`, in the project's root. What does not answer is left out.
pub async fn provenance(toolchain: &Toolchain, root: &Path) -> Provenance {
    let first_line = async |program: &Path, arguments: &[&str]| {
        let run = toolchain.launcher.run(Trust::User, program, root).args(arguments.iter().copied()).deadline(PATIENCE);
        let finished = run.run().await.ok().filter(Finished::success)?;
        let line = String::from_utf8_lossy(&finished.stdout).lines().next()?.trim().to_owned();
        (!line.is_empty()).then_some(line)
    };
    Provenance {
        lean_version: toolchain.environment(root).await.ok().map(|environment| environment.version),
        lake_version: first_line(&toolchain.lake, &["--version"]).await,
        git_commit: first_line(Path::new("git"), &["rev-parse", "HEAD"]).await,
    }
}
