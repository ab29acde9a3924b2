//! What a runner answers, and the same with the place it is for: the input of a replay.

use crate::{AllowedEdit, ExactEdit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

fn default_attempt_id() -> String {
    "attempt".to_owned()
}

/// One line of a runner's output.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunnerResponse {
    /// The task that is answered.
    pub task_id: String,
    /// A label.
    #[serde(default = "default_attempt_id")]
    pub attempt_id: String,
    /// New text for the task's `allowed_edit`: whole lines. Ignored where `hole_replacement` is present.
    #[serde(default)]
    pub replacement: String,
    /// New text for exactly the hole. An empty `replacement` without this means that the runner gives up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hole_replacement: Option<String>,
    /// Name of the model, if one was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Digest of the prompt; filled in with the digest of the task line where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt_hash: Option<String>,
    /// Anything else: cost, latency, sampling.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Value>,
    /// Members that this version does not know.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// An answer with the place that it is for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Attempt {
    /// Version of this record.
    #[serde(default = "crate::schema_version")]
    pub schema_version: u32,
    /// The task that is answered.
    pub task_id: String,
    /// A label.
    #[serde(default = "default_attempt_id")]
    pub attempt_id: String,
    /// Whole lines that `replacement` replaces.
    pub allowed_edit: AllowedEdit,
    /// New text for those lines.
    pub replacement: String,
    /// The exact place and text, where the runner answered for the hole alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edit: Option<Edit>,
    /// File to compile; the edited file where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_file: Option<String>,
    /// Further edits, applied with the first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extra_edits: Vec<ExtraEdit>,
    /// The error that the attempt is meant to repair.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original_diagnostic: Option<Value>,
    /// Name of the model, if one was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// SHA-256 of the task line that the runner was sent, or what the runner said instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt_hash: Option<String>,
    /// Anything else that the runner said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Value>,
    /// Members that this version does not know.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// An exact place and the text for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Edit {
    /// Where.
    #[serde(flatten)]
    pub at: ExactEdit,
    /// The new text.
    pub replacement: String,
}

/// Another edit of whole lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExtraEdit {
    /// Path relative to the project's root.
    pub file: String,
    /// First line, 1-based.
    pub start_line: usize,
    /// Last line, 1-based and inclusive.
    pub end_line: usize,
    /// New text for those lines.
    pub replacement: String,
}
