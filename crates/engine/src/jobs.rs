//! Work on holes: from the request through goal, runner and judge to an offer or a reason for having none.

use crate::document::{Document, GoalState, TrackedHole, hole_name};
use crate::engine::Engine;
use crate::event::{Effect, JobId, Millis, ProveToken};
use crate::open_jobs::Waited;
use crate::unanswered::Unanswered;
use crate::work::{Job, Known, Offer, Step, Work};
use leanwright_contract::editor::{AttemptView, ProveAllResult, ProveResult};
use leanwright_contract::{Edit, GuardOutcome, PreviousAttempt, RunnerResponse, Verdict, VerdictState, edit_of};
use leanwright_lean::{Goals, HoleKind, Position};

impl Engine {
    /// Whether work can begin in a document at all.
    fn workable(&self, uri: &str) -> Result<&Document, Unanswered> {
        let document = self.documents.get(uri).ok_or(Unanswered::NotOpen)?;
        if document.source_file.is_none() {
            return Err(Unanswered::NoProject);
        }
        Ok(document)
    }

    pub(crate) fn prove(&mut self, token: ProveToken, uri: &str, position: Position) {
        let hole = self
            .workable(uri)
            .and_then(|document| document.hole_at(position).map(|tracked| tracked.id).ok_or(Unanswered::NoHole));
        match hole {
            Ok(hole) => {
                let job = self.start(uri, hole);
                if let Some(job) = job.and_then(|id| self.jobs.get_mut(id)) {
                    job.tokens.push(token);
                }
            }
            Err(why) => self.effects.push(Effect::RespondProve { token, result: Err(why) }),
        }
    }

    pub(crate) fn prove_all(&mut self, token: ProveToken, uri: &str, lines: Option<(u32, u32)>) {
        let holes = self.workable(uri).map(|document| {
            let wanted = |tracked: &&TrackedHole| {
                let line = document.text.position(tracked.hole.span.start).line;
                let done = matches!(tracked.work, Work::Offered(_));
                !tracked.hole.skipped && !done && lines.is_none_or(|(first, last)| first <= line && line <= last)
            };
            let nearest = document.nearest_first().into_iter().filter_map(|id| document.hole(id));
            nearest.filter(wanted).map(|tracked| tracked.id).collect::<Vec<_>>()
        });
        match holes {
            Ok(holes) if holes.is_empty() => {
                self.effects
                    .push(Effect::RespondProveAll { token, result: Ok(ProveAllResult { results: Vec::new() }) });
            }
            Ok(holes) => {
                let jobs: Vec<JobId> = holes.into_iter().filter_map(|hole| self.start(uri, hole)).collect();
                self.jobs.wait_for_all(token, jobs);
            }
            Err(why) => self.effects.push(Effect::RespondProveAll { token, result: Err(why) }),
        }
    }

    /// With the automatic policy: begin work on holes nearest to the cursor, once the user has stopped typing.
    pub(crate) fn start_automatically(&mut self, now: Millis) {
        if !self.settings.automatic || !self.ready {
            return;
        }
        let mut free = self.settings.at_a_time.saturating_sub(self.jobs.len());
        let mut chosen = Vec::new();
        let workable = self.documents.values().filter(|document| !document.crashed && document.source_file.is_some());
        let mut recent: Vec<&Document> = workable.collect();
        recent.sort_by_key(|document| std::cmp::Reverse(document.attention.looked_at()));
        for document in recent {
            let idle = |tracked: &&TrackedHole| {
                tracked.work == Work::Idle && !tracked.hole.skipped && tracked.hole.kind != HoleKind::Error
            };
            let holes = document.nearest_first().into_iter().filter_map(|id| document.hole(id)).filter(idle);
            let holes: Vec<u64> = holes.map(|tracked| tracked.id).collect();
            let due = document.attention.last_edit() + self.settings.idle;
            if !holes.is_empty() && now < due {
                self.effects.push(Effect::WakeAt { at: due });
                continue;
            }
            for hole in holes.into_iter().take(free) {
                free -= 1;
                chosen.push((document.uri.clone(), hole));
            }
        }
        for (uri, hole) in chosen {
            if let Some(job) = self.start(&uri, hole).and_then(|id| self.jobs.get_mut(id)) {
                job.automatic = true;
            }
        }
    }

