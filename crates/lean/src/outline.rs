//! What a Lean file declares, as the scan finds it: spans, qualified names, where bodies begin, the other commands.
//!
//! Lean's grammar is open, so this is a guess that is right for ordinary files; verdicts never rest on it alone.

use crate::header::Header;
use std::ops::Range;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeclarationKind {
    Theorem,
    Lemma,
    Def,
    Abbrev,
    Example,
    Instance,
    Opaque,
    Axiom,
    Structure,
    Class,
    Inductive,
}

impl DeclarationKind {
    /// The keyword that begins such a declaration.
    pub fn keyword(self) -> &'static str {
        match self {
            Self::Theorem => "theorem",
            Self::Lemma => "lemma",
            Self::Def => "def",
            Self::Abbrev => "abbrev",
            Self::Example => "example",
            Self::Instance => "instance",
            Self::Opaque => "opaque",
            Self::Axiom => "axiom",
            Self::Structure => "structure",
            Self::Class => "class",
            Self::Inductive => "inductive",
        }
    }
}

/// One declaration. Spans are in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declaration {
    pub kind: DeclarationKind,
    /// The name with its namespaces, as Lean would print it; `None` for `example` and unnamed instances.
    pub name: Option<String>,
    /// From the first modifier, attribute or doc comment to the last token.
    pub span: Range<usize>,
    pub keyword: Range<usize>,
    /// Where the body begins: at `:=`, at `where`, or at the first `|` of alternatives.
    pub body: Option<usize>,
}

impl Declaration {
    /// What stands behind its `:=`, in bytes; `None` for a body of another form, or none.
    pub fn term(&self, source: &str) -> Option<Range<usize>> {
        let body = self.body?..self.span.end;
        let term = source.get(body.clone())?.strip_prefix(":=")?.trim_start();
        (!term.is_empty()).then(|| body.end - term.len()..body.end)
    }
}

/// What a command that declares nothing does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommandKind {
    Namespace,
    Section,
    Mutual,
    End,
    Open,
    Variable,
    Universe,
    Include,
    Omit,
    SetOption,
    Attribute,
    Deriving,
    Other,
}

/// One command that is no declaration. The span is in bytes, from the first modifier to the last token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    pub kind: CommandKind,
    pub span: Range<usize>,
}

/// What a file consists of, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outline {
    pub header: Header,
    pub declarations: Vec<Declaration>,
    pub commands: Vec<Command>,
}

impl Outline {
    pub fn of(source: &str) -> Self {
        crate::scan(source).outline
    }

    /// The declaration that contains a byte offset.
    pub fn at(&self, offset: usize) -> Option<&Declaration> {
        self.declarations.get(self.index_at(offset)?)
    }

    /// The index of the declaration that contains a byte offset.
    pub fn index_at(&self, offset: usize) -> Option<usize> {
        let after = self.declarations.partition_point(|declaration| declaration.span.start <= offset);
        after
            .checked_sub(1)
            .filter(|index| self.declarations.get(*index).is_some_and(|declaration| offset < declaration.span.end))
    }
}
