//! The steps of the judgement that run Lean again, after the data has been found in order: modules that import the patched one,
//! an independent kernel, the negative control.

use crate::compile::{CompileEnd, Compiled, Compiler, Parts};
use crate::control::{Finding, control};
use crate::dependents::{Dependent, dependents_of};
use crate::examine::ExaminationReport;
use crate::examiner::Examiner;
use crate::external_kernel;
use crate::outcome::{NotAccepted, Outcome, skipped};
use crate::prepared::Prepared;
use leanwright_contract::{GuardOutcome, RejectReason};
use leanwright_lean::ModuleName;
use leanwright_lean::module::components;
use leanwright_olean::Name;
use leanwright_procs::RunError;
use leanwright_project::{CopyError, Overlay};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// An independent kernel or a negative control may take this long.
const DEADLINE: Duration = Duration::from_secs(120);

/// A candidate whose data is in order, and what runs and reads Lean's work on other modules.
pub struct Recheck<'a> {
    pub compiler: &'a Compiler,
    pub examiner: &'a Examiner,
    pub prepared: &'a Prepared,
}

impl Recheck<'_> {
    /// Compile the modules that import the patched one, without the candidate and with it, within the budget: they become the same modules, but for proofs.
    pub async fn of_dependents(
        &self,
        budget: Duration,
        report: &ExaminationReport,
        [before, after]: [&Compiled; 2],
    ) -> Result<Outcome, NotAccepted> {
        let prepared = self.prepared;
        prepared.copy.bring_sources().await?;
        let dependents = dependents_of(&prepared.copy.project, &prepared.module);
        if dependents.is_empty() {
            return Ok(passed("no module of the project imports it"));
        }
        let all = dependents.len();
        if let Some(reason) = self.nothing_means_helpers(report, &dependents)? {
            return Ok(reason.into());
        }
        let declaration = Name::from_texts(components(&report.declaration));
        let broken = build_beside(prepared, &dependents).await?;
        let (dependents, left_out) = without_those_above(dependents, broken);
        let started = Instant::now();
        let mut patched = Rebuild::new(self.compiler, prepared, after).await?;
        let mut unpatched = Rebuild::new(self.compiler, prepared, before).await?;
        let mut broken_before = BTreeSet::new();
        for (index, dependent) in dependents.iter().enumerate() {
            let left = || budget.saturating_sub(started.elapsed());
            let partial = || Ok(partial(index, all, budget));
            if left().is_zero() {
                return partial();
            }
            // What is above it would be compiled with an old product of it.
            if !dependent.imports.is_disjoint(&broken_before) {
                broken_before.insert(dependent.module.clone());
                continue;
            }
            let (with, without) =
                tokio::join!(patched.compile(dependent, left()), unpatched.compile(dependent, left()));
            let (with, mut without) = (with?, without?);
            match &with {
                // The budget has cut it off: that says nothing about the candidate.
                Build::NoEnd(CompileEnd::TimedOut(_)) => return partial(),
                Build::NoEnd(end) => return Err(not_known(dependent, "with", end)),
                // An error that was found is not given up for want of time.
                Build::Broken(_) if matches!(without, Build::NoEnd(CompileEnd::TimedOut(_))) => {
                    without = unpatched.compile(dependent, DEADLINE).await?;
                }
                Build::Done(_) | Build::Broken(_) => {}
            }
            match (without, &with) {
                (Build::Done(before), Build::Done(after)) => {
                    let copy = &prepared.copy;
                    let text = std::fs::read_to_string(copy.project.root.join(&dependent.source))?;
                    if let Some(change) = self.examiner.difference(copy, &declaration, &text, [&before, after]).await? {
                        return Ok(in_dependent(change, dependent).into());
                    }
                }
                // Only what compiles without the candidate is held against it.
                (Build::Done(_), Build::Broken(error)) => {
                    let (module, detail) = (dependent.module.to_string(), error.clone());
                    return Ok(RejectReason::ReverseDepFailed { module, detail }.into());
                }
                (Build::NoEnd(CompileEnd::TimedOut(_)), Build::Done(_)) => return partial(),
                (Build::NoEnd(end), _) => return Err(not_known(dependent, "without", &end)),
                (Build::Broken(error), _) if builds(prepared, BTreeSet::from([dependent.module.clone()])).await? => {
                    let module = &dependent.module;
                    return Err(NotAccepted::Unknown(format!(
                        "whether `{module}`, which imports it, still compiles is not known: Lake builds it, and compiled by itself it fails: {error}"
                    )));
                }
                _ => drop(broken_before.insert(dependent.module.clone())),
            }
        }
        let evidence = match broken_before.len() {
            0 => format!("{} modules that import it, directly or not, compile to what they were", dependents.len()),
            broken => {
                let compile = dependents.len() - broken;
                format!(
                    "{compile} of {all} modules that import it compile to what they were, the others did not before"
                )
            }
        };
        let note = || {
            format!(
                "{left_out} of {all} modules that import it were not compiled: other imports of theirs do not build"
            )
        };
        let notes = (left_out > 0).then(note).into_iter().collect();
        Ok(Outcome { notes, ..passed(&evidence) })
    }

    /// Ask an independent kernel, where there is one.
    pub async fn of_external_kernel(&self, after: &Compiled) -> Result<Outcome, NotAccepted> {
        let prepared = self.prepared;
        let (run, checker) = {
            let copy = &prepared.copy;
            let Some(checker) = external_kernel::checker(copy) else { return Ok(external_kernel::absent().into()) };
            let overlay = Overlay::make(copy)?;
            overlay.put(&prepared.module, parts(after))?;
            (external_kernel::run(copy, &checker, overlay, &prepared.module, DEADLINE), checker.display().to_string())
        };
        let _slot = self.compiler.slot().await?;
        let finished = run.await.map_err(|error: RunError| NotAccepted::Unknown(error.to_string()))?;
        let detail = || format!("{}: {}", finished.ending(), finished.text().trim());
        match external_kernel::answer(&finished) {
            Some(true) => Ok(passed(&format!("{checker} has replayed the module"))),
            Some(false) => {
                let detail = detail();
                Ok(RejectReason::KernelRefused { checker, detail }.into())
            }
            None => Err(NotAccepted::Unknown(format!("{checker} gave no answer: {}", detail()))),
        }
    }

    /// Run the negative control.
    pub async fn control(&self) -> Finding {
        let prepared = self.prepared;
        let without = |note: &str| Finding { outcome: skipped(note).outcome, note: None };
        let control = match control(&prepared.patched_text, &prepared.patched_outline, &prepared.patched) {
            Ok(control) => control,
            Err(why) => return without(why),
        };
        match self.compiler.compile(&prepared.copy, &prepared.candidate.file, &control.text, DEADLINE, None).await {
            Ok(compiled) => match &compiled.end {
                CompileEnd::Done => control.read(&compiled.messages),
                end => without(&end.to_string()),
            },
            Err(NotAccepted::Unknown(why) | NotAccepted::Failed(why)) => without(&why),
            Err(NotAccepted::Reject(reason)) => without(&reason.to_string()),
        }
    }

    /// No text of a dependent could come to mean a helper by name: what leaves nothing in a compiled module, as `example` and `#guard`, is not seen there.
    fn nothing_means_helpers(
        &self,
        report: &ExaminationReport,
        dependents: &[Dependent],
    ) -> Result<Option<RejectReason>, NotAccepted> {
        for dependent in dependents {
            let text = std::fs::read_to_string(self.prepared.copy.project.root.join(&dependent.source))?;
            if let Some(name) = self.prepared.meant(&report.helpers, &report.declaration, &text, &(0..0)) {
                let detail = format!("could come to mean `{name}`, which the proof has brought");
                let change = RejectReason::ModuleChanged { declaration: "the text".to_owned(), detail };
                return Ok(Some(in_dependent(change, dependent)));
            }
        }
        Ok(None)
    }
}

