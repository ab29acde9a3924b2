//! One constant of a module: what it is, its terms, and what Lean's kernel keeps beside them.
//!
//! Source: `Lean.ConstantInfo` (`src/Lean/Declaration.lean`). Lean lays out the fields that are objects first, in the order of their
//! declaration, and the numbers of fixed size behind them, the largest first: this does not depend on the size of a pointer.

use crate::name::NameId;
use crate::region::{Error, Object, Pointer};
use crate::store::{BindersId, ExprId, Store};
use crate::term::Decoder;

/// What a constant is, in the order of `Lean.ConstantInfo`'s constructors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ConstantKind {
    Axiom,
    Definition,
    Theorem,
    Opaque,
    Quotient,
    Inductive,
    Constructor,
    Recursor,
}

impl ConstantKind {
    pub(crate) fn of(tag: u8) -> Option<Self> {
        Some(match tag {
            0 => Self::Axiom,
            1 => Self::Definition,
            2 => Self::Theorem,
            3 => Self::Opaque,
            4 => Self::Quotient,
            5 => Self::Inductive,
            6 => Self::Constructor,
            7 => Self::Recursor,
            _ => return None,
        })
    }

    /// How many flags `Lean.ConstantInfo` has for it, a byte each: safety, or `isUnsafe` and what stands beside it.
    fn flag_count(self) -> usize {
        match self {
            Self::Axiom | Self::Definition | Self::Opaque | Self::Constructor => 1,
            Self::Recursor => 2,
            Self::Inductive => 3,
            Self::Theorem | Self::Quotient => 0,
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            Self::Axiom => "axiom",
            Self::Definition => "definition",
            Self::Theorem => "theorem",
            Self::Opaque => "opaque",
            Self::Quotient => "quotient",
            Self::Inductive => "inductive",
            Self::Constructor => "constructor",
            Self::Recursor => "recursor",
        }
    }
}

/// One constant of a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constant {
    pub name: NameId,
    pub kind: ConstantKind,
    pub level_params: Vec<NameId>,
    pub type_: ExprId,
    /// The names and kinds of the binders that its type begins with: terms leave them out, as they change no meaning.
    pub binders: BindersId,
    /// The value or proof, where there is one.
    pub value: Option<ExprId>,
    /// The right-hand sides of a recursor's rules.
    pub rules: Vec<ExprId>,
    /// What its declaration says of it in bytes: whether it is unsafe or partial, recursive, reflexive.
    pub flags: Vec<u8>,
    /// Other constants that belong to it: an inductive type's constructors, a constructor's type.
    pub related: Vec<NameId>,
    /// What belongs to its kind, always the same kind as `kind`.
    pub details: Details,
}

/// What `Lean.ConstantInfo` says of a constant besides its name, its type and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Details {
    Axiom { is_unsafe: bool },
    Definition { safety: Safety, hints: Hints },
    Theorem,
    Opaque { is_unsafe: bool },
    Quotient(QuotientKind),
    Inductive(Inductive),
    Constructor(Constructor),
    Recursor(Recursor),
}

/// `Lean.DefinitionSafety`, in the order of its constructors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Safety {
    Unsafe,
    Safe,
    Partial,
}

/// `Lean.ReducibilityHints`: which of two definitions is unfolded first. They change no meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hints {
    Opaque,
    Abbreviation,
    /// With the height of the definition: one more than the greatest among those that it uses.
    Regular(u32),
}

/// `Lean.QuotKind`, in the order of its constructors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuotientKind {
    Type,
    Constructor,
    Lift,
    Induction,
}

/// `Lean.InductiveVal`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inductive {
    pub num_params: u32,
    pub num_indices: u32,
    /// The types of its mutual declaration, itself included.
    pub all: Vec<NameId>,
    pub constructors: Vec<NameId>,
    /// How many auxiliary types its nested occurrences made.
    pub num_nested: u32,
    pub is_recursive: bool,
    pub is_unsafe: bool,
    pub is_reflexive: bool,
}

/// `Lean.ConstructorVal`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constructor {
    /// The type that it belongs to.
    pub inductive: NameId,
    /// Its place among the constructors of the type.
    pub index: u32,
    pub num_params: u32,
    pub num_fields: u32,
    pub is_unsafe: bool,
}

/// `Lean.RecursorVal`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recursor {
    /// The types of the mutual declaration that it was made for.
    pub all: Vec<NameId>,
    pub num_params: u32,
    pub num_indices: u32,
    pub num_motives: u32,
    pub num_minors: u32,
    pub rules: Vec<RecursorRule>,
    /// Whether it reduces without its major premise being a constructor.
    pub k: bool,
    pub is_unsafe: bool,
}

/// `Lean.RecursorRule`: what a recursor reduces to at one constructor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecursorRule {
    pub constructor: NameId,
    pub num_fields: u32,
    pub rhs: ExprId,
}

impl Constant {
    /// Its type, its value and its rules.
    pub fn terms(&self) -> impl Iterator<Item = ExprId> {
        std::iter::once(self.type_).chain(self.value).chain(self.rules.iter().copied())
    }

