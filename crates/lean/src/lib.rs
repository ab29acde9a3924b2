//! Knowledge about Lean text and Lean's dialect of the language server protocol.
//!
//! Pure: no files, no processes, no async. What it says about a text is a guess until Lean has confirmed it.

mod diagnostics;
pub mod dialect;
pub mod goal;
pub mod header;
pub mod hole;
pub mod interactive;
pub mod lexer;
pub mod module;
pub mod outline;
mod reading;
pub mod scan;
pub mod scope;
pub mod signature;
pub mod tactic;
pub mod text;
mod word;

pub use diagnostics::Diagnostics;
pub use goal::Goals;
pub use header::{Header, Import};
pub use hole::{Hole, HoleKind, may_have_holes};
pub use lexer::{Lexer, Token, TokenKind, tokenize};
pub use module::ModuleName;
pub use outline::{Command, CommandKind, Declaration, DeclarationKind, Outline};
pub use reading::word_that_reads;
pub use scan::{Scan, scan};
pub use text::{Change, Position, Range, Text};
pub use word::is_keyword;
