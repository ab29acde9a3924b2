//! The judgement of one candidate, step by step; the first step that objects decides.
//!
//! One compile per candidate: the baseline is compiled once per text, everything else is read from compiled data.

use crate::axioms::AxiomIndex;
use crate::candidate::Candidate;
use crate::compile::{CompileJob, Compiled};
use crate::copy::{CopyError, ProjectCopy};
use crate::guard::{self, Evidence};
use crate::project::{Project, ProjectError};
use leanwright_contract::{GuardOutcome, Guards, HoleClass, RejectReason, SandboxTier, Verdict, VerdictState};
use leanwright_lean::dialect::CompilerMessage;
use leanwright_lean::{Declaration, DeclarationKind, Outline, Text, scan};
use leanwright_olean::{ConstantKind, Module, Name, NameId, Store};
use leanwright_procs::Toolchain;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Mutex, OnceCell, Semaphore};

/// A candidate may take this long even if the baseline is quick.
const SHORTEST_DEADLINE: Duration = Duration::from_secs(60);

/// A baseline may take this long; a candidate four times as long as the baseline did.
const BASELINE_DEADLINE: Duration = Duration::from_secs(900);

/// The name that an `example` gets on both sides, so that it leaves a constant to compare.
const EXAMPLE_NAME: &str = "leanwright_example";

/// What was found about a candidate.
#[derive(Clone, Debug)]
pub struct Judgement {
    pub verdict: Verdict,
    /// Whether the patched text compiles without errors; `None` when it was not compiled.
    pub compiled: Option<bool>,
    pub messages: Vec<CompilerMessage>,
    /// Errors that the text without the candidate does not have.
    pub new_errors: usize,
    pub elapsed: Duration,
}

impl Judgement {
    /// The judgement of a candidate about which nothing can be said.
    pub fn unknown(candidate: &Candidate, why: &str) -> Self {
        Self {
            verdict: blank_verdict(candidate, why),
            compiled: None,
            messages: Vec::new(),
            new_errors: 0,
            elapsed: Duration::ZERO,
        }
    }
}

/// Judges candidates for any number of projects, a bounded number at a time.
pub struct Judge {
    toolchain: Toolchain,
    slots: Semaphore,
    copies: Mutex<HashMap<PathBuf, Arc<Mutex<ProjectCopy>>>>,
    baselines: Mutex<HashMap<blake3::Hash, Arc<OnceCell<Arc<Compiled>>>>>,
    axioms: Mutex<AxiomIndex>,
    /// Guards that do not run: for tests that show what each of them stops.
    off: Vec<Guard>,
}

/// A guard that reads compiled data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    Statement,
    Axioms,
    Placeholder,
    Invariance,
    Extensions,
}

/// Why there is no verdict: the machinery failed, or nothing can be said.
enum Stop {
    Reject(RejectReason),
    Failed(String),
    Unknown(String),
}

impl From<CopyError> for Stop {
    fn from(error: CopyError) -> Self {
        Self::Unknown(error.to_string())
    }
}

impl From<ProjectError> for Stop {
    fn from(error: ProjectError) -> Self {
        Self::Unknown(error.to_string())
    }
}

/// A text as it is compiled: whole or cut after the declaration, an `example` with a name.
struct Framed {
    text: String,
    /// The declaration in it.
    start: usize,
    end: usize,
}

impl Judge {
    /// `parallel` candidates are compiled at a time.
    pub fn new(toolchain: Toolchain, parallel: usize) -> Self {
        Self {
            toolchain,
            slots: Semaphore::new(parallel.max(1)),
            copies: Mutex::default(),
            baselines: Mutex::default(),
            axioms: Mutex::default(),
            off: Vec::new(),
        }
    }

    /// The same without some guards, which the verdict then says. For tests only: it shows what a guard is for.
    #[doc(hidden)]
    pub fn without(self, off: &[Guard]) -> Self {
        Self { off: off.to_vec(), ..self }
    }

