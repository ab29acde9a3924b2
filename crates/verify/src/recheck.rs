//! The steps of the judgement that run Lean again, after the data has been found in order: modules that import the patched one,
//! an independent kernel, the negative control.

use crate::compile::{CompileEnd, Compiled, Parts};
use crate::control::{Finding, control};
use crate::dependents::{Dependent, dependents_of};
use crate::external_kernel;
use crate::gate;
use crate::judge::{Judge, NotAccepted, Outcome, skipped};
use crate::overlay::Overlay;
use crate::prepared::Prepared;
use leanwright_contract::{GuardOutcome, RejectReason};
use leanwright_lean::ModuleName;
use leanwright_procs::RunError;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// An independent kernel or a negative control may take this long.
const DEADLINE: Duration = Duration::from_secs(120);

impl Judge {
    /// Compile the modules that import the patched one, within the budget.
    pub(crate) async fn check_dependents(
        &self,
        prepared: &Prepared,
        [before, after]: [&Compiled; 2],
    ) -> Result<Outcome, NotAccepted> {
        let dependents = dependents_of(&prepared.copy.project, &prepared.module);
        if dependents.is_empty() {
            return Ok(passed("no module of the project imports it"));
        }
        let all = dependents.len();
        let name = prepared.declaration.name.as_deref().unwrap_or_default();
        if gate::brings_helpers(&prepared.candidate.replacement) {
            let opens = |dependent: &&Dependent| {
                let text = std::fs::read_to_string(prepared.copy.project.root.join(&dependent.source));
                text.is_ok_and(|text| gate::opens(&text, name))
            };
            if let Some(dependent) = dependents.iter().find(opens) {
                let detail = format!("it opens `{name}`: the proof's helpers could be meant by its text");
                return Ok(RejectReason::ReverseDepFailed { module: dependent.module.to_string(), detail }.into());
            }
        }
        // What they import beside each other and the patched module.
        let known: BTreeSet<&ModuleName> =
            dependents.iter().map(|dependent| &dependent.module).chain([&prepared.module]).collect();
        let others = dependents.iter().flat_map(|dependent| &dependent.imports);
        let others = others.filter(|module| !known.contains(module)).cloned();
        if let Err(error) = prepared.copy.build(others).await {
            return Ok(skipped(&format!("other imports of the modules that import it do not build: {error}")));
        }
        let (started, budget) = (Instant::now(), self.settings.dependents);
        let mut patched = Rebuild::new(self, prepared, after).await?;
        let mut unpatched: Option<Rebuild<'_>> = None;
        let mut broken_before = 0;
        let partial = |compiled: usize| {
            let seconds = budget.as_secs();
            let note = format!("partial: {compiled} of {all} modules that import it were compiled in {seconds} s");
            Ok(Outcome { notes: vec![note.clone()], ..skipped(&note) })
        };
        for (index, dependent) in dependents.iter().enumerate() {
            let left = budget.saturating_sub(started.elapsed());
            if left.is_zero() {
                return partial(index);
            }
            let error = match patched.compile(dependent, left).await? {
                Build::Done => continue,
                // The budget has cut it off: that says nothing about the candidate.
                Build::NoEnd => return partial(index),
                Build::Broken(error) => error,
            };
            // Only what compiles without the candidate is held against it.
            let without = match &mut unpatched {
                Some(rebuild) => rebuild,
                None => unpatched.insert(Rebuild::new(self, prepared, before).await?),
            };
            let mut before = Build::Done;
            for earlier in dependents.iter().take(index + 1) {
                before = without.compile(earlier, DEADLINE).await?;
            }
            if before == Build::Done {
                let module = dependent.module.to_string();
                return Ok(RejectReason::ReverseDepFailed { module, detail: error }.into());
            }
            broken_before += 1;
        }
        Ok(match broken_before {
            0 => passed(&format!("{all} modules that import it, directly or not, still compile")),
            broken => {
                passed(&format!("{} of {all} modules that import it compile, the others did not before", all - broken))
            }
        })
    }

