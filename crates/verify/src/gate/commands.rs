//! What begins a command, as data: the commands that are built into Lean, and those that the imported modules and the file
//! itself declare. Whoever asks refuses every one of these tokens, so a word too many costs an unusual name and no more.

mod built_in;
mod description;

pub(super) use description::OPTIONAL;

use built_in::{BUILT_IN, OF_THE_LIBRARY};
use description::{First, Reads};
use leanwright_olean::{Constant, Entry, Name, NameId, Store};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The extension that keeps the parsers of a module.
pub fn parsers() -> Name {
    Name::from_texts(["Lean", "Parser", "parserExtension"])
}

/// What may begin a command in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandStarts {
    /// First tokens, beside those that are built in.
    pub tokens: BTreeSet<String>,
    /// Parsers of commands whose first token is not known.
    pub unknown: BTreeSet<String>,
}

impl CommandStarts {
    /// What a module declares: `entries` are those of `PARSERS` in it, `constant` finds a constant of it.
    pub fn of<'c>(entries: &[Entry], store: &Store, constant: impl Fn(NameId) -> Option<&'c Constant>) -> Self {
        let mut starts = Self::default();
        let Some(command) = store.find_name(&Name::from_texts(["command"])) else { return starts };
        // An entry for a parser names its category and its declaration.
        for name in entries.iter().filter(|entry| entry.names.contains(&command)).flat_map(|entry| &entry.names) {
            if let Some(parser) = constant(*name) {
                starts.add(parser, store);
            }
        }
        starts
    }

    pub fn extend(&mut self, other: &Self) {
        self.tokens.extend(other.tokens.iter().cloned());
        self.unknown.extend(other.unknown.iter().cloned());
    }

    fn add(&mut self, parser: &Constant, store: &Store) {
        let mut first = First::new(store);
        match parser.value.map(|value| first.read(value)) {
            // A parser that may read nothing at all begins with whatever follows.
            Some(Reads::Something) => self.tokens.extend(first.tokens),
            _ => {
                let name = store.name(parser.name).to_string();
                if !OF_THE_LIBRARY.contains(&name.as_str()) {
                    self.unknown.insert(name);
                }
            }
        }
    }

    /// The command that begins where `rest` does, `word` being the identifier there if there is one.
    pub fn begins(&self, rest: &str, word: Option<&str>) -> Option<&str> {
        let is_it = |token: &str| match word {
            // An identifier is read to its end before it is compared with a token.
            Some(word) if token.chars().all(leanwright_lean::lexer::is_identifier_rest) => word == token,
            _ => rest.starts_with(token),
        };
        BUILT_IN.iter().copied().chain(self.tokens.iter().map(String::as_str)).find(|token| is_it(token))
    }
}
