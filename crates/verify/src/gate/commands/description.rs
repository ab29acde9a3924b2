//! What a parser of the project reads first, from its compiled description. What is not understood is unknown, never nothing.

use leanwright_olean::{Component, ExprId, ExprNode, NameId, Store};
use std::collections::BTreeSet;

/// What a description of a parser reads.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Reads {
    /// At least one token, the first of which is known.
    Something,
    /// Perhaps nothing; what it may begin with is known.
    PerhapsNothing,
    Unknown,
}

/// Parsers that may read nothing and begin with a token that is built in, or that read nothing.
pub const OPTIONAL: &[&[&str]] = &[
    &["Lean", "Parser", "Command", "declModifiers"],
    &["Lean", "Parser", "Command", "declModifiersF"],
    &["Lean", "Parser", "Command", "declModifiersT"],
    &["Lean", "Parser", "Term", "attrKind"],
    &["Lean", "Parser", "Command", "visibility"],
    &["Lean", "Parser", "Command", "docComment"],
    &["Lean", "Parser", "Command", "plainDocComment"],
    &["Lean", "Parser", "Term", "attributes"],
    &["declModifiers"],
    &["nestedDeclModifiers"],
    &["attrKind"],
    &["visibility"],
    &["docComment"],
    &["plainDocComment"],
    &["attributes"],
    &["ppSpace"],
    &["ppLine"],
    &["ppHardSpace"],
    &["ppHardLineUnlessUngrouped"],
    &["ppAllowUngrouped"],
    &["skip"],
];

/// Reads what a `Lean.ParserDescr` begins with, from its compiled term. A description is as deep as its author has written it; what is
/// deeper than `MAX_DEPTH` is not known.
pub struct First<'a> {
    store: &'a Store,
    /// The tokens that it may begin with.
    pub tokens: BTreeSet<String>,
}

const MAX_DEPTH: usize = 256;

impl<'a> First<'a> {
    pub fn new(store: &'a Store) -> Self {
        Self { store, tokens: BTreeSet::new() }
    }

    pub fn read(&mut self, term: ExprId) -> Reads {
        self.read_at(term, 0)
    }

    fn read_at(&mut self, term: ExprId, depth: usize) -> Reads {
        let (head, arguments) = self.spine(term);
        let Some(head) = head.filter(|_| depth < MAX_DEPTH) else { return Reads::Unknown };
        let name = self.store.name(head);
        let [.., Component::Text(family), Component::Text(constructor)] = name.0.as_slice() else {
            return Reads::Unknown;
        };
        if **family != *"ParserDescr" {
            return Reads::Unknown;
        }
        match (&**constructor, arguments.as_slice()) {
            ("symbol" | "nonReservedSymbol", [text, ..]) => self.symbol(*text),
            ("unicodeSymbol", [one, other, ..]) => match (self.symbol(*one), self.symbol(*other)) {
                (Reads::Something, Reads::Something) => Reads::Something,
                _ => Reads::Unknown,
            },
            ("node" | "trailingNode" | "nodeWithAntiquot", [.., inner]) => self.read_at(*inner, depth + 1),
            ("sepBy", [inner, ..]) => self.optionally(*inner, depth),
            ("sepBy1", [inner, ..]) => self.read_at(*inner, depth + 1),
            ("const" | "parser", [name]) => self.by_name(*name),
            ("unary", [name, inner]) => match self.quoted(*name).as_deref() {
                Some("optional" | "many" | "manyIndent" | "lookahead" | "notFollowedBy") => {
                    self.optionally(*inner, depth)
                }
                Some(
                    "group" | "atomic" | "many1" | "many1Indent" | "ppDedent" | "ppIndent" | "ppGroup" | "ppRealGroup"
                    | "ppRealFill" | "ppRealIndent" | "ppDedentIfGrouped" | "withPosition" | "withoutPosition"
                    | "withoutForbidden" | "recover" | "interpolatedStr" | "patternIgnore" | "withForbidden",
                ) => self.read_at(*inner, depth + 1),
                _ => Reads::Unknown,
            },
            ("binary", [name, one, other]) => match self.quoted(*name).as_deref() {
                Some("andthen") => match self.read_at(*one, depth + 1) {
                    Reads::PerhapsNothing => self.read_at(*other, depth + 1),
                    known => known,
                },
                Some("orelse") => match (self.read_at(*one, depth + 1), self.read_at(*other, depth + 1)) {
                    (Reads::Something, Reads::Something) => Reads::Something,
                    (Reads::Unknown, _) | (_, Reads::Unknown) => Reads::Unknown,
                    _ => Reads::PerhapsNothing,
                },
                _ => Reads::Unknown,
            },
            _ => Reads::Unknown,
        }
    }

    fn optionally(&mut self, inner: ExprId, depth: usize) -> Reads {
        match self.read_at(inner, depth + 1) {
            Reads::Unknown => Reads::Unknown,
            _ => Reads::PerhapsNothing,
        }
    }

    fn symbol(&mut self, text: ExprId) -> Reads {
        match self.store.expr(text) {
            Some(ExprNode::Text(text)) if !text.trim().is_empty() => {
                self.tokens.insert(text.trim().to_owned());
                Reads::Something
            }
            _ => Reads::Unknown,
        }
    }

    fn by_name(&self, name: ExprId) -> Reads {
        match self.quoted_name(name) {
            Some(name) if OPTIONAL.iter().any(|known| name.iter().map(String::as_str).eq(known.iter().copied())) => {
                Reads::PerhapsNothing
            }
            _ => Reads::Unknown,
        }
    }

    /// The head and the arguments of an application.
    fn spine(&self, mut term: ExprId) -> (Option<NameId>, Vec<ExprId>) {
        let mut arguments = Vec::new();
        loop {
            match self.store.expr(term) {
                Some(ExprNode::App(function, argument)) if arguments.len() < MAX_DEPTH => {
                    arguments.push(*argument);
                    term = *function;
                }
                Some(ExprNode::Const(name, _)) => {
                    arguments.reverse();
                    return (Some(*name), arguments);
                }
                _ => return (None, Vec::new()),
            }
        }
    }

    /// A quoted name of one component.
    fn quoted(&self, term: ExprId) -> Option<String> {
        match self.quoted_name(term)?.as_slice() {
            [one] => Some(one.clone()),
            _ => None,
        }
    }

    /// `Lean.Name.mkStr1 "a"`, `Lean.Name.mkStr2 "a" "b"` and so on, and `Lean.Name.str`.
    fn quoted_name(&self, mut term: ExprId) -> Option<Vec<String>> {
        let text = |term: &ExprId| match self.store.expr(*term) {
            Some(ExprNode::Text(text)) => Some(text.to_string()),
            _ => None,
        };
        let mut behind = Vec::new();
        for _ in 0..MAX_DEPTH {
            let (head, arguments) = self.spine(term);
            let head = self.store.name(head?);
            let Some(Component::Text(constructor)) = head.0.last() else { return None };
            match (&**constructor, arguments.as_slice()) {
                ("str", [prefix, component]) => {
                    behind.push(text(component)?);
                    term = *prefix;
                }
                ("anonymous", []) => {
                    behind.reverse();
                    return Some(behind);
                }
                (constructor, arguments) if constructor.starts_with("mkStr") || constructor == "mkSimple" => {
                    let front: Option<Vec<String>> = arguments.iter().map(text).collect();
                    return Some(front?.into_iter().chain(behind.into_iter().rev()).collect());
                }
                _ => return None,
            }
        }
        None
    }
}
