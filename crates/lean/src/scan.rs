//! Reads a whole text once: the declarations, the other commands, and the holes. Quick enough to run after every key.
//!
//! It knows keywords, brackets and margins, not Lean's grammar; Lean confirms or contradicts what it finds.

use crate::header::Header;
use crate::hole::{Hole, HoleKind, Mark};
use crate::lexer::{Lexer, TokenKind};
use crate::outline::{Command, CommandKind, Declaration, DeclarationKind, Outline};
use crate::word::{Class, Word};

/// What a text holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scan {
    pub outline: Outline,
    /// In the order of the text.
    pub holes: Vec<Hole>,
}

/// Scan a whole text.
pub fn scan(source: &str) -> Scan {
    let mut words = Vec::with_capacity(source.len() / 6);
    let mut holes = Vec::new();
    let mut marks = Vec::new();
    for token in Lexer::new(source) {
        match Class::of(source, token) {
            None => {
                if token.kind == TokenKind::LineComment
                    && let Some(mark) = Mark::read(source, token, words.len())
                {
                    marks.push(mark);
                }
            }
            Some(class) => {
                if let Class::Sorry | Class::Admit = class {
                    let kind = if class == Class::Sorry { HoleKind::Sorry } else { HoleKind::Admit };
                    holes.push(Hole { kind, span: token.start..token.end, declaration: None, skipped: false });
                }
                words.push(Word { start: token.start, end: token.end, class });
            }
        }
    }
    let header = Header::of(source);
    let first = words.partition_point(|word| word.start < header.end);
    let builder =
        Builder { source, words: &words, blocks: Vec::new(), outline: Outline::default(), open: Open::Nothing };
    let outline = Outline { header, ..builder.run(first) };
    for hole in &mut holes {
        hole.declaration = outline.index_at(hole.span.start);
        let declaration = hole.declaration.and_then(|index| outline.declarations.get(index));
        let head = declaration.map(|declaration| declaration.span.start);
        hole.skipped = marks.iter().any(|mark| mark.covers(source, &words, hole.span.start, head));
    }
    Scan { outline, holes }
}

/// One scope: `namespace A.B` opens two.
enum Block {
    Namespace(String),
    Other,
}

/// The components of a name, with their guillemets.
fn components_of(name: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    name.split(move |character| {
        match character {
            '«' => quoted = true,
            '»' => quoted = false,
            _ => {}
        }
        character == '.' && !quoted
    })
}

/// The command whose last token has not been seen.
enum Open {
    Nothing,
    Declaration,
    Command,
}

struct Builder<'a> {
    source: &'a str,
    words: &'a [Word],
    blocks: Vec<Block>,
    outline: Outline,
    open: Open,
}

