//! What the engine shows to the outside: holes, offers, numbers.

use crate::document::{Document, GoalState, TrackedHole};
use crate::engine::Engine;
use crate::work::{Offer, Work};
use leanwright_contract::editor::{GoalView, HoleView, HolesResult, Position, Range, StatusResult, WorkView};
use leanwright_lean::Goals;

impl Engine {
    /// The holes of a document.
    pub fn holes(&self, uri: &str) -> Option<HolesResult> {
        let document = self.document(uri)?;
        let holes = document.holes.iter().map(|tracked| self.hole_view(document, tracked)).collect();
        let errors = document.diagnostics.errors();
        let errors = (document.diagnostics.version() == Some(document.version)).then_some(errors);
        Some(HolesResult { version: document.version, errors, holes })
    }

    fn hole_view(&self, document: &Document, tracked: &TrackedHole) -> HoleView {
        let declaration = document.declaration_of(&tracked.hole);
        HoleView {
            id: hole_name(tracked.id),
            range: range(document.text.range(&tracked.hole.span)),
            kind: tracked.hole.kind.keyword().to_owned(),
            declaration: declaration.and_then(|declaration| declaration.name.clone()),
            declaration_kind: declaration.map(|declaration| declaration.kind.keyword().to_owned()),
            goal: goal_view(document, tracked),
            work: match &tracked.work {
                Work::Idle => WorkView::Idle,
                Work::Running(job) => WorkView::Running { step: self.step_of(*job).to_owned() },
                Work::Offered(offer) => WorkView::Offered { replacement: offer.replacement.clone() },
                Work::Refused(reason) => WorkView::Refused { reason: reason.clone() },
            },
        }
    }

    /// The verified replacements of a document as it is, with the version that they apply to.
    pub fn offers(&self, uri: &str) -> Option<(i64, Vec<(Range, Offer)>)> {
        let document = self.document(uri)?;
        let offers = document.holes.iter().filter_map(|tracked| match &tracked.work {
            Work::Offered(offer) => Some((range(document.text.range(&offer.span)), (**offer).clone())),
            _ => None,
        });
        Some((document.version, offers.collect()))
    }

    /// The numbers of a status; the rest is the server's to fill in.
    pub fn status(&self) -> StatusResult {
        let holes = || self.documents().flat_map(|document| &document.holes);
        let count = |is: fn(&Work) -> bool| holes().filter(|tracked| is(&tracked.work)).count();
        StatusResult {
            documents: self.documents().count(),
            holes: holes().count(),
            offers: count(|work| matches!(work, Work::Offered(_))),
            running: count(|work| matches!(work, Work::Running(_))),
            ..StatusResult::default()
        }
    }
}

/// A hole's name in our own protocol.
pub(crate) fn hole_name(id: u64) -> String {
    format!("hole-{id}")
}

fn range(range: leanwright_lean::Range) -> Range {
    let position = |at: leanwright_lean::Position| Position { line: at.line, character: at.character };
    Range { start: position(range.start), end: position(range.end) }
}

fn goal_view(document: &Document, tracked: &TrackedHole) -> GoalView {
    let unknown = |why: &str| GoalView::Unknown { why: why.to_owned() };
    if document.crashed {
        return unknown("Lean has stopped working on this file; edit it or restart it");
    }
    let pending = |why: &str| GoalView::Pending { why: why.to_owned() };
    match &tracked.goal {
        GoalState::Unknown(why) => pending(why),
        GoalState::Asked { .. } => pending("Lean has been asked"),
        GoalState::Failed { version, .. } | GoalState::Known { version, .. } if *version != document.version => {
            pending("the text has changed since")
        }
        GoalState::Failed { why, .. } => unknown(why),
        GoalState::Known { goals, .. } => match goals {
            Goals::Nothing => GoalView::Nothing,
            Goals::Solved => GoalView::Solved,
            Goals::Tactic(goals) => GoalView::Tactic { goals: goals.clone() },
            Goals::Term(goal) => GoalView::Term { goal: goal.clone() },
        },
    }
}
