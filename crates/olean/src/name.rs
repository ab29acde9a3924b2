//! Hierarchical names: lists of components, never compared as printed text.

use crate::digest::component_digest;
use crate::shared::Shared;
use serde::{Deserialize, Serialize};
use std::fmt;

/// One component of a name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Component {
    Text(Shared<str>),
    Number(u64),
}

/// A name outside of any store.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Name(pub Vec<Component>);

/// A name in a `Store`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct NameId(pub(crate) u32);

impl NameId {
    /// `Name.anonymous` in every store.
    pub const ANONYMOUS: Self = Self(0);

    /// Its place among the names of its store: names that are made later have greater ones.
    pub fn index(self) -> u32 {
        self.0
    }
}

impl Name {
    /// A name from text components.
    pub fn from_texts(parts: impl IntoIterator<Item = impl Into<Shared<str>>>) -> Self {
        Self(parts.into_iter().map(|part| Component::Text(part.into())).collect())
    }

    /// A digest of the components.
    pub fn digest(&self) -> blake3::Hash {
        self.0.iter().fold(blake3::hash(b""), |prefix, part| component_digest(&prefix, part))
    }

    /// Whether `prefix` is a prefix of this name, or the name itself.
    pub fn starts_with(&self, prefix: &Self) -> bool {
        self.0.starts_with(&prefix.0)
    }

    /// The name that a `private` declaration has in the source: without `_private.Module.0`.
    pub fn without_private_prefix(&self) -> Self {
        match (self.0.first(), self.0.iter().position(|part| matches!(part, Component::Number(_)))) {
            (Some(Component::Text(first)), Some(number)) if *first == "_private" => {
                Self(self.0.iter().skip(number + 1).cloned().collect())
            }
            _ => self.clone(),
        }
    }

    /// Whether the name looks as if Lean had made it up: a number or a component that begins with `_`, `match_1` and its like, or
    /// one of the endings that Lean gives to what it proves about a declaration. A user can choose such an ending, too.
    pub fn is_internal(&self) -> bool {
        const NUMBERED: [&str; 5] = ["match_", "proof_", "eq_", "hcongr_", "congr_eq_"];
        const ENDINGS: [&str; 11] = [
            "eq_def",
            "eq_unfold",
            "splitter",
            "congr_simp",
            "induct",
            "induct_unfolding",
            "fun_cases",
            "fun_cases_unfolding",
            "mutual_induct",
            "sizeOf_spec",
            "injEq",
        ];
        let numbered = |text: &str| {
            let rest = NUMBERED.iter().find_map(|prefix| text.strip_prefix(prefix));
            rest.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_'))
        };
        let parts = self.without_private_prefix().0;
        let ending = matches!(parts.last(), Some(Component::Text(last)) if ENDINGS.contains(&&**last));
        ending
            || parts.iter().any(|part| match part {
                Component::Number(_) => true,
                Component::Text(text) => text.starts_with('_') || numbered(text),
            })
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("[anonymous]");
        }
        for (index, part) in self.0.iter().enumerate() {
            let dot = if index == 0 { "" } else { "." };
            match part {
                Component::Number(number) => write!(f, "{dot}{number}")?,
                // Escaped, so that no name can pretend to be several lines or another name.
                Component::Text(text)
                    if text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '\'' | '!' | '?')) =>
                {
                    write!(f, "{dot}{text}")?;
                }
                Component::Text(text) => write!(f, "{dot}«{}»", text.escape_debug())?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_print_unambiguously() {
        let mut name = Name::from_texts(["a b", "c\nd", "e'"]);
        name.0.push(Component::Number(3));
        assert_eq!(name.to_string(), "«a b».«c\\nd».e'.3");
        assert!(name.is_internal());
        let mut private = Name::from_texts(["_private", "M"]);
        private.0.push(Component::Number(0));
        private.0.push(Component::Text("f".into()));
        assert_eq!(private.without_private_prefix(), Name::from_texts(["f"]));
        assert!(!private.is_internal());
        for made_up in ["f.match_1", "f.match_1.splitter", "f.eq_2", "f._proof_1", "f.induct", "f._unary.eq_def"] {
            assert!(Name::from_texts(made_up.split('.')).is_internal(), "{made_up}");
        }
        for chosen in ["eq_of_le", "Nat.eq_zero", "match_all", "induct.f", "proof_irrel", "splitters"] {
            assert!(!Name::from_texts(chosen.split('.')).is_internal(), "{chosen}");
        }
    }
}