    /// Begin work on a hole, or find the work that is going on.
    fn start(&mut self, uri: &str, hole: u64) -> Option<JobId> {
        let document = self.documents.get_mut(uri)?;
        let generation = document.generation;
        let tracked = document.hole_mut(hole)?;
        if let Work::Running(id) = tracked.work {
            return Some(id);
        }
        let id = self.jobs.begin(Job::new(uri.to_owned(), generation, hole));
        tracked.work = Work::Running(id);
        self.effects.push(Effect::HolesChanged { uri: uri.to_owned() });
        Some(id)
    }

    pub(crate) fn cancel(&mut self, token: ProveToken) {
        let (waited, abandoned) = self.jobs.take_back(token);
        match waited {
            Some(Waited::ForSeveral) => {
                self.effects.push(Effect::RespondProveAll { token, result: Err(Unanswered::Cancelled) });
            }
            Some(Waited::ForOne) => {
                self.effects.push(Effect::RespondProve { token, result: Err(Unanswered::Cancelled) });
            }
            None => {}
        }
        for id in abandoned {
            self.finish(id, Err("cancelled".to_owned()));
        }
    }

    pub(crate) fn stop(&mut self, uri: &str, position: Option<Position>) {
        let Some(document) = self.documents.get(uri) else { return };
        let only = position.map(|position| document.hole_at(position).map(|tracked| tracked.id));
        let wanted = |job: &Job| job.uri == uri && only.is_none_or(|only| only == Some(job.hole));
        for job in self.jobs.ids(wanted) {
            self.finish(job, Err("stopped".to_owned()));
        }
    }

    /// Jobs whose goal has become known ask the runner.
    pub(crate) fn advance_jobs(&mut self) {
        for id in self.jobs.ids(|job| job.step == Step::Goal) {
            let Some((document, job)) = self.job(id) else { continue };
            let Some(tracked) = document.hole(job.hole) else { continue };
            match (document.goals_now(tracked), &tracked.goal) {
                (Some(Goals::Solved), _) => {
                    self.finish(id, Err("there is nothing to prove here: no goals".to_owned()));
                }
                (Some(goals), _) => {
                    let goals = goals.clone();
                    self.ask_runner(id, &goals);
                }
                (None, GoalState::Failed { version, why }) if *version == document.version => {
                    let why = format!("Lean does not say what is to be proved: {why}");
                    self.finish(id, Err(why));
                }
                _ if document.crashed => self.finish(id, Err("Lean has stopped working on this file".to_owned())),
                _ => {}
            }
        }
    }

    pub(crate) fn job(&self, id: JobId) -> Option<(&Document, &Job)> {
        let job = self.jobs.get(id)?;
        let document = self.documents.get(&job.uri).filter(|document| document.generation == job.generation)?;
        Some((document, job))
    }

    fn ask_runner(&mut self, id: JobId, goals: &Goals) {
        let Some((document, job)) = self.job(id) else { return };
        let (Some(source_file), Some(tracked)) = (&document.source_file, document.hole(job.hole)) else { return };
        let previous = job.attempts.iter().map(previous_attempt).collect();
        let task = Box::new(document.task(source_file, &tracked.hole, Some(goals), previous));
        let (version, root) = (document.version, source_file.root.clone());
        self.effects.push(Effect::AskRunner { job: id, root, task: task.clone() });
        self.set_step(id, Step::Runner { version, task });
    }

    pub(crate) fn set_step(&mut self, id: JobId, step: Step) {
        if let Some(job) = self.jobs.get_mut(id) {
            job.step = step;
            self.effects.push(Effect::HolesChanged { uri: job.uri.clone() });
        }
    }