    fn run(
        &self,
        guard: Guard,
        outcome: &mut GuardOutcome,
        check: impl FnOnce() -> Result<(), RejectReason>,
    ) -> Result<(), Stop> {
        if self.off.contains(&guard) {
            *outcome = GuardOutcome::Skipped { note: "switched off".to_owned() };
            return Ok(());
        }
        run_guard(outcome, check())
    }

    pub fn toolchain(&self) -> &Toolchain {
        &self.toolchain
    }

    /// Judge a candidate. Everything that can go wrong is a verdict.
    pub async fn judge(&self, candidate: &Candidate) -> Judgement {
        let started = Instant::now();
        let mut judgement = Judgement::unknown(candidate, "not judged");
        judgement.verdict.state = match self.steps(candidate, &mut judgement).await {
            Ok(()) => VerdictState::Accepted,
            Err(Stop::Reject(reject_reason)) => VerdictState::Rejected { reject_reason },
            Err(Stop::Failed(error)) => VerdictState::Failed { error },
            Err(Stop::Unknown(why)) => VerdictState::Unknown { why },
        };
        judgement.elapsed = started.elapsed();
        judgement
    }

    async fn steps(&self, candidate: &Candidate, judgement: &mut Judgement) -> Result<(), Stop> {
        let outline = Outline::of(&candidate.before);
        let declaration = target(candidate, &outline)?;
        let name = declaration.name.clone().unwrap_or_else(|| declaration.kind.keyword().to_owned());
        judgement.verdict.declaration = Some(name.clone());
        run_guard(&mut judgement.verdict.guards.text, guard::check_text(candidate, &name))?;

        let copy = self.copy(&candidate.root).await?;
        judgement.verdict.toolchain.clone_from(&copy.lock().await.environment.version);
        let (baseline, scope) = self.baseline(&copy, candidate, declaration).await?;
        judgement.verdict.notes.extend(scope.note());
        let framed = frame(&candidate.before, declaration, scope);
        let module_bytes = baseline.module.as_deref().unwrap_or_default();
        let mut store = Store::new();
        let before = Module::read(module_bytes, &mut store)
            .map_err(|error| Stop::Unknown(format!("the compiled module cannot be read: {error}")))?;
        let targets = targets(&before, &store, &framed)?;
        judgement.verdict.hole_class = classify(&before, &store, &targets)?;

        let patched_text = candidate.after();
        let patched_outline = Outline::of(&patched_text);
        // An `example` has no name to find it by: then it must begin where it did.
        let is_target = |patched: &&Declaration| {
            let same_place = declaration.name.is_some() || patched.span.start == declaration.span.start;
            patched.kind == declaration.kind && patched.name == declaration.name && same_place
        };
        let Some(patched) = patched_outline.declarations.iter().find(is_target) else {
            let detail = format!("`{name}` is no longer there after the edit");
            let reason = RejectReason::StatementUnverifiable { detail };
            return run_guard(&mut judgement.verdict.guards.statement, Err(reason));
        };
        let signatures = [guard::signature(&candidate.before, declaration), guard::signature(&patched_text, patched)];
        let framed_patched = frame(&patched_text, patched, scope);
        let deadline = SHORTEST_DEADLINE.max(baseline.elapsed * 4);
        let compiled = self.compile(&copy, &candidate.file, &framed_patched.text, deadline).await?;
        judgement.verdict.compile_ms = millis(compiled.elapsed);
        judgement.compiled = Some(compiled.module.is_some());
        judgement.new_errors = new_errors(&baseline, &compiled);
        judgement.messages.clone_from(&compiled.messages);
        if let Some(error) = compiled.first_error() {
            return Err(Stop::Failed(error.data.clone()));
        }
        if let Some(failure) = &compiled.failure {
            return Err(Stop::Failed(failure.clone()));
        }
        let bytes = compiled.module.as_deref();
        let bytes = bytes.ok_or_else(|| Stop::Failed("Lean wrote no compiled module".to_owned()))?;
        let after = Module::read(bytes, &mut store)
            .map_err(|error| Stop::Unknown(format!("the compiled module cannot be read: {error}")))?;
        self.guards(candidate, judgement, &copy, store, before, after, targets, signatures).await
    }

