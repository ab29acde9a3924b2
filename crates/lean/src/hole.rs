//! Holes: the `sorry` and `admit` tokens of a text.

use crate::lexer::{Token, TokenKind};
use crate::outline::Outline;
use std::ops::Range;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HoleKind {
    Sorry,
    Admit,
}

impl HoleKind {
    pub fn keyword(self) -> &'static str {
        match self {
            Self::Sorry => "sorry",
            Self::Admit => "admit",
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
}

/// The holes of a text, in order.
pub fn find_holes(source: &str, tokens: &[Token], outline: &Outline) -> Vec<Hole> {
    let mut holes = Vec::new();
    for token in tokens {
        let kind = match (token.kind, token.text(source)) {
            (TokenKind::Ident, "sorry") => HoleKind::Sorry,
            (TokenKind::Ident, "admit") => HoleKind::Admit,
            _ => continue,
        };
        let after = outline.declarations.partition_point(|declaration| declaration.span.start <= token.start);
        let declaration = after.checked_sub(1).filter(|index| {
            outline.declarations.get(*index).is_some_and(|declaration| token.start < declaration.span.end)
        });
        holes.push(Hole { kind, span: token.start..token.end, declaration });
    }
    holes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tokenize;

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
        let tokens = tokenize(&source);
        let holes = find_holes(&source, &tokens, &Outline::from_tokens(&source, &tokens));
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
}
