//! Work on one hole, and the offer that comes of it.

use crate::event::{JobId, ProveToken};
use leanwright_contract::Verdict;
use leanwright_contract::editor::AttemptView;
use std::ops::Range;

/// What is being done about a hole.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Work {
    #[default]
    Idle,
    Running(JobId),
    Offered(Box<Offer>),
    Refused(String),
}

/// A verified replacement that applies to the document as it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    /// The work that it came of.
    pub job: JobId,
    /// In bytes of the document's text.
    pub span: Range<usize>,
    pub replacement: String,
    pub verdict: Verdict,
}

/// The work on one hole.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub uri: String,
    pub generation: u64,
    pub hole: u64,
    pub tokens: Vec<ProveToken>,
    /// Requests for several holes that wait for this one among others.
    pub groups: Vec<ProveToken>,
    /// Nobody asked for it.
    pub automatic: bool,
    pub attempts: Vec<AttemptView>,
    pub step: Step,
    /// How often an edit made it start again.
    pub restarts: u32,
}

impl Job {
    pub fn new(uri: String, generation: u64, hole: u64) -> Self {
        Self {
            uri,
            generation,
            hole,
            tokens: Vec::new(),
            groups: Vec::new(),
            automatic: false,
            attempts: Vec::new(),
            step: Step::Goal,
            restarts: 0,
        }
    }
}

/// What a job waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Goal,
    Runner { version: i64 },
    Judge { version: i64, span: Range<usize>, replacement: String },
}

impl Step {
    /// For a person.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Goal => "waiting for the goal",
            Self::Runner { .. } => "waiting for the runner",
            Self::Judge { .. } => "being judged",
        }
    }
}
