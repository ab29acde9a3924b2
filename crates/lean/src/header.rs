//! The header of a Lean file: `module`, `prelude` and imports.

use crate::lexer::{Lexer, Token, TokenKind};

/// One import with its modifiers (`public`, `meta`, `all` exist since the module system of Lean 4.22).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    pub module: String,
    pub is_public: bool,
    pub is_meta: bool,
    pub is_all: bool,
}

/// What stands before the first command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    pub is_module: bool,
    pub is_prelude: bool,
    pub imports: Vec<Import>,
    /// Byte offset of the end of the header's last token.
    pub end: usize,
}

impl Header {
    /// Read the header of a file; what follows it is not looked at.
    pub fn of(source: &str) -> Self {
        let mut header = Self::default();
        let mut words = Lexer::new(source).filter(|token| !token.is_trivia()).peekable();
        while let Some(token) = words.peek() {
            if token.kind != TokenKind::Ident {
                break;
            }
            match token.text(source) {
                "module" if header.imports.is_empty() && !header.is_prelude => header.is_module = true,
                "prelude" if header.imports.is_empty() => header.is_prelude = true,
                "public" | "meta" | "import" => {
                    let Some((import, end)) = parse_import(source, words.clone()) else { break };
                    header.imports.push(import);
                    header.end = end;
                    while words.peek().is_some_and(|token| token.end <= end) {
                        words.next();
                    }
                    continue;
                }
                _ => break,
            }
            header.end = token.end;
            words.next();
        }
        header
    }
}

/// `[public] [meta] import [all] Module`, and where it ends; `None` when it is a declaration's modifier after all.
fn parse_import(source: &str, words: impl Iterator<Item = Token>) -> Option<(Import, usize)> {
    let (mut is_public, mut is_meta, mut is_all, mut seen_import) = (false, false, false, false);
    for token in words {
        match token.text(source) {
            "public" if !seen_import => is_public = true,
            "meta" if !seen_import => is_meta = true,
            "import" if !seen_import => seen_import = true,
            "all" if seen_import => is_all = true,
            module if seen_import && token.kind == TokenKind::Ident => {
                return Some((Import { module: module.to_owned(), is_public, is_meta, is_all }, token.end));
            }
            _ => return None,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str) -> (Vec<String>, &str) {
        let header = Header::of(source);
        let flags = |import: &Import| {
            let flag = |set: bool, text| if set { text } else { "" };
            format!(
                "{}{}{}{}",
                flag(import.is_public, "+"),
                flag(import.is_meta, "m"),
                flag(import.is_all, "*"),
                import.module
            )
        };
        (header.imports.iter().map(flags).collect(), &source[header.end..])
    }

    #[test]
    fn imports_with_modifiers_and_comments() {
        let source = "/- c -/ module\npublic meta import all A.B -- x\n  import «C d»\npublic theorem t";
        assert_eq!(check(source), (vec!["+m*A.B".into(), "«C d»".into()], "\npublic theorem t"));
        assert_eq!(check("prelude import A def x"), (vec!["A".into()], " def x"));
        assert_eq!(check("def import := 1"), (vec![], "def import := 1"));
        assert_eq!(check(""), (vec![], ""));
    }
}
