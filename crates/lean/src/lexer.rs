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
    let mut tokens = Vec::with_capacity(source.len() / 3);
    tokens.extend(Lexer::new(source));
    tokens
}

/// Gives the tokens of a text one after the other.
#[derive(Clone, Debug)]
pub struct Lexer<'a> {
    source: &'a str,
    bytes: &'a [u8],
    at: usize,
    /// The last token was an identifier that ends with `!`: a string that follows directly is interpolated.
    after_bang: bool,
    /// For each interpolated string that we are inside a hole of: the number of braces open in that hole.
    interpolations: Vec<u32>,
    /// No string is taken for an interpolated one.
    plain: bool,
}

impl Iterator for Lexer<'_> {
    type Item = Token;

    #[inline]
    fn next(&mut self) -> Option<Token> {
        let start = self.at;
        let first = *self.bytes.get(start)?;
        let kind = self.token(first);
        self.after_bang = !self.plain && kind == TokenKind::Ident && self.bytes.get(self.at - 1) == Some(&b'!');
        Some(Token { kind, start, end: self.at })
    }
}

impl<'a> Lexer<'a> {
    pub fn new(source: &'a str) -> Self {
        Self { source, bytes: source.as_bytes(), at: 0, after_bang: false, interpolations: Vec::new(), plain: false }
    }

    /// Reads every string to its closing quote, holes or not. Whether a string is interpolated is the parser's choice and not
    /// the lexer's: `x!"{"` is interpolated for `s!`, and a variable `x!` before a string otherwise.
    pub fn plain(source: &'a str) -> Self {
        Self { plain: true, ..Self::new(source) }
    }

    #[inline]
    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn char(&self) -> Option<char> {
        self.source.get(self.at..).and_then(|rest| rest.chars().next())
    }

    fn bump(&mut self) {
        self.at += self.char().map_or(1, char::len_utf8);
    }

    /// Go on while the table says so.
    #[inline]
    fn skip(&mut self, class: u8) {
        while self.bytes.get(self.at).is_some_and(|byte| class_of(*byte) & class != 0) {
            self.at += 1;
        }
    }

    /// Read the token that begins with the byte `first` at the cursor.
    #[inline]
    fn token(&mut self, first: u8) -> TokenKind {
        match first {
            b' ' | b'\t' | b'\r' | b'\n' => {
                self.at += 1;
                self.skip(SPACE);
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
                self.string(self.after_bang)
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
                self.skip(WORD);
                TokenKind::Number
            }
            byte => {
                if (class_of(byte) & START != 0 || byte >= 0x80) && self.identifier() {
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
            (Some(character), Some('\'')) if character != '\'' => 2 + character.len_utf8(),
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
        let first = self.peek(0);
        if class_of(first) & START != 0 {
            self.at += 1;
        } else if first < 0x80 {
            return false;
        } else {
            match self.char() {
                Some('«') => return self.quoted_component(),
                Some(letter) if is_identifier_start(letter) => self.at += letter.len_utf8(),
                _ => return false,
            }
        }
        loop {
            self.skip(REST);
            if self.peek(0) < 0x80 {
                return true;
            }
            match self.char() {
                Some(letter) if is_identifier_rest(letter) => self.at += letter.len_utf8(),
                _ => return true,
            }
        }
    }

    fn quoted_component(&mut self) -> bool {
        let rest = self.source.get(self.at..).unwrap_or_default();
        // It may have line breaks.
        let Some(close) = rest.find('»') else { return false };
        self.at += close + '»'.len_utf8();
        true
    }
}

/// May begin an identifier.
const START: u8 = 1;
/// May continue an identifier.
const REST: u8 = 2;
/// White space.
const SPACE: u8 = 4;
/// May continue a number.
const WORD: u8 = 8;

/// What the ASCII characters may be; others have no bit.
const CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0_u8;
    while byte < 0x80 {
        let mut class = 0;
        if byte.is_ascii_alphabetic() || byte == b'_' {
            class |= START;
        }
        if byte.is_ascii_alphanumeric() || byte == b'_' {
            class |= REST | WORD;
        }
        if matches!(byte, b'\'' | b'!' | b'?') {
            class |= REST;
        }
        if matches!(byte, b' ' | b'\t' | b'\r' | b'\n') {
            class |= SPACE;
        }
        #[allow(clippy::indexing_slicing, reason = "a byte is an index of 256 elements")]
        {
            classes[byte as usize] = class;
        }
        byte += 1;
    }
    classes
};

#[inline]
fn class_of(byte: u8) -> u8 {
    CLASSES.get(usize::from(byte)).copied().unwrap_or(0)
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
