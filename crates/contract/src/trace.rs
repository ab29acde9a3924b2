//! What Lean says of a whole file, and which programs said it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Which programs and which sources a record was made with. What could not be found out is absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Provenance {
    /// First line of `lean --version` in the project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lean_version: Option<String>,
    /// First line of `lake --version` in the project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lake_version: Option<String>,
    /// Commit that is checked out in the project, in hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub git_commit: Option<String>,
}

/// One file, as `lake lean` compiled it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TraceRecord {
    /// Version of this record.
    #[serde(default = "crate::schema_version")]
    pub schema_version: u32,
    /// Tells this record from others of lean-agent's.
    pub record_type: TraceRecordType,
    /// The same in all records of one run.
    pub run_id: String,
    /// Path of the file, relative to the project's root.
    pub file: String,
    /// What became of it.
    pub status: FileStatus,
    /// Exit code of `lake lean`; absent if it was stopped or could not be started.
    pub exit_code: Option<i32>,
    /// Wall time of `lake lean` in milliseconds, building the imports included.
    pub elapsed_ms: u64,
    /// What Lean reported, in its order.
    pub diagnostics: Vec<TraceDiagnostic>,
    /// What was printed to standard output, if it was to be kept.
    pub stdout: Option<String>,
    /// What was printed to standard error, if it was to be kept; or why there is nothing.
    pub stderr: Option<String>,
    /// Versions of the programs, and the commit of the project.
    #[serde(flatten)]
    pub provenance: Provenance,
    /// When the file was compiled, in UTC as RFC 3339 writes it.
    pub created_at: String,
    /// Members that this version does not know.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// The kinds of records in a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TraceRecordType {
    /// A record about one file.
    FileTrace,
}

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FileStatus {
    /// It compiles, with or without warnings.
    Passed,
    /// Lean reports errors, or `lake` does.
    Failed,
    /// It was stopped at the deadline.
    TimedOut,
    /// `lake` could not be run to its end.
    RunnerError,
}

/// One thing that Lean reported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TraceDiagnostic {
    /// The file that it is about, as `lake` names it.
    pub file: Option<String>,
    /// Line where the message begins, 1-based.
    pub line: Option<usize>,
    /// Column where the message begins, in code points from 0.
    pub column: Option<usize>,
    /// `error`, `warning`, `info` or `unknown`.
    pub severity: String,
    /// Lean's text, behind file, place and severity as a terminal shows them.
    pub message: String,
    /// The goals that were left, where the message says which.
    pub goal_state: Option<String>,
}
