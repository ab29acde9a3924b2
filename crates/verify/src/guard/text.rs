//! The text guard: refuses by characters and tokens alone, before anything is run.

use super::lookalikes::lookalike;
use crate::candidate::Candidate;
use leanwright_contract::RejectReason;
use leanwright_lean::{Declaration, Token, TokenKind, tokenize};

/// The longest replacement, in bytes.
const MAX_REPLACEMENT: usize = 64 << 10;

/// Brackets nested deeper than this are refused: parsers recurse on them.
const MAX_NESTING: usize = 500;

/// Names that are holes by another name.
const PLACEHOLDERS: [&str; 4] = ["sorry", "admit", "sorryAx", "stop"];

/// Check a candidate's text. `declaration` is for the message.
pub fn check_text(candidate: &Candidate, declaration: &str) -> Result<(), RejectReason> {
    let refuse = |detail: String| Err(RejectReason::Text { detail });
    let (replacement, replaced) = (candidate.replacement.as_str(), candidate.replaced());
    if replacement.len() > MAX_REPLACEMENT {
        return refuse(format!("the replacement has {} bytes; {MAX_REPLACEMENT} are allowed", replacement.len()));
    }
    if let Some(character) = replacement.chars().find(|character| is_refused(*character)) {
        return refuse(format!(
            "the replacement contains U+{:04X}, which is invisible or reorders text",
            character as u32
        ));
    }
    if replacement.replace("\r\n", "\n").contains('\r') {
        return refuse("the replacement contains a carriage return that ends no line".to_owned());
    }
    let tokens = tokenize(replacement);
    if tokens.iter().any(|token| token.kind == TokenKind::Unterminated) {
        return refuse("the replacement opens a comment or a string that it does not close".to_owned());
    }
    let (holes, word) = placeholders(replacement, &tokens);
    let (holes_before, _) = placeholders(replaced, &tokenize(replaced));
    if holes > 0 && holes >= holes_before {
        let detail = format!("the replacement contains `{word}`");
        return Err(RejectReason::PlaceholderLeft { declaration: declaration.to_owned(), detail });
    }
    lookalike(&candidate.before, replacement).or_else(refuse)?;
    balance(replacement, &tokens, replaced).or_else(refuse)?;
    same_tokens_outside(candidate).or_else(refuse)
}

/// Control characters other than line breaks, bidirectional controls, invisible characters and other line ends.
fn is_refused(character: char) -> bool {
    match character {
        '\n' | '\r' => false,
        // Unicode's property Default_Ignorable_Code_Point, and line separators.
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' => true,
        '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' => true,
        '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' => true,
        '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' => true,
        '\u{e0000}'..='\u{e0fff}' => true,
        other => other.is_control(),
    }
}

/// How many tokens are holes, and the first of them.
fn placeholders<'a>(text: &'a str, tokens: &[Token]) -> (usize, &'a str) {
    let mut found = tokens.iter().filter(|token| token.kind == TokenKind::Ident).map(|token| token.text(text));
    let first = found.find(|word| PLACEHOLDERS.contains(word));
    (found.filter(|word| PLACEHOLDERS.contains(word)).count() + usize::from(first.is_some()), first.unwrap_or(""))
}

/// The replacement must close what it opens, and must not close what it did not open, unless the replaced text did so.
fn balance(replacement: &str, tokens: &[Token], replaced: &str) -> Result<(), String> {
    let (net, lowest, highest) = nesting(replacement, tokens);
    let (net_before, lowest_before, _) = nesting(replaced, &tokenize(replaced));
    if highest > MAX_NESTING as i64 {
        return Err(format!("the replacement nests brackets more than {MAX_NESTING} deep"));
    }
    if net != net_before || lowest < lowest_before {
        return Err("the replacement closes a bracket that it did not open, or leaves one open".to_owned());
    }
    Ok(())
}

