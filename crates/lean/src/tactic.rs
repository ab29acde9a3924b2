//! Where the tactics of a proof begin and end, by indentation: `by` blocks, `·`, `case … =>`, alternatives, `;`.
//!
//! Only good enough to know where to ask Lean for goals; what a tactic does is Lean's to say.

use crate::lexer::{Lexer, Token, TokenKind};
use std::ops::Range;

/// One tactic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// In bytes of the source.
    pub span: Range<usize>,
    /// How many blocks it is nested in; 0 in the outermost `by`.
    pub depth: usize,
    /// The index of the next tactic of the same block.
    pub next: Option<usize>,
}

/// Tactics that have alternatives: `| pattern => tactics`.
const WITH_ALTERNATIVES: [&str; 6] = ["induction", "cases", "rcases", "match", "cases'", "induction'"];

/// Tactics whose `=>` is followed by a block.
const WITH_ARROW: [&str; 7] = ["case", "case'", "next", "conv", "conv_lhs", "conv_rhs", "on_goal"];

/// The tactics within a span of bytes, which should be a declaration, in the order of the text.
pub fn steps(source: &str, span: &Range<usize>) -> Vec<Step> {
    let Some(text) = source.get(span.clone()) else { return Vec::new() };
    let line_start = source.get(..span.start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    let mut reader = Reader { source, offset: span.start, line_start, ..Reader::default() };
    for token in Lexer::new(text) {
        reader.token(Token { start: token.start + span.start, end: token.end + span.start, ..token });
    }
    reader.pop_while(|_| true);
    reader.steps
}

#[derive(Default)]
struct Reader<'a> {
    source: &'a str,
    offset: usize,
    /// Where the current line begins, and whether a token has been seen on it.
    line_start: usize,
    line_has_token: bool,
    blocks: Vec<Block>,
    steps: Vec<Step>,
    brackets: usize,
    /// The next token begins a block.
    opens: bool,
    /// The next token begins a tactic of the same block.
    separated: bool,
    /// Inside `| pattern` of an alternative.
    in_pattern: bool,
    /// The end of the last token.
    end: usize,
    last: &'a str,
}

/// A sequence of tactics at one column.
struct Block {
    /// In code points, as Lean counts.
    column: usize,
    brackets: usize,
    /// The tactic that is being read, and its first word.
    step: usize,
    head: String,
}

impl<'a> Reader<'a> {
    fn token(&mut self, token: Token) {
        let text: &'a str = self.source.get(token.start..token.end).unwrap_or_default();
        if token.is_trivia() {
            if let Some(at) = text.rfind('\n') {
                self.line_start = token.start + at + 1;
                self.line_has_token = false;
            }
            return;
        }
        let joined = self.end == token.start;
        let first_on_line = !std::mem::replace(&mut self.line_has_token, true);
        let column = self.source.get(self.line_start..token.start).map_or(0, |before| before.chars().count());
        if matches!(text, ")" | "]" | "}" | "⟩") {
            self.brackets = self.brackets.saturating_sub(1);
            let brackets = self.brackets;
            self.pop_while(|block| block.brackets > brackets);
        }
        let mut is_head = false;
        if std::mem::take(&mut self.opens) {
            // A block that is not indented more than the one around it is empty: its tactic is the next one out there.
            let outer = self.blocks.last().map_or(0, |block| block.column);
            if !first_on_line || column > outer || self.blocks.is_empty() {
                self.open(token.start, column, text);
                is_head = true;
            }
        }
        if !is_head && first_on_line {
            self.pop_while(|block| block.column > column);
            let here =
                self.blocks.last().is_some_and(|block| block.column == column && block.brackets == self.brackets);
            let goes_on = text == "|"
                || (text == "<" && self.source.get(token.start..).is_some_and(|rest| rest.starts_with("<;>")));
            if here && !goes_on {
                self.begin(token.start, text);
                is_head = true;
            }
        } else if !is_head && std::mem::take(&mut self.separated) {
            self.begin(token.start, text);
            is_head = true;
        }
        self.separated = false;
        self.read(token, text, joined, is_head);
        if !self.separated {
            self.end = token.end;
        }
        self.last = text;
    }

