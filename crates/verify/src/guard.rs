//! The guards that read compiled data: each looks at the module before and after, and refuses or says what it has seen.
//!
//! Nothing here runs anything or reads anything that a candidate printed. One file each; `sameness` is what they share.

mod auxiliary;
mod axioms;
mod extensions;
mod gains;
mod invariance;
mod lookalikes;
mod placeholder;
mod sameness;
mod statement;
mod text;

pub use auxiliary::{is_code, is_code_of_a_definition};
pub use axioms::sorry_name;
pub use gains::check_dependent;
pub use text::{check_text, signature};

use crate::gate::Alignment;
use crate::imports::Imported;
use leanwright_contract::{GuardOutcome, Guards, RejectReason};
use leanwright_lean::Text;
use leanwright_olean::{Constant, Module, Name, NameId, Store};
use sameness::Sameness;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ops::Range;
use std::path::Path;

/// A step of the judgement that can be switched off, to show what it stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Guard {
    Text,
    /// One declaration in, one declaration out.
    Gate,
    Statement,
    Axioms,
    Placeholder,
    Invariance,
    Extensions,
    /// Modules that import this one.
    Dependents,
    /// The negative control.
    Control,
    /// Our own kernel.
    Kernel,
    /// An independent kernel, where there is one.
    ExternalKernel,
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
            Self::Gate => &mut guards.gate,
            Self::Kernel => &mut guards.kernel,
            Self::ExternalKernel => &mut guards.external_kernel,
        }
    }
}

/// A guard that reads the two compiled modules and nothing else: it refuses, or says what it looked at.
pub type DataGuard = fn(&Evidence<'_>, &mut Findings) -> Result<String, RejectReason>;

/// The guards that read data, in the order in which they are asked.
pub const DATA_GUARDS: [(Guard, DataGuard); 5] = [
    (Guard::Statement, statement::check),
    (Guard::Axioms, axioms::check),
    (Guard::Placeholder, placeholder::check),
    (Guard::Invariance, invariance::check),
    (Guard::Extensions, extensions::check),
];

/// What the guards find out beside yes or no.
#[derive(Debug, Default)]
pub struct Findings {
    /// Every axiom that the declaration rests on, `sorryAx` excepted.
    pub axioms: BTreeSet<Name>,
    /// Other declarations with open holes that the proof rests on.
    pub rests_on: BTreeSet<Name>,
    /// The same as the store knows them.
    pub open_lemmas: BTreeSet<NameId>,
    /// Holes that the declaration still has.
    pub holes_left: usize,
    /// The declaration has brought entries about itself that other modules see.
    pub adds_visible: bool,
    /// Constants that the declaration has brought and that other text could name.
    pub helpers: BTreeSet<Name>,
}

/// What the guards look at.
pub struct Evidence<'a> {
    pub store: &'a Store,
    pub before: &'a Module,
    pub after: &'a Module,
    pub imported: &'a Imported,
    /// The constants of the declaration that the candidate is a part of; the first is the declaration itself.
    pub targets: &'a [NameId],
    /// Where the declaration is in the text without the candidate, in bytes.
    pub place: Range<usize>,
    /// The text without the candidate and that with it, as they were compiled.
    pub lines: [Text; 2],
    /// Which tokens of one are which of the other.
    pub alignment: Alignment,
    /// Axioms that a proof may rest on.
    pub allowed_axioms: &'a BTreeSet<Name>,
    /// The folder of the project's own compiled modules.
    pub products: &'a Path,
    /// The statement's text before and after, for messages.
    pub signatures: [String; 2],
    sorry: Option<NameId>,
    /// Constants that have a place of their own in the text without the candidate.
    written: HashSet<NameId>,
    /// The same and the declaration's own, as they stand in the source; whether nothing but the declaration has that name.
    declarations: BTreeMap<Name, bool>,
    sameness: Sameness,
}

/// The parts of an `Evidence` that a caller has.
pub struct Subject<'a> {
    pub targets: &'a [NameId],
    /// Where the declaration is in the first text, in bytes.
    pub place: Range<usize>,
    pub texts: &'a [String; 2],
    pub allowed_axioms: &'a BTreeSet<Name>,
    pub products: &'a Path,
    pub signatures: [String; 2],
}

impl<'a> Evidence<'a> {
    pub fn new(
        store: &'a Store,
        [before, after]: [&'a Module; 2],
        imported: &'a Imported,
        subject: Subject<'a>,
    ) -> Self {
        let Subject { targets, place, texts, allowed_axioms, products, signatures } = subject;
        let [text, patched] = texts;
        let alignment = Alignment::of(text, patched, true);
        let lines = texts.each_ref().map(|text| Text::new(text.clone()));
        let (sorry, sameness) = (store.find_name(&sorry_name()), Sameness::default());
        let written: HashSet<NameId> = before.ranges.iter().map(|(name, _)| *name).collect();
        let mut declarations = BTreeMap::new();
        for name in written.iter().chain(targets) {
            let is_target = targets.contains(name);
            let known = declarations.entry(store.name(*name).without_private_prefix()).or_insert(is_target);
            *known &= is_target;
        }
        Self {
            store,
            before,
            after,
            imported,
            targets,
            place,
            lines,
            alignment,
            allowed_axioms,
            products,
            signatures,
            sorry,
            written,
            declarations,
            sameness,
        }
    }

    /// The declaration's own name, as Lean prints it.
    pub fn declaration(&self) -> String {
        self.targets.first().map(|name| self.shown(*name)).unwrap_or_default()
    }

    /// Whether a constant is part of the declaration: one of its constants, or one that nobody has written and whose name is below theirs, with no other written one
    /// between: `t.symm` can be written beside `t`, and then `t.symm._proof_1` is not the part of `t` that it looks like.
    pub fn is_own(&self, name: NameId) -> bool {
        if self.targets.contains(&name) || self.written.contains(&name) {
            return self.targets.contains(&name);
        }
        self.written_above(name).is_some_and(|(_, is_target)| is_target)
    }

    /// The written declaration that a constant is, or is below, as it stands in the source; and whether that is a constant of the declaration with the candidate.
    pub fn written_above(&self, name: NameId) -> Option<(Name, bool)> {
        let mut name = self.store.name(name).without_private_prefix();
        while !name.0.is_empty() {
            if let Some(is_target) = self.declarations.get(&name) {
                return Some((name, *is_target));
            }
            name.0.pop();
        }
        None
    }

    /// What a person knows a constant by: the written declaration that it is a part of.
    pub fn lemma(&self, id: NameId) -> Name {
        self.written_above(id).map_or_else(|| self.name(id).without_private_prefix(), |(name, _)| name)
    }

    /// The constants of the patched module that are new, or not what they were in every part.
    pub fn altered(&self) -> impl Iterator<Item = &'a Constant> {
        self.after.constants.values().filter(|constant| self.before.constants.get(&constant.name) != Some(*constant))
    }

    /// Whether nothing but a hole is replaced.
    pub fn replaces_only_holes(&self) -> bool {
        let [text, _] = &self.lines;
        self.alignment.replaced().iter().all(|token| matches!(token.text(text.as_str()), "sorry" | "admit" | "by"))
    }

    pub fn name(&self, id: NameId) -> Name {
        self.store.name(id)
    }

    /// A name as it stands in the source.
    pub fn shown(&self, id: NameId) -> String {
        self.store.name(id).without_private_prefix().to_string()
    }

    /// Whether a name is the constant behind `sorry`.
    pub fn is_sorry(&self, id: NameId) -> bool {
        self.sorry == Some(id)
    }
}
