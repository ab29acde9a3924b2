//! The language server proxy: passes everything between editor and Lean, observes, and answers what is ours.
//!
//! Forwarding needs nothing of the rest: a fault in the session switches the session off, and messages go on passing.
//! Rules about holes and offers are the engine's.

mod code_actions;
mod command_argument;
mod fault;
mod handshake;
mod lean_client;
mod lsp_items;
mod progress;
mod proxy;
mod pumps;
mod recorder;
mod requests;
mod route;
mod rpc;
mod services;
mod session;
mod shared;
mod task_packer;

pub use fault::Fault;
pub use proxy::{ProxySettings, ServeError, ServeSettings, proxy, serve};
pub use recorder::{RecordedStep, Recorder, RecordingHead};
pub use services::RunnerSettings;
pub use task_packer::TaskPacker;
