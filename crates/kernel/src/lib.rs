//! Lean 4's type theory, checked independently of Lean, on the terms of compiled modules: what is new against what was there. No I/O, no
//! `unsafe`, nothing of Lean's but what the modules say.
//!
//! Each judgement has a file of its own, and each rule its source. `docs/kernel.md` says what is checked and what is not.

mod check;
mod checker;
mod environment;
mod equality;
mod failure;
mod infer;
mod leans_own;
mod levels;
mod limits;
mod naturals;
mod order;
mod primitives;
mod quotients;
mod recursors;
mod replace;
mod strings;
mod structures;
mod terms;
mod unfolding;
mod whnf;

pub use check::{Opaques, Report, check};
pub use environment::Library;
pub use failure::{Failure, LibraryError, Reason, Why};
pub use limits::{Limits, STACK_BYTES};
