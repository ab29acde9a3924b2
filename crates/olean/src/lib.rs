//! Reads compiled Lean modules (`.olean`, 32 and 64 bit): constants with their terms, imports, extension entries.
//!
//! A file is hostile until it has been read: every access is checked, data is never recursed on, each object is decoded
//! once, and memory is bounded by a small multiple of the file. No I/O, no `unsafe`, no panics.

mod constant;
mod digest;
mod entries;
mod file;
mod module;
mod name;
mod open_module;
mod ranges;
mod region;
mod shared;
mod store;
mod term;

/// Bytes of memory that reading takes at most for each byte of a file, the file itself not counted, above what an empty one takes. Files of
/// Lean's library take 20.1 at most (`lean_olean_memory`); the fuzz target holds hostile ones to this.
pub const MEMORY_PER_BYTE: usize = 64;

pub use constant::{
    Constant, ConstantKind, Constructor, Details, Hints, Inductive, QuotientKind, Recursor, RecursorRule, Safety,
};
pub use digest::Digests;
pub use entries::Entry;
pub use file::Olean;
pub use module::{Module, axiom_names, import_names};
pub use name::{Component, Name, NameId};
pub use open_module::OpenModule;
pub use ranges::DeclarationRange;
pub use region::{Error, Header};
pub use shared::Shared;
pub use store::{BindersId, ExprId, ExprNode, LevelId, LevelNode, Store};
