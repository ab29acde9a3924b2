//! Routes events to documents, queries and jobs, and collects the effects. The rules live there.

use crate::attention::Attention;
use crate::document::Document;
use crate::event::{Effect, Event, Millis};
use crate::open_jobs::Jobs;
use crate::settings::EngineSettings;
use std::collections::BTreeMap;

/// What the runner has been used for, in this session.
#[derive(Debug, Default)]
pub(crate) struct Spent {
    pub(crate) answers: usize,
    /// In the runner's own unit; `None` as long as no answer has named a cost.
    pub(crate) cost: Option<f64>,
}

/// The state of a session.
#[derive(Debug, Default)]
pub struct Engine {
    pub(crate) settings: EngineSettings,
    pub(crate) documents: BTreeMap<String, Document>,
    pub(crate) jobs: Jobs,
    pub(crate) spent: Spent,
    pub(crate) ready: bool,
    /// Lean does not say where it sees a `sorry`: it is not asked again.
    pub(crate) without_sorry_tokens: bool,
    generation: u64,
    pub(crate) next_hole: u64,
    pub(crate) effects: Vec<Effect>,
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
            Event::Opened { uri, version, text, source_file } => {
                self.close(&uri);
                self.generation += 1;
                let document =
                    Document::open(uri.clone(), self.generation, version, text, source_file, &mut self.next_hole);
                let attention = Attention::opened(now, self.settings.pause);
                self.documents.insert(uri.clone(), Document { attention, ..document });
                self.effects.push(Effect::HolesChanged { uri });
            }
            Event::Changed { uri, version, changes } => self.changed(now, &uri, version, &changes),
            Event::ImportsChanged { root, by } => self.imports_changed(now, &root, by.as_deref()),
            Event::Closed { uri } => self.close(&uri),
            Event::Crashed { uri } => {
                if let Some(document) = self.documents.get_mut(&uri) {
                    document.crashed = true;
                    document.inquiries.give_up();
                    self.effects.push(Effect::HolesChanged { uri });
                }
            }
            Event::Cursor { uri, position } => {
                if let Some(document) = self.documents.get_mut(&uri) {
                    document.attention.moved(position, now);
                }
            }
            Event::LeanAnswered { query, answer } => self.answered(now, &query, answer),
            Event::Lost { query } => self.lost(now, &query),
            Event::Diagnostics { published } => {
                if let Some(document) = self.documents.get_mut(&published.uri) {
                    document.diagnostics.publish(*published);
                }
            }
            Event::Prove { token, uri, position } => self.prove(token, &uri, position),
            Event::ProveAll { token, uri, lines } => self.prove_all(token, &uri, lines),
            Event::Cancel { token } => self.cancel(token),
            Event::Stop { uri, position } => self.stop(&uri, position),
            Event::RunnerAnswered { job, answer } => self.attempted(job, answer),
            Event::Judged { job, verdict } => self.judged(job, *verdict),
            Event::Controlled { job, outcome, note } => self.controlled(job, outcome, note),
        }
        self.ask_lean(now);
        self.start_automatically(now);
        self.advance_again(now);
        self.advance_jobs();
        std::mem::take(&mut self.effects)
    }

    fn changed(&mut self, now: Millis, uri: &str, version: i64, changes: &[leanwright_lean::Change]) {
        let Some(document) = self.documents.get_mut(uri) else { return };
        let outcome = document.change(version, changes, &mut self.next_hole);
        document.attention.edited(now);
        document.crashed = false;
        // Who takes an offer does not type.
        document.attention.judge_again_from(if outcome.is_offer { now } else { now + self.settings.idle });
        if let Some(query) = document.inquiries.give_up() {
            self.effects.push(Effect::Withdraw { query });
        }
        if outcome.offers_changed {
            self.effects.push(Effect::OffersChanged { uri: uri.to_owned() });
        }
        self.judge_again(uri, outcome.withdrawn);
        self.finish_gone(uri, "the hole is gone: the text has changed");
    }

    fn close(&mut self, uri: &str) {
        let Some(mut document) = self.documents.remove(uri) else { return };
        if let Some(query) = document.inquiries.give_up() {
            self.effects.push(Effect::Withdraw { query });
        }
        for job in self.jobs.ids(|job| job.uri == uri) {
            self.finish(job, Err("the document was closed".to_owned()));
        }
        self.effects.push(Effect::OffersChanged { uri: uri.to_owned() });
    }
}
