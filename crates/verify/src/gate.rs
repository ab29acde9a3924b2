//! The gate: one declaration in, one declaration out. By tokens, brackets and layout the edit is one term or one block of tactics in the
//! place of a hole, so that no command, attribute or option can ride along. It runs nothing and reads no compiled data.
//!
//! Why tokens are enough: Lean's parser stands at the hole inside of the declaration. It can leave the declaration only to begin a
//! command, and a command begins with a token that is known (`commands`). None of these is in the replacement.

mod alternatives;
mod beginnings;
mod commands;
mod configuration;
mod edit;
mod fields;
mod layout;
mod own_commands;
mod words;

pub use commands::{DeclaredSyntax, parsers, unknown_commands};

use crate::candidate::Candidate;
pub use edit::Alignment;
use edit::is_hole;
use layout::Margin;
use leanwright_contract::RejectReason;
use leanwright_lean::lexer::is_identifier_rest;
use leanwright_lean::{Declaration, Token, TokenKind};
pub use own_commands::{declared_in, other_syntax};
use std::ops::Range;

/// Words and signs that what follows would become a part of.
#[rustfmt::skip]
const OPEN_ENDS: &[&str] = &[
    "try", "all_goals", "any_goals", "repeat", "repeat'", "iterate", "focus", "first", "fail_if_success",
    "by", "at", "with", "using", "from", "then", "else", "do", "in", "fun", "λ", "if", "match", "generalizing",
    "exact", "refine", "refine'", "apply", "show", "change", "have", "haveI", "let", "letI", "suffices", "calc", "obtain", "rcases",
    "cases", "induction", "rw", "unfold", "specialize", "generalize", "case", "conv", "on_goal",
    "|", "=", ">", "·", ",", ":", "+", "-", "*", "/", "^", "<", "≤", "≥", "≠", "∧", "∨", "→", "↔", "¬", "∘", "▸", "$", "∈", "∉", "×", "↑", "←", "@", "∀", "∃",
];

/// Whether a literal behind this text begins where it seems to: behind a blank, or behind brackets that stand behind one.
fn stands_alone(before: &str) -> bool {
    let front = before.trim_end_matches(['(', '[', '⟨']);
    let is_bracketed = front.len() < before.len();
    let front = if is_bracketed { front } else { before.strip_suffix(',').map_or(before, |_| " ") };
    front.is_empty() || front.ends_with([' ', '\n'])
}

/// A number that Lean reads as one token: `0axiom` are two.
fn is_plain_number(text: &str) -> bool {
    let all = |digits: &str, is_digit: fn(&u8) -> bool| {
        !digits.is_empty() && digits.bytes().all(|byte| byte == b'_' || is_digit(&byte))
    };
    match text.as_bytes() {
        [b'0', b'x' | b'X', ..] => all(text.get(2..).unwrap_or_default(), u8::is_ascii_hexdigit),
        [b'0', b'b' | b'B', ..] => all(text.get(2..).unwrap_or_default(), |byte| matches!(byte, b'0' | b'1')),
        [b'0', b'o' | b'O', ..] => all(text.get(2..).unwrap_or_default(), |byte| (b'0'..=b'7').contains(byte)),
        _ => {
            text.split(['e', 'E']).all(|digits| all(digits, u8::is_ascii_digit))
                && text.matches(['e', 'E']).count() <= 1
        }
    }
}

/// `1e` of `1e-3`, with all that follows: Lean reads that as one number.
fn has_signed_exponent(number: &str, rest: &str) -> bool {
    let digits = number.strip_suffix(['e', 'E']).unwrap_or_default();
    let behind = rest.get(number.len()..).unwrap_or_default().as_bytes();
    !digits.is_empty()
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && matches!(behind, [b'+' | b'-', digit, ..] if digit.is_ascii_digit())
}

/// Words that begin what may follow a declaration's body.
const SUFFIXES: [&str; 3] = ["where", "termination_by", "decreasing_by"];

