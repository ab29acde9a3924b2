//! The commands that a file declares for itself, from its text: compiled modules do not list what is `local`. By tokens, and rather too many: what
//! a command may begin with is every text that could come first.

use super::commands::{DeclaredSyntax, OPTIONAL, is_joined};
use super::layout::is_first_on_line;
use leanwright_lean::{Token, TokenKind, tokenize};
use std::collections::BTreeSet;
use std::ops::Range;

/// Words that declare syntax.
const DECLARING: [&str; 3] = ["syntax", "macro", "elab"];

/// What the commands begin with that a text declares.
pub fn declared_in(source: &str) -> DeclaredSyntax {
    let tokens: Vec<Token> = tokenize(source).into_iter().filter(|token| !token.is_trivia()).collect();
    let mut starts = DeclaredSyntax::default();
    // Whatever declares it: a text in the file may be a token.
    let texts = tokens.iter().filter(|token| token.kind == TokenKind::String);
    let texts = texts.map(|token| content(token.text(source)).trim());
    starts
        .joined
        .extend(texts.filter(|text| is_joined(text) && !text.contains(char::is_whitespace)).map(str::to_owned));
    for (index, token) in tokens.iter().enumerate() {
        let text = token.text(source);
        if token.kind != TokenKind::Ident || !DECLARING.contains(&text) {
            continue;
        }
        let items = items(source, tokens.get(index + 1..).unwrap_or_default());
        if let Some(items) = items {
            Reader { source, items, starts: &mut starts }.read(text);
        }
    }
    starts
}

/// The literals in what a text declares of other syntax than commands: terms, tactics, notations.
pub fn other_syntax(source: &str) -> BTreeSet<String> {
    const NOTATIONS: [&str; 6] = ["notation", "infix", "infixl", "infixr", "prefix", "postfix"];
    let tokens: Vec<Token> = tokenize(source).into_iter().filter(|token| !token.is_trivia()).collect();
    let mut literals = BTreeSet::new();
    for (index, token) in tokens.iter().enumerate().filter(|(_, token)| token.kind == TokenKind::Ident) {
        let (text, behind) = (token.text(source), tokens.get(index + 1..).unwrap_or_default());
        if !(NOTATIONS.contains(&text) || DECLARING.contains(&text)) || items(source, behind).is_some() {
            continue;
        }
        // What stands on a line of its own may be another command.
        let is_end = |token: &&Token| token.text(source) == "=" || is_first_on_line(source, token.start);
        let own = behind.iter().take_while(|token| !is_end(token));
        let strings = own.filter(|token| token.kind == TokenKind::String);
        literals.extend(strings.map(|token| token.text(source).trim_matches('"').trim().to_owned()));
    }
    literals
}

/// The tokens of a declaration up to `: command`; `None` if it declares something else.
fn items<'t>(source: &str, tokens: &'t [Token]) -> Option<&'t [Token]> {
    let text = |index: usize| tokens.get(index).map_or("", |token| token.text(source));
    // `x:command` in the middle is an argument: the last one counts.
    let mut last = None;
    for index in 0..tokens.len() {
        match text(index) {
            ":" if matches!(text(index + 1), "command" | "«command»") => last = Some(index),
            "=>" | "theorem" | "def" | "axiom" | "end" | "namespace" | "open" => break,
            "=" if text(index + 1) == ">" => break,
            word if index > 0 && DECLARING.contains(&word) => break,
            _ => {}
        }
    }
    tokens.get(..last?)
}

struct Reader<'a> {
    source: &'a str,
    items: &'a [Token],
    starts: &'a mut DeclaredSyntax,
}