    /// An edit came between query and answer: ask again about the text as it is now. Where only the imports have
    /// changed, or what was asked about was verified before, the query is the judge's.
    fn restart(&mut self, id: JobId) {
        let same = self.same_candidate(id);
        let Some(job) = self.jobs.get_mut(id) else { return };
        job.restarts += 1;
        job.attempts.clear();
        job.known = job.known.take().or(same);
        let step = if job.known.is_some() { Step::Again } else { Step::Goal };
        if job.restarts > self.settings.restarts {
            self.finish(id, Err("the text keeps changing".to_owned()));
        } else {
            self.set_step(id, step);
        }
    }

    /// The candidate that a job has before the judge, if the text is the one that it was proposed for.
    fn same_candidate(&self, id: JobId) -> Option<Known> {
        let (document, job) = self.job(id)?;
        let Step::Judge { moment, span, replacement } = &job.step else { return None };
        let hole = &document.hole(job.hole)?.hole.span;
        let known = Known::new(span, replacement, GuardOutcome::default(), hole, document.text.as_str());
        known.filter(|_| moment.version == document.version)
    }

    pub(crate) fn attempted(&mut self, id: JobId, answer: Result<Box<RunnerResponse>, String>) {
        if let Ok(response) = &answer {
            // It was paid for, whatever becomes of it.
            self.spent.answers += 1;
            if let Some(cost) = cost_of(response) {
                self.spent.cost = Some(self.spent.cost.unwrap_or_default() + cost);
            }
        }
        let Some((document, job)) = self.job(id) else { return };
        let Step::Runner { version, task } = &job.step else { return };
        let version = *version;
        if document.version != version {
            self.restart(id);
            return;
        }
        let response = match answer {
            Ok(response) => response,
            Err(why) => {
                self.finish(id, Err(why));
                return;
            }
        };
        if document.hole(job.hole).is_none() {
            return;
        }
        let Some(Edit { at, replacement }) = edit_of(task, &response) else {
            let tried = job.attempts.last().map(reason_of).unwrap_or_default();
            let why = if tried.is_empty() { "the runner has no proposal".to_owned() } else { tried };
            self.finish(id, Err(why));
            return;
        };
        if job.attempts.iter().any(|attempt| attempt.replacement == replacement) {
            let why = format!("the runner repeats itself; {}", job.attempts.last().map(reason_of).unwrap_or_default());
            self.finish(id, Err(why));
            return;
        }
        let Some(source_file) = document.source_file.clone() else { return };
        let span = at.start_byte..at.end_byte;
        let before = document.text.as_str().to_owned();
        let step = Step::Judge { moment: document.moment(), span: span.clone(), replacement: replacement.clone() };
        let uri = document.uri.clone();
        self.effects.push(Effect::Judge { job: id, uri, version, source_file, before, span, replacement });
        self.set_step(id, step);
    }

    pub(crate) fn judged(&mut self, id: JobId, mut verdict: Verdict) {
        let Some((document, job)) = self.job(id) else { return };
        let Step::Judge { moment, span, replacement } = job.step.clone() else { return };
        if document.moment() != moment {
            self.restart(id);
            return;
        }
        let again = job.known.is_some();
        let times = if again { job.restarts + 1 } else { 0 };
        if let Some(Known { control: GuardOutcome::Warned { note }, .. }) = &job.known {
            verdict.guards.negative_control = GuardOutcome::Warned { note: note.clone() };
            verdict.notes.push(note.clone());
        }
        let kind = document.hole(job.hole).map_or(HoleKind::Sorry, |tracked| tracked.hole.kind);
        let (state, attempts) = (verdict.state.clone(), self.settings.attempts);
        let Some(job) = self.jobs.get_mut(id) else { return };
        let acceptance = verdict.acceptance();
        let view = AttemptView { replacement: replacement.clone(), acceptance, verdict: verdict.clone() };
        job.attempts.push(view);
        match state {
            VerdictState::Accepted => self.finish(id, Ok(Offer { job: id, kind, span, replacement, verdict, times })),
            // Another proposal would meet the same obstacle.
            VerdictState::Unknown { why } => self.finish(id, Err(why)),
            _ if again => {
                let why = job.attempts.last().map(reason_of).unwrap_or_default();
                self.not_again(id, &why);
            }
            _ if attempts <= job.attempts.len() => {
                let why = job.attempts.last().map(reason_of).unwrap_or_default();
                self.finish(id, Err(why));
            }
            _ => self.set_step(id, Step::Goal),
        }
    }