    /// The guards that read compiled data.
    #[allow(clippy::too_many_arguments, reason = "one call; a struct for it would only rename the arguments")]
    async fn guards(
        &self,
        candidate: &Candidate,
        judgement: &mut Judgement,
        copy: &Mutex<ProjectCopy>,
        mut store: Store,
        before: Module,
        after: Module,
        targets: Vec<NameId>,
        signatures: [String; 2],
    ) -> Result<(), Stop> {
        let verdict = &mut judgement.verdict;
        let (lean_path, inside) = {
            let copy = copy.lock().await;
            let folders = std::env::split_paths(&copy.environment.lean_path).collect::<Vec<_>>();
            (folders, copy.project.root.clone())
        };
        let folders = self.with_toolchain_library(copy, lean_path).await;
        let imported =
            self.axioms.lock().await.follow(&after.imports, &folders, &inside.join(".lake/build"), &mut store);
        let imported = imported.map_err(|detail| {
            let declaration = verdict.declaration.clone().unwrap_or_default();
            Stop::Reject(RejectReason::AxiomCheckFailed { declaration, detail })
        })?;
        let evidence = Evidence {
            store: &store,
            before: &before,
            after: &after,
            imported: &imported,
            targets: &targets,
            holes_filled: holes_in(candidate.replaced()).saturating_sub(holes_in(&candidate.replacement)),
        };
        let digest = |module: &Module| {
            let constant = targets.first().and_then(|target| module.constants.get(target));
            constant.map(|constant| store.digest(constant.type_).to_hex().to_string()).unwrap_or_default()
        };
        verdict.declaration = Some(evidence.declaration());
        verdict.statement_digest = Some([digest(&before), digest(&after)]);
        self.run(Guard::Statement, &mut verdict.guards.statement, || guard::check_statement(&evidence, signatures))?;
        let (findings, outcome) = guard::check_axioms(&evidence);
        verdict.axioms = findings.axioms.iter().map(Name::to_string).collect();
        verdict.rests_on = findings.rests_on.iter().map(Name::to_string).collect();
        self.run(Guard::Axioms, &mut verdict.guards.axioms, || outcome)?;
        let left = guard::check_placeholders(&evidence);
        verdict.holes_left = *left.as_ref().unwrap_or(&0);
        self.run(Guard::Placeholder, &mut verdict.guards.placeholder, || left.map(drop))?;
        self.run(Guard::Invariance, &mut verdict.guards.invariance, || guard::check_invariance(&evidence))?;
        self.run(Guard::Extensions, &mut verdict.guards.extensions, || guard::check_extensions(&evidence))?;
        let unchanged = "dependents see the same statements: every other declaration is unchanged";
        verdict.guards.reverse_dep = GuardOutcome::Skipped { note: unchanged.to_owned() };
        verdict.guards.negative_control = GuardOutcome::Skipped { note: "not part of this version".to_owned() };
        Ok(())
    }

    /// `LEAN_PATH` leaves the toolchain's own library out.
    async fn with_toolchain_library(&self, copy: &Mutex<ProjectCopy>, mut folders: Vec<PathBuf>) -> Vec<PathBuf> {
        let mut copy = copy.lock().await;
        if let Some(library) = copy.toolchain_library().await {
            folders.push(library);
        }
        folders
    }

    async fn copy(&self, root: &Path) -> Result<Arc<Mutex<ProjectCopy>>, Stop> {
        let mut copies = self.copies.lock().await;
        if let Some(copy) = copies.get(root) {
            copy.lock().await.refresh()?;
            return Ok(Arc::clone(copy));
        }
        let copy = ProjectCopy::make(&Project::at(root)?, &self.toolchain).await?;
        let copy = Arc::new(Mutex::new(copy));
        copies.insert(root.to_path_buf(), Arc::clone(&copy));
        Ok(copy)
    }

