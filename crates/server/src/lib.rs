//! The language server proxy: passes everything between editor and Lean, observes, and answers what is ours.
//!
//! Forwarding needs nothing of the rest: a fault in the session switches the session off, and messages go on passing.
//! Rules about holes and offers are the engine's.

mod code_actions;
mod proxy;
mod route;
mod services;
mod session;
mod shared;

pub use proxy::{ServeError, ServeSettings, serve};
pub use services::RunnerSettings;