    /// What a token says about those that follow.
    fn read(&mut self, token: Token, text: &'a str, joined: bool, is_head: bool) {
        let at_level = self.blocks.last().is_some_and(|block| block.brackets == self.brackets);
        let head = self.blocks.last().map_or("", |block| block.head.as_str());
        match text {
            "(" | "[" | "{" | "⟨" => self.brackets += 1,
            "by" | "decreasing_by" if token.kind == TokenKind::Ident => self.opens = true,
            "·" | "." if is_head => self.opens = true,
            ";" if at_level && !(joined && self.last == "<") => self.separated = true,
            "|" if at_level && WITH_ALTERNATIVES.contains(&head) => self.in_pattern = true,
            ">" if joined && self.last == "=" && at_level && (self.in_pattern || WITH_ARROW.contains(&head)) => {
                self.in_pattern = false;
                self.opens = true;
            }
            _ => {}
        }
    }

    fn open(&mut self, start: usize, column: usize, head: &str) {
        let (step, depth) = (self.steps.len(), self.blocks.len());
        self.steps.push(Step { span: start..start, depth, next: None });
        self.blocks.push(Block { column, brackets: self.brackets, step, head: head.to_owned() });
    }

    /// The next tactic of the innermost block.
    fn begin(&mut self, start: usize, head: &str) {
        let (next, depth, end) = (self.steps.len(), self.blocks.len().saturating_sub(1), self.end);
        let Some(block) = self.blocks.last_mut() else { return };
        if let Some(step) = self.steps.get_mut(block.step) {
            step.span.end = end;
            step.next = Some(next);
        }
        block.step = next;
        block.head = head.to_owned();
        self.in_pattern = false;
        self.steps.push(Step { span: start..start, depth, next: None });
    }

    fn pop_while(&mut self, gone: impl Fn(&Block) -> bool) {
        let end = self.end.max(self.offset);
        while let Some(block) = self.blocks.pop_if(|block| gone(block)) {
            if let Some(step) = self.steps.get_mut(block.step) {
                step.span.end = end;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each tactic indented by its depth; a longer one is cut at its first line's end.
    fn check(source: &str, expected: &[&str]) {
        let found = steps(source, &(0..source.len()));
        let shown: Vec<String> = found
            .iter()
            .map(|step| format!("{}{}", " ".repeat(step.depth), source[step.span.clone()].lines().next().unwrap_or("")))
            .collect();
        assert_eq!(shown, expected, "{source}");
        for (index, step) in found.iter().enumerate() {
            assert!(step.next.is_none_or(|next| next > index && found[next].depth == step.depth), "{source}");
        }
    }

    #[test]
    fn lines_and_semicolons() {
        check(
            "theorem t : x := by\n  intro h; simp\n  exact foo\n    bar <;> rfl\n",
            &["intro h", "simp", "exact foo"],
        );
        check("theorem t : x := by simp <;> omega", &["simp <;> omega"]);
        check("theorem t : x := by\n  simp\n  <;> omega\n  rfl", &["simp", "rfl"]);
        check("theorem t : x := foo bar", &[]);
        check("  theorem t : x := by\n    a\n    b\n  termination_by n\n  decreasing_by\n    c", &["a", "b", "c"]);
    }

    #[test]
    fn nested_blocks() {
        check(
            "theorem t : x := by\n  constructor\n  · intro h\n    exact h\n  · have y : z := by\n      simp\n      rfl\n    exact y\n",
            &[
                "constructor",
                "· intro h",
                " intro h",
                " exact h",
                "· have y : z := by",
                " have y : z := by",
                "  simp",
                "  rfl",
                " exact y",
            ],
        );
        check(
            "theorem t : x := by\n  exact foo (by simp) (by\n    omega\n    rfl)\n  done",
            &["exact foo (by simp) (by", " simp", " omega", " rfl", "done"],
        );
    }

    #[test]
    fn alternatives_and_cases() {
        check(
            "theorem t : x := by\n  induction n with\n  | zero => rfl\n  | succ n ih =>\n    simp\n    omega\n  case inl h => exact h\n  exact fun x => y\n",
            &["induction n with", " rfl", " simp", " omega", "case inl h => exact h", " exact h", "exact fun x => y"],
        );
        check("theorem t : x := by\n  exact match h with\n    | a => b\n  rfl", &["exact match h with", "rfl"]);
    }
}