impl Reader<'_> {
    fn text(&self, index: usize) -> &str {
        self.items.get(index).map_or("", |token| token.text(self.source))
    }

    /// Go through the items until one has read something for sure.
    fn read(mut self, declaring: &str) {
        let (mut index, mut in_optional) = (0, false);
        // `syntax:max`, `macro (name := x)`, `(priority := 1)`.
        while let Some(token) = self.items.get(index) {
            let text = token.text(self.source).to_owned();
            let next = self.text(index + 1).to_owned();
            match (token.kind, text.as_str()) {
                (TokenKind::String, _) if !is_plain(&text) => break,
                (TokenKind::String, _) => {
                    self.add(index);
                    if !matches!(next.as_str(), "?" | "*" | ",") {
                        return;
                    }
                    index += 1;
                }
                (TokenKind::Symbol, "&") => index += 1,
                (TokenKind::Symbol, ":") => index += 2,
                (TokenKind::Symbol, "(") => {
                    let end = self.closing(index);
                    let is_setting = self.text(index + 2) == ":" && self.text(index + 3) == "=";
                    let may_be_missing = matches!(self.text(end + 1), "?" | "*" | ",");
                    if !is_setting {
                        let Some(always) = self.group(index + 1..end) else { break };
                        if always && !may_be_missing && !in_optional {
                            return;
                        }
                    }
                    in_optional = false;
                    index = end + 1 + usize::from(may_be_missing && !is_setting);
                }
                // An argument with its kind: `x:term`. The kind is what counts.
                (TokenKind::Ident, _) if next == ":" => index += 2,
                (TokenKind::Ident, "atomic" | "group" | "many1") if next == "(" => index += 1,
                (TokenKind::Ident, "optional" | "many") if next == "(" => {
                    in_optional = true;
                    index += 1;
                }
                (TokenKind::Ident, kind) if is_optional(kind) || matches!(next.as_str(), "?" | "*") => index += 1,
                (TokenKind::Symbol, "?" | "*") => index += 1,
                _ => break,
            }
        }
        self.starts.unknown.insert(format!("{declaring} … {}", self.text(index)));
    }

    /// Strings in brackets: all of them may come first. Whether one always does; `None` if something else may.
    fn group(&mut self, range: Range<usize>) -> Option<bool> {
        let mut always = true;
        for index in range.clone() {
            let token = self.items.get(index)?;
            let text = token.text(self.source);
            match (token.kind, text) {
                (TokenKind::String, _) if is_plain(text) => self.add(index),
                (TokenKind::Symbol, "?" | "*") => always = false,
                (TokenKind::Ident, "optional" | "many") => always = false,
                (TokenKind::Symbol, "(" | ")" | "<" | "|" | ">" | "&" | "," | "+") => {}
                (TokenKind::Ident, "atomic" | "group" | "many1") => {}
                // What follows a string that is always there does not come first.
                _ if always && self.begins_with_a_string(range.start) && !self.has_alternatives(range.clone()) => {
                    return Some(true);
                }
                _ => return None,
            }
        }
        Some(always && !range.is_empty())
    }

    fn begins_with_a_string(&self, index: usize) -> bool {
        let is_there = !matches!(self.text(index + 1), "?" | "*" | ",");
        is_there && self.items.get(index).is_some_and(|token| token.kind == TokenKind::String)
    }

    fn has_alternatives(&self, mut range: Range<usize>) -> bool {
        range.any(|index| self.text(index) == "|")
    }

    fn add(&mut self, index: usize) {
        let Some(token) = self.items.get(index).filter(|token| token.kind == TokenKind::String) else { return };
        let text = token.text(self.source).trim_matches('"').trim();
        if !text.is_empty() {
            self.starts.tokens.insert(text.to_owned());
        }
    }

    fn closing(&self, open: usize) -> usize {
        let mut depth = 0_usize;
        for index in open..self.items.len() {
            match self.text(index) {
                "(" => depth += 1,
                ")" if depth == 1 => return index,
                ")" => depth -= 1,
                _ => {}
            }
        }
        self.items.len()
    }
}

/// What is between the quotes of a literal.
fn content(literal: &str) -> &str {
    let raw = literal.strip_prefix('r').map(|raw| raw.trim_matches('#'));
    let quoted = raw.unwrap_or(literal);
    quoted.strip_prefix('"').and_then(|quoted| quoted.strip_suffix('"')).unwrap_or(quoted)
}

/// A string that says what it says: not raw, without escapes.
fn is_plain(literal: &str) -> bool {
    literal.starts_with('"') && !literal.contains('\\')
}

fn is_optional(kind: &str) -> bool {
    let name = kind.rsplit('.').next().unwrap_or(kind);
    OPTIONAL.iter().any(|known| known.last().copied() == Some(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str) -> (Vec<String>, usize) {
        let starts = declared_in(source);
        (starts.tokens.into_iter().collect(), starts.unknown.len())
    }

    #[test]
    fn commands_are_found_by_their_first_words() {
        let tokens = |expected: &[&str]| (expected.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>(), 0);
        assert_eq!(check("local syntax \"hello\" : command"), tokens(&["hello"]));
        assert_eq!(check("syntax (name := x) (\"a\")? \"b\" term : command"), tokens(&["a", "b"]));
        assert_eq!(
            check("macro:max (priority := high) \"assume! \" p:term : command => `(axiom a : $p)"),
            tokens(&["assume!"])
        );
        assert_eq!(check("elab mods:declModifiers &\"claim\" n:ident : command => pure ()"), tokens(&["claim"]));
        assert_eq!(
            check("syntax \"later\" : term\nmacro \"x\" : tactic => `(tactic| rfl)\ntheorem t : p := q"),
            tokens(&[])
        );
        assert_eq!(check("syntax ident \"!\" : command").1, 1, "it may begin with anything");
        assert_eq!(check("syntax term : command").1, 1);
        assert_eq!(check(r#"local syntax "hell\u006f" : command"#).1, 1);
        assert_eq!(check(r#"local syntax r"raw" : command"#).1, 1);
        assert_eq!(check("local syntax \"a\"? \"b\" : command"), tokens(&["a", "b"]));
        assert_eq!(check("syntax \"a\":command"), tokens(&["a"]));
        assert_eq!(check("syntax \"a\" : «command»"), tokens(&["a"]));
        assert_eq!(check("syntax optional(\"a \") \"b\" : command"), tokens(&["a", "b"]));
        assert_eq!(check("syntax (\"a\"?) \"b\" : command"), tokens(&["a", "b"]));
        assert_eq!(check("syntax (\"a\" <|> \"b\") \"c\" : command"), tokens(&["a", "b"]));
        assert_eq!(check("syntax (\"a\" term) : command"), tokens(&["a"]));
        assert_eq!(check("syntax (\"a\" <|> ident) : command").1, 1);
        assert_eq!(check("macro \"a\" c:command : command => `($c)"), tokens(&["a"]));
    }
}
