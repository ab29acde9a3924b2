//! What begins a command, as data: the commands that are built into Lean, and those that the imported modules and the file
//! itself declare. Whoever asks refuses every one of these tokens, so a word too many costs an unusual name and no more.

mod built_in;
mod description;
mod newer;

pub(super) use description::OPTIONAL;
pub use newer::unknown_commands;

use built_in::{BUILT_IN, OF_THE_LIBRARY};
use description::{First, Reads};
use leanwright_lean::lexer::is_identifier_rest;
use leanwright_olean::{Constant, Entry, ExprNode, Module, Name, NameId, Store};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The extension that keeps the parsers of a module.
pub fn parsers() -> Name {
    Name::from_texts(["Lean", "Parser", "parserExtension"])
}

/// What a file and its imports declare of syntax, as far as the gate must know it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeclaredSyntax {
    /// First tokens of commands, beside those that are built in.
    pub tokens: BTreeSet<String>,
    /// Parsers of commands whose first token is not known.
    pub unknown: BTreeSet<String>,
    /// Tokens of any syntax that may end within what seems to be a word or a literal: a sign and letters, or quotes.
    pub joined: BTreeSet<String>,
}

/// Whether a text is such a token.
pub fn is_joined(text: &str) -> bool {
    // Letters alone are read to their end before they are compared with a token; signs alone end where they seem to, but for those that begin a literal.
    let has_letters = text.chars().any(is_identifier_rest);
    let has_signs = text.chars().any(|character| !is_identifier_rest(character));
    has_signs && (has_letters || text.contains(['`', '«', '"', '\'']))
}

impl DeclaredSyntax {
    /// What a module declares: `entries` are those of `PARSERS` in it, `constant` finds a constant of it.
    pub fn of<'c>(entries: &[Entry], store: &Store, constant: impl Fn(NameId) -> Option<&'c Constant>) -> Self {
        let mut starts = Self::default();
        let tokens = entries.iter().filter_map(|entry| entry.text.as_deref()).map(str::trim);
        starts.joined.extend(tokens.filter(|token| is_joined(token)).map(str::to_owned));
        for parser in entries.iter().flat_map(|entry| &entry.names).filter_map(|name| constant(*name)) {
            starts.add_texts(parser, store);
        }
        let Some(command) = store.find_name(&Name::from_texts(["command"])) else { return starts };
        // An entry for a parser names its category and its declaration.
        for name in entries.iter().filter(|entry| entry.names.contains(&command)).flat_map(|entry| &entry.names) {
            if let Some(parser) = constant(*name) {
                starts.add(parser, store);
            }
        }
        starts
    }

    /// What the parsers of a module may begin a command with that no entry names: those that are `local` are there without one. Their
    /// category is not known; `others` are the literals of what the text declares of other categories.
    pub fn hidden(module: &Module, store: &Store, entries: &[Entry], others: &BTreeSet<String>) -> Self {
        let mut starts = Self::default();
        let kinds = [&["Lean", "ParserDescr"][..], &["Lean", "Parser", "Parser"], &["Lean", "TrailingParserDescr"]];
        let [kinds @ .., trailing] = kinds.map(|parts| Name::from_texts(parts.iter().copied()));
        let kind = |constant: &Constant| match store.expr(constant.type_) {
            Some(ExprNode::Const(name, _)) => Some(store.name(*name)),
            _ => None,
        };
        // What is local has no entry for its tokens either.
        for parser in module.constants.values() {
            if kind(parser).is_some_and(|kind| kind == trailing || kinds.contains(&kind)) {
                starts.add_texts(parser, store);
            }
        }
        let is_parser = |constant: &&Constant| kind(constant).is_some_and(|kind| kinds.contains(&kind));
        // An entry for a parser has its category beside it; one for a kind of syntax has the kind alone.
        let of_parsers = entries.iter().filter(|entry| entry.names.len() > 1);
        let named: BTreeSet<NameId> = of_parsers.flat_map(|entry| entry.names.iter().copied()).collect();
        for parser in module.constants.values().filter(is_parser).filter(|parser| !named.contains(&parser.name)) {
            starts.add(parser, store);
        }
        starts.tokens.retain(|token| !others.contains(token));
        starts
    }

    pub fn extend(&mut self, other: &Self) {
        self.tokens.extend(other.tokens.iter().cloned());
        self.unknown.extend(other.unknown.iter().cloned());
        self.joined.extend(other.joined.iter().cloned());
    }

    /// The texts in a parser's description: its tokens, and parts of names.
    fn add_texts(&mut self, parser: &Constant, store: &Store) {
        store.visit_all(parser.value, |_, node| {
            if let ExprNode::Text(text) = node
                && is_joined(text.trim())
            {
                self.joined.insert(text.trim().to_owned());
            }
        });
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
