//! The part of an edit that changes something: what is left when the tokens that both texts have in common are taken off at
//! either end. A replacement of whole lines repeats the signature and what surrounds the hole; those must be the same tokens.

use leanwright_lean::{Lexer, Token, TokenKind};
use std::ops::Range;

/// What an edit changes, in tokens that are no trivia. A documentation comment is a token of Lean's grammar.
pub struct Change {
    /// Tokens that are replaced, in the text without the edit.
    pub old: Vec<Token>,
    /// Tokens that stand there instead, in the text with the edit.
    pub new: Vec<Token>,
    /// The bytes between the tokens around the change in the text with the edit: white space and comments are in it.
    pub new_span: Range<usize>,
    /// The token behind the change, in the text without the edit.
    pub next: Option<Token>,
}

impl Change {
    /// Compare two texts. With `plain`, no string is taken for an interpolated one.
    pub fn between(before: &str, after: &str, plain: bool) -> Self {
        let (old, new) = (tokens(before, plain), tokens(after, plain));
        let same = |one: &Token, other: &Token| one.kind == other.kind && one.text(before) == other.text(after);
        let in_front = old.iter().zip(&new).take_while(|(one, other)| same(one, other)).count();
        let (old_rest, new_rest) = (old.iter().skip(in_front).rev(), new.iter().skip(in_front).rev());
        let behind = old_rest.zip(new_rest).take_while(|(one, other)| same(one, other)).count();
        let part = |tokens: &[Token]| tokens.get(in_front..tokens.len() - behind).unwrap_or_default().to_vec();
        let start = in_front.checked_sub(1).and_then(|last| new.get(last)).map_or(0, |token| token.end);
        let end = new.get(new.len() - behind).map_or(after.len(), |token| token.start);
        let next = old.get(old.len() - behind).copied();
        Self { old: part(&old), new: part(&new), new_span: start..end, next }
    }
}

fn tokens(text: &str, plain: bool) -> Vec<Token> {
    let lexer = if plain { Lexer::plain(text) } else { Lexer::new(text) };
    lexer.filter(|token| !token.is_trivia() || token.kind == TokenKind::DocComment).collect()
}

/// The words that are holes in a file.
pub fn is_hole(word: &str) -> bool {
    matches!(word, "sorry" | "admit")
}
