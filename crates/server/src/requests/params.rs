//! How the parameters of our own requests are read.

use leanwright_contract::editor as own;
use leanwright_lean::Position;
use serde::de::DeserializeOwned;

/// An error that is the text's fault and not the request's.
pub const CHANGED: &str = "the text has changed meanwhile";

pub fn read<T: DeserializeOwned>(params: &str) -> Result<T, String> {
    serde_json::from_str(params).map_err(|error| error.to_string())
}

/// The editor's position as the engine has it.
pub fn position(at: own::Position) -> Position {
    Position { line: at.line, character: at.character }
}
