//! What Lean has been asked about a document, and what it has said of whole versions. One query at a time is on its way.

use crate::event::{LeanQuery, Millis};
use std::ops::Range;

#[derive(Debug, Default)]
pub struct Inquiries {
    /// The query that is on its way, and when it was asked.
    in_flight: Option<(LeanQuery, Millis)>,
    /// How long Lean took for its last goal.
    last_answer: Option<Millis>,
    /// The newest version that Lean has elaborated to its end.
    elaborated: Option<i64>,
    /// The newest version that Lean was asked about: whether it is elaborated, and where it sees a `sorry`.
    errors_queried_for: Option<i64>,
    tokens_queried_for: Option<i64>,
    /// Where Lean sees a `sorry`, in bytes, and in which version.
    sorry_tokens: Option<(i64, Vec<Range<usize>>)>,
}

impl Inquiries {
    pub fn is_waiting(&self) -> bool {
        self.in_flight.is_some()
    }

    pub fn ask(&mut self, query: LeanQuery, now: Millis) {
        self.in_flight = Some((query, now));
    }

    /// When this query was asked, if it is the one that is on its way. It is not any more.
    pub fn take(&mut self, query: &LeanQuery) -> Option<Millis> {
        self.in_flight.take_if(|(waiting, _)| waiting == query).map(|(_, asked)| asked)
    }

    /// The query that is on its way, which nobody waits for any more.
    pub fn give_up(&mut self) -> Option<LeanQuery> {
        self.in_flight.take().map(|(query, _)| query)
    }

    pub fn goal_took(&mut self, time: Millis) {
        self.last_answer = Some(time);
    }

    /// A query got no answer: how long the next one takes is not known.
    pub fn lost(&mut self) {
        self.last_answer = None;
    }

    /// How long Lean took for its last goal.
    pub fn last_answer(&self) -> Option<Millis> {
        self.last_answer
    }

    /// Lean has said whether it has elaborated this version to its end.
    pub fn errors_seen(&mut self, version: i64, is_elaborated: bool) {
        self.errors_queried_for = Some(version);
        if is_elaborated {
            self.elaborated = Some(version);
        }
    }

    /// Lean has said where it sees a `sorry` in this version; `None` if it could not.
    pub fn tokens_seen(&mut self, version: i64, spans: Option<Vec<Range<usize>>>) {
        self.tokens_queried_for = Some(version);
        if let Some(spans) = spans {
            self.sorry_tokens = Some((version, spans));
        }
    }

    pub fn has_asked_for_errors(&self, version: i64) -> bool {
        self.errors_queried_for == Some(version)
    }

    pub fn has_asked_for_tokens(&self, version: i64) -> bool {
        self.tokens_queried_for == Some(version)
    }

    pub fn is_elaborated(&self, version: i64) -> bool {
        self.elaborated == Some(version)
    }

    /// Where Lean sees a `sorry`, in bytes, and in which version.
    pub fn sorry_tokens(&self) -> Option<(i64, &[Range<usize>])> {
        self.sorry_tokens.as_ref().map(|(version, spans)| (*version, spans.as_slice()))
    }
}
