//! Offers that were verified against something else than what is there now: they are withdrawn, judged again in the
//! background, and shown again if they are still accepted. No runner is asked for that.

use crate::document::Document;
use crate::engine::Engine;
use crate::event::{Effect, JobId, Millis};
use crate::work::{Job, Known, Offer, Step, Work};
use std::cmp::Reverse;

impl Engine {
    /// Something that the documents of a project may import has changed; `by` is the document that did it, if one did.
    pub(crate) fn imports_changed(&mut self, now: Millis, root: &str, by: Option<&str>) {
        let idle = self.settings.idle;
        let mut withdrawn = Vec::new();
        for document in self.documents.values_mut() {
            let here = document.source_file.as_ref().is_some_and(|source_file| source_file.root == root);
            if here && by != Some(document.uri.as_str()) {
                document.imports += 1;
                // A build or a save of everything changes one file after the other.
                document.attention.judge_again_from(now + idle);
                withdrawn.push((document.uri.clone(), document.withdraw()));
            }
        }
        for (uri, offers) in withdrawn {
            if !offers.is_empty() {
                self.effects.push(Effect::OffersChanged { uri: uri.clone() });
            }
            self.judge_again(&uri, offers);
        }
    }

    /// Begin jobs for offers that were withdrawn. One that was judged again too often stays away until somebody asks.
    pub(crate) fn judge_again(&mut self, uri: &str, withdrawn: Vec<(u64, Offer)>) {
        let Some(document) = self.documents.get_mut(uri) else { return };
        let generation = document.generation;
        for (hole, offer) in withdrawn {
            let Document { text, holes, .. } = &mut *document;
            let Some(tracked) = holes.iter_mut().find(|tracked| tracked.id == hole) else { continue };
            let known = Known::of(&offer, &tracked.hole.span, text.as_str());
            let Some(known) = known.filter(|_| offer.times < self.settings.restarts) else { continue };
            let job = Job::new(uri.to_owned(), generation, hole);
            let job = Job { known: Some(known), step: Step::Again, restarts: offer.times, ..job };
            tracked.work = Work::Running(self.jobs.begin(job));
        }
        self.effects.push(Effect::HolesChanged { uri: uri.to_owned() });
    }

    /// Give the judge what waits for being judged again: what somebody asks for at once, the rest when the text has rested; a
    /// few at a time, in each document those nearest to the cursor first, the document that was looked at last first.
    pub(crate) fn advance_again(&mut self, now: Millis) {
        let judging = |job: &Job| job.known.is_some() && matches!(job.step, Step::Judge { .. });
        let free = self.settings.at_a_time.max(1).saturating_sub(self.jobs.ids(judging).len());
        let mut ready = Vec::new();
        for document in self.documents.values() {
            let waiting = document.nearest_first().into_iter().filter_map(|hole| match document.hole(hole)?.work {
                Work::Running(id) => self.jobs.get(id).filter(|job| job.step == Step::Again).map(|job| (id, job)),
                _ => None,
            });
            let rested = document.attention.again_from() <= now;
            let (due, early): (Vec<_>, Vec<_>) = waiting.partition(|(_, job)| rested || job.is_awaited());
            if !early.is_empty() {
                self.effects.push(Effect::WakeAt { at: document.attention.again_from() });
            }
            let looked_at = Reverse(document.attention.looked_at());
            ready.extend(due.into_iter().enumerate().map(|(rank, (id, _))| (rank, looked_at, id)));
        }
        ready.sort_unstable();
        for (_, _, id) in ready.into_iter().take(free) {
            self.begin_again(id);
        }
    }

    fn begin_again(&mut self, id: JobId) {
        let Some((document, job)) = self.job(id) else { return };
        let (Some(source_file), Some(tracked), Some(known)) =
            (&document.source_file, document.hole(job.hole), &job.known)
        else {
            return;
        };
        let Some(span) = known.span(&tracked.hole.span, document.text.as_str()) else {
            self.not_again(id, "what it replaces has changed");
            return;
        };
        let before = document.text.as_str().to_owned();
        let replacement = known.replacement.clone();
        let step = Step::Judge { moment: document.moment(), span: span.clone(), replacement: replacement.clone() };
        let (source_file, uri, version) = (source_file.clone(), document.uri.clone(), document.version);
        self.effects.push(Effect::Judge { job: id, uri, version, source_file, before, span, replacement });
        self.set_step(id, step);
    }

    /// What was verified before is not any more. Whoever waits for a proof gets another one, if there is one.
    pub(crate) fn not_again(&mut self, id: JobId, why: &str) {
        let Some((document, job)) = self.job(id) else { return };
        let skipped = document.hole(job.hole).is_none_or(|tracked| tracked.hole.skipped);
        let automatic = self.settings.automatic && !skipped;
        let Some(job) = self.jobs.get_mut(id) else { return };
        if job.is_awaited() || job.automatic || automatic {
            job.known = None;
            job.automatic |= automatic;
            self.set_step(id, Step::Goal);
        } else {
            self.finish(id, Err(format!("it was verified for an earlier text, but not for this one: {why}")));
        }
    }
}