    /// Whether nothing that is safe may mention it: it is `unsafe` or `partial`.
    pub fn is_unsafe(&self) -> bool {
        match &self.details {
            Details::Definition { safety, .. } => *safety != Safety::Safe,
            Details::Axiom { is_unsafe } | Details::Opaque { is_unsafe } => *is_unsafe,
            Details::Inductive(inductive) => inductive.is_unsafe,
            Details::Constructor(constructor) => constructor.is_unsafe,
            Details::Recursor(recursor) => recursor.is_unsafe,
            Details::Theorem | Details::Quotient(_) => false,
        }
    }

    /// Every constant that it mentions.
    pub fn mentions(&self, store: &Store) -> Vec<NameId> {
        let mut names = store.constants_of(self.type_);
        for term in self.value.iter().chain(&self.rules) {
            names.extend(store.constants_of(*term));
        }
        names.extend(&self.related);
        names
    }
}

/// Which values are decoded.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Values {
    All,
    /// Those of theorems are left out: they are most of a file, and little depends on them.
    NoProofs,
}

pub(crate) fn read_constant(
    decoder: &mut Decoder<'_, '_>,
    pointer: Pointer,
    values: Values,
) -> Result<Constant, Error> {
    let region = decoder.region;
    let info = region.object(pointer)?;
    let kind = ConstantKind::of(info.tag).ok_or(info.damaged("a constant was expected"))?;
    let body = region.object(info.field(0)?)?;
    let base = region.object(body.field(0)?)?;
    let (name, level_params) = (decoder.name(base.field(0)?)?, decoder.names(base.field(1)?)?);
    let type_ = decoder.expr(base.field(2)?)?;
    let binders = decoder.binders(base.field(2)?)?;
    let value = match kind {
        ConstantKind::Theorem if values == Values::NoProofs => None,
        ConstantKind::Definition | ConstantKind::Theorem | ConstantKind::Opaque => Some(decoder.expr(body.field(1)?)?),
        _ => None,
    };
    let flags = (0..kind.flag_count()).map(|index| body.scalar_byte(index)).collect::<Result<_, _>>()?;
    let details = read_details(decoder, kind, &body)?;
    let (mut rules, mut related) = (Vec::new(), Vec::new());
    match &details {
        Details::Inductive(inductive) => related.extend(inductive.all.iter().chain(&inductive.constructors)),
        Details::Constructor(constructor) => related.push(constructor.inductive),
        Details::Recursor(recursor) => rules.extend(recursor.rules.iter().map(|rule| rule.rhs)),
        _ => {}
    }
    Ok(Constant { name, kind, level_params, type_, binders, value, rules, flags, related, details })
}

fn read_details(decoder: &mut Decoder<'_, '_>, kind: ConstantKind, body: &Object<'_>) -> Result<Details, Error> {
    let region = decoder.region;
    let number = |field| region.index(body.field(field)?);
    let flag = |index| Ok(body.scalar_byte(index)? != 0);
    Ok(match kind {
        ConstantKind::Axiom => Details::Axiom { is_unsafe: flag(0)? },
        ConstantKind::Theorem => Details::Theorem,
        ConstantKind::Opaque => Details::Opaque { is_unsafe: flag(0)? },
        ConstantKind::Definition => {
            let safety = match body.scalar_byte(0)? {
                0 => Safety::Unsafe,
                1 => Safety::Safe,
                2 => Safety::Partial,
                _ => return Err(body.damaged("a definition's safety was expected")),
            };
            let hints = body.field(2)?;
            let hints = match region.scalar(hints) {
                Some(0) => Hints::Opaque,
                Some(1) => Hints::Abbreviation,
                _ => Hints::Regular(region.object(hints)?.scalar_u32(0)?),
            };
            Details::Definition { safety, hints }
        }
        ConstantKind::Quotient => Details::Quotient(match body.scalar_byte(0)? {
            0 => QuotientKind::Type,
            1 => QuotientKind::Constructor,
            2 => QuotientKind::Lift,
            3 => QuotientKind::Induction,
            _ => return Err(body.damaged("a kind of quotient constant was expected")),
        }),
        ConstantKind::Inductive => Details::Inductive(Inductive {
            num_params: number(1)?,
            num_indices: number(2)?,
            all: decoder.names(body.field(3)?)?,
            constructors: decoder.names(body.field(4)?)?,
            num_nested: number(5)?,
            is_recursive: flag(0)?,
            is_unsafe: flag(1)?,
            is_reflexive: flag(2)?,
        }),
        ConstantKind::Constructor => Details::Constructor(Constructor {
            inductive: decoder.name(body.field(1)?)?,
            index: number(2)?,
            num_params: number(3)?,
            num_fields: number(4)?,
            is_unsafe: flag(0)?,
        }),
        ConstantKind::Recursor => {
            let mut rules = Vec::new();
            for rule in decoder.list(body.field(6)?)? {
                let rule = region.object(rule)?;
                rules.push(RecursorRule {
                    constructor: decoder.name(rule.field(0)?)?,
                    num_fields: region.index(rule.field(1)?)?,
                    rhs: decoder.expr(rule.field(2)?)?,
                });
            }
            Details::Recursor(Recursor {
                all: decoder.names(body.field(1)?)?,
                num_params: number(2)?,
                num_indices: number(3)?,
                num_motives: number(4)?,
                num_minors: number(5)?,
                rules,
                k: flag(0)?,
                is_unsafe: flag(1)?,
            })
        }
    })
}