impl<'a> Builder<'a> {
    fn text(&self, index: usize) -> &'a str {
        self.words.get(index).and_then(|word| self.source.get(word.start..word.end)).unwrap_or_default()
    }

    fn class(&self, index: usize) -> Class {
        self.words.get(index).map_or(Class::Other, |word| word.class)
    }

    /// The column in bytes if the token is the first on its line.
    fn margin(&self, index: usize) -> Option<usize> {
        let start = self.words.get(index)?.start;
        let before = self.source.as_bytes().get(..start)?;
        let indent = before.iter().rev().take_while(|byte| **byte == b' ').count();
        match before.get(..start - indent)?.last() {
            None | Some(b'\n') => Some(indent),
            Some(_) => None,
        }
    }

    fn run(mut self, first: usize) -> Outline {
        let mut depth = 0_usize;
        let mut margin = 0;
        let mut index = first;
        while let Some(word) = self.words.get(index) {
            let is_command = match word.class {
                Class::Open => {
                    depth += 1;
                    false
                }
                Class::Close => {
                    depth = depth.saturating_sub(1);
                    false
                }
                Class::Declaration(DeclarationKind::Lemma) | Class::MarginCommand(_) => {
                    self.first_modifier_margin(index).is_some_and(|at| at <= margin)
                }
                Class::Declaration(_) | Class::Command(_) => {
                    (depth == 0 || self.margin(index) == Some(0)) && !self.is_constructor(index)
                }
                Class::Hash => self.margin(index).is_some_and(|at| at <= margin),
                _ => false,
            };
            if !is_command {
                index += 1;
                continue;
            }
            depth = 0;
            let start = self.first_modifier(index);
            margin = self.margin(start).unwrap_or(margin);
            self.close(start);
            index = self.command(index, start);
        }
        self.close(self.words.len());
        self.outline
    }

    /// End the open command before the token `next`.
    fn close(&mut self, next: usize) {
        let open = std::mem::replace(&mut self.open, Open::Nothing);
        let Some(last) = next.checked_sub(1).and_then(|index| self.words.get(index)) else { return };
        let span = match open {
            Open::Nothing => return,
            Open::Declaration => self.outline.declarations.last_mut().map(|declaration| &mut declaration.span),
            Open::Command => self.outline.commands.last_mut().map(|command| &mut command.span),
        };
        if let Some(span) = span {
            span.end = span.end.max(last.end);
        }
    }

    /// The index of the first modifier, attribute or doc comment before the keyword at `index`.
    fn first_modifier(&self, index: usize) -> usize {
        let mut first = index;
        while let Some(previous) = first.checked_sub(1) {
            match self.class(previous) {
                Class::DocComment | Class::Modifier => first = previous,
                Class::Close if self.text(previous) == "]" => match self.attribute_start(previous) {
                    Some(open) => first = open,
                    None => break,
                },
                _ => break,
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
                        return index.checked_sub(1).filter(|at| self.class(*at) == Class::At);
                    }
                }
                _ => {}
            }
        }
        None
    }

    /// `| end` and `.theorem`: a keyword that is the name of a constructor.
    fn is_constructor(&self, index: usize) -> bool {
        index.checked_sub(1).is_some_and(|before| match self.class(before) {
            Class::Bar => true,
            Class::Dot => self.are_joined(before, self.class(index)),
            _ => false,
        })
    }

    fn first_modifier_margin(&self, index: usize) -> Option<usize> {
        self.margin(self.first_modifier(index))
    }

    /// Handle the command whose keyword is at `index`; returns the index after what was read of it.
    fn command(&mut self, index: usize, start: usize) -> usize {
        let kind = match self.class(index) {
            Class::Declaration(kind) => return self.declaration(kind, index, start),
            Class::Command(kind) | Class::MarginCommand(kind) => kind,
            _ => CommandKind::Other,
        };
        if let (Some(first), Some(keyword)) = (self.words.get(start), self.words.get(index)) {
            self.outline.commands.push(Command { kind, span: first.start..keyword.end });
            self.open = Open::Command;
        }
        match kind {
            CommandKind::Namespace if self.class(index + 1) == Class::Name => {
                let parts = components_of(self.text(index + 1));
                self.blocks.extend(parts.map(|part| Block::Namespace(part.to_owned())));
                return index + 2;
            }
            CommandKind::Section => {
                let scopes = self.block_name(index).map_or(1, |name| components_of(name).count());
                self.blocks.extend(std::iter::repeat_with(|| Block::Other).take(scopes));
            }
            CommandKind::Mutual => self.blocks.push(Block::Other),
            CommandKind::End => {
                let scopes = self.block_name(index).map_or(1, |name| components_of(name).count());
                self.blocks.truncate(self.blocks.len().saturating_sub(scopes));
            }
            // `#end`, `#print axioms`: the word after `#` begins nothing of its own.
            CommandKind::Other if self.class(index) == Class::Hash => return index + 2,
            CommandKind::Attribute | CommandKind::Deriving => {
                // `attribute [instance] x`, `deriving instance X for Y`: keywords that begin nothing.
                let mut next = index + 1;
                while matches!(self.text(next), "[" | "instance" | "local" | "scoped" | "class") {
                    next += 1;
                }
                return next;
            }
            _ => {}
        }
        index + 1
    }

    /// The name behind `section` or `end` on the same line.
    fn block_name(&self, index: usize) -> Option<&'a str> {
        let named = self.class(index + 1) == Class::Name && self.margin(index + 1).is_none();
        named.then(|| self.text(index + 1))
    }

    fn declaration(&mut self, kind: DeclarationKind, index: usize, start: usize) -> usize {
        // `class inductive C`, `class abbrev C`
        let second = kind == DeclarationKind::Class && matches!(self.class(index + 1), Class::Declaration(_));
        let index = if second { index + 1 } else { index };
        let (Some(first), Some(keyword)) = (self.words.get(start), self.words.get(index)) else {
            return index + 1;
        };
        let span = first.start..keyword.end;
        let keyword = keyword.start..keyword.end;
        let named = kind != DeclarationKind::Example && self.class(index + 1) == Class::Name;
        let name = named.then(|| self.qualify(self.text(index + 1)));
        let body = self.body(index + 1);
        self.outline.declarations.push(Declaration { kind, name, span, keyword, body });
        self.open = Open::Declaration;
        index + 1
    }

    fn qualify(&self, name: &str) -> String {
        if let Some(absolute) = name.strip_prefix("_root_.") {
            return absolute.to_owned();
        }
        let mut parts: Vec<&str> = Vec::new();
        for block in &self.blocks {
            match block {
                Block::Namespace(namespace) if namespace == "_root_" => parts.clear(),
                Block::Namespace(namespace) => parts.push(namespace),
                Block::Other => {}
            }
        }
        parts.push(name);
        parts.join(".")
    }

    /// Two symbols without a blank between them.
    fn are_joined(&self, at: usize, second: Class) -> bool {
        let (Some(first), Some(next)) = (self.words.get(at), self.words.get(at + 1)) else { return false };
        first.end == next.start && next.class == second
    }

    /// Where the body of the declaration begins whose keyword stands before `index`.
    fn body(&self, index: usize) -> Option<usize> {
        let mut depth = 0_usize;
        let mut alternative = None;
        for (at, word) in self.words.iter().enumerate().skip(index) {
            match word.class {
                Class::Open => depth += 1,
                Class::Close => depth = depth.saturating_sub(1),
                Class::Colon if depth == 0 && self.are_joined(at, Class::Equal) => return Some(word.start),
                Class::Where if depth == 0 => return Some(word.start),
                Class::Bar if depth == 0 => alternative = alternative.or(Some(word.start)),
                Class::Equal if depth == 0 && alternative.is_some() && self.are_joined(at, Class::Greater) => {
                    return alternative;
                }
                Class::Declaration(_) | Class::Command(_) | Class::Modifier if self.margin(at) == Some(0) => {
                    return None;
                }
                _ => {}
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use crate::outline::Outline;

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
        check(
            "namespace A.B\nnamespace «C.D»\ndef c := 1\nend «C.D»\nend B\ndef d := 2\nend A\ndef e := 3",
            &["def A.B.«C.D».c := 1", "def A.d := 2", "def e := 3"],
        );
        check("section X.Y\nnamespace A\nend A\nend Y\ndef b := 1\n#end\nend X", &["def b := 1"]);
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
        check(
            "inductive K\n  | theorem\n  | end\ndef f : K → K\n  | .theorem => .end\n  | x => x",
            &["inductive K - end", "def f | x"],
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
