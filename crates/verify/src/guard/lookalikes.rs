//! Names that a candidate brings and that look like others: who reads the proof must see what it says.

use leanwright_lean::{Lexer, TokenKind};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use unicode_security::skeleton;

/// Greek letters that print like Latin ones. Beside Latin letters in one word, nobody means them.
const TWINS: &str = "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧο";

/// No name of the replacement is one that must not stand in a text: it looks like another name there, or is written with letters that look like others. The text is the
/// user's; what it has already is none of the candidate's business.
pub fn lookalike(text: &str, replacement: &str) -> Result<(), String> {
    if parts(replacement).all(str::is_ascii) {
        return Ok(());
    }
    let known: BTreeMap<String, &str> = parts(text).map(|part| (seen(part), part)).collect();
    let is_known = |part: &str| parts(text).any(|known| known == part);
    let mut new: BTreeMap<String, &str> = BTreeMap::new();
    for part in parts(replacement).filter(|part| !part.is_ascii()) {
        let is_strange = |character: &char| character.is_alphanumeric() && !is_letter_of_lean(*character);
        let strange = part.chars().find(is_strange);
        let twin = part.chars().find(|character| TWINS.contains(*character));
        let twin = twin.filter(|_| part.chars().any(|character| character.is_ascii_alphabetic()));
        let seen = seen(part);
        let is_single = seen.chars().nth(1).is_none();
        let other = match known.get(&seen) {
            Some(other) => Some(*other),
            None => match new.entry(seen) {
                Entry::Occupied(first) => Some(*first.get()),
                Entry::Vacant(place) => {
                    place.insert(part);
                    None
                }
            },
        };
        // A letter by itself, as `α` beside `a`, is told apart by who writes Lean.
        let other = other.filter(|other| *other != part && !is_single);
        let why = match (strange.or(twin), other) {
            (Some(letter), _) => format!("has U+{:04X}, which may look like another letter", letter as u32),
            (None, Some(other)) => format!("looks like `{other}`"),
            (None, None) => continue,
        };
        if !is_known(part) {
            return Err(format!("the name `{part}` {why}"));
        }
    }
    Ok(())
}

/// What a name looks like. Who writes Lean tells `hα` from `ha`, and `ℓ₁` from `l₁`.
fn seen(part: &str) -> String {
    let is_told_apart = |character: char| matches!(character, 'α'..='ω' | 'ℓ') && character != 'ο';
    let mut text = [0; 4];
    let mut looks = String::new();
    for character in part.chars() {
        match is_told_apart(character) {
            true => looks.push(character),
            false => looks.extend(skeleton(character.encode_utf8(&mut text))),
        }
    }
    looks
}

/// The parts of all names in a text. An ASCII name that looks like another one, `l1` and `ll`, is no business of ours.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    let names = Lexer::plain(text).filter(|token| matches!(token.kind, TokenKind::Ident | TokenKind::NameLiteral));
    // `«debug»` is `debug`.
    let is_quote = |character| matches!(character, '«' | '»');
    names
        .flat_map(move |token| token.text(text).trim_start_matches('`').split('.'))
        .map(move |part| part.trim_matches(is_quote))
}

/// Letters of Lean's names (`isLetterLike`, `src/Init/Meta/Defs.lean`), and those that Lean takes for signs and Latin letters with accents.
fn is_letter_of_lean(character: char) -> bool {
    matches!(character,
        '0'..='9' | 'a'..='z' | 'A'..='Z' | '\u{c0}'..='\u{17f}' | '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}'
        | '\u{2070}'..='\u{209f}' | '\u{1d62}'..='\u{1d6a}' | '\u{2100}'..='\u{214f}' | '\u{2c7c}' | '\u{1d400}'..='\u{1d7ff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_look_like_others_are_found() {
        let text = "theorem foo {α : Type} (hα : α = α) (a : α) (ηx : Nat) («ист» : Nat) : 𝓝 a := by";
        let check = |replacement: &str| lookalike(text, replacement).err().unwrap_or_default();
        for honest in [
            "exact hα",
            "intro β x₁ h' 𝒰 Γ Δ",
            "have hβ := Σ, ∑ i, λ x, ℝ",
            "exact «ист»",
            "set_option «debug».x true in exact «foo» debug",
            "obtain ⟨α', hα'⟩ := ηx",
            "-- привет",
            "intro ha hσ ho hρ hp α₁ a₁ ℓ₁ l₁ σ' o'",
        ] {
            assert_eq!(check(honest), "", "{honest}");
        }
        assert_eq!(check("have «hр» := 1"), "the name `hр` has U+0440, which may look like another letter");
        assert_eq!(check("exact Νat.succ"), "the name `Νat` has U+039D, which may look like another letter");
        assert_eq!(
            check("have ha := 1; have «hɑ» := 2"),
            "the name `hɑ` has U+0251, which may look like another letter"
        );
        assert_eq!(check("have 𝒻oo := 1"), "the name `𝒻oo` looks like `foo`");
        assert_eq!(check("have «𝒻oo» := 1"), "the name `𝒻oo` looks like `foo`");
        assert_eq!(check("have «h１» := 1"), "the name `h１` has U+FF11, which may look like another letter");
        assert_eq!(check("have ba𝓇 := 1; exact ba𝓻"), "the name `ba𝓻` looks like `ba𝓇`");
    }
}