/// Check an edit of `declaration`: says what was looked at. `declared` are commands that the file's imports and the file itself declare.
pub fn check(
    candidate: &Candidate,
    declaration: &Declaration,
    declared: &DeclaredSyntax,
) -> Result<String, RejectReason> {
    let after = candidate.after();
    let mut passed = None;
    // Whether a string is interpolated is not known here: the text must be harmless both ways.
    for plain in [true, false] {
        let reader = Reader {
            candidate,
            declaration,
            after: &after,
            declared,
            change: Alignment::of(&candidate.before, &after, plain),
        };
        passed = Some(reader.check().map_err(|detail| RejectReason::Gate { detail })?);
    }
    passed.ok_or_else(|| RejectReason::Gate { detail: "nothing was looked at".to_owned() })
}

/// Check a body that is replaced as a whole, in bytes of the text that it was written in: the scan of the text knows fewer commands than Lean, and what it
/// takes for a part of the body may be one.
pub fn check_body(written: &str, body: &Range<usize>, declared: &DeclaredSyntax) -> Result<(), RejectReason> {
    for plain in [true, false] {
        let tokens = edit::tokens(written, plain).into_iter().filter(|token| body.contains(&token.start));
        let tokens: Vec<Token> = tokens.collect();
        if let Some(command) = tokens.iter().find_map(|token| replaced_command(declared, written, token)) {
            let detail = format!("the body that is replaced reaches over `{command}`, which begins a command");
            return Err(RejectReason::Gate { detail });
        }
        taken_away(declared, written, &tokens).map_err(|detail| RejectReason::Gate { detail })?;
    }
    Ok(())
}

/// What is taken away must be for Lean the tokens that it seems to be: behind `×'`, `"` begins a string where we see a character, and what we take for a
/// string may be a command.
fn taken_away(declared: &DeclaredSyntax, text: &str, tokens: &[Token]) -> Result<(), String> {
    for token in tokens {
        let is_misread = !is_number_for_lean(text, token) || !literal_stands_alone(text, token);
        if is_misread || token.kind == TokenKind::Unterminated {
            let token = token.text(text).lines().next().unwrap_or_default();
            return Err(format!("what is replaced has `{token}`, which Lean may read as something else"));
        }
    }
    match joined_token(declared, text, tokens) {
        Some(token) => Err(format!(
            "what is replaced has `{token}`, a token of some syntax: what follows it is another word for Lean"
        )),
        None => Ok(()),
    }
}

/// Whether a number, if the token is one, ends for Lean where it seems to.
fn is_number_for_lean(text: &str, token: &Token) -> bool {
    let (number, rest) = (token.text(text), text.get(token.start..).unwrap_or_default());
    let is_scientific = rest.strip_prefix(number).and_then(|rest| rest.strip_prefix(['.'])).is_some_and(|rest| {
        let mut characters = rest.chars();
        matches!(characters.next(), Some('e' | 'E')) && matches!(characters.next(), Some('0'..='9' | '+' | '-'))
    });
    token.kind != TokenKind::Number
        || ((is_plain_number(number) || has_signed_exponent(number, rest)) && !is_scientific)
}

/// Whether a literal, if the token is one, stands where Lean reads it as one, too.
pub fn literal_stands_alone(text: &str, token: &Token) -> bool {
    let is_string = token.kind == TokenKind::String;
    let is_quoted = token.kind == TokenKind::NameLiteral || token.text(text).starts_with('«');
    let before = text.get(..token.start).unwrap_or_default();
    let is_prefixed = is_string
        && before.strip_suffix('!').is_some_and(|before| before.ends_with(|last: char| last.is_ascii_alphabetic()));
    !(is_string || is_quoted || token.kind == TokenKind::Char) || stands_alone(before) || is_prefixed
}