    /// Ask an independent kernel, where there is one.
    pub(crate) async fn check_external_kernel(
        &self,
        prepared: &Prepared,
        after: &Compiled,
    ) -> Result<Outcome, NotAccepted> {
        let (run, checker) = {
            let copy = &prepared.copy;
            let Some(checker) = external_kernel::checker(copy) else { return Ok(external_kernel::absent().into()) };
            let overlay = Overlay::make(copy)?;
            overlay.put(&prepared.module, parts(after))?;
            (external_kernel::run(copy, &checker, overlay, &prepared.module, DEADLINE), checker.display().to_string())
        };
        let _slot = self.slots.acquire().await.map_err(|error| NotAccepted::Unknown(error.to_string()))?;
        let finished = run.await.map_err(|error: RunError| NotAccepted::Unknown(error.to_string()))?;
        Ok(if finished.success() {
            passed(&format!("{checker} has replayed the module"))
        } else {
            let detail = format!("{}: {}", finished.ending(), finished.text().trim());
            RejectReason::KernelRefused { checker, detail }.into()
        })
    }

    /// Run the negative control.
    pub(crate) async fn run_control(&self, prepared: &Prepared) -> Finding {
        let without = |note: &str| Finding { outcome: skipped(note).outcome, note: None };
        let control = match control(&prepared.patched_text, &prepared.patched_outline, &prepared.patched) {
            Ok(control) => control,
            Err(why) => return without(why),
        };
        match self.compile(&prepared.copy, &prepared.candidate.file, &control.text, DEADLINE, None).await {
            Ok(compiled) => match &compiled.end {
                CompileEnd::Done => control.read(&compiled.messages),
                end => without(&end.to_string()),
            },
            Err(NotAccepted::Unknown(why) | NotAccepted::Failed(why)) => without(&why),
            Err(NotAccepted::Reject(reason)) => without(&reason.to_string()),
        }
    }
}

/// How compiling a module ended.
#[derive(PartialEq, Eq)]
enum Build {
    Done,
    /// Lean's first error.
    Broken(String),
    /// Stopped, or ended without a word.
    NoEnd,
}

/// Modules as they are compiled one after the other against one version of the patched module.
struct Rebuild<'a> {
    judge: &'a Judge,
    prepared: &'a Prepared,
    overlay: Overlay,
    done: BTreeSet<String>,
}

impl<'a> Rebuild<'a> {
    async fn new(judge: &'a Judge, prepared: &'a Prepared, compiled: &Compiled) -> Result<Self, NotAccepted> {
        let overlay = Overlay::make(&prepared.copy)?;
        overlay.put(&prepared.module, parts(compiled))?;
        Ok(Self { judge, prepared, overlay, done: BTreeSet::new() })
    }

    /// A module that has been compiled is not compiled again.
    async fn compile(&mut self, dependent: &Dependent, deadline: Duration) -> Result<Build, NotAccepted> {
        if !self.done.insert(dependent.module.to_string()) {
            return Ok(Build::Done);
        }
        let (copy, file) = (&self.prepared.copy, &dependent.source);
        let text = std::fs::read_to_string(copy.project.root.join(file))?;
        let compiled = self.judge.compile(copy, file, &text, deadline, Some(&self.overlay.lean_path)).await?;
        match &compiled.module {
            Some(parts) => {
                self.overlay.put(&dependent.module, parts)?;
                Ok(Build::Done)
            }
            None => Ok(match compiled.first_error() {
                Some(error) => Build::Broken(error.data.clone()),
                None => Build::NoEnd,
            }),
        }
    }
}

fn parts(compiled: &Compiled) -> &Parts {
    const NONE: &Parts = &Parts::new();
    compiled.module.as_ref().unwrap_or(NONE)
}

fn passed(evidence: &str) -> Outcome {
    GuardOutcome::Passed { evidence: evidence.to_owned() }.into()
}
