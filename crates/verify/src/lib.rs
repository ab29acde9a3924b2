//! Judges candidates: splices one into an isolated copy of the project, compiles it there, and reads what was compiled.
//!
//! Must not know editors or LSP, and must not believe what a runner or a candidate says: messages and exit codes are at
//! most negative evidence, a yes comes from the compiled module only.
#![allow(clippy::disallowed_methods, reason = "copies projects and reads compiled modules")]

mod baseline;
mod candidate;
mod certificate;
mod classify;
mod compile;
mod control;
mod dependents;
mod examine;
mod examiner;
mod external_kernel;
mod frame;
mod gate;
mod guard;
mod imports;
mod judge;
mod judge_settings;
mod judgement;
mod mentions;
mod outcome;
mod own_kernel;
mod prepared;
mod projects;
mod reads;
mod recheck;
mod record;
mod service;
mod verdict_store;

pub use candidate::{Candidate, PatchError, apply_attempt, project_path};
pub use certificate::{
    Applied, CertificateError, certified_candidate, certify, differences, read_certificate, written,
};
pub use control::Finding;
pub use examine::{ExaminationError, examine_file};
pub use guard::Guard;
pub use judge::Judge;
pub use judge_settings::{Hook, JudgeSettings, Sandbox};
pub use judgement::Judgement;
pub use own_kernel::KERNEL_VERSION;
pub use record::{OpenLemmas, not_judged, replay_result};
pub use service::{JudgeService, Question};
pub use verdict_store::{Recalled, Sweep, VerdictStore};
