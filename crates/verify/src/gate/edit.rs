//! The part of an edit that changes something: what is left when the tokens that both texts have in common are taken off at
//! either end. A replacement of whole lines repeats the signature and what surrounds the hole; those must be the same tokens.

use leanwright_lean::{Lexer, Token, TokenKind};
use std::ops::Range;

/// The tokens of two texts that are no trivia, and how many they have in common at either end. A documentation comment is a token of Lean's
/// grammar. Places are in bytes.
pub struct Alignment {
    old: Vec<Token>,
    new: Vec<Token>,
    in_front: usize,
    behind: usize,
}

impl Alignment {
    /// Compare two texts. With `plain`, no string is taken for an interpolated one.
    pub fn of(before: &str, after: &str, plain: bool) -> Self {
        let (old, new) = (tokens(before, plain), tokens(after, plain));
        let same = |one: &Token, other: &Token| one.kind == other.kind && one.text(before) == other.text(after);
        let in_front = old.iter().zip(&new).take_while(|(one, other)| same(one, other)).count();
        let (old_rest, new_rest) = (old.iter().skip(in_front).rev(), new.iter().skip(in_front).rev());
        let behind = old_rest.zip(new_rest).take_while(|(one, other)| same(one, other)).count();
        Self { old, new, in_front, behind }
    }

    /// The tokens that are replaced, in the text without the edit.
    pub fn replaced(&self) -> &[Token] {
        self.old.get(self.in_front..self.old.len() - self.behind).unwrap_or_default()
    }

    /// The tokens that stand there instead, in the text with the edit.
    pub fn replacement(&self) -> &[Token] {
        self.new.get(self.in_front..self.new.len() - self.behind).unwrap_or_default()
    }

    /// The same with those in front of them from a place on, and how many those are.
    pub fn tokens_since(&self, place: usize) -> (&[Token], usize) {
        let first = self.new.partition_point(|token| token.start < place).min(self.in_front);
        let tokens = self.new.get(first..self.new.len() - self.behind).unwrap_or_default();
        (tokens, self.in_front - first)
    }

    /// The bytes between the tokens around the change in the text with the edit: white space and comments are in it.
    pub fn gap(&self, after: &str) -> Range<usize> {
        let start = self.in_front.checked_sub(1).and_then(|last| self.new.get(last)).map_or(0, |token| token.end);
        let end = self.new.get(self.new.len() - self.behind).map_or(after.len(), |token| token.start);
        start..end
    }

    /// The token behind the change, in the text without the edit.
    pub fn next(&self) -> Option<Token> {
        self.old.get(self.old.len() - self.behind).copied()
    }

    /// Where something of the text without the edit, from the begin of a token to the end of one, is in the text with it. `None` if it is
    /// not there any more.
    pub fn moved(&self, place: &Range<usize>) -> Option<Range<usize>> {
        let first = self.old.binary_search_by_key(&place.start, |token| token.start).ok()?;
        let last = self.old.binary_search_by_key(&place.end, |token| token.end).ok()?;
        Some(self.twin(first)?.start..self.twin(last)?.end)
    }

    fn twin(&self, index: usize) -> Option<Token> {
        if index < self.in_front {
            return self.new.get(index).copied();
        }
        let from_the_end = self.old.len() - index;
        let is_behind = from_the_end <= self.behind;
        self.new.len().checked_sub(from_the_end).filter(|_| is_behind).and_then(|index| self.new.get(index)).copied()
    }
}

pub fn tokens(text: &str, plain: bool) -> Vec<Token> {
    let lexer = if plain { Lexer::plain(text) } else { Lexer::new(text) };
    lexer.filter(|token| !token.is_trivia() || token.kind == TokenKind::DocComment).collect()
}

/// The words that are holes in a file.
pub fn is_hole(word: &str) -> bool {
    matches!(word, "sorry" | "admit")
}
