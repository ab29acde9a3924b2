//! Text that could come to mean a constant that is new: a helper of a proof, whose name is below that of the proof.
//!
//! By which scopes a name is read only Lean knows; this says yes where some scope would do.

use leanwright_lean::module::components;
use leanwright_lean::{Lexer, TokenKind, is_keyword};
use leanwright_olean::{Component, Name};
use std::ops::Range;

/// A new constant and the declaration that it belongs to, as Lean prints them.
pub struct Helper<'a> {
    parts: Vec<&'a str>,
    /// How many of the parts are its own, behind the declaration's.
    own: usize,
}

impl<'a> Helper<'a> {
    /// `None` if no text can mention it.
    pub fn of(name: &'a Name, declaration: &str) -> Option<Self> {
        let texts = name.0.iter().map(|part| match part {
            Component::Text(text) => Some(&**text),
            Component::Number(_) => None,
        });
        let parts: Vec<&str> = texts.collect::<Option<_>>()?;
        let own = parts.len().saturating_sub(components(declaration).len()).max(1);
        Some(Self { parts, own })
    }

    /// Whether some of the text but `except` (in bytes) could mean it: by a name that has the declaration's in it, or by its own alone where the text opens
    /// what it is in.
    pub fn could_be_meant(&self, text: &str, except: &Range<usize>) -> bool {
        let all = mentions(text, except);
        let opens = |part: &str| all.iter().any(|mention| mention.opens(part));
        // With it, what it is below becomes a namespace: `open t` may mean another one then.
        let declaration = self.parts.len().checked_sub(self.own + 1).and_then(|last| self.parts.get(last));
        let is_below = |mention: &Mention| mention.parts.last().map(String::as_str) == declaration.copied();
        // `open N renaming t → u`: then `u.foo` may be `N.t.foo`, and any name may be one of its last parts behind another first one.
        let renames = all.iter().any(|mention| mention.parts == ["renaming"]);
        all.iter().any(|mention| {
            if is_below(mention) && (renames || mention.is_opened && !mention.is_namespace) {
                return true;
            }
            let written = mention.parts.iter().map(String::as_str).skip_while(|part| *part == "_root_");
            let written: Vec<&str> = written.collect();
            let means = |written: &[&str], is_below_something: bool| {
                (1..=written.len().min(self.parts.len())).any(|count| {
                    let (outer, inner) = self.parts.split_at(self.parts.len() - count);
                    let is_reached =
                        count > self.own || is_below_something || outer.last().is_none_or(|part| opens(part));
                    written.get(..count) == Some(inner) && is_reached
                })
            };
            means(&written, mention.is_dotted) || (renames && means(written.get(1..).unwrap_or_default(), true))
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
    /// Whether what is called like this could be open because of it: a declaration opens what its name is below, and which words begin one is not asked.
    fn opens(&self, part: &str) -> bool {
        let outer = self.parts.len() - usize::from(!self.is_opened);
        self.parts.iter().take(outer).any(|other| other == part)
    }
}

/// Whether a string is interpolated its reader decides, so the text is read both ways.
fn mentions(text: &str, except: &Range<usize>) -> Vec<Mention> {
    let mut found = Vec::new();
    mentions_in(text, Lexer::new(text), except, 0, &mut found);
    mentions_in(text, Lexer::plain(text), except, 0, &mut found);
    found
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
        let name = Name::from_texts(["N", "t", "foo"]);
        let helper = Helper::of(&name, "N.t").unwrap();
        assert_eq!(helper.could_be_meant(text, &(0..0)), expected, "{text}");
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
