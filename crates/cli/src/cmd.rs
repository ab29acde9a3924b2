//! The commands, one file each.

pub mod config;
pub mod demo;
pub mod eval;
pub mod lake;
pub mod mine;
pub mod prove;
pub mod replay;
pub mod report;
pub mod serve;
pub mod tape;
pub mod toolchain;
