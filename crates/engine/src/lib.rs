//! The state machine of a session: documents, holes over time, goals, work in progress, offers. Events in, effects out.
//!
//! No I/O, no clock, no processes, no LSP types, no locks: the same events give the same effects, so a tape is a test.

mod again;
mod attention;
mod bundle;
mod context;
mod document;
mod engine;
mod event;
mod holes;
mod inquiries;
mod jobs;
mod names;
mod open_jobs;
mod outgoing;
mod queries;
mod settings;
mod unanswered;
mod views;
mod walk;
mod work;

pub use bundle::{BundleSize, bundle};
pub use context::{TaskFacts, task};
pub use document::{Document, GoalState, TrackedHole};
pub use engine::Engine;
pub use event::{Effect, Event, JobId, LeanQuery, LeanReply, Millis, ProveToken, Subject};
pub use holes::{GoalPlace, error_at, error_holes, goals_of, reported_in};
pub use names::NameIndex;
pub use outgoing::{NotSent, Outgoing, RuleError, SourceExtent};
pub use settings::EngineSettings;
pub use unanswered::Unanswered;
pub use views::{Lens, Running, View};
pub use walk::WalkPlan;
pub use work::{Offer, Work};
