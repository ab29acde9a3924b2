//! The parameters and results of Lean's server that we read. Unknown members are ignored; nothing here is ever sent on.
//!
//! Source: `Lean/Data/Lsp/*.lean`, `Lean/Server/ProtocolOverview.lean`.

use crate::goal::Goals;
use crate::text::{Change, Position, Range};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DocumentId {
    pub uri: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct DocumentItem {
    pub uri: String,
    #[serde(default)]
    pub version: i64,
    pub text: String,
}

#[derive(Debug, Deserialize)]
pub struct DidOpen {
    #[serde(rename = "textDocument")]
    pub document: DocumentItem,
}

#[derive(Debug, Deserialize)]
pub struct DidChange {
    #[serde(rename = "textDocument")]
    pub document: DocumentId,
    #[serde(rename = "contentChanges")]
    pub changes: Vec<Change>,
}

#[derive(Debug, Deserialize)]
pub struct DidClose {
    #[serde(rename = "textDocument")]
    pub document: DocumentId,
}

#[derive(Debug, Deserialize)]
pub struct DidSave {
    #[serde(rename = "textDocument")]
    pub document: DocumentId,
}

/// Files that were written, made or removed; which of these is not told apart.
#[derive(Debug, Deserialize)]
pub struct DidChangeWatchedFiles {
    pub changes: Vec<DocumentId>,
}

/// Parameters of `$/lean/plainGoal`, `$/lean/plainTermGoal` and most LSP requests about a place.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DocumentPosition {
    #[serde(rename = "textDocument")]
    pub document: DocumentId,
    pub position: Position,
}

#[derive(Debug, Deserialize)]
pub struct PlainGoal {
    pub goals: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub struct PlainTermGoal {
    pub goal: String,
}

/// Read the result of `$/lean/plainGoal`: `null` means that no tactic block is there.
pub fn tactic_goals(result: &str) -> Result<Goals, serde_json::Error> {
    Ok(match serde_json::from_str::<Option<PlainGoal>>(result)? {
        None => Goals::Nothing,
        Some(PlainGoal { goals }) if goals.is_empty() => Goals::Solved,
        Some(PlainGoal { goals }) => Goals::Tactic(goals),
    })
}

/// Read the result of `$/lean/plainTermGoal`.
pub fn term_goal(result: &str) -> Result<Goals, serde_json::Error> {
    Ok(serde_json::from_str::<Option<PlainTermGoal>>(result)?.map_or(Goals::Nothing, |term| Goals::Term(term.goal)))
}

/// One diagnostic; `full_range` is the real range, `range` what is underlined.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    pub range: Range,
    #[serde(rename = "fullRange")]
    pub full_range: Option<Range>,
    #[serde(default)]
    pub severity: Option<u8>,
    pub message: String,
    #[serde(rename = "isSilent", default)]
    pub is_silent: bool,
}

/// LSP's severity of an error.
pub const SEVERITY_ERROR: u8 = 1;

impl Diagnostic {
    /// One that is shown to users.
    pub fn is_error(&self) -> bool {
        self.severity == Some(SEVERITY_ERROR) && !self.is_silent
    }

    /// The severity as Lean prints it; without one it is an error, as editors take it.
    pub fn severity_word(&self) -> &'static str {
        match self.severity {
            None | Some(SEVERITY_ERROR) => "error",
            Some(2) => "warning",
            Some(_) => "info",
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PublishDiagnostics {
    pub uri: String,
    #[serde(default)]
    pub version: Option<i64>,
    #[serde(rename = "isIncremental", default)]
    pub is_incremental: bool,
    pub diagnostics: Vec<Diagnostic>,
}

/// `$/lean/fileProgress`: what is being elaborated.
#[derive(Debug, Deserialize)]
pub struct FileProgress {
    #[serde(rename = "textDocument")]
    pub document: DocumentId,
    pub processing: Vec<Processing>,
}

#[derive(Debug, Deserialize)]
pub struct Processing {
    pub range: Range,
    /// 1 processing, 2 a fatal error: the worker has ended or the header failed.
    #[serde(default)]
    pub kind: Option<u8>,
}

/// `Processing::kind` after a crash or a header that failed.
pub const PROGRESS_FATAL: u8 = 2;

/// One message of `lean --json`. `line` is 1-based, `column` counts code points from 0.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompilerMessage {
    pub severity: String,
    pub pos: CompilerPosition,
    #[serde(rename = "endPos", default)]
    pub end_pos: Option<CompilerPosition>,
    pub data: String,
    #[serde(default)]
    pub kind: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompilerPosition {
    pub line: usize,
    pub column: usize,
}

impl CompilerMessage {
    pub fn is_error(&self) -> bool {
        self.severity == "error"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_answers_are_three_values() {
        assert_eq!(tactic_goals("null").unwrap(), Goals::Nothing);
        assert_eq!(tactic_goals(r#"{"goals":[],"rendered":"no goals"}"#).unwrap(), Goals::Solved);
        assert_eq!(tactic_goals(r#"{"goals":["⊢ A"],"rendered":"x"}"#).unwrap(), Goals::Tactic(vec!["⊢ A".into()]));
        assert_eq!(term_goal(r#"{"goal":"⊢ A","range":{}}"#).unwrap(), Goals::Term("⊢ A".into()));
        assert!(tactic_goals("{}").is_err());
    }
}
