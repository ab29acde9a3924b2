//! Where a tactic may begin, by what stands in front of each token of a declaration's body. In doubt one may: it is said of no place that a parser
//! of Lean's own would begin one at, only terms go on elsewhere.

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

/// Signs that want something behind them, in whatever syntax: no tactic begins on the next line. Not among them is what may end a term or a tactic: `ℕ+`,
/// `mrevert ∀`, `at *`, `with -`.
#[rustfmt::skip]
const SIGNS: [&str; 26] = [
    ",", ":", "=", "/", "^", "<", ">", "≤", "≥", "≠", "∧", "∨", "→", "↔", "¬", "∘", "▸", "∈", "∉", "⊆", "∪", "∩", "×", "[", "⟨", "‹",
];

/// Words that take a tactic, or a block of them, at once.
pub const BEFORE_TACTICS: [&str; 23] = [
    "by",
    ";",
    "·",
    "then",
    "else",
    "do",
    "in",
    "decreasing_by",
    "finally",
    "try",
    "all_goals",
    "any_goals",
    "repeat",
    "repeat'",
    "repeat1",
    "focus",
    "classical",
    "fail_if_success",
    "with_reducible",
    "with_reducible_and_instances",
    "with_unfolding_all",
    "with_unfolding_none",
    "with_annotate_state",
];

/// Tokens of a text, by their places; what is not there is empty.
#[derive(Clone, Copy)]
pub struct Tokens<'a> {
    pub text: &'a str,
    pub tokens: &'a [Token],
}

impl<'a> Tokens<'a> {
    pub fn word(&self, index: usize) -> &'a str {
        self.tokens.get(index).map_or("", |token| token.text(self.text))
    }

    pub fn kind(&self, index: usize) -> Option<TokenKind> {
        self.tokens.get(index).map(|token| token.kind)
    }

    pub fn start(&self, index: usize) -> usize {
        self.tokens.get(index).map_or(0, |token| token.start)
    }

    pub fn end(&self, index: usize) -> usize {
        self.tokens.get(index).map_or(0, |token| token.end)
    }
}

/// Whether a tactic may begin with a token.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub enum Beginning {
    #[default]
    No,
    /// Behind words that may be a tactic which takes another: `iterate 3 simp`.
    BehindWords,
    AtOnce,
}

/// What is known of each token.
pub struct Beginnings {
    beginnings: Vec<Beginning>,
    /// Of a closing bracket, the opening one.
    openings: Vec<Option<usize>>,
}

impl Beginnings {
    pub fn at(&self, index: usize) -> Beginning {
        self.beginnings.get(index).copied().unwrap_or_default()
    }

    /// The bracket that a closing one belongs to.
    pub fn opening(&self, close: usize) -> Option<usize> {
        self.openings.get(close).copied().flatten()
    }

    pub fn of(tokens: Tokens<'_>) -> Self {
        let mut known = Self { beginnings: Vec::new(), openings: Vec::new() };
        // Brackets that are open, and whether tactics stand in them with commas between: `<;> [simp, rfl]`.
        let mut open: Vec<(usize, bool)> = Vec::new();
        // Columns in which a step has begun: Lean takes a line for the next step of a block only in the column of its first one.
        let mut columns = HashSet::new();
        let (mut here, mut end) = (0_usize, 0_usize);
        for (index, token) in tokens.tokens.iter().enumerate() {
            let gap = tokens.text.get(end..token.start).unwrap_or_default();
            here = if index == 0 { column(tokens.text, token.start) } else { behind(here, gap) };
            let is_step = index > 0 && gap.contains('\n') && columns.contains(&here);
            let in_list = open.last().is_some_and(|(_, has_tactics)| *has_tactics);
            let beginning = known.beginning(tokens, index, is_step, in_list);
            if beginning != Beginning::No || (index > 1 && is_arrow(tokens, index - 2)) {
                columns.insert(here);
            }
            let word = token.text(tokens.text);
            known.openings.push(match word {
                ")" | "]" | "}" | "⟩" => open.pop().map(|(index, _)| index),
                _ => None,
            });
            if matches!(word, "(" | "[" | "{" | "⟨") {
                let before = index.checked_sub(1).map_or("", |before| tokens.word(before));
                let is_behind_both = index > 1 && before == ">" && tokens.word(index - 2) == ";";
                open.push((index, word == "[" && (is_behind_both || before == "map_tacs")));
            }
            known.beginnings.push(beginning);
            (here, end) = (behind(here, word), token.end);
        }
        known
    }

