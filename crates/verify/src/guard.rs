//! The guards that read compiled data: each looks at the module before and after, and refuses or says what it has seen.
//!
//! Nothing here runs anything or reads anything that a candidate printed. One file each; `sameness` is what they share.

mod axioms;
mod extensions;
mod gains;
mod invariance;
mod placeholder;
mod sameness;
mod statement;
mod text;

pub use axioms::sorry_name;
pub use text::{check_text, signature};

use crate::imports::Imported;
use leanwright_contract::{GuardOutcome, Guards, RejectReason};
use leanwright_olean::{Constant, Module, Name, NameId, Store};
use sameness::Sameness;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashSet};

/// A step of the judgement that can be switched off, to show what it stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Guard {
    Text,
    Statement,
    Axioms,
    Placeholder,
    Invariance,
    Extensions,
    /// Modules that import this one.
    Dependents,
    /// The negative control.
    Control,
    /// A kernel of its own.
    Kernel,
}

impl Guard {
    /// Where a verdict keeps what the guard found.
    pub fn outcome(self, guards: &mut Guards) -> &mut GuardOutcome {
        match self {
            Self::Text => &mut guards.text,
            Self::Statement => &mut guards.statement,
            Self::Axioms => &mut guards.axioms,
            Self::Placeholder => &mut guards.placeholder,
            Self::Invariance => &mut guards.invariance,
            Self::Extensions => &mut guards.extensions,
            Self::Dependents => &mut guards.reverse_dep,
            Self::Control => &mut guards.negative_control,
            Self::Kernel => &mut guards.kernel,
        }
    }
}

/// A guard that reads the two compiled modules and nothing else.
pub trait DataGuard: Sync {
    fn guard(&self) -> Guard;

    /// Refuse, or say what was looked at.
    fn check(&self, evidence: &Evidence<'_>, findings: &mut Findings) -> Result<String, RejectReason>;
}

/// The guards that read data, in the order in which they are asked.
pub const DATA_GUARDS: [&dyn DataGuard; 5] = [
    &statement::StatementGuard,
    &axioms::AxiomGuard,
    &placeholder::PlaceholderGuard,
    &invariance::InvarianceGuard,
    &extensions::ExtensionGuard,
];

/// What the guards find out beside yes or no.
#[derive(Debug, Default)]
pub struct Findings {
    /// Every axiom that the declaration rests on, `sorryAx` excepted.
    pub axioms: BTreeSet<Name>,
    /// Other declarations with open holes that the proof rests on.
    pub rests_on: BTreeSet<Name>,
    /// Holes that the declaration still has.
    pub holes_left: usize,
}

/// What the guards look at.
pub struct Evidence<'a> {
    pub store: &'a Store,
    pub before: &'a Module,
    pub after: &'a Module,
    pub imported: &'a Imported,
    /// The constants of the declaration that the candidate is a part of; the first is the declaration itself.
    pub targets: &'a [NameId],
    /// Holes in the text that the candidate replaces, less those in the replacement.
    pub holes_filled: usize,
    /// Axioms that a proof may rest on.
    pub allowed_axioms: &'a BTreeSet<Name>,
    /// The statement's text before and after, for messages.
    pub signatures: [String; 2],
    sorry: Option<NameId>,
    /// Constants that have a place of their own in the text without the candidate.
    written: HashSet<NameId>,
    sameness: Sameness,
}

/// The parts of an `Evidence` that a caller has.
pub struct Subject<'a> {
    pub targets: &'a [NameId],
    pub holes_filled: usize,
    pub allowed_axioms: &'a BTreeSet<Name>,
    pub signatures: [String; 2],
}

impl<'a> Evidence<'a> {
    pub fn new(
        store: &'a Store,
        [before, after]: [&'a Module; 2],
        imported: &'a Imported,
        subject: Subject<'a>,
    ) -> Self {
        let Subject { targets, holes_filled, allowed_axioms, signatures } = subject;
        let (sorry, sameness) = (store.find_name(&sorry_name()), Sameness::default());
        let written = before.ranges.iter().map(|(name, _)| *name).collect();
        Self {
            store,
            before,
            after,
            imported,
            targets,
            holes_filled,
            allowed_axioms,
            signatures,
            sorry,
            written,
            sameness,
        }
    }

    /// The declaration's own name, as Lean prints it.
    pub fn declaration(&self) -> String {
        self.targets.first().map(|name| self.shown(*name)).unwrap_or_default()
    }

    /// Whether a constant is part of the declaration: one of its constants, or one whose name is below theirs and that is not
    /// written elsewhere in the file, as `t.symm` can be beside `t`.
    pub fn is_own(&self, name: NameId) -> bool {
        if self.targets.contains(&name) || self.written.contains(&name) {
            return self.targets.contains(&name);
        }
        let name = self.store.name(name).without_private_prefix();
        self.targets.iter().any(|target| {
            let target = self.store.name(*target).without_private_prefix();
            name.starts_with(&target)
        })
    }

    pub fn name(&self, id: NameId) -> Name {
        self.store.name(id)
    }

    /// A name as it stands in the source.
    pub fn shown(&self, id: NameId) -> String {
        self.store.name(id).without_private_prefix().to_string()
    }

    /// Whether Lean has made a constant up: it has such a name, and no place in the text.
    pub fn is_internal(&self, id: NameId) -> bool {
        !self.written.contains(&id) && self.store.name(id).is_internal()
    }

    /// Whether a name is the constant behind `sorry`.
    pub fn is_sorry(&self, id: NameId) -> bool {
        self.sorry == Some(id)
    }

    /// Whether a constant's own type, value or rules mention a `sorry`.
    pub fn has_hole(&self, constant: &Constant) -> bool {
        constant.mentions(self.store).into_iter().any(|name| self.is_sorry(name))
    }
}
