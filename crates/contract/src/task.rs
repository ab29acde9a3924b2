//! What a runner is asked: a hole with its surroundings.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Where a document belongs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceFile {
    /// The project's root, absolute.
    pub root: String,
    /// Name of the project.
    pub project: String,
    /// The file, relative to the root.
    pub file: String,
    /// The module, as it is imported; empty if the file is no module of the project.
    pub module: String,
}

/// A task for a runner: a hole or an error, and what may be edited to repair it. Lines are 1-based; columns count code
/// points from 0.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MineTask {
    /// Version of this record.
    #[serde(default = "crate::schema_version")]
    pub schema_version: u32,
    /// Module, declaration and line; a column is added where that is not unique.
    pub task_id: String,
    /// Digest of statement, goal and imports: the same as long as the problem is, wherever it moves in the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hole_id: Option<String>,
    /// Name of the project.
    pub project: String,
    /// Path of the file, relative to the project's root.
    pub file: String,
    /// The declaration that the hole is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declaration: Option<DeclarationInfo>,
    /// What is to be replaced.
    pub kind: TaskKind,
    /// Line of the hole, or of the first error in the declaration; 1-based.
    pub line: usize,
    /// Column of the same, in code points from 0.
    pub column: usize,
    /// Modules that the file imports.
    pub imports: Vec<String>,
    /// The file up to the target, byte for byte.
    pub source_before: String,
    /// The text to be replaced.
    pub target_span: TargetSpan,
    /// The file after the target, byte for byte.
    pub source_after: String,
    /// The error to be repaired, for tasks of that kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diagnostic: Option<Value>,
    /// The goal at the hole, as Lean prints it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goal_state: Option<String>,
    /// Every goal at the hole, the main one first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub goals: Vec<String>,
    /// Whether a tactic or a term is wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<HoleMode>,
    /// The whole lines that an answer's `replacement` replaces.
    pub allowed_edit: AllowedEdit,
    /// The exact place of the hole; answers may carry text for it in `hole_replacement`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edit: Option<ExactEdit>,
    /// What was tried before and why it was refused, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub previous_attempts: Vec<PreviousAttempt>,
    /// What surrounds the hole, for runners that want it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<Box<crate::ContextBundle>>,
    /// One sentence that says what is wanted.
    pub instructions: String,
    /// Members that this version does not know.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// What a task is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TaskKind {
    /// The word `sorry`.
    Sorry,
    /// The word `admit`.
    Admit,
    /// A declaration that does not compile.
    Error,
}

/// What a hole is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HoleMode {
    /// The hole is a tactic in a `by` block.
    Tactic,
    /// The hole is a term.
    Term,
}

/// A declaration, as text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeclarationInfo {
    /// Its keyword: `theorem`, `example`.
    pub kind: String,
    /// Its name with namespaces; absent for `example`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// First line of the declaration, 1-based.
    pub start_line: usize,
    /// Last line of the declaration, 1-based and inclusive.
    pub end_line: usize,
    /// Text of the declaration, modifiers and documentation included.
    pub source: String,
}

/// A piece of the file with its place; the end is exclusive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TargetSpan {
    /// Line of the first character, 1-based.
    pub start_line: usize,
    /// Column of the first character, in code points from 0.
    pub start_column: usize,
    /// Line of the end, 1-based.
    pub end_line: usize,
    /// Column behind the last character, in code points from 0.
    pub end_column: usize,
    /// The text of the span.
    pub text: String,
}

/// Whole lines of one file that may be replaced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AllowedEdit {
    /// Path relative to the project's root.
    pub file: String,
    /// First line that may be replaced, 1-based.
    pub start_line: usize,
    /// Last line that may be replaced, 1-based and inclusive.
    pub end_line: usize,
}

/// The exact place of a hole, in the two units that editors and programs use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExactEdit {
    /// Offset of the first byte in the file.
    pub start_byte: usize,
    /// Offset behind the last byte.
    pub end_byte: usize,
    /// Line from 0 and UTF-16 column, as in LSP.
    pub start_utf16: [u32; 2],
    /// Exclusive end, as in LSP.
    pub end_utf16: [u32; 2],
    /// The text that stands there: an answer for another text is refused.
    pub expected: String,
}

/// One earlier answer and what the judge said of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PreviousAttempt {
    /// The text that was put in place of the hole.
    pub replacement: String,
    /// `rejected`, `failed` or `unknown`.
    pub status: String,
    /// Why, in one line or in Lean's words.
    pub reason: String,
}
