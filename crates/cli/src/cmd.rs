//! The commands, one file each.

pub mod certificate;
pub mod completions;
pub mod config;
pub mod context;
pub mod demo;
pub mod doctor;
pub mod eval;
pub mod events;
pub mod examine;
pub mod judge;
pub mod lake;
pub mod mine;
pub mod olean;
pub mod page;
pub mod prove;
pub mod replay;
pub mod report;
pub mod serve;
pub mod tape;
pub mod toolchain;
pub mod trace;
pub mod verdicts;
pub mod walk;
