//! What a token means to the scan: one small class per token, so that the scan compares bytes once.

use crate::lexer::{Token, TokenKind};
use crate::outline::{CommandKind, DeclarationKind};

/// A token that is not white space or an ordinary comment. Offsets are in bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Word {
    pub start: usize,
    pub end: usize,
    pub class: Class,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// Nothing that the scan looks at.
    Other,
    /// An identifier that is no keyword.
    Name,
    Open,
    Close,
    Colon,
    Equal,
    Greater,
    Bar,
    Dot,
    Hash,
    At,
    Where,
    DocComment,
    /// May stand before a declaration's keyword.
    Modifier,
    Declaration(DeclarationKind),
    /// Begins a command wherever no bracket is open.
    Command(CommandKind),
    /// Begins a command only at the margin: it occurs inside terms and tactics too.
    MarginCommand(CommandKind),
    Sorry,
    Admit,
}

impl Class {
    /// The class of a token; `None` for trivia, of which only doc comments are kept.
    #[inline]
    pub fn of(source: &str, token: Token) -> Option<Self> {
        let text = || source.as_bytes().get(token.start..token.end).unwrap_or_default();
        Some(match token.kind {
            TokenKind::Space | TokenKind::LineComment | TokenKind::BlockComment => return None,
            TokenKind::DocComment => Self::DocComment,
            TokenKind::Ident => keyword(text()),
            TokenKind::Symbol => symbol(text()),
            TokenKind::String
            | TokenKind::Char
            | TokenKind::Number
            | TokenKind::NameLiteral
            | TokenKind::Unterminated => Self::Other,
        })
    }
}

#[inline]
fn symbol(text: &[u8]) -> Class {
    match text {
        [b'(' | b'[' | b'{'] => Class::Open,
        [b')' | b']' | b'}'] => Class::Close,
        [b':'] => Class::Colon,
        [b'='] => Class::Equal,
        [b'>'] => Class::Greater,
        [b'|'] => Class::Bar,
        [b'.'] => Class::Dot,
        [b'#'] => Class::Hash,
        [b'@'] => Class::At,
        // ⟨ and ⟩
        [0xE2, 0x9F, 0xA8] => Class::Open,
        [0xE2, 0x9F, 0xA9] => Class::Close,
        _ => Class::Other,
    }
}

/// Whether an identifier is a word of the language and no name.
pub fn is_keyword(identifier: &str) -> bool {
    const IN_PROOFS: [&str; 12] =
        ["by", "fun", "have", "show", "from", "let", "with", "at", "in", "do", "then", "else"];
    keyword(identifier.as_bytes()) != Class::Name || IN_PROOFS.contains(&identifier)
}

/// Sorted by length first: most identifiers are told apart by that and one more look.
#[inline]
fn keyword(text: &[u8]) -> Class {
    use CommandKind as C;
    use DeclarationKind as D;
    match text.len() {
        3 => match text {
            b"def" => Class::Declaration(D::Def),
            b"end" => Class::Command(C::End),
            _ => Class::Name,
        },
        4 => match text {
            b"meta" => Class::Modifier,
            b"open" => Class::MarginCommand(C::Open),
            b"elab" => Class::Command(C::Other),
            b"omit" => Class::MarginCommand(C::Omit),
            b"seal" => Class::MarginCommand(C::Other),
            _ => Class::Name,
        },
        5 => match text {
            b"sorry" => Class::Sorry,
            b"admit" => Class::Admit,
            b"where" => Class::Where,
            b"lemma" => Class::Declaration(D::Lemma),
            b"class" => Class::Declaration(D::Class),
            b"axiom" => Class::Declaration(D::Axiom),
            b"local" => Class::Modifier,
            b"macro" => Class::Command(C::Other),
            b"infix" => Class::MarginCommand(C::Other),
            _ => Class::Name,
        },
        6 => match text {
            b"abbrev" => Class::Declaration(D::Abbrev),
            b"opaque" => Class::Declaration(D::Opaque),
            b"public" | b"unsafe" | b"nonrec" | b"scoped" => Class::Modifier,
            b"mutual" => Class::Command(C::Mutual),
            b"export" | b"syntax" => Class::Command(C::Other),
            b"infixl" | b"infixr" | b"prefix" | b"unseal" => Class::MarginCommand(C::Other),
            _ => Class::Name,
        },
        7 => match text {
            b"theorem" => Class::Declaration(D::Theorem),
            b"example" => Class::Declaration(D::Example),
            b"private" | b"partial" => Class::Modifier,
            b"section" => Class::Command(C::Section),
            b"include" => Class::MarginCommand(C::Include),
            b"postfix" | b"simproc" => Class::MarginCommand(C::Other),
            b"run_cmd" => Class::Command(C::Other),
            _ => Class::Name,
        },
        8 => match text {
            b"instance" => Class::Declaration(D::Instance),
            b"variable" => Class::Command(C::Variable),
            b"universe" => Class::Command(C::Universe),
            b"notation" => Class::Command(C::Other),
            b"deriving" => Class::MarginCommand(C::Deriving),
            b"run_elab" | b"run_meta" | b"dsimproc" => Class::MarginCommand(C::Other),
            _ => Class::Name,
        },
        9 => match text {
            b"structure" => Class::Declaration(D::Structure),
            b"inductive" => Class::Declaration(D::Inductive),
            b"protected" => Class::Modifier,
            b"namespace" => Class::Command(C::Namespace),
            b"attribute" => Class::Command(C::Attribute),
            b"notation3" | b"unif_hint" => Class::MarginCommand(C::Other),
            _ => Class::Name,
        },
        10 => match text {
            b"set_option" => Class::MarginCommand(C::SetOption),
            b"elab_rules" | b"initialize" => Class::Command(C::Other),
            _ => Class::Name,
        },
        11 if text == b"macro_rules" => Class::Command(C::Other),
        12 if text == b"add_decl_doc" || text == b"simproc_decl" => Class::MarginCommand(C::Other),
        13 if text == b"noncomputable" => Class::Modifier,
        13 if text == b"grind_pattern" || text == b"dsimproc_decl" => Class::MarginCommand(C::Other),
        16 if text == b"binder_predicate" => Class::MarginCommand(C::Other),
        17 if text == b"assert_not_exists" => Class::MarginCommand(C::Other),
        18 if text == b"declare_syntax_cat" || text == b"builtin_initialize" => Class::Command(C::Other),
        19 if text == b"assert_not_imported" => Class::MarginCommand(C::Other),
        20 if text == b"suppress_compilation" => Class::MarginCommand(C::Other),
        22 if text == b"unsuppress_compilation" => Class::MarginCommand(C::Other),
        _ => Class::Name,
    }
}
