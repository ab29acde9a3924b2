//! Work on one hole, and the offer that comes of it.

use crate::event::{JobId, ProveToken};
use leanwright_contract::editor::AttemptView;
use leanwright_contract::{GuardOutcome, MineTask, Verdict};
use leanwright_lean::HoleKind;
use std::ops::Range;

/// What is being done about a hole.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Work {
    #[default]
    Idle,
    Running(JobId),
    Offered(Box<Offer>),
    /// Why there is no offer.
    Unsolved(String),
}

/// A verified replacement that applies to the document as it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    /// The work that it came of.
    pub job: JobId,
    /// What kind of hole it fills.
    pub kind: HoleKind,
    /// In bytes of the document's text.
    pub span: Range<usize>,
    pub replacement: String,
    pub verdict: Verdict,
    /// How often it was judged again since it was found.
    pub times: u32,
}

/// A replacement that was verified once, by its place around the hole: so it is found again wherever the hole moves.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    /// Bytes of the edit before the hole, and behind it.
    around: (usize, usize),
    /// What the edit replaces.
    replaced: String,
    pub replacement: String,
    /// What the negative control said: a warning stays until the control says otherwise.
    pub control: GuardOutcome,
}

impl Known {
    /// `hole` and the offer's span are of this text.
    pub fn of(offer: &Offer, hole: &Range<usize>, text: &str) -> Option<Self> {
        let control = offer.verdict.guards.negative_control.clone();
        Self::new(&offer.span, &offer.replacement, control, hole, text)
    }

    pub fn new(
        span: &Range<usize>,
        replacement: &str,
        control: GuardOutcome,
        hole: &Range<usize>,
        text: &str,
    ) -> Option<Self> {
        let around = (hole.start.checked_sub(span.start)?, span.end.checked_sub(hole.end)?);
        let replaced = text.get(span.clone())?.to_owned();
        Some(Self { around, replaced, replacement: replacement.to_owned(), control })
    }

    /// What it replaces in this text; `None` if something else stands there now.
    pub fn span(&self, hole: &Range<usize>, text: &str) -> Option<Range<usize>> {
        let span = hole.start.checked_sub(self.around.0)?..hole.end + self.around.1;
        (text.get(span.clone())? == self.replaced).then_some(span)
    }
}

/// What a verdict is about, beside the candidate: a version of the document, and of what it imports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    pub version: i64,
    pub imports: u64,
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
    /// It judges again what was verified before.
    pub known: Option<Known>,
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
            known: None,
            attempts: Vec::new(),
            step: Step::Goal,
            restarts: 0,
        }
    }

    /// Whether a request waits for it.
    pub fn is_awaited(&self) -> bool {
        !self.tokens.is_empty() || !self.groups.is_empty()
    }

    /// What it does, for a person.
    pub fn word(&self) -> &'static str {
        match self.step {
            _ if self.known.is_some() => "verifying again",
            Step::Again => "verifying again",
            Step::Goal => "waiting for the goal",
            Step::Runner { .. } => "waiting for the runner",
            Step::Judge { .. } => "being judged",
        }
    }
}

/// What a job waits for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    Goal,
    Runner {
        version: i64,
        /// What it was asked.
        task: Box<MineTask>,
    },
    Judge {
        moment: Moment,
        span: Range<usize>,
        replacement: String,
    },
    /// Its turn to be judged again.
    Again,
}
