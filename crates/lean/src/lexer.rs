//! A lexer for Lean source text: tokens that cover the text exactly, whatever the text is.
//!
//! It knows what the tokens of a Lean file look like whose syntax nobody extended with new brackets for comments or
//! strings; it does not know any grammar. It never fails: what it does not know is a symbol of one character.

/// What a token is. Only `Space`, `LineComment`, `BlockComment` and `DocComment` are trivia.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenKind {
    Space,
    LineComment,
    /// `/- … -/`, nested, also `/-! … -/`.
    BlockComment,
    /// `/-- … -/`: a token of the grammar for Lean, a comment for us.
    DocComment,
    /// A whole string, or the pieces of an interpolated one between its holes.
    String,
    Char,
    Number,
    /// A dotted identifier or a keyword that looks like one: `Nat.succ`, `«odd name».x'`, `theorem`.
    Ident,
    /// `` `name `` or ``` ``name ```.
    NameLiteral,
    Symbol,
    /// A comment or string that the end of the text cut off.
    Unterminated,
}

/// A token's kind and span in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    pub kind: TokenKind,
    pub start: usize,
    pub end: usize,
}

impl Token {
    pub fn text<'a>(&self, source: &'a str) -> &'a str {
        source.get(self.start..self.end).unwrap_or_default()
    }

    pub fn is_trivia(&self) -> bool {
        matches!(self.kind, TokenKind::Space | TokenKind::LineComment | TokenKind::BlockComment | TokenKind::DocComment)
    }
}

/// The tokens of `source`, in order, without gaps.
pub fn tokenize(source: &str) -> Vec<Token> {
    let mut lexer = Lexer { source, bytes: source.as_bytes(), at: 0, interpolations: Vec::new() };
    let mut tokens = Vec::with_capacity(source.len() / 4);
    while lexer.at < source.len() {
        let start = lexer.at;
        let kind = lexer.token(tokens.last().copied());
        tokens.push(Token { kind, start, end: lexer.at });
    }
    tokens
}

struct Lexer<'a> {
    source: &'a str,
    bytes: &'a [u8],
    at: usize,
    /// For each interpolated string that we are inside a hole of: the number of braces open in that hole.
    interpolations: Vec<u32>,
}

