//! The steps of the judgement that run Lean again, after the data has been found in order: modules that import the patched one,
//! an independent kernel, the negative control.

use crate::case::Case;
use crate::compile::{Compiled, Parts};
use crate::control::{Finding, control};
use crate::dependents::{Dependent, dependents_of};
use crate::external_kernel;
use crate::judge::{Judge, Outcome, Stop, skipped};
use crate::overlay::Overlay;
use leanwright_contract::{GuardOutcome, RejectReason};
use leanwright_lean::ModuleName;
use leanwright_procs::RunError;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// An independent kernel or a negative control may take this long.
const DEADLINE: Duration = Duration::from_secs(120);

impl Judge {
    /// Compile the modules that import the patched one, within the budget.
    pub(crate) async fn check_dependents(&self, case: &Case, [before, after]: [&Compiled; 2]) -> Result<Outcome, Stop> {
        let dependents = dependents_of(&case.copy.lock().await.project, &case.module);
        if dependents.is_empty() {
            return Ok(passed("no module of the project imports it"));
        }
        let all = dependents.len();
        // What they import beside each other and the patched module.
        let known: BTreeSet<&ModuleName> =
            dependents.iter().map(|dependent| &dependent.module).chain([&case.module]).collect();
        let others = dependents.iter().flat_map(|dependent| &dependent.imports);
        let others = others.filter(|module| !known.contains(module)).cloned();
        if let Err(error) = case.copy.lock().await.build(others).await {
            return Ok(skipped(&format!("other imports of the modules that import it do not build: {error}")));
        }
        let (started, budget) = (Instant::now(), self.settings.dependents);
        let mut patched = Rebuild::new(self, case, after).await?;
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
                None => unpatched.insert(Rebuild::new(self, case, before).await?),
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
    pub(crate) async fn check_external_kernel(&self, case: &Case, after: &Compiled) -> Result<Outcome, Stop> {
        let (run, checker) = {
            let copy = case.copy.lock().await;
            let Some(checker) = external_kernel::checker(&copy) else { return Ok(external_kernel::absent().into()) };
            let overlay = Overlay::make(&copy)?;
            overlay.put(&case.module, parts(after))?;
            (external_kernel::run(&copy, &checker, overlay, &case.module, DEADLINE), checker.display().to_string())
        };
        let _slot = self.slots.acquire().await.map_err(|error| Stop::Unknown(error.to_string()))?;
        let finished = run.await.map_err(|error: RunError| Stop::Unknown(error.to_string()))?;
        Ok(if finished.success() {
            passed(&format!("{checker} has replayed the module"))
        } else {
            let detail = format!("{}: {}", finished.ending(), finished.text().trim());
            RejectReason::KernelRefused { checker, detail }.into()
        })
    }

    /// Run the negative control.
    pub(crate) async fn run_control(&self, case: &Case) -> Finding {
        let without = |note: &str| Finding { outcome: skipped(note).outcome, note: None };
        let control = match control(&case.patched_text, &case.patched_outline, &case.patched) {
            Ok(control) => control,
            Err(why) => return without(why),
        };
        match self.compile(&case.copy, &case.candidate.file, &control.text, DEADLINE, None).await {
            Ok(compiled) => match &compiled.failure {
                Some(failure) => without(failure),
                None => control.read(&compiled.messages),
            },
            Err(Stop::Unknown(why) | Stop::Failed(why)) => without(&why),
            Err(Stop::Reject(reason)) => without(&reason.to_string()),
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
    case: &'a Case,
    overlay: Overlay,
    done: BTreeSet<String>,
}

impl<'a> Rebuild<'a> {
    async fn new(judge: &'a Judge, case: &'a Case, compiled: &Compiled) -> Result<Self, Stop> {
        let overlay = Overlay::make(&*case.copy.lock().await)?;
        overlay.put(&case.module, parts(compiled))?;
        Ok(Self { judge, case, overlay, done: BTreeSet::new() })
    }

    /// A module that has been compiled is not compiled again.
    async fn compile(&mut self, dependent: &Dependent, deadline: Duration) -> Result<Build, Stop> {
        if !self.done.insert(dependent.module.to_string()) {
            return Ok(Build::Done);
        }
        let (copy, file) = (&self.case.copy, &dependent.source);
        let root = copy.lock().await.project.root.clone();
        let text = std::fs::read_to_string(root.join(file))?;
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
