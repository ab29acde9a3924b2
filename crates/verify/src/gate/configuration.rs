//! The configuration of a tactic is evaluated by Lean while it elaborates: `simp (maxSteps := t)` runs `t`. So it may only be made of values that run nothing.
//! Which tactics take one is not asked: where a tactic may begin, `word (name := …)` is taken for one. Named arguments of functions stand elsewhere.

use super::Reader;
use super::layout::column;
use leanwright_lean::{Token, TokenKind};
use std::collections::HashSet;

/// Words with a term behind them: what follows it is a function's argument.
const BEFORE_TERMS: [&str; 43] = [
    "exact",
    "exacts",
    "exact_mod_cast",
    "refine",
    "refine'",
    "apply",
    "apply_mod_cast",
    "apply_fun",
    "have",
    "haveI",
    "let",
    "letI",
    "show",
    "suffices",
    "obtain",
    "rcases",
    "cases",
    "cases'",
    "induction",
    "specialize",
    "change",
    "calc",
    "use",
    "exists",
    "convert",
    "convert_to",
    "linear_combination",
    "by_cases",
    "by_contra",
    "subst",
    "set",
    "replace",
    "generalize",
    "injection",
    "using",
    "from",
    "at",
    "fun",
    "λ",
    "if",
    "match",
    "return",
    "generalizing",
];

/// Signs that want something behind them: no tactic begins there. Of what is not in this list one may.
#[rustfmt::skip]
const SIGNS: [&str; 37] = [
    ",", ":", "=", "+", "-", "*", "/", "%", "^", "<", ">", "≤", "≥", "≠", "∧", "∨", "→", "↔", "¬", "∘", "▸", "$", "∈", "∉", "⊆", "∪", "∩", "×", "↑", "←", "@", "∀", "∃",
    "[", "⟨", "‹", ".",
];

/// Tactics for which `disch` is a block of tactics, which is read like any other, and not a value.
const DISCHARGING: [&str; 17] = [
    "simp",
    "simp!",
    "simpa",
    "simpa!",
    "simp_all",
    "simp_all!",
    "simp_arith",
    "simp_rw",
    "dsimp",
    "dsimp!",
    "field_simp",
    "norm_num",
    "norm_num1",
    "push_cast",
    "push",
    "field",
    "fun_prop",
];

/// Those for which `norm` is one.
const NORMALIZING: [&str; 2] = ["linear_combination", "linear_combination2"];

/// Words that begin a term which is more than a name.
const NO_VALUES: [&str; 18] = [
    "by",
    "do",
    "fun",
    "λ",
    "if",
    "match",
    "let",
    "have",
    "show",
    "from",
    "open",
    "set_option",
    "return",
    "nomatch",
    "nofun",
    "suffices",
    "calc",
    "with",
];

impl Reader<'_> {
    /// Items `(name := value)` behind a tactic have values that run nothing.
    pub(super) fn configurations(&self) -> Result<(), String> {
        let (tokens, own) = self.change.tokens_since(self.declaration.body.unwrap_or(self.declaration.span.start));
        Steps { text: self.after, tokens, lines: lines(self.after, tokens) }.check(own).map_err(|(place, why)| {
            let line = tokens.get(place).map_or(0, |token| self.line_of(token));
            format!("{why} (line {line})")
        })
    }
}

/// The tokens of a declaration's body, up to the end of the edit.
struct Steps<'a> {
    text: &'a str,
    tokens: &'a [Token],
    /// What is known of each token's line.
    lines: Vec<Line>,
}

/// Where a token stands in its line.
#[derive(Clone, Copy, Default)]
struct Line {
    /// It is the first of its line, perhaps behind a comment.
    is_first: bool,
    /// So it is, and in the column of an earlier token: Lean takes it for the next step of a block only in the column of the block's first step.
    may_be_a_step: bool,
}

/// The column behind a text that begins in a column.
fn behind(start: usize, text: &str) -> usize {
    text.rsplit_once('\n').map_or_else(|| start + text.chars().count(), |(_, last)| last.chars().count())
}

