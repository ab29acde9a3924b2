//! The configuration of a tactic is evaluated by Lean while it elaborates: `simp (maxSteps := t)` runs `t`. So it may only be made of values that run nothing.
//! Which tactics take one is not asked: where a tactic may begin, `word (name := …)` is taken for one. Named arguments of functions stand elsewhere.

use super::Reader;
use super::beginnings::{Beginning, Beginnings, Tokens};
use leanwright_lean::TokenKind;
use leanwright_lean::tactic::steps;

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
    pub(super) fn configurations(&self, hole: usize) -> Result<(), String> {
        let (tokens, own) = self.change.tokens_since(self.declaration.body.unwrap_or(self.declaration.span.start));
        let tokens = Tokens { text: self.after, tokens };
        let in_block = steps(&self.candidate.before, &self.declaration.span);
        let in_block = in_block.iter().any(|step| step.span.contains(&hole));
        let body = Body { tokens, beginnings: Beginnings::of(tokens) };
        body.check(own, in_block).map_err(|(place, why)| {
            let line = tokens.tokens.get(place).map_or(0, |token| self.line_of(token));
            format!("{why} (line {line})")
        })
    }
}

/// A declaration's body, up to the end of the edit.
struct Body<'a> {
    tokens: Tokens<'a>,
    beginnings: Beginnings,
}

impl Body<'_> {
    /// Look at what comes from a place on; `in_block` says whether that stands in a block of tactics. Returns the place and the reason of a refusal.
    fn check(&self, own: usize, in_block: bool) -> Result<(), (usize, String)> {
        let mut has_tactics = in_block;
        for index in 0..self.tokens.tokens.len() {
            let word = self.tokens.word(index);
            has_tactics |= matches!(word, "decreasing_by" | "finally") || (word == "by" && index >= own);
            if index < own {
                continue;
            }
            if word == "trace" && has_tactics && self.is_traced_program(index, own) {
                return Err((index, "`trace` runs the program that it shows the value of".to_owned()));
            }
            let is_item = word == "("
                && self.tokens.kind(index + 1) == Some(TokenKind::Ident)
                && self.tokens.word(index + 2) == ":"
                && self.tokens.word(index + 3) == "=";
            if !is_item {
                continue;
            }
            let head = self.head_of_items(index);
            let tactic = head.map_or("", |head| self.tokens.word(head));
            let name = self.tokens.word(index + 1);
            let takes_tactics = match name {
                "disch" | "discharger" => DISCHARGING.contains(&tactic),
                "norm" => NORMALIZING.contains(&tactic),
                _ => false,
            };
            if takes_tactics {
                continue;
            }
            let may_be = |head| has_tactics && self.beginnings.at(head) != Beginning::No;
            let is_configuration = name == "config" || head.is_none_or(may_be);
            if is_configuration && self.value(index + 4).is_none_or(|end| self.tokens.word(end) != ")") {
                let why = "for the configuration of a tactic: only plain values are allowed there";
                return Err((index, format!("Lean would evaluate the value of `{name}` {why}")));
            }
        }
        Ok(())
    }

    /// `trace e` evaluates `e`, if it is more than a text. A matrix has a trace, too, and whatever is called so.
    fn is_traced_program(&self, index: usize, own: usize) -> bool {
        let is_name = matches!(self.tokens.word(index + 1), "" | ":" | "," | ")" | "|" | "=" | "]" | "⟩");
        // `|trace A|` is no alternative where there is no `first`.
        let behind_bar = index.checked_sub(1).is_some_and(|before| self.tokens.word(before) == "|");
        let may_be_first = (own..index).any(|at| self.tokens.word(at) == "first");
        let is_text = self.tokens.kind(index + 1) == Some(TokenKind::String)
            && (matches!(self.tokens.word(index + 2), "" | ";" | ")" | "|" | "<" | "]" | "}")
                || self.beginnings.at(index + 2) == Beginning::AtOnce);
        // `iterate 3 trace e`
        let is_repeated = index.checked_sub(1).is_some_and(|before| {
            matches!(self.tokens.kind(before), Some(TokenKind::Number | TokenKind::String))
                && self.beginnings.at(index) == Beginning::BehindWords
        });
        let begins = is_repeated || (self.beginnings.at(index) == Beginning::AtOnce && (!behind_bar || may_be_first));
        begins && !is_name && !is_text
    }

    /// Going back over other items, lists and flags, the word before them. `None` if nothing stands before them in the body.
    fn head_of_items(&self, index: usize) -> Option<usize> {
        let mut at = index;
        loop {
            let before = at.checked_sub(1)?;
            // The sign of a flag touches its word.
            let is_flag = before.checked_sub(1).is_some_and(|sign| {
                matches!(self.tokens.word(sign), "+" | "-") && self.tokens.end(sign) == self.tokens.start(before)
            });
            at = match self.tokens.word(before) {
                ")" | "]" | "}" | "⟩" => self.beginnings.opening(before)?,
                "!" | "?" | "'" => before,
                _ if is_flag => before - 1,
                _ => return Some(before),
            };
        }
    }

    /// The place behind a plain value: a number, a name without a dot in it, a constructor, a list, a structure.
    fn value(&self, at: usize) -> Option<usize> {
        let word = self.tokens.word(at);
        match (self.tokens.kind(at)?, word) {
            (TokenKind::Number, _) => Some(at + 1),
            // `f.g` may be `g` applied to `f`; behind a dot alone it is looked up where the type is.
            (TokenKind::Ident, word) if !word.contains('.') && !NO_VALUES.contains(&word) => Some(at + 1),
            (_, ".") if self.tokens.kind(at + 1) == Some(TokenKind::Ident) => {
                let (name, behind) = (self.tokens.word(at + 1), at + 2);
                match self.tokens.word(behind) {
                    // `Lean.Meta.Occurrences`: constructors, which run nothing.
                    "[" if matches!(name, "pos" | "neg") => self.value(behind),
                    _ if name.contains('.') => None,
                    _ => Some(behind),
                }
            }
            (_, "[") => self.list(at + 1, "]", |reader, at| reader.value(at)),
            (_, "{") => self.list(at + 1, "}", |reader, at| {
                let is_field = reader.tokens.kind(at) == Some(TokenKind::Ident)
                    && reader.tokens.word(at + 1) == ":"
                    && reader.tokens.word(at + 2) == "=";
                if is_field { reader.value(at + 3) } else { None }
            }),
            _ => None,
        }
    }

    /// Parts with commas between them, up to what closes them.
    fn list(&self, at: usize, close: &str, part: impl Fn(&Self, usize) -> Option<usize>) -> Option<usize> {
        let mut at = at;
        while self.tokens.word(at) != close {
            at = part(self, at)?;
            match self.tokens.word(at) {
                "," => at += 1,
                word if word == close => {}
                _ => return None,
            }
        }
        Some(at + 1)
    }
}