impl Lexer<'_> {
    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn char(&self) -> Option<char> {
        self.source.get(self.at..).and_then(|rest| rest.chars().next())
    }

    fn bump(&mut self) {
        self.at += self.char().map_or(1, char::len_utf8);
    }

    fn token(&mut self, previous: Option<Token>) -> TokenKind {
        match self.peek(0) {
            b' ' | b'\t' | b'\r' | b'\n' => {
                while matches!(self.peek(0), b' ' | b'\t' | b'\r' | b'\n') {
                    self.at += 1;
                }
                TokenKind::Space
            }
            b'-' if self.peek(1) == b'-' => {
                let rest = self.bytes.get(self.at..).unwrap_or_default();
                self.at += memchr::memchr(b'\n', rest).unwrap_or(rest.len());
                TokenKind::LineComment
            }
            b'/' if self.peek(1) == b'-' => self.block_comment(),
            b'"' => {
                self.at += 1;
                let interpolated = previous.is_some_and(|token| {
                    token.kind == TokenKind::Ident && token.end == self.at - 1 && token.text(self.source).ends_with('!')
                });
                self.string(interpolated)
            }
            b'}' if self.interpolations.last() == Some(&0) => {
                self.at += 1;
                self.interpolations.pop();
                self.string(true)
            }
            b'r' if matches!(self.peek(1), b'"' | b'#') => self.raw_string(),
            b'\'' => self.quote(),
            b'`' => self.name_literal(),
            b'0'..=b'9' => {
                while self.peek(0).is_ascii_alphanumeric() || self.peek(0) == b'_' {
                    self.at += 1;
                }
                TokenKind::Number
            }
            byte => {
                if self.identifier() {
                    return TokenKind::Ident;
                }
                if let Some(depth) = self.interpolations.last_mut() {
                    match byte {
                        b'{' => *depth += 1,
                        b'}' => *depth -= 1,
                        _ => {}
                    }
                }
                self.bump();
                TokenKind::Symbol
            }
        }
    }

    fn block_comment(&mut self) -> TokenKind {
        let doc = self.peek(2) == b'-' && self.peek(3) != b'/';
        self.at += 2;
        let mut depth = 1_u32;
        while let Some(step) = memchr::memchr2(b'-', b'/', self.bytes.get(self.at..).unwrap_or_default()) {
            self.at += step;
            match (self.peek(0), self.peek(1)) {
                (b'-', b'/') => {
                    self.at += 2;
                    depth -= 1;
                    if depth == 0 {
                        return if doc { TokenKind::DocComment } else { TokenKind::BlockComment };
                    }
                }
                (b'/', b'-') => {
                    self.at += 2;
                    depth += 1;
                }
                _ => self.at += 1,
            }
        }
        self.at = self.bytes.len();
        TokenKind::Unterminated
    }

    /// After the opening quote, or after the `}` that closes a hole.
    fn string(&mut self, interpolated: bool) -> TokenKind {
        while let Some(step) = memchr::memchr3(b'"', b'\\', b'{', self.bytes.get(self.at..).unwrap_or_default()) {
            self.at += step;
            match self.peek(0) {
                b'"' => {
                    self.at += 1;
                    return TokenKind::String;
                }
                b'\\' => {
                    self.at += 1;
                    if self.at < self.bytes.len() {
                        self.bump();
                    }
                }
                _ => {
                    self.at += 1;
                    if interpolated {
                        self.interpolations.push(0);
                        return TokenKind::String;
                    }
                }
            }
        }
        self.at = self.bytes.len();
        TokenKind::Unterminated
    }

    /// `r"…"` and `r#"…"#`; anything else that begins with `r` is an identifier.
    fn raw_string(&mut self) -> TokenKind {
        let hashes = self.bytes.get(self.at + 1..).unwrap_or_default().iter().take_while(|byte| **byte == b'#').count();
        if self.peek(1 + hashes) != b'"' {
            self.identifier();
            return TokenKind::Ident;
        }
        self.at += hashes + 2;
        let closing: Vec<u8> = std::iter::once(b'"').chain(std::iter::repeat_n(b'#', hashes)).collect();
        match memchr::memmem::find(self.bytes.get(self.at..).unwrap_or_default(), &closing) {
            Some(step) => {
                self.at += step + closing.len();
                TokenKind::String
            }
            None => {
                self.at = self.bytes.len();
                TokenKind::Unterminated
            }
        }
    }

    /// A character literal, or a lone quote.
    fn quote(&mut self) -> TokenKind {
        let mut characters = self.source.get(self.at + 1..).unwrap_or_default().chars();
        let length = match (characters.next(), characters.next()) {
            (Some('\\'), Some('x')) => 6,
            (Some('\\'), Some('u')) => 8,
            (Some('\\'), Some(escaped)) => 3 + escaped.len_utf8(),
            (Some(character), Some('\'')) if character != '\'' && character != '\n' => 2 + character.len_utf8(),
            _ => 0,
        };
        // `\u` takes four digits or any number in braces.
        let length = match length {
            8 if self.peek(3) == b'{' => {
                let rest = self.bytes.get(self.at..(self.at + 16).min(self.bytes.len())).unwrap_or_default();
                memchr::memchr(b'}', rest).map_or(0, |close| close + 2)
            }
            other => other,
        };
        if length > 0 && self.peek(length - 1) == b'\'' {
            self.at += length;
            return TokenKind::Char;
        }
        self.at += 1;
        TokenKind::Symbol
    }

    fn name_literal(&mut self) -> TokenKind {
        let start = self.at;
        self.at += if self.peek(1) == b'`' { 2 } else { 1 };
        if self.identifier() {
            return TokenKind::NameLiteral;
        }
        self.at = start + 1;
        TokenKind::Symbol
    }

    /// A dotted identifier. A `.` belongs to it only if a component follows.
    fn identifier(&mut self) -> bool {
        if !self.component() {
            return false;
        }
        while self.peek(0) == b'.' {
            self.at += 1;
            let numeral = self.peek(0).is_ascii_digit();
            if numeral || !self.component() {
                self.at -= 1;
                break;
            }
        }
        true
    }

    fn component(&mut self) -> bool {
        let Some(first) = self.char() else { return false };
        if first == '«' {
            let rest = self.source.get(self.at..).unwrap_or_default();
            let Some(close) = rest.find('»') else { return false };
            if rest.get(..close).is_some_and(|inner| inner.contains('\n')) {
                return false;
            }
            self.at += close + '»'.len_utf8();
            return true;
        }
        if !is_identifier_start(first) {
            return false;
        }
        self.bump();
        while let Some(next) = self.char() {
            if !is_identifier_rest(next) {
                break;
            }
            self.bump();
        }
        true
    }
}

