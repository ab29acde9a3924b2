//! The two closed lists: everything that can happen to the engine, and everything that it can ask for.

use leanwright_contract::editor::ProveResult;
use leanwright_contract::{MineTask, RunnerResponse, Verdict};
use leanwright_lean::dialect::PublishDiagnostics;
use leanwright_lean::{Change, Goals, Position};
use std::ops::Range;

/// Milliseconds on a clock that only goes forward.
pub type Millis = u64;

/// Names a request of the editor's that is answered later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProveToken(pub u64);

/// Names the work on one hole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JobId(pub u64);

/// Something that has happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// Lean answers requests from now on.
    Ready,
    /// A document was opened; `origin` says where it belongs, if it belongs to a project.
    Opened {
        uri: String,
        version: i64,
        text: String,
        origin: Option<crate::Origin>,
    },
    Changed {
        uri: String,
        version: i64,
        changes: Vec<Change>,
    },
    Closed {
        uri: String,
    },
    /// The document's worker has ended, or its header failed: nothing is answered until the next edit.
    Crashed {
        uri: String,
    },
    /// The answer to `Effect::AskGoal`.
    Goal {
        question: GoalQuestion,
        answer: Result<Goals, String>,
    },
    /// The question was lost: no answer in time, or Lean's worker was restarted under it. It has to be asked again.
    GoalLost {
        question: GoalQuestion,
    },
    /// Lean has published diagnostics.
    Diagnostics {
        published: Box<PublishDiagnostics>,
    },
    /// The user asks for a proof of the hole at a place.
    Prove {
        token: ProveToken,
        uri: String,
        position: Position,
    },
    /// The user takes that back.
    Cancel {
        token: ProveToken,
    },
    /// The answer to `Effect::AskRunner`.
    Attempted {
        job: JobId,
        answer: Result<Answer, String>,
    },
    /// The answer to `Effect::Judge`.
    Judged {
        job: JobId,
        verdict: Box<Verdict>,
    },
    /// The time of an `Effect::WakeAt` has come.
    Tick,
}

/// What a runner answered.
#[derive(Clone, Debug)]
pub struct Answer {
    pub response: Box<RunnerResponse>,
}

/// Something to be done by whoever drives the engine.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    AskGoal(GoalQuestion),
    AskRunner {
        job: JobId,
        /// The project's root.
        root: String,
        task: Box<MineTask>,
    },
    Judge {
        job: JobId,
        origin: crate::Origin,
        before: String,
        /// In bytes of `before`.
        span: Range<usize>,
        replacement: String,
    },
    /// Answer a `Prove`.
    Reply {
        token: ProveToken,
        result: Result<Box<ProveResult>, String>,
    },
    HolesChanged {
        uri: String,
    },
    OffersChanged {
        uri: String,
    },
    WakeAt(Millis),
}

/// A goal that is asked for, labelled so that a late answer is recognised.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct GoalQuestion {
    pub uri: String,
    /// Counts the times that the document was opened.
    pub generation: u64,
    pub version: i64,
    pub hole: u64,
    pub position: Position,
    /// Ask for the expected type of a term; otherwise for a tactic's goals.
    pub term: bool,
}
