//! The two closed lists: everything that can happen to the engine, and everything that it can ask for.
//!
//! Both are records that can be written and read, so that a session can be kept and played again.

use crate::unanswered::Unanswered;
use leanwright_contract::editor::{ProveAllResult, ProveResult};
use leanwright_contract::{GuardOutcome, MineTask, RunnerResponse, Verdict};
use leanwright_lean::dialect::PublishDiagnostics;
use leanwright_lean::{Change, Goals, Position};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Milliseconds on a clock that only goes forward.
pub type Millis = u64;

/// Names a request of the editor's that is answered later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ProveToken(pub u64);

/// Names the work on one hole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct JobId(pub u64);

/// Something that has happened.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// Lean answers requests from now on.
    Ready,
    /// A document was opened; `source_file` says where it belongs, if it belongs to a project.
    Opened {
        uri: String,
        version: i64,
        text: String,
        source_file: Option<leanwright_contract::SourceFile>,
    },
    Changed {
        uri: String,
        version: i64,
        changes: Vec<Change>,
    },
    Closed {
        uri: String,
    },
    /// Something has changed that documents of a project may import: a file on disk, a package, how it is built.
    ImportsChanged {
        /// The project's root.
        root: String,
        /// The document that was saved, if it is one: what it imports itself is as it was.
        by: Option<String>,
    },
    /// The document's worker has ended, or its header failed: nothing is answered until the next edit.
    Crashed {
        uri: String,
    },
    /// The user's cursor is here: holes near it come first.
    Cursor {
        uri: String,
        position: Position,
    },
    /// The answer to `Effect::AskLean`.
    LeanAnswered {
        query: LeanQuery,
        answer: Result<LeanReply, String>,
    },
    /// The query was lost: no answer in time, or Lean's worker was restarted under it. It has to be asked again.
    Lost {
        query: LeanQuery,
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
    /// The user asks for proofs of all holes of a document that are not marked to be skipped.
    ProveAll {
        token: ProveToken,
        uri: String,
        /// Only holes in these lines, 0-based, both included.
        lines: Option<(u32, u32)>,
    },
    /// The user takes a request back.
    Cancel {
        token: ProveToken,
    },
    /// The user stops the work on the hole at a place, or on all holes of the document.
    Stop {
        uri: String,
        position: Option<Position>,
    },
    /// The answer to `Effect::AskRunner`.
    RunnerAnswered {
        job: JobId,
        answer: Result<Box<RunnerResponse>, String>,
    },
    /// The answer to `Effect::Judge`.
    Judged {
        job: JobId,
        verdict: Box<Verdict>,
    },
    /// The negative control of what a job has offered.
    Controlled {
        job: JobId,
        outcome: GuardOutcome,
        /// What a reader of the offer must know.
        note: Option<String>,
    },
    /// The time of an `Effect::WakeAt` has come.
    Tick,
}

/// Something to be done by whoever drives the engine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "effect", rename_all = "snake_case")]
pub enum Effect {
    /// Ask Lean.
    AskLean {
        query: LeanQuery,
    },
    /// Take a query back: the text has changed, nobody waits for the answer.
    Withdraw {
        query: LeanQuery,
    },
    AskRunner {
        job: JobId,
        /// The project's root.
        root: String,
        task: Box<MineTask>,
    },
    Judge {
        job: JobId,
        uri: String,
        /// Of the document.
        version: i64,
        source_file: leanwright_contract::SourceFile,
        before: String,
        /// In bytes of `before`.
        span: Range<usize>,
        replacement: String,
    },
    /// Answer a `Prove`.
    RespondProve {
        token: ProveToken,
        result: Result<Box<ProveResult>, Unanswered>,
    },
    /// Answer a `ProveAll`.
    RespondProveAll {
        token: ProveToken,
        result: Result<ProveAllResult, Unanswered>,
    },
    HolesChanged {
        uri: String,
    },
    OffersChanged {
        uri: String,
    },
    WakeAt {
        at: Millis,
    },
}

/// A query to Lean about one version of a document, labelled so that a late answer is recognised.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LeanQuery {
    pub uri: String,
    /// Counts the times that the document was opened.
    pub generation: u64,
    pub version: i64,
    pub about: Subject,
}

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// The goals of the tactic block that a hole stands in.
    TacticGoals { hole: u64, position: Position },
    /// The expected type of the term that a hole stands for.
    TermGoal { hole: u64, position: Position },
    /// Nothing: Lean answers when it has elaborated the whole version and published all diagnostics.
    Elaborated,
    /// Where Lean sees a `sorry` or something like it.
    SorryTokens,
}

/// What Lean answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeanReply {
    Goals(Goals),
    Elaborated,
    SorryTokens(Vec<leanwright_lean::Range>),
    /// Lean cannot answer this, today or ever.
    Unsupported,
}
