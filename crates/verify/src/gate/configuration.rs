//! The configuration of a tactic is evaluated by Lean while it elaborates: `simp (maxSteps := t)` runs `t`. So it may only be made of values that run nothing.

use super::Reader;
use leanwright_lean::{Token, TokenKind};

/// Tactics that take a configuration, beside those of which the imports say so. Others are found by an item that is called `config`.
const CONFIGURED: &[&str] = &[
    "simp",
    "simp!",
    "simpa",
    "simpa!",
    "simp_all",
    "simp_all!",
    "simp_arith",
    "simp_all_arith",
    "dsimp",
    "dsimp!",
    "simp_rw",
    "rw",
    "rw!",
    "rwa",
    "rewrite",
    "erw",
    "nth_rw",
    "nth_rewrite",
    "omega",
    "decide",
    "decide!",
    "grind",
    "bv_normalize",
    "bv_decide",
    "bv_check",
    "lia",
    "cutsat",
    "grobner",
    "ac_nf",
    "norm_cast",
    "norm_cast0",
    "push_cast",
    "exact_mod_cast",
    "apply_mod_cast",
    "rw_mod_cast",
    "apply",
    "apply_rules",
    "apply_assumption",
    "solve_by_elim",
    "constructor",
    "fconstructor",
    "econstructor",
    "split",
    "split_ifs",
    "injection",
    "ext",
    "ext1",
    "congr",
    "congr!",
    "convert",
    "convert_to",
    "extract_lets",
    "lift_lets",
    "let_to_have",
    "induction",
    "cases",
    "rcases",
    "contradiction",
    "conv",
    "linarith",
    "nlinarith",
    "positivity",
    "ring_nf",
    "ring1_nf",
    "abel_nf",
    "norm_num",
    "norm_num1",
    "field_simp",
    "field",
    "aesop",
    "gcongr",
    "tauto",
    "itauto",
    "interval_cases",
    "push_neg",
    "push",
    "pull",
    "fun_prop",
    "measurability",
    "continuity",
    "mono",
    "plausible",
    "duper",
    "order",
    "finiteness",
    "exact",
    "refine",
    "generalize",
    "unfold",
    "delta",
    "change",
    "show",
    "specialize",
    "subst",
    "symm_saturate",
    "mvcgen",
    "mspec",
    "bound",
    "cc",
    "group",
    "module",
    "noncomm_ring",
];

impl Reader<'_> {
    /// Items `(name := value)` behind a tactic have values without an application.
    pub(super) fn configurations(&self) -> Result<(), String> {
        let tokens = self.change.replacement();
        for (index, token) in tokens.iter().enumerate() {
            let is_item = token.text(self.after) == "("
                && tokens.get(index + 1).is_some_and(|name| name.kind == TokenKind::Ident)
                && self.word_at(index + 2) == ":"
                && self.word_at(index + 3) == "=";
            // A discharger is a block of tactics like any other.
            let is_tactic = matches!(self.word_at(index + 1), "disch" | "discharger");
            if is_item && !is_tactic && (self.word_at(index + 1) == "config" || self.is_behind_a_tactic(index)) {
                self.value(tokens.get(index + 4..).unwrap_or_default())?;
            }
        }
        Ok(())
    }

    /// Going back over other items and flags, a tactic stands before the token.
    fn is_behind_a_tactic(&self, index: usize) -> bool {
        let mut at = index;
        while let Some(before) = at.checked_sub(1) {
            let word = self.word_at(before);
            let is_flag = before.checked_sub(1).is_some_and(|sign| matches!(self.word_at(sign), "+" | "-"));
            at = match word {
                ")" => {
                    let Some(open) = self.opening(before) else { return false };
                    open
                }
                "!" | "?" | "'" => before,
                _ if is_flag => before - 1,
                word => return CONFIGURED.contains(&word) || self.declared.configured.contains(word),
            };
        }
        false
    }

    fn opening(&self, close: usize) -> Option<usize> {
        let mut depth = 0_usize;
        for index in (0..=close).rev() {
            match self.word_at(index) {
                ")" => depth += 1,
                "(" if depth == 1 => return Some(index),
                "(" => depth -= 1,
                _ => {}
            }
        }
        None
    }

    /// Names without a dot in them, numbers, lists and structures of them, one beside the other only behind a sign.
    fn value(&self, tokens: &[Token]) -> Result<(), String> {
        let (mut was_value, mut was_closed) = (false, false);
        for token in tokens {
            let word = token.text(self.after);
            let is_value = matches!(token.kind, TokenKind::Ident | TokenKind::Number);
            match word {
                ")" => return Ok(()),
                // `f.g` may be `g` applied to `f`.
                _ if is_value && word.trim_start_matches('.').contains('.') => return Err(self.is_evaluated(token)),
                _ if is_value && !was_value => {}
                "." if was_closed => return Err(self.is_evaluated(token)),
                "{" | "}" | "[" | "]" | "," | ":" | "=" | "." => {}
                _ => return Err(self.is_evaluated(token)),
            }
            (was_value, was_closed) = (is_value, matches!(word, "]" | "}"));
        }
        Ok(())
    }

    fn is_evaluated(&self, token: &Token) -> String {
        let (word, line) = (token.text(self.after), self.line_of(token));
        format!("`{word}` on line {line}: Lean would evaluate it for the configuration of a tactic")
    }
}
