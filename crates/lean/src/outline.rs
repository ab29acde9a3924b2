//! The declarations of a Lean file, found by their keywords: spans, qualified names, where bodies begin.
//!
//! Lean's grammar is open, so this is a guess that is right for ordinary files; verdicts never rest on it alone.

use crate::header::Header;
use crate::lexer::{Token, TokenKind, tokenize};
use std::ops::Range;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeclarationKind {
    Theorem,
    Lemma,
    Def,
    Abbrev,
    Example,
    Instance,
    Opaque,
    Axiom,
    Structure,
    Class,
    Inductive,
}

impl DeclarationKind {
    fn of(keyword: &str) -> Option<Self> {
        Some(match keyword {
            "theorem" => Self::Theorem,
            "lemma" => Self::Lemma,
            "def" => Self::Def,
            "abbrev" => Self::Abbrev,
            "example" => Self::Example,
            "instance" => Self::Instance,
            "opaque" => Self::Opaque,
            "axiom" => Self::Axiom,
            "structure" => Self::Structure,
            "class" => Self::Class,
            "inductive" => Self::Inductive,
            _ => return None,
        })
    }

    /// The keyword that begins such a declaration.
    pub fn keyword(self) -> &'static str {
        match self {
            Self::Theorem => "theorem",
            Self::Lemma => "lemma",
            Self::Def => "def",
            Self::Abbrev => "abbrev",
            Self::Example => "example",
            Self::Instance => "instance",
            Self::Opaque => "opaque",
            Self::Axiom => "axiom",
            Self::Structure => "structure",
            Self::Class => "class",
            Self::Inductive => "inductive",
        }
    }
}

/// One declaration. Spans are in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declaration {
    pub kind: DeclarationKind,
    /// The name with its namespaces, as Lean would print it; `None` for `example` and unnamed instances.
    pub name: Option<String>,
    /// From the first modifier, attribute or doc comment to the last token.
    pub span: Range<usize>,
    pub keyword: Range<usize>,
    /// Where the body begins: at `:=`, at `where`, or at the first `|` of alternatives.
    pub body: Option<usize>,
}

/// What a file declares, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outline {
    pub header: Header,
    pub declarations: Vec<Declaration>,
}

/// Words that may stand before a declaration's keyword.
const MODIFIERS: [&str; 10] =
    ["private", "protected", "public", "noncomputable", "unsafe", "partial", "nonrec", "meta", "local", "scoped"];

/// Keywords that always begin a command.
const COMMANDS: [&str; 18] = [
    "namespace",
    "section",
    "end",
    "mutual",
    "variable",
    "universe",
    "export",
    "attribute",
    "macro_rules",
    "notation",
    "macro",
    "elab",
    "elab_rules",
    "syntax",
    "declare_syntax_cat",
    "initialize",
    "builtin_initialize",
    "run_cmd",
];

/// Keywords that begin a command only at the margin: they occur inside terms and tactics too.
const MARGIN_COMMANDS: [&str; 12] = [
    "open",
    "set_option",
    "include",
    "omit",
    "deriving",
    "infix",
    "infixl",
    "infixr",
    "prefix",
    "postfix",
    "lemma",
    "notation3",
];

impl Outline {
    pub fn of(source: &str) -> Self {
        Self::from_tokens(source, &tokenize(source))
    }

    pub fn from_tokens(source: &str, tokens: &[Token]) -> Self {
        Scan::new(source, tokens).run()
    }

    /// The declaration that contains a byte offset.
    pub fn at(&self, offset: usize) -> Option<&Declaration> {
        self.declarations.iter().find(|declaration| declaration.span.start <= offset && offset < declaration.span.end)
    }
}

enum Block {
    Namespace(String),
    Other,
}

struct Scan<'a> {
    source: &'a str,
    /// Every token that is not white space or an ordinary comment.
    words: Vec<Token>,
    header: Header,
    blocks: Vec<Block>,
    declarations: Vec<Declaration>,
    /// The declaration whose last token has not been seen.
    open: bool,
}

impl<'a> Scan<'a> {
    fn new(source: &'a str, tokens: &[Token]) -> Self {
        let header = Header::parse(source, tokens);
        let keep =
            |token: &&Token| token.start >= header.end && (!token.is_trivia() || token.kind == TokenKind::DocComment);
        let words = tokens.iter().filter(keep).copied().collect();
        Self { source, words, header, blocks: Vec::new(), declarations: Vec::new(), open: false }
    }

