//! The guards that read compiled data: each looks at the module before and after, and refuses or does not.
//!
//! Nothing here runs anything or reads anything that a candidate printed.

mod axioms;
mod extensions;
mod invariance;
mod placeholder;
mod statement;
mod text;

pub use axioms::check_axioms;
pub use extensions::check_extensions;
pub use invariance::check_invariance;
pub use placeholder::check_placeholders;
pub use statement::check_statement;
pub use text::{check_text, signature};

use crate::axioms::Imported;
use leanwright_olean::{Constant, Module, Name, NameId, Store};

/// What the guards look at.
pub struct Evidence<'a> {
    pub store: &'a Store,
    pub before: &'a Module,
    pub after: &'a Module,
    pub imported: &'a Imported,
    /// The constants of the declaration that the candidate is a part of; the first is the declaration itself.
    pub targets: &'a [NameId],
    /// Holes in the text that the candidate replaces, less those in the replacement.
    pub holes_filled: usize,
}

impl<'a> Evidence<'a> {
    /// The declaration's own name, as Lean prints it.
    pub fn declaration(&self) -> String {
        self.targets.first().map(|name| self.store.name(*name).without_private_prefix().to_string()).unwrap_or_default()
    }

    /// Whether a constant is part of the declaration: one of its constants, or one whose name is below theirs.
    pub fn is_own(&self, name: NameId) -> bool {
        if self.targets.contains(&name) {
            return true;
        }
        let name = self.store.name(name).without_private_prefix();
        self.targets.iter().any(|target| {
            let target = self.store.name(*target).without_private_prefix();
            name.starts_with(&target)
        })
    }

    /// A constant of the patched module or of the project's imported ones.
    pub fn constant(&self, name: NameId) -> Option<&'a Constant> {
        let inside = self.imported.inside.iter().find_map(|module| module.constants.get(&name));
        self.after.constants.get(&name).or(inside)
    }

    pub fn name(&self, id: NameId) -> Name {
        self.store.name(id)
    }
}
