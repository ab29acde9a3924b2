//! The judgement of one candidate, step by step; the first step that objects decides.
//!
//! One compile per candidate: the baseline is compiled once per text, everything else is read from compiled data. The order
//! is: what costs nothing, what is known already, one compile, data, and at last what costs compiles again.

use crate::baseline::Baselines;
use crate::candidate::Candidate;
use crate::classify::{self, class_and_syntax};
use crate::compile::{CompileEnd, Compiled, Compiler, Parts};
use crate::control::Finding;
use crate::examine::{Examination, ExaminationReport, Modules};
use crate::examiner::Examiner;
use crate::frame::{Framed, Scope, frame};
use crate::gate;
use crate::guard::{self, Guard};
use crate::judge_settings::{self, JudgeSettings};
use crate::judgement::Judgement;
use crate::outcome::{NotAccepted, Outcome, skipped};
use crate::prepared::Prepared;
use crate::projects::{Projects, check_gate};
use crate::recheck::Recheck;
use crate::verdict_store::{Recalled, VerdictStore};
use leanwright_contract::{GuardOutcome, HoleClass, JudgeStep, SandboxTier, Verdict, VerdictState};
use leanwright_lean::dialect::CompilerMessage;
use leanwright_lean::module::components;
use leanwright_olean::Name;
use leanwright_procs::Toolchain;
use leanwright_project::{ImportStamps, Snapshot};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Mutex, Semaphore, mpsc, watch};

/// A candidate may take this long even if the baseline is quick.
const SHORTEST_DEADLINE: Duration = Duration::from_secs(60);

/// How long nothing must have been judged before a control that nobody waits for begins.
const IDLE: Duration = Duration::from_secs(1);

/// The axioms that every proof may rest on.
const STANDARD_AXIOMS: [&[&str]; 3] = [&["propext"], &["Classical", "choice"], &["Quot", "sound"]];

/// Where a judgement stands, for who watches it.
type Progress = mpsc::UnboundedSender<JudgeStep>;

/// Why dependents are not compiled again.
const UNSEEN: &str = "skipped with proof: only proofs differ, dependents see the same constants and entries";
const NOT_IMPORTED: &str = "the file has errors without the candidate, too: nothing can import it";
const SWITCHED_OFF: &str = "switched off";

/// Judges candidates for any number of projects, a bounded number at a time.
pub struct Judge {
    toolchain: Toolchain,
    settings: JudgeSettings,
    projects: Projects,
    compiler: Compiler,
    examiner: Examiner,
    baselines: Baselines,
    /// Judgements that are under way: the others wait before anything is read or copied for them.
    under_way: Semaphore,
    allowed_axioms: BTreeSet<Name>,
    /// How many judgements are going on.
    judging: watch::Sender<usize>,
    controls: Mutex<()>,
    /// Why there is no sandbox although there must be one.
    no_sandbox: Option<String>,
    tier: SandboxTier,
}

/// Counts a judgement as long as it goes on, also when it is given up.
struct Counted<'a>(&'a watch::Sender<usize>);

