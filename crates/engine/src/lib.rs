//! The state machine of a session: documents, holes over time, goals, work in progress, offers. Events in, effects out.
//!
//! No I/O, no clock, no processes, no LSP types, no locks: the same events give the same effects, so a tape is a test.

mod context;
mod diagnostics;
mod document;
mod engine;
mod event;
mod views;
mod work;

pub use context::{Origin, task, task_id};
pub use diagnostics::Diagnostics;
pub use document::{Document, GoalState, TrackedHole};
pub use engine::{Engine, EngineSettings};
pub use event::{Answer, Effect, Event, GoalQuestion, JobId, Millis, ProveToken};
pub use work::{Offer, Work};
