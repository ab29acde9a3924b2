//! Text that could come to mean a constant that is new: a helper of a proof, whose name is below that of the proof.
//!
//! By which scopes a name is read only Lean knows; this says yes where some scope would do.

use crate::gate::literal_stands_alone;
use leanwright_lean::module::components;
use leanwright_lean::{DeclarationKind, Lexer, Token, TokenKind, is_keyword};
use leanwright_olean::{Component, Name};
use std::collections::BTreeSet;
use std::ops::Range;

/// A new constant and the declaration that it belongs to, as Lean prints them.
pub struct Helper<'a> {
    parts: Vec<&'a str>,
    /// How many of the parts are its own, behind the declaration's.
    own: usize,
    /// Whether the declaration may be a type: then `x.foo` means the helper `foo` for whatever `x` of that type.
    is_below_a_type: bool,
}

impl<'a> Helper<'a> {
    /// `None` if no text can mention it.
    pub fn of(name: &'a Name, declaration: &str, kind: DeclarationKind) -> Option<Self> {
        let texts = name.0.iter().map(|part| match part {
            Component::Text(text) => Some(&**text),
            Component::Number(_) => None,
        });
        let parts: Vec<&str> = texts.collect::<Option<_>>()?;
        let own = parts.len().saturating_sub(components(declaration).len()).max(1);
        let is_below_a_type = !matches!(kind, DeclarationKind::Theorem | DeclarationKind::Lemma);
        Some(Self { parts, own, is_below_a_type })
    }

    /// The parts of its own name.
    fn own(&self) -> &[&'a str] {
        self.parts.get(self.parts.len() - self.own..).unwrap_or_default()
    }

    /// What becomes a namespace with it: the last part of the declaration's name, and those of its own but the last.
    fn namespaces(&self) -> &[&'a str] {
        let last = self.parts.len().saturating_sub(1);
        self.parts.get(last.saturating_sub(self.own)..last).unwrap_or_default()
    }
}

/// The names in a text.
pub struct Mentions {
    all: Vec<Mention>,
    /// What is open because of the text: names are below it that their text does not say.
    opened: BTreeSet<String>,
    /// `open N renaming t → u`: then `u.foo` may be `N.t.foo`, and any name may be one of its last parts behind another first one.
    renames: bool,
}

impl Mentions {
    /// Of a text without a part of it, in bytes.
    pub fn of(text: &str, except: &Range<usize>) -> Self {
        let all = mentions(text, except);
        let opened = all.iter().flat_map(Mention::opens).cloned().collect();
        let renames = all.iter().any(|mention| mention.parts == ["renaming"]);
        Self { all, opened, renames }
    }

    /// Whether one of them could mean the helper: by a name that has the declaration's in it, or by its own alone where the text opens what it is in.
    pub fn could_mean(&self, helper: &Helper<'_>) -> bool {
        self.all.iter().any(|mention| {
            // With the helper, what it is below becomes a namespace: `open t` may mean another one then.
            let is_a_namespace = mention.parts.last().is_some_and(|last| helper.namespaces().contains(&last.as_str()));
            if is_a_namespace && (self.renames || mention.is_opened && !mention.is_namespace) {
                return true;
            }
            let written = mention.parts.iter().map(String::as_str).skip_while(|part| *part == "_root_");
            let written: Vec<&str> = written.collect();
            let means = |written: &[&str], is_below_something: bool| {
                (1..=written.len().min(helper.parts.len())).any(|count| {
                    let (outer, inner) = helper.parts.split_at(helper.parts.len() - count);
                    let is_reached = count > helper.own
                        || is_below_something
                        || outer.last().is_none_or(|part| self.opened.contains(*part));
                    written.get(..count) == Some(inner) && is_reached
                })
            };
            let is_of_that_type =
                helper.is_below_a_type && written.iter().skip(1).any(|part| Some(part) == helper.own().first());
            means(&written, mention.is_dotted)
                || is_of_that_type
                || (self.renames && means(written.get(1..).unwrap_or_default(), true))
        })
    }
}

/// A name in a text.
struct Mention {
    parts: Vec<String>,
    /// It stands where a command opens namespaces.
    is_opened: bool,
    /// That command is `namespace`: it means the namespace that it makes.
    is_namespace: bool,
    /// It stands behind a dot, as in `.foo`: which namespace that is in, a type says.
    is_dotted: bool,
}

impl Mention {
    /// What could be open because of it: a declaration opens what its name is below, and which words begin one is not asked.
    fn opens(&self) -> impl Iterator<Item = &String> {
        self.parts.iter().take(self.parts.len() - usize::from(!self.is_opened))
    }
}

/// Whether a string is interpolated its reader decides, so the text is read both ways.
fn mentions(text: &str, except: &Range<usize>) -> Vec<Mention> {
    let mut found = Vec::new();
    mentions_in(text, Lexer::new(text), except, 0, &mut found);
    mentions_in(text, Lexer::plain(text), except, 0, &mut found);
    if Lexer::plain(text).any(|token| may_be_misread(text, &token)) {
        // Then everything may be code.
        let all = text.replace('"', " ").replace("--", "  ").replace("/-", "  ").replace("-/", "  ");
        mentions_in(&all, Lexer::plain(&all), except, 0, &mut found);
    }
    found
}

/// Whether Lean may read a literal or a comment as something else: `<--x` is the token `<-`, and `×'"` begins a string if `×'` is a token.
fn may_be_misread(text: &str, token: &Token) -> bool {
    let before = text.get(..token.start).unwrap_or_default();
    let is_comment = token.is_trivia() && token.kind != TokenKind::Space;
    let is_misread_comment =
        is_comment && !(before.is_empty() || before.ends_with([' ', '\n', '\t', '\r']) || before.ends_with("-/"));
    is_misread_comment || token.kind == TokenKind::Unterminated || !literal_stands_alone(text, token)
}