/// The budget is used up.
fn partial(done: usize, all: usize, budget: Duration) -> Outcome {
    let seconds = budget.as_secs();
    let note = format!("partial: {done} of {all} modules that import it were compiled in {seconds} s");
    Outcome { notes: vec![note.clone()], ..skipped(&note) }
}

/// What has changed in a module that imports the patched one.
fn in_dependent(change: RejectReason, dependent: &Dependent) -> RejectReason {
    let module = dependent.module.to_string();
    match change {
        RejectReason::ModuleChanged { declaration, detail } => {
            RejectReason::ReverseDepChanged { module, declaration, detail }
        }
        RejectReason::DisallowedAxiom { declaration, offending, .. } => RejectReason::ReverseDepChanged {
            module,
            declaration,
            detail: format!("would rest on {}", offending.join(", ")),
        },
        other => RejectReason::ReverseDepChanged { declaration: module.clone(), module, detail: other.to_string() },
    }
}

/// Build what dependents import beside each other and the patched module. Returns what does not build.
async fn build_beside(prepared: &Prepared, dependents: &[Dependent]) -> Result<BTreeSet<ModuleName>, NotAccepted> {
    let known: BTreeSet<&ModuleName> =
        dependents.iter().map(|dependent| &dependent.module).chain([&prepared.module]).collect();
    let others = dependents.iter().flat_map(|dependent| &dependent.imports);
    let others: BTreeSet<ModuleName> = others.filter(|module| !known.contains(module)).cloned().collect();
    let mut broken = BTreeSet::new();
    if !builds(prepared, others.clone()).await? {
        for other in others {
            if !builds(prepared, BTreeSet::from([other.clone()])).await? {
                broken.insert(other);
            }
        }
    }
    Ok(broken)
}

