//! The declarations of a project by name, to find those that a goal may need.

use leanwright_contract::KnownDeclaration;
use leanwright_lean::{DeclarationKind, Lexer, Scan, TokenKind, is_keyword, scan};
use std::collections::BTreeSet;

/// What the files of a project declare, as far as the scan sees it.
#[derive(Clone, Debug, Default)]
pub struct NameIndex {
    entries: Vec<Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    known: KnownDeclaration,
    words: BTreeSet<String>,
}

impl NameIndex {
    /// The declarations of one file.
    pub fn of_file(module: &str, source: &str) -> Self {
        let scan = scan(source);
        let entries = declarations(source, &scan, usize::MAX).map(|known| Entry {
            words: words(&format!("{} {}", known.name, known.signature)),
            known: KnownDeclaration { module: Some(module.to_owned()), ..known },
        });
        Self { entries: entries.collect() }
    }

    /// Put two together.
    pub fn extend(&mut self, other: Self) {
        self.entries.extend(other.entries);
    }

    /// The declarations that share most names with a text, those of a module left out. The more declarations use a name,
    /// the less it says.
    pub fn nearest(&self, text: &str, without_module: &str, limit: usize) -> Vec<KnownDeclaration> {
        let wanted = words(text);
        let weight = |word: &String| {
            let uses = self.entries.iter().filter(|entry| entry.words.contains(word)).count();
            1000 / uses.max(1)
        };
        let weights: Vec<(&String, usize)> = wanted.iter().map(|word| (word, weight(word))).collect();
        let mut found: Vec<(usize, &Entry)> = Vec::new();
        for entry in self.entries.iter().filter(|entry| entry.known.module.as_deref() != Some(without_module)) {
            let score = weights.iter().filter(|(word, _)| entry.words.contains(*word)).map(|(_, weight)| weight).sum();
            if score > 0 {
                found.push((score, entry));
            }
        }
        found.sort_by(|one, other| other.0.cmp(&one.0).then_with(|| one.1.known.name.cmp(&other.1.known.name)));
        found.into_iter().take(limit).map(|(_, entry)| entry.known.clone()).collect()
    }
}

/// The named declarations of a text that end before an offset and can be used by others.
pub(crate) fn declarations<'a>(
    source: &'a str,
    scan: &'a Scan,
    before: usize,
) -> impl Iterator<Item = KnownDeclaration> + 'a {
    let usable = move |declaration: &&leanwright_lean::Declaration| {
        declaration.span.end <= before && declaration.kind != DeclarationKind::Example
    };
    scan.outline.declarations.iter().filter(usable).filter_map(|declaration| {
        let signature = source.get(declaration.keyword.start..declaration.body.unwrap_or(declaration.span.end))?;
        Some(KnownDeclaration {
            name: declaration.name.clone()?,
            kind: declaration.kind.keyword().to_owned(),
            signature: signature.split_whitespace().collect::<Vec<_>>().join(" "),
            module: None,
        })
    })
}

/// The identifiers of a text and their last components; single letters say nothing.
fn words(text: &str) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for token in Lexer::new(text).filter(|token| token.kind == TokenKind::Ident) {
        let name = token.text(text);
        let last = name.rsplit('.').next().unwrap_or(name);
        let says = |word: &&str| word.chars().count() > 1 && !is_keyword(word);
        words.extend([name, last].into_iter().filter(says).map(str::to_owned));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rare_names_count_more() {
        let mut index =
            NameIndex::of_file("A", "def collatz (n : Nat) : Nat := n\ntheorem about (n : Nat) : collatz n = n := rfl");
        index.extend(NameIndex::of_file("B", "theorem other (n : Nat) : n = n := rfl\nexample : collatz 1 = 1 := rfl"));
        let names = |text: &str, without: &str| -> Vec<String> {
            index.nearest(text, without, 2).into_iter().map(|known| known.name).collect()
        };
        assert_eq!(names("n : Nat\n⊢ collatz n = 3", "C"), ["about", "collatz"]);
        assert_eq!(names("n : Nat\n⊢ collatz n = 3", "A"), ["other"]);
        assert!(names("⊢ x", "C").is_empty());
    }
}
