//! Holes: the `sorry` and `admit` tokens of a text.

use crate::lexer::Token;
use crate::word::Word;
use std::ops::Range;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HoleKind {
    Sorry,
    Admit,
    /// The body of a declaration in which Lean reports an error; only Lean finds these.
    Error,
}

impl HoleKind {
    pub fn keyword(self) -> &'static str {
        match self {
            Self::Sorry => "sorry",
            Self::Admit => "admit",
            Self::Error => "error",
        }
    }
}

/// A token that stands for a missing proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hole {
    pub kind: HoleKind,
    /// In bytes.
    pub span: Range<usize>,
    /// Index into `Outline::declarations`; `None` outside any declaration that was recognised.
    pub declaration: Option<usize>,
    /// A mark in the text says that it is not to be worked on unless it is asked for by hand.
    pub skipped: bool,
}

/// Whether a text can have holes: a quick look before a scan, which may say yes in vain.
pub fn may_have_holes(source: &[u8]) -> bool {
    memchr::memmem::find(source, b"sorry").is_some() || memchr::memmem::find(source, b"admit").is_some()
}

/// A comment that says what to do with a hole: `-- leanwright: skip`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    /// The comment's byte offset.
    at: usize,
    /// The index of the next token that is no comment.
    next: usize,
    whole_file: bool,
}

impl Mark {
    /// Read a line comment; `next` is the index of the word that follows it.
    pub(crate) fn read(source: &str, comment: Token, next: usize) -> Option<Self> {
        let rest = comment.text(source).strip_prefix("--")?.trim_start().strip_prefix("leanwright:")?.trim();
        let whole_file = match rest {
            "skip" => false,
            "skip file" => true,
            _ => return None,
        };
        Some(Self { at: comment.start, next, whole_file })
    }

    /// Whether it is about a hole: it stands behind it on its line, or alone on a line before the hole's line or before
    /// the hole's declaration, or it is about the whole file.
    pub(crate) fn covers(&self, source: &str, words: &[Word], hole: usize, declaration: Option<usize>) -> bool {
        let same_line = |one: usize, other: usize| {
            let between = source.as_bytes().get(one.min(other)..one.max(other)).unwrap_or_default();
            memchr::memchr(b'\n', between).is_none()
        };
        if self.whole_file || same_line(self.at, hole) {
            return true;
        }
        let alone =
            self.next.checked_sub(1).and_then(|last| words.get(last)).is_none_or(|last| !same_line(last.end, self.at));
        let Some(next) = words.get(self.next).filter(|_| alone) else { return false };
        self.at < hole && (same_line(next.start, hole) || Some(next.start) == declaration)
    }
}

#[cfg(test)]
mod tests {
    use crate::scan;

    /// The fixture's holes are marked by `^` under their first character.
    fn check(marked: &str) {
        let lines: Vec<&str> = marked.lines().collect();
        let mut source = String::new();
        let mut expected = Vec::new();
        let mut start = 0;
        for line in &lines {
            if line.trim_start().starts_with('^') {
                let columns = line.match_indices('^').map(|(at, _)| start + at);
                expected.extend(columns);
            } else {
                start = source.len();
                source.push_str(line);
                source.push('\n');
            }
        }
        let holes = scan(&source).holes;
        assert_eq!(holes.iter().map(|hole| hole.span.start).collect::<Vec<_>>(), expected, "{marked}");
    }

    #[test]
    fn only_tokens_are_holes() {
        check(
            "theorem t : x := by sorry
                    ^
/-- sorry -/ def s := \"sorry\" -- sorry
def u := s!\"{sorry} sorry\" ++ sorry
             ^                ^
def v' := ('\"', sorry, `sorry, sorry.x, «sorry», h'sorry)
                ^
admit
^",
        );
    }

    #[test]
    fn marks_cover_a_line_a_declaration_or_a_file() {
        let skipped = |source: &str| -> String {
            scan(source).holes.iter().map(|hole| if hole.skipped { 'x' } else { '.' }).collect()
        };
        assert_eq!(skipped("theorem t : x := by\n  sorry -- leanwright: skip\n  sorry"), "x.");
        assert_eq!(skipped("theorem t : x := by\n  -- leanwright: skip\n  exact sorry\n  sorry"), "x.");
        assert_eq!(
            skipped("-- leanwright: skip\ntheorem t : x := by\n  sorry\n  sorry\ntheorem u : x := sorry"),
            "xx."
        );
        assert_eq!(skipped("-- leanwright: skip\n\n/-- d -/\n@[simp] theorem t : x := by\n  sorry"), "x");
        assert_eq!(skipped("theorem t : x := sorry\n--leanwright: skip file"), "x");
        assert_eq!(
            skipped("theorem t : x := sorry\ndef s := \"-- leanwright: skip file\" -- leanwright: skipping"),
            "."
        );
    }
}