    /// What is known of those before it is known.
    fn beginning(&self, tokens: Tokens<'_>, index: usize, is_step: bool, in_list: bool) -> Beginning {
        let Some(before) = index.checked_sub(1) else { return Beginning::No };
        let word = tokens.word(before);
        let in_front = before.checked_sub(1).map_or("", |at| tokens.word(at));
        let further = before.checked_sub(2).map_or("", |at| tokens.word(at));
        let is_word = matches!(
            tokens.kind(before),
            Some(TokenKind::Ident | TokenKind::Number | TokenKind::String | TokenKind::Char | TokenKind::NameLiteral)
        );
        let behind_words = |at: usize| match self.at(at) {
            Beginning::No => Beginning::No,
            _ => Beginning::BehindWords,
        };
        match (further, in_front, word) {
            // `f <| x`; `tactic <|> tactic`; `tactic <;> tactic`; `=> tactic`.
            (_, "<", "|") => Beginning::No,
            ("<", "|", ">") | (_, ";", ">") => Beginning::AtOnce,
            (_, "=", ">") if self.is_arrow_of_a_function(tokens, before - 1) => Beginning::No,
            (_, "=", ">") => Beginning::AtOnce,
            (_, _, "by" | ";" | "·" | "|" | "then" | "else" | "do" | "in" | "with" | "finally" | "decreasing_by") => {
                Beginning::AtOnce
            }
            ("disch" | "discharger" | "norm", ":", "=") => Beginning::AtOnce,
            (_, _, "[" | ",") if in_list => Beginning::AtOnce,
            // What a line begins with is the next step, whatever it is called, unless what stands before it wants more.
            _ if is_step && !SIGNS.contains(&word) => Beginning::AtOnce,
            (_, _, word) if BEFORE_TERMS.contains(&word) => Beginning::No,
            // In brackets it is one if the brackets are.
            (_, _, "(" | "{") => self.at(before),
            // A bullet, which may touch what follows it, or the dot of `.intro`.
            (_, _, ".") => self.at(before),
            (_, _, word) if BEFORE_TACTICS.contains(&word) => self.at(before),
            _ if is_word => behind_words(before),
            // An argument in brackets.
            (_, _, ")" | "]" | "}" | "⟩") => self.opening(before).map_or(Beginning::AtOnce, behind_words),
            _ => Beginning::No,
        }
    }

    /// Whether `=>` at this place belongs to a `fun`.
    fn is_arrow_of_a_function(&self, tokens: Tokens<'_>, arrow: usize) -> bool {
        let mut index = arrow;
        while let Some(before) = index.checked_sub(1) {
            index = match tokens.word(before) {
                ")" | "]" | "}" | "⟩" => match self.opening(before) {
                    Some(opening) => opening,
                    None => return false,
                },
                "(" | "[" | "{" | "⟨" | "|" | ";" | ">" | "↦" => return false,
                // `x.fun` is a field.
                "fun" | "λ" => return before.checked_sub(1).is_none_or(|dot| tokens.word(dot) != "."),
                // A step of its own.
                _ if self.at(before) == Beginning::AtOnce => return false,
                _ => before,
            };
        }
        false
    }
}

fn is_arrow(tokens: Tokens<'_>, index: usize) -> bool {
    tokens.word(index) == "=" && tokens.word(index + 1) == ">"
}

/// The column behind a text that begins in a column.
fn behind(start: usize, text: &str) -> usize {
    text.rsplit_once('\n').map_or_else(|| start + text.chars().count(), |(_, last)| last.chars().count())
}