    /// Compile the text without the candidate: whole, or, if only what follows the declaration is wrong, cut after it.
    async fn baseline(
        &self,
        copy: &Arc<Mutex<ProjectCopy>>,
        candidate: &Candidate,
        declaration: &Declaration,
    ) -> Result<(Arc<Compiled>, Scope), Stop> {
        let whole =
            self.compile_baseline(copy, &candidate.file, &frame(&candidate.before, declaration, Scope::Whole)).await?;
        if whole.module.is_some() {
            return Ok((whole, Scope::Whole));
        }
        if let Some(failure) = &whole.failure {
            return Err(Stop::Unknown(format!("the file without the candidate does not compile: {failure}")));
        }
        let text = Text::new(frame(&candidate.before, declaration, Scope::Whole).text);
        let framed = frame(&candidate.before, declaration, Scope::Prefix);
        let within =
            |message: &&CompilerMessage| text.offset_of_lean(message.pos.line, message.pos.column) < framed.end;
        if let Some(error) = whole.errors().find(within) {
            let is_proposition = !error.data.contains("is not a proposition");
            let error = error.data.lines().next().unwrap_or_default().to_owned();
            return Err(Stop::Unknown(if is_proposition {
                format!("the file has an error before the end of this declaration, candidate or not: {error}")
            } else {
                "the hole is in data, not in a proof: such fillings are never called verified".to_owned()
            }));
        }
        let cut = self.compile_baseline(copy, &candidate.file, &framed).await?;
        if cut.module.is_some() {
            return Ok((cut, Scope::Prefix));
        }
        let error = cut.first_error().map_or("no module was written", |error| error.data.as_str());
        Err(Stop::Unknown(format!("the file without the candidate does not compile: {error}")))
    }

    async fn compile_baseline(
        &self,
        copy: &Arc<Mutex<ProjectCopy>>,
        file: &Path,
        framed: &Framed,
    ) -> Result<Arc<Compiled>, Stop> {
        let state = copy.lock().await.state_digest();
        let mut hasher = blake3::Hasher::new();
        hasher.update(state.as_bytes()).update(file.as_os_str().as_encoded_bytes()).update(b"\0");
        let key = hasher.update(framed.text.as_bytes()).finalize();
        let cell = Arc::clone(self.baselines.lock().await.entry(key).or_default());
        let compiled = cell
            .get_or_try_init(|| async {
                copy.lock().await.build_imports(&framed.text).await?;
                Ok::<_, Stop>(Arc::new(self.compile(copy, file, &framed.text, BASELINE_DEADLINE).await?))
            })
            .await?;
        Ok(Arc::clone(compiled))
    }

    async fn compile(
        &self,
        copy: &Mutex<ProjectCopy>,
        file: &Path,
        text: &str,
        deadline: Duration,
    ) -> Result<Compiled, Stop> {
        let job = CompileJob::prepare(&mut *copy.lock().await, file, text, deadline)?;
        let _slot = self.slots.acquire().await.map_err(|error| Stop::Unknown(error.to_string()))?;
        job.run().await.map_err(|error| Stop::Unknown(error.to_string()))
    }
}

/// How much of a file is compiled.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    Whole,
    /// Up to the end of the declaration.
    Prefix,
}

impl Scope {
    fn note(self) -> Option<String> {
        let note = "compiled up to the end of the declaration: what follows has errors, candidate or not";
        (self == Self::Prefix).then(|| note.to_owned())
    }
}

fn blank_verdict(candidate: &Candidate, why: &str) -> Verdict {
    Verdict {
        state: VerdictState::Unknown { why: why.to_owned() },
        declaration: None,
        hole_class: HoleClass::Unknown,
        statement_digest: None,
        axioms: Vec::new(),
        rests_on: Vec::new(),
        holes_left: 0,
        notes: Vec::new(),
        guards: Guards::default(),
        toolchain: String::new(),
        sandbox: SandboxTier::CopyOnly,
        source_digest: blake3::hash(candidate.before.as_bytes()).to_hex().to_string(),
        patched_digest: blake3::hash(candidate.after().as_bytes()).to_hex().to_string(),
        compile_ms: 0,
    }
}

