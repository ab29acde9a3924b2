//! How a step of the judgement ends when it does not go on, and what it found when it does.

use crate::imports::ImportError;
use leanwright_contract::{GuardOutcome, RejectReason, VerdictState};
use leanwright_project::{CopyError, ProjectError};

/// Why there is no verdict of acceptance.
pub enum NotAccepted {
    Reject(RejectReason),
    Failed(String),
    Unknown(String),
}

impl From<CopyError> for NotAccepted {
    fn from(error: CopyError) -> Self {
        Self::Unknown(error.to_string())
    }
}

impl From<ProjectError> for NotAccepted {
    fn from(error: ProjectError) -> Self {
        Self::Unknown(error.to_string())
    }
}

impl From<ImportError> for NotAccepted {
    fn from(error: ImportError) -> Self {
        Self::Unknown(error.to_string())
    }
}

impl From<std::io::Error> for NotAccepted {
    fn from(error: std::io::Error) -> Self {
        Self::Unknown(format!("the judge could not write its files: {error}"))
    }
}

impl From<NotAccepted> for VerdictState {
    fn from(why: NotAccepted) -> Self {
        match why {
            NotAccepted::Reject(reject_reason) => Self::Rejected { reject_reason },
            NotAccepted::Failed(error) => Self::Failed { error },
            NotAccepted::Unknown(why) => Self::Unknown { why },
        }
    }
}

/// What a step found that does not only read data.
pub struct Outcome {
    pub outcome: GuardOutcome,
    pub refusal: Option<RejectReason>,
    /// For the verdict's notes.
    pub notes: Vec<String>,
}

impl From<GuardOutcome> for Outcome {
    fn from(outcome: GuardOutcome) -> Self {
        Self { outcome, refusal: None, notes: Vec::new() }
    }
}

impl From<RejectReason> for Outcome {
    fn from(reason: RejectReason) -> Self {
        let outcome = GuardOutcome::Rejected { reason: reason.to_string() };
        Self { outcome, refusal: Some(reason), notes: Vec::new() }
    }
}

pub fn skipped(note: &str) -> Outcome {
    GuardOutcome::Skipped { note: note.to_owned() }.into()
}
