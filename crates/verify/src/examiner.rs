//! Has compiled modules examined: in a process of its own, if there is a program for it. What it cannot say is unknown, never a yes.

use crate::compile::Parts;
use crate::examine::{Examination, ExaminationReport, Modules, examine, write_examination};
use crate::guard::Guard;
use crate::outcome::NotAccepted;
use leanwright_contract::RejectReason;
use leanwright_olean::Name;
use leanwright_procs::{Launcher, Trust};
use leanwright_project::ProjectCopy;
use std::ffi::OsString;
use std::time::Duration;

/// Reading what was compiled may take this long.
const DEADLINE: Duration = Duration::from_secs(120);

/// Where compiled modules are examined.
pub struct Examiner {
    launcher: Launcher,
    program: Option<Vec<OsString>>,
}

impl Examiner {
    /// `program`, with its first arguments, does `examine_file`.
    pub fn new(launcher: Launcher, program: Option<Vec<OsString>>) -> Self {
        Self { launcher, program }
    }

    pub async fn ask(
        &self,
        copy: &ProjectCopy,
        examination: &Examination,
        modules: &Modules<'_>,
    ) -> Result<ExaminationReport, NotAccepted> {
        let Some((program, leading)) = self.program.as_deref().and_then(<[OsString]>::split_first) else {
            return examine(examination, modules).map_err(|error| NotAccepted::Unknown(error.to_string()));
        };
        let folder = copy.scratch_folder("examine-")?;
        let file = folder.path().join("examination");
        write_examination(examination, modules, &file)?;
        let mut view = copy.view(None);
        view.read.extend(examination.imports.iter().map(|index| index.path.clone()));
        // It limits its own memory, by the size of what it reads.
        let run = self.launcher.run(Trust::Candidate, program, folder.path());
        let run = run.args(leading).args([&file]).deadline(DEADLINE).view(view).run().await;
        let finished = run.map_err(|error| NotAccepted::Unknown(error.to_string()))?;
        let answer = finished.success().then(|| serde_json::from_slice(&finished.stdout).ok()).flatten();
        answer.ok_or_else(|| {
            let text = finished.text();
            let last = text.lines().last().unwrap_or_default();
            NotAccepted::Unknown(format!("the compiled module could not be examined ({}): {last}", finished.ending()))
        })
    }

    /// Whether a text that imports `declaration` has become the same module with both versions of it, but for proofs, which rest on what they rested on: if not, what
    /// has changed.
    pub async fn difference(
        &self,
        copy: &ProjectCopy,
        declaration: &Name,
        text: &str,
        [before, after]: [&Parts; 2],
    ) -> Result<Option<RejectReason>, NotAccepted> {
        let only = [Guard::Invariance, Guard::Extensions];
        let off = crate::guard::DATA_GUARDS.iter().map(|(guard, _)| *guard).chain([Guard::Kernel]);
        let examination = Examination {
            texts: [text.to_owned(), text.to_owned()],
            off: off.filter(|guard| !only.contains(guard)).collect(),
            dependent_on: Some(declaration.clone()),
            ..Examination::default()
        };
        let report = self.ask(copy, &examination, &Modules { before, after }).await?;
        match report.unknown {
            Some(why) => Err(NotAccepted::Unknown(why)),
            None => Ok(report.refusal),
        }
    }
}
