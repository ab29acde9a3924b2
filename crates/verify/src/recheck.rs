//! The steps of the judgement that run Lean again, after the data has been found in order: modules that import the patched one,
//! an independent kernel, the negative control.

use crate::compile::{CompileEnd, Compiled, Compiler, Parts};
use crate::control::{Finding, control};
use crate::dependents::{Dependent, dependents_of};
use crate::external_kernel;
use crate::mentions::Helper;
use crate::outcome::{NotAccepted, Outcome, skipped};
use crate::prepared::Prepared;
use leanwright_contract::{GuardOutcome, RejectReason};
use leanwright_lean::ModuleName;
use leanwright_olean::Name;
use leanwright_procs::RunError;
use leanwright_project::{CopyError, Overlay};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// An independent kernel or a negative control may take this long.
const DEADLINE: Duration = Duration::from_secs(120);

/// Compile the modules that import the patched one, within the budget.
pub async fn check_dependents(
    compiler: &Compiler,
    budget: Duration,
    prepared: &Prepared,
    helpers: &[Name],
    [before, after]: [&Compiled; 2],
) -> Result<Outcome, NotAccepted> {
    let dependents = dependents_of(&prepared.copy.project, &prepared.module);
    if dependents.is_empty() {
        return Ok(passed("no module of the project imports it"));
    }
    let all = dependents.len();
    let declaration = prepared.declaration.name.as_deref().unwrap_or_default();
    for name in helpers {
        let Some(helper) = Helper::of(name, declaration) else { continue };
        for dependent in &dependents {
            let text = std::fs::read_to_string(prepared.copy.project.root.join(&dependent.source))?;
            if helper.could_be_meant(&text, &(0..0)) {
                let detail = format!("its text could come to mean `{name}`, which the proof has brought");
                return Ok(RejectReason::ReverseDepFailed { module: dependent.module.to_string(), detail }.into());
            }
        }
    }
    let broken = build_beside(prepared, &dependents).await?;
    let (dependents, left_out) = without_those_above(dependents, broken);
    let started = Instant::now();
    let mut patched = Rebuild::new(compiler, prepared, after).await?;
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
            Build::NoEnd(CompileEnd::TimedOut(_)) => return partial(index),
            Build::NoEnd(end) => return Err(not_known(dependent, "with", &end)),
            Build::Broken(error) => error,
        };
        // Only what compiles without the candidate is held against it.
        let without = match &mut unpatched {
            Some(rebuild) => rebuild,
            None => unpatched.insert(Rebuild::new(compiler, prepared, before).await?),
        };
        let mut before = Build::Done;
        for earlier in dependents.iter().take(index + 1) {
            before = without.compile(earlier, DEADLINE).await?;
        }
        match before {
            Build::Done => {
                let module = dependent.module.to_string();
                return Ok(RejectReason::ReverseDepFailed { module, detail: error }.into());
            }
            Build::NoEnd(end) => return Err(not_known(dependent, "without", &end)),
            Build::Broken(_) if builds(prepared, BTreeSet::from([dependent.module.clone()])).await? => {
                let module = &dependent.module;
                return Err(NotAccepted::Unknown(format!(
                    "whether `{module}`, which imports it, still compiles is not known: Lake builds it, and compiled by itself it fails: {error}"
                )));
            }
            Build::Broken(_) => broken_before += 1,
        }
    }
    let evidence = match broken_before {
        0 => format!("{} modules that import it, directly or not, still compile", dependents.len()),
        broken => {
            format!("{} of {all} modules that import it compile, the others did not before", dependents.len() - broken)
        }
    };
    let note = || {
        format!("{left_out} of {all} modules that import it were not compiled: other imports of theirs do not build")
    };
    let notes = (left_out > 0).then(note).into_iter().collect();
    Ok(Outcome { notes, ..passed(&evidence) })
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

/// Ask an independent kernel, where there is one.
pub async fn check_external_kernel(
    compiler: &Compiler,
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
    let _slot = compiler.slot().await?;
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
pub async fn run_control(compiler: &Compiler, prepared: &Prepared) -> Finding {
    let without = |note: &str| Finding { outcome: skipped(note).outcome, note: None };
    let control = match control(&prepared.patched_text, &prepared.patched_outline, &prepared.patched) {
        Ok(control) => control,
        Err(why) => return without(why),
    };
    match compiler.compile(&prepared.copy, &prepared.candidate.file, &control.text, DEADLINE, None).await {
        Ok(compiled) => match &compiled.end {
            CompileEnd::Done => control.read(&compiled.messages),
            end => without(&end.to_string()),
        },
        Err(NotAccepted::Unknown(why) | NotAccepted::Failed(why)) => without(&why),
        Err(NotAccepted::Reject(reason)) => without(&reason.to_string()),
    }
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
    Done,
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
    done: BTreeSet<String>,
}

impl<'a> Rebuild<'a> {
    async fn new(compiler: &'a Compiler, prepared: &'a Prepared, compiled: &Compiled) -> Result<Self, NotAccepted> {
        let overlay = Overlay::make(&prepared.copy)?;
        overlay.put(&prepared.module, parts(compiled))?;
        Ok(Self { compiler, prepared, overlay, done: BTreeSet::new() })
    }

    /// A module that has been compiled is not compiled again.
    async fn compile(&mut self, dependent: &Dependent, deadline: Duration) -> Result<Build, NotAccepted> {
        if !self.done.insert(dependent.module.to_string()) {
            return Ok(Build::Done);
        }
        let (copy, file) = (&self.prepared.copy, &dependent.source);
        let text = std::fs::read_to_string(copy.project.root.join(file))?;
        let compiled = self.compiler.compile(copy, file, &text, deadline, Some(&self.overlay.lean_path)).await?;
        match &compiled.module {
            Some(parts) => {
                self.overlay.put(&dependent.module, parts)?;
                Ok(Build::Done)
            }
            None => Ok(match compiled.first_error() {
                Some(error) => Build::Broken(error.data.clone()),
                None => Build::NoEnd(compiled.end),
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