    fn text(&self, index: usize) -> &'a str {
        self.words.get(index).map_or("", |token| token.text(self.source))
    }

    fn is_word(&self, index: usize) -> bool {
        self.words.get(index).is_some_and(|token| token.kind == TokenKind::Ident)
    }

    /// The column in bytes if the token is the first on its line.
    fn margin(&self, index: usize) -> Option<usize> {
        let start = self.words.get(index)?.start;
        let before = self.source.get(..start)?;
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let indent = before.get(line_start..)?;
        indent.bytes().all(|byte| byte == b' ').then_some(indent.len())
    }

    fn run(mut self) -> Outline {
        let mut depth = 0_usize;
        let mut margin = 0;
        let mut index = 0;
        while index < self.words.len() {
            let text = self.text(index);
            match text {
                "(" | "[" | "{" | "⟨" => depth += 1,
                ")" | "]" | "}" | "⟩" => depth = depth.saturating_sub(1),
                _ => {}
            }
            let column = self.margin(index);
            let is_command = if self.is_word(index) {
                let kind = DeclarationKind::of(text);
                let reserved = kind.is_some_and(|kind| kind != DeclarationKind::Lemma) || COMMANDS.contains(&text);
                (reserved && (depth == 0 || column == Some(0)))
                    || (MARGIN_COMMANDS.contains(&text)
                        && self.first_modifier_margin(index).is_some_and(|at| at <= margin))
            } else {
                text.starts_with('#') && column.is_some_and(|at| at <= margin)
            };
            if !is_command {
                index += 1;
                continue;
            }
            depth = 0;
            let start = self.first_modifier(index);
            margin = self.first_modifier_margin(index).unwrap_or(margin);
            self.close(start);
            index = self.command(index, start);
        }
        self.close(self.words.len());
        Outline { header: self.header, declarations: self.declarations }
    }

    /// End the open declaration before the token `next`.
    fn close(&mut self, next: usize) {
        if std::mem::take(&mut self.open)
            && let Some(last) = next.checked_sub(1).and_then(|index| self.words.get(index)).copied()
            && let Some(declaration) = self.declarations.last_mut()
        {
            declaration.span.end = declaration.span.end.max(last.end);
        }
    }

    /// The index of the first modifier, attribute or doc comment before the keyword at `index`.
    fn first_modifier(&self, index: usize) -> usize {
        let mut first = index;
        while let Some(previous) = first.checked_sub(1) {
            let doc = self.words.get(previous).is_some_and(|token| token.kind == TokenKind::DocComment);
            if doc || MODIFIERS.contains(&self.text(previous)) {
                first = previous;
            } else if self.text(previous) == "]"
                && let Some(open) = self.attribute_start(previous)
            {
                first = open;
            } else {
                break;
            }
        }
        first
    }

    /// The index of the `@` of an attribute list that ends at `close`.
    fn attribute_start(&self, close: usize) -> Option<usize> {
        let mut depth = 0_usize;
        for index in (0..=close).rev() {
            match self.text(index) {
                "]" => depth += 1,
                "[" => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return index.checked_sub(1).filter(|at| self.text(*at) == "@");
                    }
                }
                _ => {}
            }
        }
        None
    }

    fn first_modifier_margin(&self, index: usize) -> Option<usize> {
        self.margin(self.first_modifier(index))
    }

    /// Handle the command whose keyword is at `index`; returns the index after what was read of it.
    fn command(&mut self, index: usize, start: usize) -> usize {
        let keyword = self.text(index);
        match keyword {
            "namespace" if self.is_word(index + 1) => {
                self.blocks.push(Block::Namespace(self.text(index + 1).to_owned()));
                index + 2
            }
            "section" | "mutual" => {
                self.blocks.push(Block::Other);
                index + 1
            }
            "end" => {
                self.end_block(index);
                index + 1
            }
            "attribute" | "deriving" => {
                // `attribute [instance] x`, `deriving instance X for Y`: keywords that begin nothing.
                let mut next = index + 1;
                while matches!(self.text(next), "[" | "instance" | "local" | "scoped" | "class") {
                    next += 1;
                }
                next
            }
            _ => match DeclarationKind::of(keyword) {
                Some(kind) => self.declaration(kind, index, start),
                None => index + 1,
            },
        }
    }

    /// `end A.B` closes as many namespaces as it takes; a plain `end` closes one block.
    fn end_block(&mut self, index: usize) {
        let named = self.is_word(index + 1) && self.margin(index + 1).is_none();
        let name = if named { self.text(index + 1) } else { "" };
        let mut remaining = name.split('.').count();
        while let Some(block) = self.blocks.pop() {
            let closed = match block {
                Block::Namespace(namespace) => namespace.split('.').count(),
                Block::Other => 1,
            };
            remaining = remaining.saturating_sub(closed);
            if remaining == 0 {
                break;
            }
        }
    }

    fn declaration(&mut self, kind: DeclarationKind, index: usize, start: usize) -> usize {
        // `class inductive C`, `class abbrev C`
        let second = DeclarationKind::of(self.text(index + 1)).filter(|_| kind == DeclarationKind::Class);
        let index = if second.is_some() { index + 1 } else { index };
        let (Some(first), Some(keyword)) = (self.words.get(start).copied(), self.words.get(index).copied()) else {
            return index + 1;
        };
        let named = kind != DeclarationKind::Example && self.is_word(index + 1);
        let name = named.then(|| self.qualify(self.text(index + 1)));
        let body = self.body(index + 1);
        self.declarations.push(Declaration {
            kind,
            name,
            span: first.start..keyword.end,
            keyword: keyword.start..keyword.end,
            body,
        });
        self.open = true;
        index + 1
    }

    fn qualify(&self, name: &str) -> String {
        if let Some(absolute) = name.strip_prefix("_root_.") {
            return absolute.to_owned();
        }
        let mut parts: Vec<&str> = Vec::new();
        for block in &self.blocks {
            if let Block::Namespace(namespace) = block {
                match namespace.strip_prefix("_root_.") {
                    Some(absolute) => parts = vec![absolute],
                    None => parts.push(namespace),
                }
            }
        }
        parts.push(name);
        parts.join(".")
    }

    /// Where the body of the declaration begins whose keyword stands before `index`.
    fn body(&self, index: usize) -> Option<usize> {
        let mut depth = 0_usize;
        let mut alternative = None;
        for at in index..self.words.len() {
            let (token, text) = (self.words.get(at)?, self.text(at));
            match text {
                "(" | "[" | "{" | "⟨" => depth += 1,
                ")" | "]" | "}" | "⟩" => depth = depth.saturating_sub(1),
                ":" if depth == 0 => {
                    let next = self.words.get(at + 1)?;
                    if next.start == token.end && next.text(self.source) == "=" {
                        return Some(token.start);
                    }
                }
                "where" if depth == 0 => return Some(token.start),
                "|" if depth == 0 => alternative = alternative.or(Some(token.start)),
                "=" if depth == 0 && alternative.is_some() => {
                    let next = self.words.get(at + 1)?;
                    if next.start == token.end && next.text(self.source) == ">" {
                        return alternative;
                    }
                }
                _ if token.kind == TokenKind::Ident && self.margin(at) == Some(0) => {
                    let command = DeclarationKind::of(text).is_some() || COMMANDS.contains(&text);
                    if command || MODIFIERS.contains(&text) {
                        return None;
                    }
                }
                _ => {}
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each declaration as `kind name [body's first characters] last characters`.
    fn check(source: &str, expected: &[&str]) {
        let outline = Outline::of(source);
        let shown: Vec<String> = outline
            .declarations
            .iter()
            .map(|declaration| {
                let body =
                    declaration.body.map(|at| source[at..].split_whitespace().next().unwrap_or("")).unwrap_or("-");
                let last = source[declaration.span.clone()].split_whitespace().last().unwrap_or("");
                format!("{} {} {body} {last}", declaration.kind.keyword(), declaration.name.as_deref().unwrap_or("_"))
            })
            .collect();
        assert_eq!(shown, expected);
    }

    #[test]
    fn what_a_line_oriented_scanner_misses() {
        check(
            "@[simp] theorem a : x := y\n/-- doc -/ theorem b : x := y\npublic theorem c.{u} : x := z",
            &["theorem a := y", "theorem b := y", "theorem c := z"],
        );
        check(
            "namespace A\n  theorem b : x := by\n    sorry\n  private def «c d» : Nat := 1\nend A\nexample : x := y",
            &["theorem A.b := sorry", "def A.«c d» := 1", "example _ := y"],
        );
        check("theorem t : x := y theorem u : z := w -- end", &["theorem t := y", "theorem u := w"]);
    }

    #[test]
    fn namespaces_sections_and_root() {
        check(
            "namespace A.B\nsection\ndef c := 1\nend\nnamespace C\ndef d := 2\nend C\ndef _root_.e := 3\nend A.B\ndef f := 4",
            &["def A.B.c := 1", "def A.B.C.d := 2", "def e := 3", "def f := 4"],
        );
        check("namespace A\nnamespace B\nend A.B\ndef c := 1", &["def c := 1"]);
        check("mutual\ndef a := 1\ndef b := 2\nend\ndef c := 3", &["def a := 1", "def b := 2", "def c := 3"]);
    }

    #[test]
    fn instances_attributes_and_alternatives() {
        check(
            "@[instance] def a := 1\nattribute [instance] a\ninstance : Foo A where\n  x := 1\nderiving instance Foo for B",
            &["def a := 1", "instance _ where 1"],
        );
        check(
            "def f : Nat → Nat\n  | 0 => 1\n  | n + 1 => n\ntheorem g : |x| = |y| := z",
            &["def f | n", "theorem g := z"],
        );
        check("instance (priority := low) foo : X := y\nclass inductive K | a", &["instance _ := y", "class K - a"]);
    }

    #[test]
    fn terms_with_command_words_stay_whole() {
        check(
            "theorem t : x := by\n  open Nat in\n  set_option maxRecDepth 9 in\n  exact (y)\nopen Nat in\ntheorem u : z := w",
            &["theorem t := (y)", "theorem u := w"],
        );
        check("theorem t (h : a := b) : x := f (\ntheorem u : z := w", &["theorem t := (", "theorem u := w"]);
        check(
            "theorem t : x := y\n#print axioms t\nvariable (n : Nat)\ntheorem u : z := w",
            &["theorem t := y", "theorem u := w"],
        );
    }
}