fn lines(text: &str, tokens: &[Token]) -> Vec<Line> {
    let (mut seen, mut here, mut end) = (HashSet::new(), 0_usize, 0_usize);
    let mut lines = Vec::with_capacity(tokens.len());
    for (index, token) in tokens.iter().enumerate() {
        let (gap, own) = (text.get(end..token.start).unwrap_or_default(), token.text(text));
        here = if index == 0 { column(text, token.start) } else { behind(here, gap) };
        let is_first = index > 0 && gap.contains('\n');
        lines.push(Line { is_first, may_be_a_step: is_first && seen.contains(&here) });
        seen.insert(here);
        (here, end) = (behind(here, own), token.end);
    }
    lines
}

impl Steps<'_> {
    /// Look at those from a place on. Returns the place and the reason of a refusal.
    fn check(&self, own: usize) -> Result<(), (usize, String)> {
        let mut has_tactics = false;
        for index in 0..self.tokens.len() {
            let word = self.word_at(index);
            has_tactics |= matches!(word, "by" | "decreasing_by" | "finally");
            if index < own {
                continue;
            }
            // `trace` evaluates what it shows; a matrix has one, too.
            let is_text = self.kind_at(index + 1) == Some(TokenKind::String);
            if word == "trace" && has_tactics && !is_text && self.may_begin_a_tactic(index) {
                return Err((index, "`trace` runs the program that it shows the value of".to_owned()));
            }
            let is_item = word == "("
                && self.kind_at(index + 1) == Some(TokenKind::Ident)
                && self.word_at(index + 2) == ":"
                && self.word_at(index + 3) == "=";
            if !is_item {
                continue;
            }
            let head = self.head_of_items(index);
            let tactic = head.map_or("", |head| self.word_at(head));
            let name = self.word_at(index + 1);
            let takes_tactics = match name {
                "disch" | "discharger" => DISCHARGING.contains(&tactic),
                "norm" => NORMALIZING.contains(&tactic),
                _ => false,
            };
            if takes_tactics {
                continue;
            }
            let may_be = |head| has_tactics && self.may_begin_a_tactic(head);
            let is_configuration = name == "config" || head.is_none_or(may_be);
            if is_configuration && self.value(index + 4).is_none_or(|end| self.word_at(end) != ")") {
                let why = "for the configuration of a tactic: only plain values are allowed there";
                return Err((index, format!("Lean would evaluate the value of `{name}` {why}")));
            }
        }
        Ok(())
    }

    /// Going back over other items, lists and flags, the word before them. `None` if nothing stands before them in the body.
    fn head_of_items(&self, index: usize) -> Option<usize> {
        let mut at = index;
        loop {
            let before = at.checked_sub(1)?;
            // The sign of a flag touches its word.
            let is_flag = before.checked_sub(1).is_some_and(|sign| {
                matches!(self.word_at(sign), "+" | "-") && self.end_of(sign) == self.start_of(before)
            });
            at = match self.word_at(before) {
                ")" | "]" | "}" | "⟩" => self.opening(before)?,
                "!" | "?" | "'" => before,
                _ if is_flag => before - 1,
                _ => return Some(before),
            };
        }
    }

    fn opening(&self, close: usize) -> Option<usize> {
        let mut depth = 0_usize;
        for index in (0..=close).rev() {
            match self.word_at(index) {
                ")" | "]" | "}" | "⟩" => depth += 1,
                "(" | "[" | "{" | "⟨" if depth == 1 => return Some(index),
                "(" | "[" | "{" | "⟨" => depth -= 1,
                _ => {}
            }
        }
        None
    }

    /// Whether a tactic may begin with this token.
    fn may_begin_a_tactic(&self, index: usize) -> bool {
        let mut index = index;
        loop {
            let Some(before) = index.checked_sub(1) else { return false };
            let word = self.word_at(before);
            let is_word = matches!(self.kind_at(before), Some(TokenKind::Ident | TokenKind::Number));
            let in_front = before.checked_sub(1).map_or("", |at| self.word_at(at));
            match (in_front, word) {
                // `f <| x`; `tactic <|> tactic`; `tactic <;> tactic`; `=> tactic`.
                ("<", "|") => return false,
                ("|", ">") if before > 1 && self.word_at(before - 2) == "<" => return true,
                (";", ">") => return true,
                ("=", ">") => return !self.is_arrow_of_a_function(before - 1),
                (_, "by" | ";" | "·" | "|" | "then" | "else" | "do" | "in" | "with" | "finally") => return true,
                (":", "=") if before > 1 && matches!(self.word_at(before - 2), "disch" | "discharger" | "norm") => {
                    return true;
                }
                // What a line begins with is the next step, whatever it is called, unless what stands before it wants more.
                _ if self.line(index).may_be_a_step
                    && (matches!(word, "." | "*" | "-" | "%") || !SIGNS.contains(&word)) =>
                {
                    return true;
                }
                (_, word) if BEFORE_TERMS.contains(&word) => return false,
                // In brackets it is one if the brackets are; `try tactic`, `iterate 3 tactic`.
                (_, "(" | "{") => index = before,
                (_, ".") if self.line(before).is_first => return true,
                _ if is_word => index = before,
                // An argument in brackets.
                (_, ")" | "]" | "}" | "⟩") => match self.opening(before) {
                    Some(opening) => index = opening,
                    None => return true,
                },
                _ => return !SIGNS.contains(&word),
            }
        }
    }

    /// Whether `=>` at this place belongs to a `fun`.
    fn is_arrow_of_a_function(&self, arrow: usize) -> bool {
        let mut depth = 0_usize;
        for index in (0..arrow).rev() {
            match self.word_at(index) {
                ")" | "]" | "}" | "⟩" => depth += 1,
                "(" | "[" | "{" | "⟨" if depth == 0 => return false,
                "(" | "[" | "{" | "⟨" => depth -= 1,
                "fun" | "λ" if depth == 0 => return true,
                "|" | ";" | ">" | "↦" if depth == 0 => return false,
                // A step of its own.
                _ if depth == 0 && self.line(index).is_first => return false,
                _ => {}
            }
        }
        false
    }

    /// The place behind a plain value: a number, a name without a dot in it, a constructor, a list, a structure.
    fn value(&self, at: usize) -> Option<usize> {
        let word = self.word_at(at);
        match (self.kind_at(at)?, word) {
            (TokenKind::Number, _) => Some(at + 1),
            // `f.g` may be `g` applied to `f`; behind a dot alone it is looked up where the type is.
            (TokenKind::Ident, word) if !word.contains('.') && !NO_VALUES.contains(&word) => Some(at + 1),
            (_, ".") if self.kind_at(at + 1) == Some(TokenKind::Ident) => {
                let (name, behind) = (self.word_at(at + 1), at + 2);
                match self.word_at(behind) {
                    // `Lean.Meta.Occurrences`: constructors, which run nothing.
                    "[" if matches!(name, "pos" | "neg") => self.value(behind),
                    _ if name.contains('.') => None,
                    _ => Some(behind),
                }
            }
            (_, "[") => self.list(at + 1, "]", |reader, at| reader.value(at)),
            (_, "{") => self.list(at + 1, "}", |reader, at| {
                let is_field = reader.kind_at(at) == Some(TokenKind::Ident)
                    && reader.word_at(at + 1) == ":"
                    && reader.word_at(at + 2) == "=";
                if is_field { reader.value(at + 3) } else { None }
            }),
            _ => None,
        }
    }

    /// Parts with commas between them, up to what closes them.
    fn list(&self, at: usize, close: &str, part: impl Fn(&Self, usize) -> Option<usize>) -> Option<usize> {
        let mut at = at;
        while self.word_at(at) != close {
            at = part(self, at)?;
            match self.word_at(at) {
                "," => at += 1,
                word if word == close => {}
                _ => return None,
            }
        }
        Some(at + 1)
    }

    fn line(&self, index: usize) -> Line {
        self.lines.get(index).copied().unwrap_or_default()
    }

    fn word_at(&self, index: usize) -> &str {
        self.tokens.get(index).map_or("", |token| token.text(self.text))
    }

    fn kind_at(&self, index: usize) -> Option<TokenKind> {
        self.tokens.get(index).map(|token| token.kind)
    }

    fn start_of(&self, index: usize) -> usize {
        self.tokens.get(index).map_or(0, |token| token.start)
    }

    fn end_of(&self, index: usize) -> usize {
        self.tokens.get(index).map_or(0, |token| token.end)
    }
}