/// Lean reads the longest token: of a syntax with `↑m`, `↑mopen` is that token and a word. The tokens are known from the parsers of the imports and of the
/// module that the file was compiled to. Returns one that ends within some of these.
fn joined_token<'a>(declared: &'a DeclaredSyntax, source: &str, tokens: &[Token]) -> Option<&'a str> {
    let longest = declared.joined.iter().map(String::len).max().unwrap_or(0);
    let first = tokens.first().map_or(0, |token| token.start).saturating_sub(longest);
    let start = (first..source.len()).find(|at| source.is_char_boundary(*at)).unwrap_or(first);
    let text = source.get(start..tokens.last().map_or(start, |token| token.end)).unwrap_or_default();
    // Where it ends, another word begins for Lean.
    let is_within = |end: usize| {
        let next = tokens.partition_point(|token| token.end <= end);
        tokens.get(next).is_some_and(|token| token.start < end)
    };
    // The first one that Lean reads otherwise begins where a token begins, or among signs; in a word none begins.
    let begins = |at: usize| {
        let next = tokens.partition_point(|token| token.end <= at);
        tokens.get(next).is_none_or(|token| token.start >= at || token.kind == TokenKind::Symbol)
    };
    let is_hidden = |token: &&String| {
        let mut places = text.match_indices(token.as_str()).map(|(at, _)| start + at);
        places.any(|at| begins(at) && is_within(at + token.len()))
    };
    declared.joined.iter().find(is_hidden).map(String::as_str)
}

/// The command that a token which is taken away may begin. Where the scan knows `open` and `set_option` depends on the layout, and Lean reads them as commands in any.
fn replaced_command<'a>(declared: &'a DeclaredSyntax, text: &'a str, token: &Token) -> Option<&'a str> {
    let word = token.text(text);
    let is_known = token.kind == TokenKind::Ident && matches!(word, "open" | "set_option");
    if is_known { Some(word) } else { command(declared, text, token) }
}

/// The command that a token of a text begins.
fn command<'a>(declared: &'a DeclaredSyntax, text: &str, token: &Token) -> Option<&'a str> {
    let rest = text.get(token.start..).unwrap_or_default();
    let word = (token.kind == TokenKind::Ident).then(|| token.text(text));
    // `#[…]` and `#v[…]` are data, everything else with this sign is a command.
    let is_data = rest.starts_with("#[") || rest.starts_with("#v[");
    // `0#8` is a number of eight bits; no command begins with a digit.
    let is_literal = text.get(..token.start).is_some_and(|before| before.ends_with(is_identifier_rest))
        && rest.get(1..).is_some_and(|rest| rest.starts_with(|next: char| next.is_ascii_digit() || next == '('));
    let is_sign = token.kind == TokenKind::Symbol && token.text(text) == "#" && !is_data && !is_literal;
    declared.begins(rest, word).or(is_sign.then_some("#"))
}

struct Reader<'a> {
    candidate: &'a Candidate,
    declaration: &'a Declaration,
    after: &'a str,
    declared: &'a DeclaredSyntax,
    change: Alignment,
}