/// Whether modules build in the copy. What keeps Lake from saying so is an error.
async fn builds(prepared: &Prepared, modules: BTreeSet<ModuleName>) -> Result<bool, NotAccepted> {
    match prepared.copy.build_others(modules).await {
        Ok(()) => Ok(true),
        Err(CopyError::Imports { .. }) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// The dependents that import none of these, directly or not, and how many do. Each comes after those that it imports.
fn without_those_above(dependents: Vec<Dependent>, mut broken: BTreeSet<ModuleName>) -> (Vec<Dependent>, usize) {
    let all = dependents.len();
    let mut left = Vec::new();
    for dependent in dependents {
        if dependent.imports.is_disjoint(&broken) {
            left.push(dependent);
        } else {
            broken.insert(dependent.module);
        }
    }
    let left_out = all - left.len();
    (left, left_out)
}

fn not_known(dependent: &Dependent, candidate: &str, end: &CompileEnd) -> NotAccepted {
    NotAccepted::Unknown(format!(
        "whether `{}`, which imports it, compiles {candidate} the candidate is not known: {end}",
        dependent.module
    ))
}

/// How compiling a module ended.
enum Build {
    /// What it was compiled to.
    Done(Parts),
    /// Lean's first error.
    Broken(String),
    /// Stopped, or ended without a word.
    NoEnd(CompileEnd),
}

/// Modules as they are compiled one after the other against one version of the patched module.
struct Rebuild<'a> {
    compiler: &'a Compiler,
    prepared: &'a Prepared,
    overlay: Overlay,
}

impl<'a> Rebuild<'a> {
    async fn new(compiler: &'a Compiler, prepared: &'a Prepared, compiled: &Compiled) -> Result<Self, NotAccepted> {
        let overlay = Overlay::make(&prepared.copy)?;
        overlay.put(&prepared.module, parts(compiled))?;
        Ok(Self { compiler, prepared, overlay })
    }

    async fn compile(&mut self, dependent: &Dependent, deadline: Duration) -> Result<Build, NotAccepted> {
        let (copy, file) = (&self.prepared.copy, &dependent.source);
        let text = std::fs::read_to_string(copy.project.root.join(file))?;
        let compiled = self.compiler.compile(copy, file, &text, deadline, Some(&self.overlay.lean_path)).await?;
        if let Some(error) = compiled.first_error() {
            return Ok(Build::Broken(error.data.clone()));
        }
        let Some(parts) = compiled.module else { return Ok(Build::NoEnd(compiled.end)) };
        self.overlay.put(&dependent.module, &parts)?;
        Ok(Build::Done(parts))
    }
}

fn parts(compiled: &Compiled) -> &Parts {
    const NONE: &Parts = &Parts::new();
    compiled.module.as_ref().unwrap_or(NONE)
}

fn passed(evidence: &str) -> Outcome {
    GuardOutcome::Passed { evidence: evidence.to_owned() }.into()
}
