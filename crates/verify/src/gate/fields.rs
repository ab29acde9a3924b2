//! Fields of a structure and helpers behind `where` stand beside each other, with separators between them: the edit may not begin another one. By
//! tokens: tactics are no reserved words, and what looks like a helper is taken for one.

use super::Reader;
use super::layout::nesting;
use leanwright_lean::TokenKind;

/// Words that are no names, and so begin a term or a tactic.
const RESERVED: [&str; 14] =
    ["have", "let", "haveI", "letI", "show", "suffices", "fun", "λ", "if", "match", "calc", "from", "by", "do"];

impl Reader<'_> {
    /// Behind `where`, and between braces, a `;` or a comma could begin another helper or field beside that of the hole: `h; b : 1 = 1 := rfl`.
    pub(super) fn no_field_of_another(&self, hole: usize) -> Result<(), String> {
        let own = self.candidate.before.get(self.declaration.span.start..hole).unwrap_or_default();
        let (mut has_where, mut open) = (false, Vec::new());
        for token in leanwright_lean::tokenize(own) {
            match token.text(own) {
                "where" => has_where = true,
                bracket @ ("(" | "[" | "{" | "⟨") => open.push(bracket.to_owned()),
                ")" | "]" | "}" | "⟩" => drop(open.pop()),
                _ => {}
            }
        }
        let separator = match open.last().map(String::as_str) {
            None if has_where => ";",
            Some("{") => ",",
            _ => return Ok(()),
        };
        let (tokens, mut depth) = (self.change.replacement(), 0_i64);
        for (index, token) in tokens.iter().enumerate() {
            let word = token.text(self.after);
            depth += nesting(word);
            if depth == 0 && word == separator && self.begins_a_field(index + 1) {
                let line = self.line_of(token);
                return Err(format!(
                    "`{word}` on line {line} would begin another field or helper beside that of the hole"
                ));
            }
        }
        Ok(())
    }

    /// A name, perhaps with binders, and `:`, `:=` or an alternative behind them.
    fn begins_a_field(&self, at: usize) -> bool {
        let is_word =
            |index: usize| self.change.replacement().get(index).is_some_and(|token| token.kind == TokenKind::Ident);
        if !is_word(at) || RESERVED.contains(&self.word_at(at)) {
            return false;
        }
        let (mut depth, mut index) = (0_i64, at + 1);
        loop {
            let word = self.word_at(index);
            depth += nesting(word);
            match word {
                "" => return false,
                // No binder begins like this.
                "⟨" | "‹" if depth == 1 => return false,
                ":" | "|" if depth == 0 => return true,
                ")" | "}" | "]" | "⦄" => {}
                _ if depth == 0 && !is_word(index) => return false,
                _ => {}
            }
            index += 1;
        }
    }
}
