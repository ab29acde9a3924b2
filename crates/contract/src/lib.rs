//! The records that leave the program, one JSON object per line: tasks, attempts, results, reports.
//!
//! Version 1 is lean-agent's: same names, fields, status words and guard tags; what we add only extends it. Nothing here
//! does anything: reading lines, saying which edit an answer asks for and writing schemas is all.
#![deny(missing_docs)]

mod acceptance;
mod attempt;
mod certificate;
mod context;
pub mod editor;
mod evaluation;
mod jsonl;
mod judging;
mod result;
mod schema;
mod task;
mod trace;
mod walk;

pub use acceptance::Acceptance;
pub use attempt::{Attempt, Edit, ExtraEdit, RunnerResponse, edit_of, lines_of};
pub use certificate::{Certificate, CertifiedEdit};
pub use context::{ContextBundle, ContextDiagnostic, KnownDeclaration, SourceLine, Surrounding};
pub use evaluation::Report;
pub use jsonl::{LineError, read_lines, write_line};
pub use judging::{JudgeEvent, JudgeRequest, JudgeStep};
pub use result::{
    GuardOutcome, Guards, HoleClass, RejectReason, ReplayResult, ReplayStatus, SandboxTier, Verdict, VerdictState,
};
pub use schema::schemas;
pub use task::{
    AllowedEdit, DeclarationInfo, ExactEdit, HoleMode, MineTask, PreviousAttempt, SourceFile, TargetSpan, TaskKind,
};
pub use trace::{FileStatus, Provenance, TraceDiagnostic, TraceRecord, TraceRecordType};
pub use walk::{GoalParts, GoalsResult, HypothesisView, Mark, Walk, WalkStep};

/// The version that our records carry in `schema_version`; records without it are lean-agent's.
pub const SCHEMA_VERSION: u32 = 1;

/// The environment variable that tells a runner the root of the Lake project.
pub const LAKE_ROOT_VARIABLE: &str = "LEAN_AGENT_LAKE_ROOT";

fn schema_version() -> u32 {
    SCHEMA_VERSION
}
