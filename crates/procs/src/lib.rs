//! Child processes: the user's `lake serve`, single runs of `lake` and `lean`, runners, and a headless editor.
//!
//! Every child is started by a `Launcher`, leads a process group of its own, and the group is killed with it. Nothing is decided here about holes or
//! fixes.
#![allow(clippy::disallowed_methods, reason = "this crate is the door to processes and the environment")]

pub mod command;
pub mod confinement;
pub mod editor;
pub mod embedded;
pub mod group;
pub mod judge_program;
pub mod lake;
pub mod launcher;
pub mod leftovers;
pub mod runner;
pub mod stdio;
pub mod supervisor;
pub mod upstream;

pub use command::{Finished, Invocation, RunEnd, RunError};
pub use confinement::{Confinement, NoConfinement, View};
pub use judge_program::JudgeProgram;
pub use lake::{LakeEnvironment, LakeError, Toolchain, ToolchainSource, find_on_path};
pub use launcher::{Launcher, Trust};
pub use runner::{Runner, RunnerAccess, RunnerCommand, RunnerError};
