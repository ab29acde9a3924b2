//! Text that could come to mean a constant that is new: a helper of a proof, whose name is below that of the proof.
//!
//! By which scopes a name is read only Lean knows; this says yes where some scope would do.

use leanwright_lean::module::components;
use leanwright_lean::{TokenKind, is_keyword, tokenize};
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
        all.iter().any(|mention| {
            let written = mention.parts.iter().map(String::as_str).skip_while(|part| *part == "_root_");
            let written: Vec<&str> = written.collect();
            (1..=written.len().min(self.parts.len())).any(|count| {
                let (outer, inner) = self.parts.split_at(self.parts.len() - count);
                written.get(..count) == Some(inner)
                    && (count > self.own || mention.is_dotted || outer.last().is_none_or(|part| opens(part)))
            })
        })
    }
}

/// A name in a text.
struct Mention {
    parts: Vec<String>,
    /// It stands where a command opens namespaces.
    is_opened: bool,
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

fn mentions(text: &str, except: &Range<usize>) -> Vec<Mention> {
    let mut found = Vec::new();
    let (mut is_opened, mut is_dotted) = (false, false);
    for token in tokenize(text).iter().filter(|token| !token.is_trivia() && !except.contains(&token.start)) {
        let written = token.text(text);
        let is_name = matches!(token.kind, TokenKind::Ident | TokenKind::NameLiteral);
        is_opened = match written {
            "namespace" | "open" | "export" => true,
            "(" | ")" => is_opened,
            // Names may stand on the lines that follow.
            word => is_opened && is_name && !is_keyword(word),
        };
        if token.kind == TokenKind::String && written.contains('{') {
            // Whether a string is interpolated its reader decides: `logInfo "{t.foo}"`.
            let inside = written.strip_prefix('"').unwrap_or(written);
            found.extend(mentions(inside.strip_suffix('"').unwrap_or(inside), &(0..0)));
        }
        if is_name {
            let parts = components(written.trim_start_matches('`'));
            found.push(Mention { parts, is_opened, is_dotted });
        }
        is_dotted = written == ".";
    }
    found
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
        ] {
            check(text, false);
        }
    }
}