/// How deep strings in strings are read both ways; below, only as plain ones, of which none holds another.
const DEEPEST: usize = 4;

/// `depth` counts the strings around the text.
fn mentions_in(text: &str, tokens: Lexer<'_>, except: &Range<usize>, depth: usize, found: &mut Vec<Mention>) {
    let (mut is_opened, mut is_namespace, mut is_dotted, mut is_scoped) = (false, false, false, false);
    for token in tokens.filter(|token| !token.is_trivia() && !except.contains(&token.start)) {
        let written = token.text(text);
        let is_name = matches!(token.kind, TokenKind::Ident | TokenKind::NameLiteral);
        is_opened = match written {
            "namespace" | "open" | "export" | "with_weak_namespace" => true,
            // `scoped[t] notation …` stands in `t`, too.
            "[" if is_scoped => true,
            "(" | ")" | "scoped" => is_opened,
            // Names may stand on the lines that follow.
            word => is_opened && is_name && !is_keyword(word),
        };
        is_namespace = match written {
            "namespace" | "with_weak_namespace" => true,
            "[" if is_scoped => true,
            "open" | "export" => false,
            _ => is_namespace,
        };
        if token.kind == TokenKind::String && written.contains(['{', '}']) {
            // `logInfo "{t.foo}"`, and of `s! "{f "a" t.foo}"` the second part.
            let inside = written.strip_prefix('"').unwrap_or(written);
            let inside = inside.strip_suffix('"').unwrap_or(inside);
            if depth < DEEPEST {
                mentions_in(inside, Lexer::new(inside), &(0..0), depth + 1, found);
            }
            mentions_in(inside, Lexer::plain(inside), &(0..0), depth + 1, found);
        }
        if is_name {
            let parts = components(written.trim_start_matches('`'));
            found.push(Mention { parts, is_opened, is_namespace, is_dotted });
        }
        (is_dotted, is_scoped) = (written == ".", written == "scoped");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: bool) {
        check_helper(text, "N.t.foo", DeclarationKind::Theorem, expected);
    }

    fn check_helper(text: &str, name: &str, kind: DeclarationKind, expected: bool) {
        let name = Name::from_texts(name.split('.'));
        let helper = Helper::of(&name, "N.t", kind).unwrap();
        assert_eq!(Mentions::of(text, &(0..0)).could_mean(&helper), expected, "{text}");
    }

    #[test]
    fn a_helper_of_a_type_is_meant_by_a_field_of_anything() {
        for (text, expected) in [
            ("def y (x : t) := x.foo", true),
            ("def y (x : t) := a.x.foo.bar", true),
            ("def y (x : t) := f x |>.foo", true),
            ("def y (x : t) := x.food", false),
            ("def foo := 1", false),
        ] {
            check_helper(text, "N.t.foo", DeclarationKind::Def, expected);
        }
        check("def y (x : s) := x.foo", false);
    }

    #[test]
    fn a_helper_with_dots_makes_namespaces() {
        for text in ["open t.u\ndef x := bar", "open t\ndef x := a", "open u\ndef x := a", "def x := u.foo.a"] {
            check_helper(text, "N.t.u.foo", DeclarationKind::Theorem, !text.starts_with("def"));
        }
    }

    #[test]
    fn what_lean_may_read_otherwise_is_read_as_code() {
        for text in ["def x := Id.run do\n  let y <--t.foo", "def x := ×'\"'\" t.foo \" '\"", "def x := a/-t.foo-/"] {
            check(text, true);
        }
        check("def x := a -- t.foo\ndef y := \"t.foo\"", false);
    }

    #[test]
    fn a_helper_is_meant_by_its_name_or_in_an_open_namespace() {
        for text in [
            "def x := t.foo",
            "def x := N.t.foo.bar",
            "def x := _root_.N.t.foo",
            "def x := «t».foo",
            "#check ``t.foo",
            "s!\"{t.foo 1}\"",
            "def v : T := .foo 3",
            "#eval logInfo \"a {t.foo}\"",
            "open t\ndef x := foo",
            "open M\n  t in\ndef x := foo",
            "namespace N.t.u\ndef x := foo",
            "namespace «t» def x := foo",
            "export t (foo)",
            "structure t.B where\n  x : Nat := foo",
            "def t.value : Nat := foo",
            "def x := foo\n/-- d -/ odd_command N.t.x",
            "namespace N\nopen t\ndef x := a.b",
            "open N renaming t → u\ndef x := u.foo",
            "open M renaming N → C\ndef x := C.t.foo",
            "open scoped t\ndef x := foo",
            "namespace N\nopen scoped t\ndef x := a.b",
            "with_weak_namespace t\ndef x := foo",
            "scoped[t] notation \"f\" => foo",
            "def x := s! \"{f \"a\" t.foo}\"",
            "def x := pick!\"{\" t.foo \"}\"",
        ] {
            check(text, true);
        }
        for text in [
            "def x := foo",
            "namespace B\ntheorem t : p := foo",
            "theorem t : p := by exact foo",
            "namespace N\ntheorem u := t.symm\nend N",
            "-- t.foo\n/- t.foo -/ def x := \"t.foo\"",
            "def x := t.food + u.foo",
            "open N\ndef foo := 1",
            "namespace t\ndef x := 1\nend t",
            "open N renaming s → u\ndef x := foo.u",
        ] {
            check(text, false);
        }
    }
}