impl Reader<'_> {
    fn check(&self) -> Result<String, String> {
        let first_old = self.is_at_a_hole()?;
        let Some(first) = self.change.replacement().first() else {
            return Err("nothing stands in the place of the hole".to_owned());
        };
        self.comments_stand_alone()?;
        self.other_comments_stay()?;
        self.other_bytes_stay()?;
        for (index, token) in self.change.replacement().iter().enumerate() {
            self.token(index, token)?;
        }
        self.no_joined_token()?;
        self.brackets(self.change.replacement(), self.after, "the replacement")?;
        self.nothing_is_left_open()?;
        self.configurations(first_old.start)?;
        self.joints(first)?;
        self.no_alternative_of_another()?;
        self.lines_stay_in_the_block(first_old)?;
        self.no_field_of_another(first_old.start)?;
        let tokens = self.change.replacement().len();
        Ok(format!("{tokens} tokens in the place of a hole, none of which begins a command"))
    }

    /// What is replaced lies in the body of the declaration and has a hole in it. Returns its first token.
    fn is_at_a_hole(&self) -> Result<&Token, String> {
        let before = self.candidate.before.as_str();
        let (Some(first), Some(last)) = (self.change.replaced().first(), self.change.replaced().last()) else {
            return Err("the edit replaces no hole".to_owned());
        };
        let body = self.declaration.body.ok_or("the declaration has no body that could be told apart")?;
        let behind_sign =
            if before.get(body..).is_some_and(|text| text.starts_with(":=")) { body + ":=".len() } else { body + 1 };
        if first.start < behind_sign || last.end > self.declaration.span.end {
            let word = first.text(before);
            return Err(format!("the edit changes more than the body of the declaration, from `{word}` on"));
        }
        if !self.change.replaced().iter().any(|token| token.kind == TokenKind::Ident && is_hole(token.text(before))) {
            return Err("the edit replaces no hole".to_owned());
        }
        for token in self.change.replaced() {
            // The scan of the text knows fewer commands: what it takes for a part of the declaration may be one.
            if let Some(command) = replaced_command(self.declared, before, token) {
                return Err(format!("the edit replaces `{command}`, which begins a command"));
            }
        }
        taken_away(self.declared, before, self.change.replaced())?;
        self.brackets(self.change.replaced(), before, "what is replaced")?;
        Ok(first)
    }

    /// A comment must stand behind white space: `<--` is the token `<-` and a minus for Lean, and no comment.
    fn comments_stand_alone(&self) -> Result<(), String> {
        let text = self.after.get(self.change.gap(self.after)).unwrap_or_default();
        let comments = leanwright_lean::tokenize(text).into_iter();
        let is_comment = |token: &Token| matches!(token.kind, TokenKind::LineComment | TokenKind::BlockComment);
        for comment in comments.filter(is_comment) {
            let start = self.change.gap(self.after).start + comment.start;
            // For Lean a token behind a break within a comment stands at the begin of a line, and has a column of its own.
            let behind =
                text.get(comment.end..).and_then(|behind| behind.split('\n').next()).unwrap_or_default().trim();
            let is_hidden_break = comment.text(text).contains('\n') && !(behind.is_empty() || behind.starts_with("--"));
            // What stands behind the edit was there before.
            let is_new = start < self.candidate.span.start + self.candidate.replacement.len();
            if is_new && is_hidden_break {
                return Err("nothing may stand behind a comment of several lines on its last one".to_owned());
            }
            if is_new && comment.text(text).starts_with("/-!") {
                return Err("documentation of the module is a command of its own".to_owned());
            }
            if is_new && comment.text(text).starts_with("/--") {
                return Err("`/--/` begins a documentation comment".to_owned());
            }
            let before = self.after.get(..start).unwrap_or_default();
            let stands_alone = before.ends_with([' ', '\n']) || before.ends_with("-/");
            if !stands_alone {
                return Err(
                    "a comment must stand behind a blank: otherwise Lean may read it as something else".to_owned()
                );
            }
        }
        Ok(())
    }

    /// Comments are no tokens: an edit may replace those of the declaration, and that behind it on its last line, but no others.
    fn other_comments_stay(&self) -> Result<(), String> {
        let (before, span, own) = (&self.candidate.before, &self.candidate.span, &self.declaration.span);
        let in_front = before.get(span.start..own.start.max(span.start)).unwrap_or_default();
        let behind = before.get(own.end.min(span.end)..span.end).unwrap_or_default();
        let below = behind.split_once('\n').map_or("", |(_, below)| below);
        let is_comment = |token: &Token| matches!(token.kind, TokenKind::LineComment | TokenKind::BlockComment);
        if [in_front, below].iter().any(|text| leanwright_lean::tokenize(text).iter().any(is_comment)) {
            return Err("the edit reaches over a comment that is not the declaration's".to_owned());
        }
        Ok(())
    }

    /// White space is no token, and means something all the same: `k [0]` and `k[0]` are two terms. Outside of the declaration every byte stays.
    fn other_bytes_stay(&self) -> Result<(), String> {
        let (before, own) = (&self.candidate.before, &self.declaration.span);
        let in_front = before.get(..own.start).unwrap_or_default();
        let behind = before.get(own.end..).unwrap_or_default();
        // A comment behind it on its last line may be replaced with it.
        let line = behind.split('\n').next().unwrap_or_default();
        let has_comment = ["--", "/-"].iter().any(|sign| line.trim_start().starts_with(sign));
        let behind = if has_comment { behind.get(line.len()..).unwrap_or_default() } else { behind }.trim_start();
        if self.after.starts_with(in_front) && self.after.ends_with(behind) {
            Ok(())
        } else {
            Err("the edit changes white space outside of the declaration".to_owned())
        }
    }

    /// The next line must not become a part of what ends the edit.
    fn nothing_is_left_open(&self) -> Result<(), String> {
        let last = self.change.replacement().last().map_or("", |token| token.text(self.after));
        if OPEN_ENDS.contains(&last) && !self.ends_declaration() {
            return Err(format!("`{last}` at the end of the edit would take what follows for its own"));
        }
        Ok(())
    }

    fn token(&self, index: usize, token: &Token) -> Result<(), String> {
        let text = token.text(self.after);
        let rest = self.after.get(token.start..).unwrap_or_default();
        // Counted only for a message: the text may have many lines, and the replacement many tokens.
        let line = || self.line_of(token);
        if token.kind == TokenKind::Unterminated {
            return Err("a comment or a string is not closed".to_owned());
        }
        if !is_number_for_lean(self.after, token) {
            return Err(format!(
                "`{text}` on line {}: Lean reads a number to its last digit, and what follows as a word",
                line()
            ));
        }
        self.literal(token).map_err(|why| format!("{why} (line {})", line()))?;
        let is_scoped = text == "scoped" && index.checked_sub(1).is_some_and(|last| self.word_at(last) == "open");
        if let Some(command) = self.command(self.after, token).filter(|_| !is_scoped) {
            return Err(format!(
                "`{command}` on line {} begins a command: the edit must be one term or one block of tactics",
                line()
            ));
        }
        if token.kind == TokenKind::Symbol && matches!(text, "«" | "»") {
            return Err("a quoted name is not closed".to_owned());
        }
        if token.kind == TokenKind::Symbol && text == "`" && rest.starts_with("`(") {
            return Err(format!("a quotation on line {}: a proof has no use for one", line()));
        }
        if token.kind != TokenKind::Ident {
            return Ok(());
        }
        let word = text;
        // A word with a sign behind it may be one token: `decl_name%`.
        let with_sign = format!("{word}%");
        let refusal =
            words::refusal(word).or_else(|| rest.starts_with(&with_sign).then(|| words::refusal(&with_sign)).flatten());
        if let Some(why) = refusal {
            return Err(format!("{why} (line {})", line()));
        }
        match word {
            "open" | "set_option" => self.ends_with_in(index, word),
            "in" if index + 1 == self.change.replacement().len() => {
                Err(format!("`in` on line {} reaches beyond the edit", line()))
            }
            "where" => self.may_have_where(token),
            _ => Ok(()),
        }
    }

    fn no_joined_token(&self) -> Result<(), String> {
        match joined_token(self.declared, self.after, self.change.replacement()) {
            Some(token) => {
                Err(format!("`{token}` is a token of some syntax: what follows it is another word for Lean"))
            }
            None => Ok(()),
        }
    }

    fn command(&self, text: &str, token: &Token) -> Option<&str> {
        command(self.declared, text, token)
    }

    /// A literal must be one for Lean, too. A token may end in a quote: behind `×'`, `"` begins a string where we see a character. And whether a string
    /// is interpolated depends on the term around it.
    fn literal(&self, token: &Token) -> Result<(), &'static str> {
        if token.kind == TokenKind::String && token.text(self.after).contains('{') {
            return Err("a string with `{`: Lean may read a term in it");
        }
        if literal_stands_alone(self.after, token) {
            Ok(())
        } else {
            Err("a literal must stand behind a blank: otherwise Lean may read it as something else")
        }
    }

    /// `open A in` and `set_option x true in` are a part of a proof if a term or a tactic follows in the edit.
    fn ends_with_in(&self, index: usize, word: &str) -> Result<(), String> {
        let behind = self.change.replacement().get(index + 1..).unwrap_or_default();
        // Names, lists of names, arrows between them, and the value of an option.
        let is_own = |token: &&Token| match token.text(self.after) {
            "open" | "set_option" => false,
            word => token.kind != TokenKind::Symbol || matches!(word, "." | "(" | ")" | "," | "→" | "-" | ">"),
        };
        let own = behind.iter().take_while(is_own).map(|token| token.text(self.after));
        let Some(end) = own.into_iter().position(|text| text == "in").filter(|end| end + 1 < behind.len()) else {
            return Err(format!(
                "`{word}` without an `in` and something behind it changes what follows the declaration"
            ));
        };
        if word == "set_option" {
            let option: Vec<&str> = behind.iter().take(end).map(|token| token.text(self.after)).collect();
            let name = option.first().copied().unwrap_or_default();
            if !words::is_harmless_option(name) {
                return Err(format!("a proof may not set the option `{name}`"));
            }
        }
        Ok(())
    }

    /// What follows the body of a declaration, `where` and its like, is not in the block of the hole.
    fn lines_stay_in_the_block(&self, first_old: &Token) -> Result<(), String> {
        let is_suffix = |token: &Token| SUFFIXES.contains(&token.text(self.after));
        let end = self.change.replacement().iter().position(is_suffix).filter(|_| self.ends_declaration());
        let (block, suffix) = self.change.replacement().split_at(end.unwrap_or(self.change.replacement().len()));
        let margin = Margin::of(&self.candidate.before, self.declaration, first_old.start);
        let outside = Margin::around(&self.candidate.before, self.declaration);
        let behind = suffix.iter().filter(|token| !is_suffix(token)).copied().collect::<Vec<_>>();
        let violation = margin.violation(self.after, block).map(|token| (token, margin.column));
        let Some((token, column)) =
            violation.or_else(|| outside.violation(self.after, &behind).map(|token| (token, outside.column)))
        else {
            return Ok(());
        };
        let (word, line) = (token.text(self.after), self.line_of(token));
        Err(format!("`{word}` on line {line} stands at or left of column {column}, where the block of the hole ends"))
    }

    /// Nothing of the declaration stands behind the edit.
    fn ends_declaration(&self) -> bool {
        self.change.next().is_none_or(|next| next.start >= self.declaration.span.end)
    }

    /// Declarations of its own: only at the very end of the declaration.
    fn may_have_where(&self, token: &Token) -> Result<(), String> {
        let has_one = self.change.replaced().iter().any(|token| token.text(&self.candidate.before) == "where");
        if self.ends_declaration() || has_one {
            Ok(())
        } else {
            let line = self.line_of(token);
            Err(format!("`where` on line {line} is only allowed where the hole ends the declaration"))
        }
    }

    fn brackets(&self, tokens: &[Token], text: &str, what: &str) -> Result<(), String> {
        let mut open = Vec::new();
        for token in tokens.iter().filter(|token| token.kind == TokenKind::Symbol) {
            match token.text(text) {
                "(" => open.push(")"),
                "[" => open.push("]"),
                "{" => open.push("}"),
                "⟨" => open.push("⟩"),
                "⦃" => open.push("⦄"),
                "‹" => open.push("›"),
                close @ (")" | "]" | "}" | "⟩" | "⦄" | "›") if open.pop() != Some(close) => {
                    return Err(format!("{what} has a `{close}` that closes nothing of its own"));
                }
                _ => {}
            }
        }
        if open.is_empty() { Ok(()) } else { Err(format!("{what} leaves a bracket open")) }
    }

    /// Nothing may grow together with what stands before the edit: `<` and `- 1` are two tokens, `<- 1` are others.
    fn joints(&self, first: &Token) -> Result<(), String> {
        let before = self.after.get(..first.start).unwrap_or_default();
        let stands_alone =
            before.is_empty() || before.ends_with(|last: char| last.is_whitespace() || "([{⟨‹,".contains(last));
        let word = first.text(self.after);
        let is_open = first.kind != TokenKind::Symbol || matches!(word, "(" | "⟨" | "[" | "{" | "‹");
        if stands_alone || is_open {
            Ok(())
        } else {
            Err(format!("`{word}` would grow together with what stands before it"))
        }
    }

    fn word_at(&self, index: usize) -> &str {
        self.change.replacement().get(index).map_or("", |token| token.text(self.after))
    }

    /// 1-based, in the text with the edit.
    fn line_of(&self, token: &Token) -> usize {
        self.after.get(..token.start).map_or(0, |before| before.matches('\n').count()) + 1
    }
}

#[cfg(test)]
mod tests;
