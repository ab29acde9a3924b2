//! `| pattern => …` belongs to a `match`, a `fun` or an `induction` of the edit, or to one around it: then it would be another alternative beside the
//! hole's. By keywords and columns: an alternative stands at or to the right of the first one of its kind.

use super::Reader;
use super::layout::{column, is_first_on_line};
use leanwright_lean::Token;

/// What has alternatives behind its `with`.
const TACTICS_WITH: [&str; 4] = ["induction", "cases", "fun_induction", "fun_cases"];

/// Declarations that have the alternatives behind their type, if they have no value there.
const BEHIND_A_TYPE: [&str; 6] = ["have", "haveI", "let", "letI", "rec", "where"];

/// What has alternatives if one follows at once.
const AT_ONCE: [&str; 5] = ["fun", "λ", "intro", "intros", "funext"];

/// Terms that the next arrow belongs to.
const TERMS_WITH_ARROW: [&str; 2] = ["fun", "λ"];

/// Tactics that the next arrow belongs to.
const TACTICS_WITH_ARROW: [&str; 7] = ["case", "case'", "next", "conv", "conv_lhs", "conv_rhs", "on_goal"];

/// Tactics with patterns behind them, in which `|` stands, up to the end of the step.
const PATTERNS: [&str; 5] = ["rcases", "obtain", "rintro", "ext", "case"];

/// What has alternatives of its own.
struct Head {
    /// The token that it begins with.
    index: usize,
    /// The column of its first alternative, once that is there.
    bars: Option<usize>,
    /// It has none if it has a value.
    is_declaration: bool,
}

impl Reader<'_> {
    pub(super) fn no_alternative_of_another(&self) -> Result<(), String> {
        let tokens = self.change.replacement();
        let block = tokens.first().map_or(0, |token| column(self.after, token.start));
        let (mut heads, mut arrows, mut depth) = (Vec::<Head>::new(), 0_usize, 0_i64);
        let (mut bar, mut in_patterns, mut waits_for_with, mut line) = (None::<Token>, false, None, 0);
        let mut has_helpers = false;
        for (index, token) in tokens.iter().enumerate() {
            let word = token.text(self.after);
            match word {
                "(" | "[" | "{" | "⟨" | "⦃" | "‹" => depth += 1,
                ")" | "]" | "}" | "⟩" | "⦄" | "›" => depth -= 1,
                _ => {}
            }
            if depth > 0 {
                continue;
            }
            let here = column(self.after, token.start);
            let begins_line = index == 0 || is_first_on_line(self.after, token.start);
            if begins_line {
                line = index;
                in_patterns = false;
                if word == "|" {
                    (bar, arrows) = (None, 0);
                } else {
                    // A step beside them, or behind what they stand in.
                    heads.retain(|head| head.bars.is_none_or(|bars| here > bars) && here > block);
                    if has_helpers {
                        bar = None;
                        heads.push(Head { index, bars: None, is_declaration: true });
                    }
                }
            }
            let is_bullet = index == line + 1 && self.before_it(index) == ".";
            let begins_step = begins_line || is_bullet || matches!(self.before_it(index), ";" | "·" | "by");
            let behind_arrow = index > 1 && self.word_at(index - 1) == ">" && self.word_at(index - 2) == "=";
            in_patterns &= !matches!(word, ";" | ":" | "=");
            let at_once = AT_ONCE.contains(&word) && self.word_at(index + 1) == "|";
            if word == "match" || ((begins_step || behind_arrow) && TACTICS_WITH.contains(&word)) {
                waits_for_with = Some(index);
            } else if word == "with" {
                match waits_for_with.take() {
                    Some(index) => {
                        bar = None;
                        heads.push(Head { index, bars: None, is_declaration: false });
                    }
                    // `rcases match x with | … with h | h`: it ends what was begun behind its own word.
                    None => heads.retain(|head| head.index < line),
                }
            } else if at_once || word == "first" || BEHIND_A_TYPE.contains(&word) {
                bar = None;
                has_helpers |= word == "where";
                heads.push(Head { index, bars: None, is_declaration: BEHIND_A_TYPE.contains(&word) });
            } else if word == ":" && self.word_at(index + 1) == "=" {
                heads.retain(|head| head.bars.is_some() || !head.is_declaration);
            } else if TERMS_WITH_ARROW.contains(&word) || (begins_step && TACTICS_WITH_ARROW.contains(&word)) {
                arrows += 1;
            }
            in_patterns |= PATTERNS.contains(&word);
            if word == "|" && !in_patterns && !self.is_part_of_an_operator(token) {
                bar = bar.or(Some(*token));
                // `first` has no arrows.
                if let Some(head) = heads.last_mut() {
                    head.bars.get_or_insert(here);
                }
            }
            let is_arrow = word == "↦" || (word == "=" && self.word_at(index + 1) == ">");
            if is_arrow && arrows > 0 {
                arrows -= 1;
            } else if is_arrow && let Some(bar) = bar.take() {
                let column = column(self.after, bar.start);
                while heads.last().is_some_and(|head| head.bars.is_some_and(|bars| column < bars)) {
                    heads.pop();
                }
                if heads.is_empty() {
                    let line = self.line_of(&bar);
                    return Err(format!("`|` on line {line} would be an alternative beside that of the hole"));
                }
            }
        }
        Ok(())
    }

    fn before_it(&self, index: usize) -> &str {
        index.checked_sub(1).map_or("", |before| self.word_at(before))
    }

    /// `||`, `|||`, `<|`, `|>` and `<|>` are no alternatives.
    fn is_part_of_an_operator(&self, bar: &Token) -> bool {
        let before = self.after.get(..bar.start).is_some_and(|text| text.ends_with(['|', '<']));
        before || self.after.get(bar.end..).is_some_and(|text| text.starts_with(['|', '>']))
    }
}
