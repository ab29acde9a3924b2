//! Routes events to documents and jobs, and collects the effects. Rules about one document or one hole live there.

use crate::context;
use crate::document::{Document, GoalState};
use crate::event::{Answer, Effect, Event, GoalQuestion, JobId, Millis, ProveToken};
use crate::views::hole_name;
use crate::work::{Job, Offer, Step, Work};
use leanwright_contract::editor::{AttemptView, ProveResult};
use leanwright_contract::{PreviousAttempt, RunnerResponse, Verdict, VerdictState};
use leanwright_lean::{Goals, Position};
use std::collections::BTreeMap;
use std::ops::Range;

/// What a user may set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EngineSettings {
    /// Answers that are judged for one hole before giving up.
    pub attempts: usize,
    /// Nothing is asked of Lean until this long after the last edit.
    pub pause: Millis,
    /// Goal questions that are on their way for one document at a time.
    pub questions: usize,
    /// How often edits may make a job start again.
    pub restarts: u32,
}

impl Default for EngineSettings {
    fn default() -> Self {
        Self { attempts: 6, pause: 300, questions: 1, restarts: 8 }
    }
}

/// The state of a session.
#[derive(Debug, Default)]
pub struct Engine {
    settings: EngineSettings,
    documents: BTreeMap<String, Document>,
    jobs: BTreeMap<JobId, Job>,
    ready: bool,
    generation: u64,
    next_hole: u64,
    next_job: u64,
    effects: Vec<Effect>,
}

impl Engine {
    pub fn new(settings: EngineSettings) -> Self {
        Self { settings, ..Self::default() }
    }

    /// Take one event in; what it leads to comes out, in order.
    pub fn handle(&mut self, now: Millis, event: Event) -> Vec<Effect> {
        match event {
            Event::Ready => self.ready = true,
            Event::Tick => {}
            Event::Opened { uri, version, text, origin } => {
                self.close(&uri);
                self.generation += 1;
                let document = Document::open(uri.clone(), self.generation, version, text, origin, &mut self.next_hole);
                // There is no pause to wait for: nobody types yet.
                self.documents
                    .insert(uri.clone(), Document { touched: now.saturating_sub(self.settings.pause), ..document });
                self.effects.push(Effect::HolesChanged { uri });
            }
            Event::Changed { uri, version, changes } => self.changed(now, &uri, version, &changes),
            Event::Closed { uri } => self.close(&uri),
            Event::Crashed { uri } => {
                if let Some(document) = self.documents.get_mut(&uri) {
                    document.crashed = true;
                    self.effects.push(Effect::HolesChanged { uri });
                }
            }
            Event::Goal { question, answer } => self.goal(question, answer),
            Event::GoalLost { question } => self.goal_lost(now, &question),
            Event::Diagnostics { published } => {
                if let Some(document) = self.documents.get_mut(&published.uri) {
                    document.diagnostics.publish(*published);
                }
            }
            Event::Prove { token, uri, position } => self.prove(token, &uri, position),
            Event::Cancel { token } => self.cancel(token),
            Event::Attempted { job, answer } => self.attempted(job, answer),
            Event::Judged { job, verdict } => self.judged(job, *verdict),
        }
        self.ask_goals(now);
        self.advance_jobs();
        std::mem::take(&mut self.effects)
    }

    pub(crate) fn document(&self, uri: &str) -> Option<&Document> {
        self.documents.get(uri)
    }

    pub(crate) fn documents(&self) -> impl Iterator<Item = &Document> {
        self.documents.values()
    }