/// Source: `Lean.isIdFirst`, `Lean.isLetterLike` (`src/Init/Meta/Defs.lean`).
pub fn is_identifier_start(character: char) -> bool {
    character.is_ascii_alphabetic() || character == '_' || is_letter_like(character)
}

/// Source: `Lean.isIdRest`.
pub fn is_identifier_rest(character: char) -> bool {
    character.is_ascii_alphanumeric()
        || matches!(character, '_' | '\'' | '!' | '?')
        || is_letter_like(character)
        || is_subscript_alphanumeric(character)
}

fn is_letter_like(character: char) -> bool {
    match character {
        'λ' | 'Π' | 'Σ' => false,
        'α'..='ω' | 'Α'..='Ω' | 'ϊ'..='ϻ' | 'ἀ'..='῾' | '℀'..='⅏' => true,
        '\u{1d49c}'..='\u{1d59f}' => true,
        'À'..='ÿ' => character != '×' && character != '÷',
        'Ā'..='ſ' => true,
        _ => false,
    }
}

fn is_subscript_alphanumeric(character: char) -> bool {
    matches!(character, '₀'..='₉' | 'ₐ'..='ₜ' | 'ᵢ'..='ᵪ' | 'ⱼ')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The tokens that are not white space, as `kind:text` separated by blanks.
    fn check(source: &str, expected: &str) {
        let tokens = tokenize(source);
        let shown: Vec<String> = tokens
            .iter()
            .filter(|token| token.kind != TokenKind::Space)
            .map(|token| {
                let kind = match token.kind {
                    TokenKind::Ident => "i",
                    TokenKind::Symbol => "y",
                    TokenKind::String => "s",
                    TokenKind::Char => "c",
                    TokenKind::Number => "n",
                    TokenKind::NameLiteral => "`",
                    TokenKind::LineComment => "--",
                    TokenKind::BlockComment => "/-",
                    TokenKind::DocComment => "/--",
                    TokenKind::Unterminated => "!",
                    TokenKind::Space => "",
                };
                format!("{kind}:{}", token.text(source))
            })
            .collect();
        assert_eq!(shown.join(" "), expected);
    }

    #[test]
    fn comments_nest_and_documentation_is_told_apart() {
        check("/- a /- b -/ sorry -/ x -- sorry\ny", "/-:/- a /- b -/ sorry -/ i:x --:-- sorry i:y");
        check("/-- d -/ /-! m -/ /---/ /--/", "/--:/-- d -/ /-:/-! m -/ /--:/---/ /-:/--/");
        check("/- open", "!:/- open");
    }

    #[test]
    fn strings_with_escapes_interpolation_and_hashes() {
        check(r#""a\"sorry" x"#, r#"s:"a\"sorry" i:x"#);
        check(r##"r#"a"sorry"# r"\" rx r"##, r##"s:r#"a"sorry"# s:r"\" i:rx i:r"##);
        check(r#"s!"a{sorry}b{f {x}}" y"#, r#"i:s! s:"a{ i:sorry s:}b{ i:f y:{ i:x y:} s:}" i:y"#);
        check(r#""{sorry}""#, r#"s:"{sorry}""#);
        check(r#""open"#, r#"!:"open"#);
    }

    #[test]
    fn primes_are_not_character_literals() {
        check("h' 'a' '\\n' '\\x41' '\\u{3b1}' 'α' f'x'", "i:h' c:'a' c:'\\n' c:'\\x41' c:'\\u{3b1}' c:'α' i:f'x'");
        check("'\"' sorry", "c:'\"' i:sorry");
        check("' x", "y:' i:x");
    }

    #[test]
    fn identifiers_with_dots_quotes_and_letters() {
        check("a.b.«c d».e x.1 x.", "i:a.b.«c d».e i:x y:. n:1 i:x y:.");
        check("λ x₁ 𝓝 ℝ fun_α' sorry.x", "y:λ i:x₁ i:𝓝 i:ℝ i:fun_α' i:sorry.x");
        check("`sorry ``Nat.rec `(x)", "`:`sorry `:``Nat.rec y:` y:( i:x y:)");
        check("1_000 0xff h.2", "n:1_000 n:0xff i:h y:. n:2");
    }

    proptest! {
        #[test]
        fn tokens_cover_any_text(source in "[-/\"'`{}s!r#«».α𝓝 \n\\\\x0]{0,80}") {
            let mut at = 0;
            for token in tokenize(&source) {
                prop_assert_eq!(token.start, at);
                prop_assert!(token.end > token.start);
                prop_assert!(source.is_char_boundary(token.end));
                at = token.end;
            }
            prop_assert_eq!(at, source.len());
        }
    }
}