fn nesting(text: &str, tokens: &[Token]) -> (i64, i64, i64) {
    let (mut depth, mut lowest, mut highest) = (0_i64, 0_i64, 0_i64);
    for token in tokens.iter().filter(|token| token.kind == TokenKind::Symbol) {
        match token.text(text) {
            "(" | "[" | "{" | "⟨" => depth += 1,
            ")" | "]" | "}" | "⟩" => depth -= 1,
            _ => {}
        }
        lowest = lowest.min(depth);
        highest = highest.max(depth);
    }
    (depth, lowest, highest)
}

/// What stands before and after the replacement must still be the same tokens: nothing is swallowed or joined.
fn same_tokens_outside(candidate: &Candidate) -> Result<(), String> {
    let after = candidate.after();
    let (old, new) = (tokenize(&candidate.before), tokenize(&after));
    let old_prefix = old.iter().filter(|token| !token.is_trivia() && token.end <= candidate.span.start);
    let new_prefix = new.iter().filter(|token| !token.is_trivia() && token.end <= candidate.span.start);
    let end = candidate.span.start + candidate.replacement.len();
    let old_suffix = old.iter().filter(|token| !token.is_trivia() && token.start >= candidate.span.end);
    let new_suffix = new.iter().filter(|token| !token.is_trivia() && token.start >= end);
    let same = |a: &Token, b: &Token| (a.kind, a.text(&candidate.before)) == (b.kind, b.text(&after));
    let equal =
        |old: Vec<&Token>, new: Vec<&Token>| old.len() == new.len() && old.iter().zip(&new).all(|(a, b)| same(a, b));
    if equal(old_prefix.collect(), new_prefix.collect()) && equal(old_suffix.collect(), new_suffix.collect()) {
        Ok(())
    } else {
        Err("the replacement changes how the text around it is read".to_owned())
    }
}

/// A declaration's text up to its body, for a message to a person.
pub fn signature(source: &str, declaration: &Declaration) -> String {
    let end = declaration.body.unwrap_or(declaration.span.end);
    let text = source.get(declaration.keyword.start..end).unwrap_or_default();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(before: &str, replacement: &str) -> Result<(), String> {
        let at = before.find("sorry").unwrap();
        let candidate = Candidate {
            root: "/p".into(),
            file: "A.lean".into(),
            before: before.to_owned(),
            span: at..at + "sorry".len(),
            replacement: replacement.to_owned(),
        };
        check_text(&candidate, "t").map_err(|reason| reason.to_string())
    }

    #[test]
    fn honest_text_passes() {
        for honest in [
            "by omega",
            "by\n    simp [a, ⟨b⟩]\n    -- (sorry\n    exact h",
            "⟨\"{\", '('⟩",
            "sorry.elim",
            "x /- sorry -/",
        ] {
            assert_eq!(check("theorem t : x := sorry\n-- end -/\n", honest), Ok(()), "{honest}");
        }
    }

    #[test]
    fn text_that_reaches_out_is_refused() {
        for (replacement, reason) in [
            ("by sorry", "contains `sorry`"),
            ("by\n  admit", "contains `admit`"),
            ("sorryAx _ true", "contains `sorryAx`"),
            ("x) + (y", "closes a bracket"),
            ("(x", "closes a bracket"),
            ("x /- ", "does not close"),
            ("x \"", "does not close"),
            ("x \u{202e}", "U+202E"),
            ("x\u{200b}", "U+200B"),
            ("x\ry", "carriage return"),
            ("x\t", "U+0009"),
            ("x --", "around it"),
        ] {
            let refused = check("theorem t : x := (sorry) -- c -/", replacement).err().unwrap_or_default();
            assert!(refused.contains(reason), "{replacement:?}: {refused:?}");
        }
        let deep = "(".repeat(501) + &")".repeat(501);
        assert!(check("theorem t := sorry", &deep).unwrap_err().contains("deep"));
        assert!(check("theorem t := sorry", &"x".repeat(70_000)).unwrap_err().contains("bytes"));
    }
}
