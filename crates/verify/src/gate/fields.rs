//! Fields of a structure and helpers behind `where` stand beside each other, with separators between them: the edit may not begin another one. By
//! tokens: tactics are no reserved words, and what looks like a helper is taken for one.

use super::Reader;
use super::layout::{column, is_first_on_line, nesting};
use leanwright_lean::TokenKind;
use leanwright_lean::tactic::steps;

/// Words that are no names, and so begin a term or a tactic.
const RESERVED: [&str; 14] =
    ["have", "let", "haveI", "letI", "show", "suffices", "fun", "λ", "if", "match", "calc", "from", "by", "do"];

/// Signs with a comma of their own.
const BINDERS: [&str; 16] = ["∀", "∃", "∑", "∏", "⋃", "⋂", "⨆", "⨅", "∫", "Σ", "Π", "λ", "fun", "⨁", "∐", "∮"];

impl Reader<'_> {
    /// Behind `where`, and between braces, a separator could begin another helper or field beside that of the hole: `h; b : 1 = 1 := rfl`. So could a line in
    /// the column of the first one.
    pub(super) fn no_field_of_another(&self, hole: usize) -> Result<(), String> {
        let span = &self.declaration.span;
        let own = self.candidate.before.get(span.start..hole).unwrap_or_default();
        let tokens: Vec<_> = leanwright_lean::tokenize(own).into_iter().filter(|token| !token.is_trivia()).collect();
        // What opens a list of fields, and brackets, with the place of what stands behind it.
        let (mut helpers, mut open) = (None, Vec::new());
        for (index, token) in tokens.iter().enumerate() {
            let first = tokens.get(index + 1).map_or(token.end, |token| token.start);
            match token.text(own) {
                "where" => helpers = Some((";", first)),
                "{" => open.push(Some((",", first))),
                "(" | "[" | "⟨" => open.push(None),
                ")" | "]" | "}" | "⟩" => drop(open.pop()),
                _ => {}
            }
        }
        let Some((separator, first)) = open.last().copied().unwrap_or(helpers) else { return Ok(()) };
        let column_of_fields = column(&self.candidate.before, span.start + first);
        let in_block = steps(&self.candidate.before, span).iter().any(|step| step.span.contains(&hole));
        let (mut depth, mut has_binder, mut has_block) = (0_i64, false, in_block);
        for (index, token) in self.change.replacement().iter().enumerate() {
            let word = token.text(self.after);
            depth += nesting(word);
            if depth > 0 {
                continue;
            }
            has_block |= word == "by";
            // A block takes every `;` for its own, and a binder the comma behind it.
            let separates = word == separator && !(word == ";" && has_block) && !(word == "," && has_binder);
            has_binder = (has_binder && word != ",") || BINDERS.contains(&word);
            let is_in_line = index > 0
                && is_first_on_line(self.after, token.start)
                && column(self.after, token.start) == column_of_fields;
            let field = if separates { Some(index + 1) } else { Some(index).filter(|_| is_in_line) };
            if field.is_some_and(|field| self.begins_a_field(field)) {
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