impl<'a> Counted<'a> {
    fn new(count: &'a watch::Sender<usize>) -> Self {
        count.send_modify(|count| *count += 1);
        Self(count)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

impl Judge {
    pub fn new(toolchain: Toolchain, settings: JudgeSettings) -> Self {
        let standard = STANDARD_AXIOMS.iter().map(|parts| Name::from_texts(parts.iter().copied()));
        let listed = settings.axioms.iter().map(|axiom| Name::from_texts(components(axiom)));
        let (confinement, no_sandbox) = match settings.sandbox.find(&toolchain.launcher) {
            Ok(confinement) => (confinement, None),
            Err(why) => (None, Some(why)),
        };
        let tier = judge_settings::tier(confinement.as_ref());
        let launcher = toolchain.launcher.clone().candidate_memory(settings.memory).free_cores(settings.free_cores);
        let launcher = launcher.confined_by(confinement);
        let toolchain = Toolchain { launcher, ..toolchain };
        Self {
            projects: Projects::new(toolchain.clone()),
            compiler: Compiler::new(settings.at_a_time()),
            examiner: Examiner::new(toolchain.launcher.clone(), settings.examiner.clone()),
            baselines: Baselines::default(),
            under_way: Semaphore::new(settings.at_a_time() * 2),
            allowed_axioms: standard.chain(listed).collect(),
            judging: watch::Sender::new(0),
            controls: Mutex::default(),
            no_sandbox,
            tier,
            settings,
            toolchain,
        }
    }

    /// What confines candidates; why nothing does although something should.
    pub fn sandbox(&self) -> Result<SandboxTier, String> {
        self.no_sandbox.clone().map_or(Ok(self.tier), Err)
    }

    pub fn toolchain(&self) -> &Toolchain {
        &self.toolchain
    }

    /// Judge a candidate. Everything that can go wrong is a verdict.
    pub async fn judge(&self, candidate: &Candidate) -> Judgement {
        self.judge_with_progress(candidate, &mpsc::unbounded_channel().0).await
    }

    /// The same, and says when a step begins.
    pub(crate) async fn judge_with_progress(&self, candidate: &Candidate, progress: &Progress) -> Judgement {
        self.judge_by(candidate, &[], progress).await
    }

    /// The same without some guards, which the verdict then says: it shows what a guard is for.
    #[cfg(feature = "testing")]
    pub async fn judge_without(&self, candidate: &Candidate, off: &[Guard]) -> Judgement {
        self.judge_by(candidate, off, &mpsc::unbounded_channel().0).await
    }

    async fn judge_by(&self, candidate: &Candidate, off: &[Guard], progress: &Progress) -> Judgement {
        let _under_way = self.under_way.acquire().await;
        let started = Instant::now();
        let _counted = Counted::new(&self.judging);
        let mut judgement = Judgement::unknown(candidate, "not judged");
        let _ = progress.send(JudgeStep::Preparing);
        match self.look_and_prepare(candidate, off, &mut judgement.verdict).await {
            Err(why) => judgement.verdict.state = why.into(),
            Ok((stamps, prepared)) => {
                self.judge_prepared(&prepared, &stamps, &mut judgement, progress).await;
                judgement.stamps = stamps;
            }
        }
        judgement.elapsed = started.elapsed();
        judgement
    }

    /// Look at what is imported, and then bring the copy up to date: what changes later is either judged or found.
    async fn look_and_prepare(
        &self,
        candidate: &Candidate,
        off: &[Guard],
        verdict: &mut Verdict,
    ) -> Result<(Arc<ImportStamps>, Prepared), NotAccepted> {
        verdict.sandbox = self.tier;
        if let Some(why) = &self.no_sandbox {
            return Err(NotAccepted::Unknown(why.clone()));
        }
        if self.tier == SandboxTier::CopyOnly {
            verdict.notes.push("candidates are run without a sandbox: this one could do what you can do".to_owned());
        }
        let stamps = Arc::new(look(candidate).await?);
        let prepared = self.projects.prepare(candidate, &stamps, off, verdict).await?;
        Ok((stamps, prepared))
    }

    async fn judge_prepared(
        &self,
        prepared: &Prepared,
        stamps: &ImportStamps,
        judgement: &mut Judgement,
        progress: &Progress,
    ) {
        if let Some(hook) = &self.settings.hook {
            hook.call();
        }
        let (is_known, damage) = match self.recall(prepared) {
            Recalled::Verdict(known) => {
                let notes = std::mem::take(&mut judgement.verdict.notes);
                *judgement = *known;
                judgement.verdict.notes.splice(0..0, notes);
                judgement.verdict.generation = Some(prepared.copy.generation);
                (true, None)
            }
            Recalled::Nothing => (false, None),
            Recalled::Damaged(why) => (false, Some(why)),
        };
        if !is_known {
            let decided = self.decide(prepared, judgement, progress).await;
            judgement.verdict.state = decided.map_or_else(VerdictState::from, |()| VerdictState::Accepted);
        }
        let unknown = |why: &str| VerdictState::Unknown { why: why.to_owned() };
        if !stamps.hold() || !(is_known || self.projects.imports_hold(prepared).await) {
            judgement.verdict.state = unknown("what the file imports has changed while it was judged");
        } else if judgement.verdict.state == VerdictState::Accepted
            && !judgement.holds_alone
            && !is_current(&prepared.copy).await
        {
            judgement.verdict.state =
                unknown("the project has changed while it was judged, which what imports the file may see");
        } else if !is_known {
            self.keep(prepared, judgement);
        }
        let note = |why| format!("an entry of the verdict store is damaged and was not used: {why}");
        judgement.verdict.notes.extend(damage.map(note));
    }

    /// The negative control on its own, for a candidate that was accepted without it, once no judgement is going on.
    pub async fn control_when_idle(&self, candidate: &Candidate) -> Option<Finding> {
        let _one_at_a_time = self.controls.lock().await;
        if self.no_sandbox.is_some() {
            return None;
        }
        let mut judging = self.judging.subscribe();
        loop {
            judging.wait_for(|count| *count == 0).await.ok()?;
            // The next candidate of a runner may be on its way.
            tokio::time::sleep(IDLE).await;
            if *judging.borrow() == 0 {
                break;
            }
        }
        let mut judgement = Judgement::unknown(candidate, "not judged");
        let stamps = look(candidate).await.ok()?;
        let prepared = self.projects.prepare(candidate, &stamps, &[], &mut judgement.verdict).await.ok()?;
        Some(self.recheck(&prepared).control().await)
    }

    fn recheck<'a>(&'a self, prepared: &'a Prepared) -> Recheck<'a> {
        Recheck { compiler: &self.compiler, examiner: &self.examiner, prepared }
    }

    /// Everything that comes after it is clear what the candidate is about.
    async fn decide(
        &self,
        prepared: &Prepared,
        judgement: &mut Judgement,
        progress: &Progress,
    ) -> Result<(), NotAccepted> {
        let begin = |step| {
            let _ = progress.send(step);
        };
        begin(JudgeStep::Baseline);
        let (baseline, scope) = self.baselines.of(&self.compiler, prepared).await.inspect_err(|why| {
            if let NotAccepted::Reject(reason) = why {
                judgement.verdict.guards.gate = GuardOutcome::Rejected { reason: reason.to_string() };
            }
        })?;
        judgement.verdict.notes.extend(scope.note());
        let framed = frame(&prepared.candidate.before, &prepared.declaration, &prepared.frame(scope));
        let (class, is_definition, mut syntax) = class_and_syntax(prepared, &baseline, &framed)?;
        if !prepared.off.contains(&Guard::Gate) {
            syntax.extend(&prepared.closure.syntax);
            syntax.extend(&gate::declared_in(&prepared.candidate.before));
            if let Some((written, body)) = prepared.replaced_body() {
                syntax.extend(&gate::declared_in(written));
                gate::check_body(written, &body, &syntax).map_err(|reason| {
                    judgement.verdict.guards.gate = GuardOutcome::Rejected { reason: reason.to_string() };
                    NotAccepted::Reject(reason)
                })?;
            }
            check_gate(&prepared.candidate, &prepared.declaration, &syntax, &mut judgement.verdict)?;
        }
        judgement.verdict.hole_class = class;
        if let Some(why) = classify::refusal(class) {
            return Err(NotAccepted::Unknown(why.to_owned()));
        }
        let patched = frame(&prepared.patched_text, &prepared.patched, &prepared.frame(scope));
        let deadline = SHORTEST_DEADLINE.max(baseline.elapsed * 4);
        begin(JudgeStep::Compiling);
        let compiled =
            self.compiler.compile(&prepared.copy, &prepared.candidate.file, &patched.text, deadline, None).await?;
        judgement.verdict.compile_ms = millis(compiled.elapsed);
        judgement.compiled = Some(compiled.module.is_some());
        judgement.end = Some(compiled.end.clone());
        judgement.new_errors = new_errors(&baseline, &compiled);
        judgement.messages = compiled.messages.iter().cloned().map(|message| prepared.written_place(message)).collect();
        if let CompileEnd::OutOfMemory(_)
        | CompileEnd::Stalled(_)
        | CompileEnd::WroteTooMuch
        | CompileEnd::NotStarted(_) = compiled.end
        {
            return Err(NotAccepted::Unknown(compiled.end.to_string()));
        }
        if let Some(error) = compiled.first_error() {
            return Err(NotAccepted::Failed(error.data.clone()));
        }
        if compiled.end != CompileEnd::Done {
            return Err(NotAccepted::Failed(compiled.end.to_string()));
        }
        if compiled.module.is_none() {
            return Err(NotAccepted::Failed("Lean wrote no compiled module".to_owned()));
        }
        begin(JudgeStep::Guards);
        let report = self
            .guards(prepared, ([framed, patched], is_definition), &mut judgement.verdict, [&baseline, &compiled])
            .await?;
        let is_unseen = report.unseen && class == HoleClass::Proof;
        judgement.holds_alone = is_unseen || scope == Scope::Prefix;
        let verdict = &mut judgement.verdict;
        begin(JudgeStep::Dependents);
        let recheck = self.recheck(prepared);
        let outcome = match scope {
            Scope::Prefix => skipped(NOT_IMPORTED),
            Scope::Whole if is_unseen => skipped(UNSEEN),
            Scope::Whole if prepared.off.contains(&Guard::Dependents) => skipped(SWITCHED_OFF),
            Scope::Whole => recheck.of_dependents(self.settings.dependents, &report, [&baseline, &compiled]).await?,
        };
        self.note(Guard::Dependents, verdict, outcome)?;
        let outcome = match scope {
            Scope::Prefix => skipped("only whole files are given to an independent kernel"),
            Scope::Whole if prepared.off.contains(&Guard::ExternalKernel) => skipped(SWITCHED_OFF),
            Scope::Whole => recheck.of_external_kernel(&compiled).await?,
        };
        self.note(Guard::ExternalKernel, verdict, outcome)?;
        if prepared.off.contains(&Guard::Control) {
            verdict.guards.negative_control = skipped(SWITCHED_OFF).outcome;
        } else if !self.settings.control {
            verdict.guards.negative_control = skipped("not a part of this judgement").outcome;
        } else {
            begin(JudgeStep::Control);
            let finding = recheck.control().await;
            verdict.guards.negative_control = finding.outcome;
            verdict.notes.extend(finding.note);
        }
        Ok(())
    }

    /// The guards that read compiled data.
    async fn guards(
        &self,
        prepared: &Prepared,
        (framed, is_definition): ([Framed; 2], bool),
        verdict: &mut Verdict,
        [before, after]: [&Compiled; 2],
    ) -> Result<ExaminationReport, NotAccepted> {
        let [framed, patched] = framed;
        let examination = Examination {
            start: framed.start,
            end: framed.end,
            texts: [framed.text, patched.text],
            signatures: [
                guard::signature(&prepared.candidate.before, &prepared.declaration),
                guard::signature(&prepared.patched_text, &prepared.patched),
            ],
            allowed_axioms: self.allowed_axioms.clone(),
            products: prepared.products.clone(),
            is_proof: is_definition,
            imports: Some(prepared.closure.index.clone()),
            off: prepared.off.clone(),
            dependent_on: None,
        };
        let none = Parts::new();
        let [before, after] = [before, after].map(|compiled| compiled.module.as_ref().unwrap_or(&none));
        let modules = Modules { before, after };
        let report = self.examiner.ask(&prepared.copy, &examination, &modules).await?;
        report.write_to(&mut verdict.guards);
        for guard in &prepared.off {
            *guard.outcome(&mut verdict.guards) = skipped(SWITCHED_OFF).outcome;
        }
        let declaration = &report.declaration;
        verdict.declaration = Some(declaration.clone());
        verdict.statement_digest = Some(report.statement_digest.clone());
        verdict.product_digest = Some(report.product_digest.clone());
        verdict.axioms.clone_from(&report.axioms);
        verdict.rests_on.clone_from(&report.rests_on);
        verdict.holes_left = report.holes_left;
        if let Some(reason) = &report.refusal {
            return Err(NotAccepted::Reject(reason.clone()));
        }
        if let Some(why) = &report.unknown {
            return Err(NotAccepted::Unknown(why.clone()));
        }
        if report.changes_data {
            verdict.hole_class = HoleClass::Data;
            let why = "it changes what is defined, not only proofs: such fillings are never called verified";
            return Err(NotAccepted::Unknown(why.to_owned()));
        }
        if !prepared.off.contains(&Guard::Invariance) {
            prepared.nothing_else_means(&report.helpers, declaration).map_err(|reason| {
                verdict.guards.invariance = GuardOutcome::Rejected { reason: reason.to_string() };
                NotAccepted::Reject(reason)
            })?;
            prepared.nothing_goes_with_the_body(declaration).map_err(NotAccepted::Unknown)?;
        }
        Ok(report)
    }

    /// Write down what a step found, which may be a refusal.
    fn note(&self, guard: Guard, verdict: &mut Verdict, outcome: Outcome) -> Result<(), NotAccepted> {
        let Outcome { outcome, refusal, notes } = outcome;
        *guard.outcome(&mut verdict.guards) = outcome;
        verdict.notes.extend(notes);
        refusal.map_or(Ok(()), |reason| Err(NotAccepted::Reject(reason)))
    }

    /// What is switched off would make it another verdict; what reads while it is compiled depends on more than the key.
    fn store_for(&self, prepared: &Prepared) -> Option<&VerdictStore> {
        self.settings.store.as_deref().filter(|_| prepared.off.is_empty() && prepared.reads.is_none())
    }

    fn recall(&self, prepared: &Prepared) -> Recalled {
        match self.store_for(prepared) {
            None => Recalled::Nothing,
            Some(store) => store.recall(&prepared.key(&self.settings, self.tier)),
        }
    }

    fn keep(&self, prepared: &Prepared, judgement: &Judgement) {
        let Some(store) = self.store_for(prepared) else { return };
        // What other modules of the project made of it is not in the key.
        let alone = match (&judgement.verdict.state, &judgement.verdict.guards.reverse_dep) {
            (VerdictState::Accepted, _) => judgement.holds_alone,
            (_, GuardOutcome::Rejected { .. }) => false,
            _ => true,
        };
        if !alone {
            return;
        }
        // What `prepare` has noted is about the state of the project, and is noted again.
        let mut kept = judgement.clone();
        kept.verdict.notes.drain(..prepared.notes.min(kept.verdict.notes.len()));
        if let Err(error) = store.keep(&prepared.key(&self.settings, self.tier), &kept) {
            tracing::warn!(%error, "could not write to the verdict store");
        }
    }
}

/// What a candidate's file imports, as it is now.
/// Whether the project is still what the copy was made of.
async fn is_current(copy: &Snapshot) -> bool {
    let copy = Arc::clone(copy);
    tokio::task::spawn_blocking(move || copy.is_current()).await.is_ok_and(|is_current| is_current)
}

async fn look(candidate: &Candidate) -> Result<ImportStamps, NotAccepted> {
    let (root, text) = (candidate.root.clone(), candidate.before.clone());
    let stamps = tokio::task::spawn_blocking(move || ImportStamps::of(&root, &text)).await;
    stamps.map_err(|error| NotAccepted::Unknown(error.to_string()))
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