    /// The negative control of an offer has ended. The offer may be gone by now.
    pub(crate) fn controlled(&mut self, id: JobId, outcome: GuardOutcome, note: Option<String>) {
        for document in self.documents.values_mut() {
            let offers = document.holes.iter_mut().filter_map(|tracked| match &mut tracked.work {
                Work::Offered(offer) if offer.job == id => Some(offer),
                _ => None,
            });
            for offer in offers {
                let before = std::mem::replace(&mut offer.verdict.guards.negative_control, outcome.clone());
                let old = if let GuardOutcome::Warned { note } = before { Some(note) } else { None };
                offer.verdict.notes.retain(|known| old.as_ref() != Some(known));
                offer.verdict.notes.extend(note.clone());
                // Without a warning, now or before, the offer reads as it did.
                if note.is_some() || old.is_some() {
                    self.effects.push(Effect::OffersChanged { uri: document.uri.clone() });
                    self.effects.push(Effect::HolesChanged { uri: document.uri.clone() });
                }
            }
        }
    }

    /// End the jobs whose hole a document does not have any more: nobody waits for ever.
    pub(crate) fn finish_gone(&mut self, uri: &str, why: &str) {
        let Some(document) = self.documents.get(uri) else { return };
        let is_gone = |job: &Job| job.uri == uri && document.hole(job.hole).is_none();
        for job in self.jobs.ids(is_gone) {
            self.finish(job, Err(why.to_owned()));
        }
    }

    /// End a job: its hole has an offer or a reason for having none, and everybody who asked is answered.
    pub(crate) fn finish(&mut self, id: JobId, outcome: Result<Offer, String>) {
        let Some(job) = self.jobs.end(id) else { return };
        let (replacement, acceptance, reason) = match &outcome {
            Ok(offer) => (Some(offer.replacement.clone()), offer.verdict.acceptance(), None),
            Err(why) => (None, None, Some(why.clone())),
        };
        let document = self.documents.get_mut(&job.uri).filter(|document| document.generation == job.generation);
        if let Some(tracked) = document.and_then(|document| document.hole_mut(job.hole)) {
            tracked.work = match outcome {
                Ok(offer) => {
                    self.effects.push(Effect::OffersChanged { uri: job.uri.clone() });
                    Work::Offered(Box::new(offer))
                }
                Err(why) => Work::Unsolved(why),
            };
            self.effects.push(Effect::HolesChanged { uri: job.uri.clone() });
        }
        let result = ProveResult { hole: hole_name(job.hole), replacement, acceptance, reason, attempts: job.attempts };
        for token in job.tokens {
            self.effects.push(Effect::RespondProve { token, result: Ok(Box::new(result.clone())) });
        }
        for token in job.groups {
            if let Some(results) = self.jobs.result_for(token, id, result.clone()) {
                self.effects.push(Effect::RespondProveAll { token, result: Ok(ProveAllResult { results }) });
            }
        }
    }
}

/// What the runner says that its answer cost.
fn cost_of(response: &RunnerResponse) -> Option<f64> {
    let cost = response.metadata.as_ref()?.get("cost")?.as_f64()?;
    (cost.is_finite() && cost >= 0.0).then_some(cost)
}

fn reason_of(attempt: &AttemptView) -> String {
    match &attempt.verdict.state {
        VerdictState::Accepted => "accepted".to_owned(),
        VerdictState::Rejected { reject_reason } => reject_reason.to_string(),
        VerdictState::Failed { error } => error.clone(),
        VerdictState::Unknown { why } => why.clone(),
    }
}

fn previous_attempt(attempt: &AttemptView) -> PreviousAttempt {
    let status = match &attempt.verdict.state {
        VerdictState::Accepted => "accepted",
        VerdictState::Rejected { .. } => "rejected",
        VerdictState::Failed { .. } => "failed",
        VerdictState::Unknown { .. } => "unknown",
    };
    PreviousAttempt { replacement: attempt.replacement.clone(), status: status.to_owned(), reason: reason_of(attempt) }
}
