//! A Lake project on disk: where its root is, its sources and modules and how they are compiled, compiled modules and what is known of them, and an isolated copy
//! in which candidates are compiled.
//!
//! Must not judge anything, nor know editors: it says what is there.
#![allow(clippy::disallowed_methods, reason = "reads and copies projects")]

mod copy;
mod freshness;
mod known_files;
mod module_files;
mod options;
mod overlay;
mod project;
mod sealed;
mod sources;
mod stamp;

pub use copy::{CopiedFiles, CopyError, ProjectCopy, SharedCopy, Snapshot, Tree};
pub use freshness::ImportStamps;
pub use known_files::{Known, KnownFiles};
pub use module_files::{PART_ENDINGS, digest_of, find, module_size, part_paths, read_parts};
pub use options::UnknownOptions;
pub use overlay::Overlay;
pub use project::{Project, ProjectError};
pub use sealed::{digest_in, read_sealed, write_sealed};
pub use sources::{SourceError, lean_files, parallel_map, with_modules};
pub use stamp::{Origin, Origins, Stamp};