    pub(crate) fn step_of(&self, job: JobId) -> &'static str {
        self.jobs.get(&job).map_or("", |job| job.step.word())
    }

    fn changed(&mut self, now: Millis, uri: &str, version: i64, changes: &[leanwright_lean::Change]) {
        let Some(document) = self.documents.get_mut(uri) else { return };
        let outcome = document.change(version, changes, &mut self.next_hole);
        document.touched = now;
        document.crashed = false;
        let gone: Vec<JobId> = self
            .jobs
            .iter()
            .filter(|(_, job)| job.uri == uri && document.hole(job.hole).is_none())
            .map(|(id, _)| *id)
            .collect();
        if outcome.offers_changed {
            self.effects.push(Effect::OffersChanged { uri: uri.to_owned() });
        }
        self.effects.push(Effect::HolesChanged { uri: uri.to_owned() });
        for job in gone {
            self.finish(job, Err("the hole is gone: the text has changed".to_owned()));
        }
    }

    fn close(&mut self, uri: &str) {
        if self.documents.remove(uri).is_none() {
            return;
        }
        let jobs: Vec<JobId> = self.jobs.iter().filter(|(_, job)| job.uri == uri).map(|(id, _)| *id).collect();
        for job in jobs {
            self.finish(job, Err("the document was closed".to_owned()));
        }
        self.effects.push(Effect::OffersChanged { uri: uri.to_owned() });
    }

    /// Ask for goals that are not known for the document as it is: holes that are worked on first, then in order.
    fn ask_goals(&mut self, now: Millis) {
        if !self.ready {
            return;
        }
        for document in self.documents.values_mut().filter(|document| !document.crashed) {
            let due = document.touched + self.settings.pause;
            let version = document.version;
            let open = |goal: &GoalState| match goal {
                GoalState::Unknown(_) => true,
                GoalState::Asked { version: asked } => *asked != version,
                GoalState::Known { version: known, .. } | GoalState::Failed { version: known, .. } => *known != version,
            };
            if now < due {
                if document.holes.iter().any(|tracked| open(&tracked.goal)) {
                    self.effects.push(Effect::WakeAt(due));
                }
                continue;
            }
            while document.questions < self.settings.questions {
                let mut waiting = document.holes.iter_mut().filter(|tracked| open(&tracked.goal)).collect::<Vec<_>>();
                waiting.sort_by_key(|tracked| !matches!(tracked.work, Work::Running(_)));
                let Some(tracked) = waiting.into_iter().next() else { break };
                tracked.goal = GoalState::Asked { version };
                document.questions += 1;
                let position = document.text.position(tracked.hole.span.start);
                let (uri, generation, hole) = (document.uri.clone(), document.generation, tracked.id);
                self.effects.push(Effect::AskGoal(GoalQuestion {
                    uri,
                    generation,
                    version,
                    hole,
                    position,
                    term: false,
                }));
            }
        }
    }

    fn goal(&mut self, question: GoalQuestion, answer: Result<Goals, String>) {
        let Some(document) = self.documents.get_mut(&question.uri) else { return };
        if document.generation != question.generation {
            return;
        }
        document.questions = document.questions.saturating_sub(1);
        // An answer about another version is nobody's: the hole is asked about again.
        if document.version != question.version {
            return;
        }
        let (version, uri) = (document.version, document.uri.clone());
        let Some(tracked) = document.hole_mut(question.hole) else { return };
        tracked.goal = match answer {
            Ok(Goals::Nothing) if !question.term => {
                document.questions += 1;
                self.effects.push(Effect::AskGoal(GoalQuestion { term: true, ..question }));
                return;
            }
            Ok(goals) => GoalState::Known { version, goals },
            Err(why) => GoalState::Failed { version, why },
        };
        self.effects.push(Effect::HolesChanged { uri });
    }

    /// Ask again after a pause: building a file's imports may take longer than any deadline.
    fn goal_lost(&mut self, now: Millis, question: &GoalQuestion) {
        let Some(document) = self.documents.get_mut(&question.uri) else { return };
        if document.generation != question.generation {
            return;
        }
        document.questions = document.questions.saturating_sub(1);
        document.touched = now;
        if let Some(tracked) = document.hole_mut(question.hole) {
            tracked.goal = GoalState::Unknown("the question was lost; Lean is asked again".to_owned());
        }
    }

    fn prove(&mut self, token: ProveToken, uri: &str, position: Position) {
        let refuse = |why: &str| Effect::Reply { token, result: Err(why.to_owned()) };
        let Some(document) = self.documents.get_mut(uri) else {
            self.effects.push(refuse("the document is not open"));
            return;
        };
        if document.origin.is_none() {
            self.effects.push(refuse("the document is in no Lake project"));
            return;
        }
        let Some(hole) = document.hole_at(position).map(|tracked| tracked.id) else {
            self.effects.push(refuse("there is no `sorry` here"));
            return;
        };
        let generation = document.generation;
        let Some(tracked) = document.hole_mut(hole) else { return };
        if let Work::Running(id) = tracked.work
            && let Some(job) = self.jobs.get_mut(&id)
        {
            job.tokens.push(token);
            return;
        }
        self.next_job += 1;
        let id = JobId(self.next_job);
        tracked.work = Work::Running(id);
        let (uri, tokens, attempts) = (uri.to_owned(), vec![token], Vec::new());
        self.jobs
            .insert(id, Job { uri: uri.clone(), generation, hole, tokens, attempts, step: Step::Goal, restarts: 0 });
        self.effects.push(Effect::HolesChanged { uri });
    }

    fn cancel(&mut self, token: ProveToken) {
        let Some((id, job)) = self.jobs.iter_mut().find(|(_, job)| job.tokens.contains(&token)) else { return };
        job.tokens.retain(|other| *other != token);
        let (id, abandoned) = (*id, job.tokens.is_empty());
        self.effects.push(Effect::Reply { token, result: Err("cancelled".to_owned()) });
        if abandoned {
            self.finish(id, Err("cancelled".to_owned()));
        }
    }

    /// Jobs whose goal has become known ask the runner.
    fn advance_jobs(&mut self) {
        let waiting: Vec<JobId> =
            self.jobs.iter().filter(|(_, job)| job.step == Step::Goal).map(|(id, _)| *id).collect();
        for id in waiting {
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

    fn job(&self, id: JobId) -> Option<(&Document, &Job)> {
        let job = self.jobs.get(&id)?;
        let document = self.documents.get(&job.uri).filter(|document| document.generation == job.generation)?;
        Some((document, job))
    }

    fn ask_runner(&mut self, id: JobId, goals: &Goals) {
        let Some((document, job)) = self.job(id) else { return };
        let (Some(origin), Some(tracked)) = (&document.origin, document.hole(job.hole)) else { return };
        let previous = job.attempts.iter().map(previous_attempt).collect();
        let task = context::task(origin, &document.text, &document.scan, &tracked.hole, Some(goals), previous);
        let (version, root) = (document.version, origin.root.clone());
        self.effects.push(Effect::AskRunner { job: id, root, task: Box::new(task) });
        self.set_step(id, Step::Runner { version });
    }

    fn set_step(&mut self, id: JobId, step: Step) {
        if let Some(job) = self.jobs.get_mut(&id) {
            job.step = step;
            self.effects.push(Effect::HolesChanged { uri: job.uri.clone() });
        }
    }

    /// An edit came between question and answer: ask again about the text as it is now.
    fn restart(&mut self, id: JobId) {
        let Some(job) = self.jobs.get_mut(&id) else { return };
        job.restarts += 1;
        job.attempts.clear();
        if job.restarts > self.settings.restarts {
            self.finish(id, Err("the text keeps changing".to_owned()));
        } else {
            self.set_step(id, Step::Goal);
        }
    }

    fn attempted(&mut self, id: JobId, answer: Result<Answer, String>) {
        let Some((document, job)) = self.job(id) else { return };
        let Step::Runner { version } = job.step else { return };
        if document.version != version {
            self.restart(id);
            return;
        }
        let response = match answer {
            Ok(Answer { response }) => response,
            Err(why) => {
                self.finish(id, Err(why));
                return;
            }
        };
        let Some(tracked) = document.hole(job.hole) else { return };
        let Some((span, replacement)) = edit_of(document, tracked.hole.span.clone(), &response) else {
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
        let Some(origin) = document.origin.clone() else { return };
        let before = document.text.as_str().to_owned();
        self.effects.push(Effect::Judge {
            job: id,
            origin,
            before,
            span: span.clone(),
            replacement: replacement.clone(),
        });
        self.set_step(id, Step::Judge { version, span, replacement });
    }

    fn judged(&mut self, id: JobId, verdict: Verdict) {
        let Some((document, job)) = self.job(id) else { return };
        let Step::Judge { version, span, replacement } = job.step.clone() else { return };
        if document.version != version {
            self.restart(id);
            return;
        }
        let (state, attempts) = (verdict.state.clone(), self.settings.attempts);
        let Some(job) = self.jobs.get_mut(&id) else { return };
        let view = AttemptView { replacement: replacement.clone(), verdict: verdict.clone() };
        job.attempts.push(view);
        match state {
            VerdictState::Accepted => self.finish(id, Ok(Offer { span, replacement, verdict })),
            // Another proposal would meet the same obstacle.
            VerdictState::Unknown { why } => self.finish(id, Err(why)),
            _ if attempts <= job.attempts.len() => {
                let why = job.attempts.last().map(reason_of).unwrap_or_default();
                self.finish(id, Err(why));
            }
            _ => self.set_step(id, Step::Goal),
        }
    }

    /// End a job: its hole has an offer or a reason for having none, and everybody who asked is answered.
    fn finish(&mut self, id: JobId, outcome: Result<Offer, String>) {
        let Some(job) = self.jobs.remove(&id) else { return };
        let (replacement, reason) = match &outcome {
            Ok(offer) => (Some(offer.replacement.clone()), None),
            Err(why) => (None, Some(why.clone())),
        };
        let document = self.documents.get_mut(&job.uri).filter(|document| document.generation == job.generation);
        if let Some(tracked) = document.and_then(|document| document.hole_mut(job.hole)) {
            tracked.work = match outcome {
                Ok(offer) => {
                    self.effects.push(Effect::OffersChanged { uri: job.uri.clone() });
                    Work::Offered(Box::new(offer))
                }
                Err(why) => Work::Refused(why),
            };
            self.effects.push(Effect::HolesChanged { uri: job.uri.clone() });
        }
        let result = ProveResult { hole: hole_name(job.hole), replacement, reason, attempts: job.attempts };
        for token in job.tokens {
            self.effects.push(Effect::Reply { token, result: Ok(Box::new(result.clone())) });
        }
    }
}

/// The edit that a response asks for; `None` if it gives up.
fn edit_of(document: &Document, hole: Range<usize>, response: &RunnerResponse) -> Option<(Range<usize>, String)> {
    if let Some(replacement) = &response.hole_replacement {
        return (!replacement.trim().is_empty()).then(|| (hole, replacement.clone()));
    }
    if response.replacement.trim().is_empty() {
        return None;
    }
    let (first, _) = document.text.line_bounds(document.text.line_of(hole.start))?;
    let (_, last) = document.text.line_bounds(document.text.line_of(hole.end))?;
    Some((first..last, response.replacement.clone()))
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
