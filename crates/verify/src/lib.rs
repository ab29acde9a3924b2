//! Judges candidates: splices one into an isolated copy of the project, compiles it there, and reads what was compiled.
//!
//! Must not know editors or LSP, and must not believe what a runner or a candidate says: messages and exit codes are at
//! most negative evidence, a yes comes from the compiled module only.
#![allow(clippy::disallowed_methods, reason = "copies projects and reads compiled modules")]

mod axioms;
mod candidate;
mod compile;
mod copy;
mod guard;
mod judge;
mod project;
mod record;
mod sources;

pub use candidate::{Candidate, PatchError, apply_attempt, project_path};
pub use judge::{Guard, Judge, Judgement};
pub use project::{Project, ProjectError};
pub use record::replay_result;
pub use sources::{SourceError, lean_files, side_by_side, with_modules};
