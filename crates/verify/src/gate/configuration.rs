//! The configuration of a tactic is evaluated by Lean while it elaborates: `simp (maxSteps := t)` runs `t`. So it may only be made of values that run nothing.
//! Which tactics take one is not asked: where a tactic may begin, `word (name := …)` is taken for one. Named arguments of functions stand elsewhere.

use super::Reader;
use super::layout::{is_first_on_line, is_tactic_at};
use leanwright_lean::{Token, TokenKind};

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
const DISCHARGING: [&str; 14] = [
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
];

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
    pub(super) fn configurations(&self, hole: usize) -> Result<(), String> {
        let is_tactic = is_tactic_at(&self.candidate.before, self.declaration, hole);
        let mut has_tactics = is_tactic;
        for index in 0..self.change.replacement().len() {
            let is_item = self.word_at(index) == "("
                && self.kind_at(index + 1) == Some(TokenKind::Ident)
                && self.word_at(index + 2) == ":"
                && self.word_at(index + 3) == "=";
            has_tactics |= matches!(self.word_at(index), "by" | "decreasing_by" | "finally");
            if !is_item {
                continue;
            }
            let head = self.head_of_items(index);
            let word = head.map_or("", |head| self.word_at(head));
            let name = self.word_at(index + 1);
            if matches!(name, "disch" | "discharger") && DISCHARGING.contains(&word) {
                continue;
            }
            let may_be = |head| has_tactics && self.may_begin_a_tactic(head, is_tactic);
            let is_configuration = name == "config" || head.is_none_or(may_be);
            if is_configuration && self.value(index + 4).is_none_or(|end| self.word_at(end) != ")") {
                let line = self.change.replacement().get(index).map_or(0, |token| self.line_of(token));
                return Err(format!(
                    "Lean would evaluate the value of `{name}` on line {line} for the configuration of a tactic: only plain values are allowed there"
                ));
            }
        }
        Ok(())
    }

    /// Going back over other items, lists and flags, the word before them. `None` if nothing stands before them in the edit.
    fn head_of_items(&self, index: usize) -> Option<usize> {
        let mut at = index;
        loop {
            let before = at.checked_sub(1)?;
            let is_flag = before.checked_sub(1).is_some_and(|sign| matches!(self.word_at(sign), "+" | "-"));
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

    /// Whether a tactic may begin with this token; `is_tactic` says whether the edit does.
    fn may_begin_a_tactic(&self, index: usize, is_tactic: bool) -> bool {
        let mut index = index;
        loop {
            let (Some(before), Some(token)) = (index.checked_sub(1), self.change.replacement().get(index)) else {
                return is_tactic;
            };
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
                (":", "=") if before > 1 && matches!(self.word_at(before - 2), "disch" | "discharger") => return true,
                ("at", "*") => return true,
                // What a line begins with is the next step, whatever it is called, unless what stands before it wants more.
                _ if is_first_on_line(self.after, token.start) && (word == "." || !SIGNS.contains(&word)) => {
                    return true;
                }
                (_, word) if BEFORE_TERMS.contains(&word) => return false,
                // In brackets it is one if the brackets are; `try tactic`, `iterate 3 tactic`.
                (_, "(" | "{") => index = before,
                (_, ".") if is_first_on_line(self.after, self.start_of(before)) => return true,
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
                _ if depth == 0 && is_first_on_line(self.after, self.start_of(index)) => return false,
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

    fn kind_at(&self, index: usize) -> Option<TokenKind> {
        self.change.replacement().get(index).map(|token: &Token| token.kind)
    }

    fn start_of(&self, index: usize) -> usize {
        self.change.replacement().get(index).map_or(0, |token| token.start)
    }
}
