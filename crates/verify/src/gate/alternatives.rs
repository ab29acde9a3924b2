//! `| pattern => …` belongs to a `match`, a `fun` or an `induction` of the edit, or to one around it: then it would be another alternative beside the
//! hole's. By keywords and columns: an alternative stands at or to the right of the first one of its kind.

use super::Reader;
use super::beginnings::BEFORE_TACTICS;
use super::layout::{column, indentation, is_first_on_line, nesting};
use leanwright_lean::Token;

/// What has alternatives behind its `with`.
const TACTICS_WITH: [&str; 4] = ["induction", "cases", "fun_induction", "fun_cases"];

/// Declarations that have the alternatives behind their type, if they have no value there.
const BEHIND_A_TYPE: [&str; 6] = ["have", "haveI", "let", "letI", "rec", "where"];

/// Terms and tactics that have alternatives if one follows at once.
const TERMS_AT_ONCE: [&str; 2] = ["fun", "λ"];
const TACTICS_AT_ONCE: [&str; 3] = ["intro", "intros", "funext"];

/// Terms that the next arrow belongs to.
const TERMS_WITH_ARROW: [&str; 2] = ["fun", "λ"];

/// Tactics that the next arrow belongs to.
const TACTICS_WITH_ARROW: [&str; 7] = ["case", "case'", "next", "conv", "conv_lhs", "conv_rhs", "on_goal"];

/// Tactics with patterns behind them, in which `|` stands, up to the end of the step.
const PATTERNS: [&str; 3] = ["rcases", "obtain", "case"];

/// What ends with a `;` or, if it is `then`, with an `else`.
const WITH_AN_END: [&str; 6] = ["have", "haveI", "let", "letI", "suffices", "then"];

/// What has alternatives of its own.
struct Head {
    /// The token that it begins with.
    index: usize,
    /// The column of its first alternative, once that is there.
    bars: Option<usize>,
    /// It has none if it has a value.
    is_declaration: bool,
}

/// An arrow that is to come, and the alternative that waited for its own before.
struct Arrow {
    is_of_a_term: bool,
    bar: Option<Token>,
}

/// What has begun and will end on its line or on further ones to the right of it: alternatives that begin in it end with it.
struct Part {
    is_then: bool,
    indentation: usize,
    /// How many there were before it.
    heads: usize,
    /// A block of tactics in it takes every `;` for its own; how many there were before that.
    block: Option<usize>,
}

impl Reader<'_> {
    pub(super) fn no_alternative_of_another(&self) -> Result<(), String> {
        let tokens = self.change.replacement();
        let block = tokens.first().map_or(0, |token| indentation(self.after, token.start));
        let (mut heads, mut arrows, mut depth) = (Vec::<Head>::new(), Vec::<Arrow>::new(), 0_i64);
        let (mut bar, mut in_patterns, mut waits_for_with, mut line) = (None::<Token>, false, None, 0);
        let (mut has_helpers, mut parts) = (false, Vec::<Part>::new());
        for (index, token) in tokens.iter().enumerate() {
            let word = token.text(self.after);
            depth += nesting(word);
            if depth > 0 {
                continue;
            }
            let here = column(self.after, token.start);
            let begins_line = index == 0 || is_first_on_line(self.after, token.start);
            if begins_line {
                line = index;
                in_patterns = false;
                if word == "|" {
                    bar = None;
                    arrows.clear();
                } else {
                    parts.retain(|part| here > part.indentation);
                    // A step beside them, or behind what they stand in.
                    heads.retain(|head| head.bars.is_none_or(|bars| here > bars) && here > block);
                    if has_helpers {
                        bar = None;
                        heads.push(Head { index, bars: None, is_declaration: true });
                    }
                }
            }
            let is_bullet = index == line + 1 && self.before_it(index) == ".";
            let behind_sign =
                index > 1 && matches!((self.word_at(index - 2), self.word_at(index - 1)), ("=" | ";", ">"));
            let begins_tactic =
                begins_line || is_bullet || behind_sign || BEFORE_TACTICS.contains(&self.before_it(index));
            let ended = match word {
                ";" => parts
                    .iter()
                    .rposition(|part| !part.is_then)
                    .filter(|part| parts.get(*part).is_some_and(|part| part.block.is_none())),
                "else" => parts.iter().rposition(|part| part.is_then),
                _ => None,
            };
            if let Some(part) = ended.and_then(|place| parts.drain(place..).next()) {
                heads.truncate(part.heads);
                bar = None;
            } else if WITH_AN_END.contains(&word) {
                let indentation = indentation(self.after, token.start);
                parts.push(Part { is_then: word == "then", indentation, heads: heads.len(), block: None });
            }
            if matches!(word, "by" | "do") {
                parts.iter_mut().for_each(|part| part.block = part.block.or(Some(heads.len())));
            }
            in_patterns &= !matches!(word, ";" | ":" | "=");
            let at_once = self.word_at(index + 1) == "|"
                && (TERMS_AT_ONCE.contains(&word) || (begins_tactic && TACTICS_AT_ONCE.contains(&word)));
            let is_first = begins_tactic && word == "first";
            if word == "match" || (begins_tactic && TACTICS_WITH.contains(&word)) {
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
            } else if at_once || is_first || BEHIND_A_TYPE.contains(&word) {
                bar = None;
                has_helpers |= word == "where";
                heads.push(Head { index, bars: None, is_declaration: BEHIND_A_TYPE.contains(&word) });
            } else if word == ":" && self.word_at(index + 1) == "=" {
                heads.retain(|head| head.bars.is_some() || !head.is_declaration);
            } else if TERMS_WITH_ARROW.contains(&word) {
                arrows.push(Arrow { is_of_a_term: true, bar });
            } else if begins_tactic && TACTICS_WITH_ARROW.contains(&word) {
                arrows.push(Arrow { is_of_a_term: false, bar });
            }
            in_patterns |= begins_tactic && PATTERNS.contains(&word);
            if word == "|" && !in_patterns && !self.is_part_of_an_operator(token) {
                bar = bar.or(Some(*token));
                // What looks like a tactic with an arrow was a name, and a block within the alternative before it has ended. Of `fun h : |x| < 1 ↦ …` the arrow
                // is still to come.
                arrows.retain(|arrow| arrow.is_of_a_term);
                parts.iter_mut().for_each(|part| part.block = part.block.filter(|before| heads.len() > *before));
                // `first` has no arrows.
                if let Some(head) = heads.last_mut() {
                    head.bars.get_or_insert(here);
                }
            }
            let is_arrow = word == "↦" || (word == "=" && self.word_at(index + 1) == ">");
            if is_arrow && let Some(arrow) = arrows.pop() {
                bar = arrow.bar;
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