fn run_guard(outcome: &mut GuardOutcome, found: Result<(), RejectReason>) -> Result<(), Stop> {
    *outcome = match &found {
        Ok(()) => GuardOutcome::Passed,
        Err(reason) => GuardOutcome::Rejected { reason: reason.to_string() },
    };
    found.map_err(Stop::Reject)
}

/// The one declaration that the edit is in.
fn target<'a>(candidate: &Candidate, outline: &'a Outline) -> Result<&'a Declaration, Stop> {
    let overlaps = |declaration: &&Declaration| {
        declaration.span.start < candidate.span.end.max(candidate.span.start + 1)
            && candidate.span.start < declaration.span.end
    };
    let mut found = outline.declarations.iter().filter(overlaps);
    match (found.next(), found.next()) {
        (Some(declaration), None) => Ok(declaration),
        (None, _) => Err(Stop::Unknown("the edit is in no declaration".to_owned())),
        (Some(_), Some(_)) => {
            let detail = "the edit reaches into more than one declaration".to_owned();
            Err(Stop::Reject(RejectReason::StatementUnverifiable { detail }))
        }
    }
}

/// The text to compile, with an `example` turned into a theorem that has a name.
fn frame(text: &str, declaration: &Declaration, scope: Scope) -> Framed {
    let mut framed = text.to_owned();
    let mut end = declaration.span.end;
    if scope == Scope::Prefix {
        framed.truncate(end);
        framed.push('\n');
    }
    if declaration.kind == DeclarationKind::Example {
        let named = format!("theorem {EXAMPLE_NAME}");
        framed.replace_range(declaration.keyword.clone(), &named);
        end = end + named.len() - declaration.keyword.len();
    }
    Framed { text: framed, start: declaration.span.start, end }
}

/// The constants whose source is in the declaration; the declaration's own comes first.
fn targets(module: &Module, store: &Store, framed: &Framed) -> Result<Vec<NameId>, Stop> {
    let text = Text::new(framed.text.clone());
    let offset = |(line, column): (u64, u64)| {
        let place = (usize::try_from(line), usize::try_from(column));
        if let (Ok(line), Ok(column)) = place { text.offset_of_lean(line, column) } else { usize::MAX }
    };
    let mut found: Vec<(usize, usize, NameId)> = module
        .ranges
        .iter()
        .filter(|(name, _)| module.constants.contains_key(name))
        .map(|(name, range)| (offset(range.start), store.name(*name).0.len(), *name))
        .filter(|(start, _, _)| framed.start <= *start && *start < framed.end)
        .collect();
    found.sort_unstable();
    if found.is_empty() {
        return Err(Stop::Unknown("Lean's compiled module has no constant for this declaration".to_owned()));
    }
    Ok(found.into_iter().map(|(_, _, name)| name).collect())
}

/// Only a hole in the proof of a theorem can be verified.
fn classify(module: &Module, store: &Store, targets: &[NameId]) -> Result<HoleClass, Stop> {
    let sorry = Name::from_texts(["sorryAx"]);
    let constants: Vec<_> = targets.iter().filter_map(|target| module.constants.get(target)).collect();
    if constants.iter().any(|constant| store.constants_of(constant.type_).iter().any(|name| store.name(*name) == sorry))
    {
        return Err(Stop::Unknown("the hole is in a statement: such fillings are never called verified".to_owned()));
    }
    match constants.first().map(|constant| constant.kind) {
        Some(ConstantKind::Theorem) => Ok(HoleClass::Proof),
        _ => Err(Stop::Unknown(
            "the hole is in data, not in a proof: such fillings are never called verified".to_owned(),
        )),
    }
}

fn holes_in(text: &str) -> usize {
    scan(text).holes.len()
}

/// Errors of the second compile that the first does not have, by their text.
fn new_errors(before: &Compiled, after: &Compiled) -> usize {
    let mut known: Vec<&str> = before.errors().map(|error| error.data.as_str()).collect();
    let is_new = |error: &&CompilerMessage| match known.iter().position(|text| *text == error.data) {
        Some(index) => {
            known.swap_remove(index);
            false
        }
        None => true,
    };
    after.errors().filter(is_new).count()
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
