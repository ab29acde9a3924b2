//! Why a request of the user's has no answer.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Unanswered {
    #[error("the document is not open")]
    NotOpen,
    #[error("the document is in no Lake project")]
    NoProject,
    #[error("there is no `sorry` here")]
    NoHole,
    #[error("nothing is verified for this hole")]
    NothingVerified,
    #[error("there is no declaration here")]
    NoDeclaration,
    #[error("`{0}` is not proved by tactics: there is no `by` in it")]
    NoTactics(String),
    #[error("cancelled")]
    Cancelled,
}
