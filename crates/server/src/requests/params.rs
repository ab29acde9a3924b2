//! How the parameters of our own requests are read.

use leanwright_contract::editor as own;
use leanwright_engine::Unanswered;
use leanwright_lean::Position;
use serde::de::DeserializeOwned;

/// An error that is the text's fault and not the request's.
pub const CHANGED: &str = "the text has changed meanwhile";

/// Why a request cannot be answered as it was made.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    #[error(transparent)]
    Parameters(#[from] serde_json::Error),
    #[error("the command has no argument")]
    NoArgument,
    #[error(transparent)]
    Unanswered(#[from] Unanswered),
}

pub fn read<T: DeserializeOwned>(params: &str) -> Result<T, RequestError> {
    Ok(serde_json::from_str(params)?)
}

/// The editor's position as the engine has it.
pub fn position(at: own::Position) -> Position {
    Position { line: at.line, character: at.character }
}
