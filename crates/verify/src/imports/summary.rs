//! What each constant of a module rests on: made of the module's facts and of the summaries of everything that it imports.

use super::closure::ImportedModule;
use super::error::ImportError;
use super::facts::{Facts, NameHash};
use crate::gate::DeclaredSyntax;
use leanwright_olean::{ConstantKind, Name};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// The axioms that something rests on, directly or through others. `sorryAx` is one of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct AxiomSet {
    pub names: BTreeSet<Name>,
    /// There are more than are named: then nothing is known of it.
    pub more: bool,
}

/// Axioms of a set that are named.
const MAX_AXIOMS: usize = 64;

impl AxiomSet {
    fn of(name: Name) -> Self {
        Self { names: BTreeSet::from([name]), more: false }
    }

    /// Returns whether anything is new.
    pub fn add(&mut self, other: &Self) -> bool {
        let before = (self.names.len(), self.more);
        self.names.extend(other.names.iter().cloned());
        self.more |= other.more;
        while self.names.len() > MAX_AXIOMS {
            self.names.pop_last();
            self.more = true;
        }
        before != (self.names.len(), self.more)
    }

    /// The axioms that are not among some.
    pub fn beyond<'a>(&'a self, allowed: &'a BTreeSet<Name>) -> impl Iterator<Item = &'a Name> {
        self.names.difference(allowed)
    }
}

/// What is known of a module's constants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// In the order of the file: what each is, and the place of what it rests on in `sets`.
    pub constants: Vec<(NameHash, ConstantKind, u32)>,
    pub sets: Vec<AxiomSet>,
    /// Theorems or definitions were shipped without what proves them.
    pub proofs_missing: bool,
    /// What begins the commands that it declares.
    pub syntax: DeclaredSyntax,
    /// It mentions something that reads files or the environment while it runs.
    pub reads: bool,
}

/// What is known of all modules of a closure that have been summed up.
#[derive(Default)]
pub struct Known {
    /// The module that declares a constant, and what it rests on. Of several modules that declare one, the first.
    constants: HashMap<NameHash, (u32, Arc<AxiomSet>)>,
    /// Constants that further modules declare.
    others: HashMap<NameHash, Vec<(u32, Arc<AxiomSet>)>>,
    /// The modules below each module, and it itself, a bit for each.
    below: Vec<Vec<u64>>,
    /// Each set once: there are few, and equal ones are the same.
    sets: HashSet<Arc<AxiomSet>>,
}

impl Known {
    /// Take in the next module of the closure.
    pub fn add(&mut self, module: &ImportedModule, summary: &Summary) {
        let place = self.below.len();
        let mut below = self.below_of(module);
        set(&mut below, place);
        self.below.push(below);
        let place = u32::try_from(place).unwrap_or(u32::MAX);
        let sets: Vec<Arc<AxiomSet>> = summary.sets.iter().map(|axioms| self.intern(axioms)).collect();
        for (hash, _, set) in &summary.constants {
            let Some(axioms) = sets.get(*set as usize) else { continue };
            let entry = (place, Arc::clone(axioms));
            match self.constants.entry(*hash) {
                std::collections::hash_map::Entry::Vacant(vacant) => drop(vacant.insert(entry)),
                std::collections::hash_map::Entry::Occupied(_) => self.others.entry(*hash).or_default().push(entry),
            }
        }
    }

    fn intern(&mut self, axioms: &AxiomSet) -> Arc<AxiomSet> {
        if let Some(known) = self.sets.get(axioms) {
            return Arc::clone(known);
        }
        let axioms = Arc::new(axioms.clone());
        self.sets.insert(Arc::clone(&axioms));
        axioms
    }

    fn below_of(&self, module: &ImportedModule) -> Vec<u64> {
        let mut below = Vec::new();
        for import in module.imports.iter().filter_map(|import| self.below.get(*import)) {
            below.resize(below.len().max(import.len()), 0);
            below.iter_mut().zip(import).for_each(|(word, other)| *word |= other);
        }
        below
    }

    /// What an imported constant rests on; `None` if none of the modules below declares it.
    fn axioms(&self, name: &NameHash, below: &[u64]) -> Option<Arc<AxiomSet>> {
        let all = self.constants.get(name).into_iter().chain(self.others.get(name).into_iter().flatten());
        let mut seen = all.filter(|(module, _)| is_set(below, *module as usize)).map(|(_, axioms)| axioms);
        let first = Arc::clone(seen.next()?);
        let rest: Vec<_> = seen.filter(|further| **further != first).collect();
        if rest.is_empty() {
            return Some(first);
        }
        let mut axioms = (*first).clone();
        for further in rest {
            axioms.add(further);
        }
        Some(Arc::new(axioms))
    }
}

fn set(bits: &mut Vec<u64>, place: usize) {
    bits.resize(bits.len().max(place / 64 + 1), 0);
    if let Some(word) = bits.get_mut(place / 64) {
        *word |= 1 << (place % 64);
    }
}

fn is_set(bits: &[u64], place: usize) -> bool {
    bits.get(place / 64).is_some_and(|word| word >> (place % 64) & 1 == 1)
}

/// Sum a module up. Everything that it imports must be known.
pub fn sum_up(module: &ImportedModule, facts: &Facts, known: &Known) -> Result<Summary, ImportError> {
    let below = known.below_of(module);
    let own: HashMap<NameHash, u32> = facts.constants.iter().map(|constant| constant.hash).zip(0..).collect();
    if own.len() != facts.constants.len() {
        return Err(ImportError::DeclaredTwice(module.name.clone()));
    }
    // What each mentioned name brings with it from outside, and who mentions each of the module's own constants.
    let mut brought: Vec<Option<Arc<AxiomSet>>> = Vec::with_capacity(facts.mentioned.len());
    let unknown = Arc::new(AxiomSet { names: BTreeSet::new(), more: true });
    let mut proofs_missing = facts.proofs_missing;
    for name in &facts.mentioned {
        let is_own = own.contains_key(name);
        let mut outside = if is_own { None } else { known.axioms(name, &below) };
        // A library that was shipped without proofs lacks private constants as well. Anywhere else nobody can say what it rests on.
        if outside.is_none() && !is_own {
            proofs_missing |= module.shipped;
            outside = (!module.shipped).then(|| Arc::clone(&unknown));
        }
        brought.push(outside.filter(|axioms| **axioms != AxiomSet::default()));
    }
    let mut users: HashMap<usize, Vec<usize>> = HashMap::new();
    let mut sets: Vec<AxiomSet> = Vec::with_capacity(facts.constants.len());
    for (place, constant) in facts.constants.iter().enumerate() {
        let mut axioms = facts.axioms.get(&place).cloned().map(AxiomSet::of).unwrap_or_default();
        let mut from: Vec<&Arc<AxiomSet>> = Vec::new();
        for mention in constant.mentions.iter().map(|mention| *mention as usize) {
            let used = facts.mentioned.get(mention).and_then(|name| own.get(name));
            match (used, brought.get(mention).and_then(Option::as_ref)) {
                (Some(used), _) => users.entry(*used as usize).or_default().push(place),
                (None, Some(outside)) if !from.iter().any(|known| Arc::ptr_eq(known, outside)) => from.push(outside),
                _ => {}
            }
        }
        for outside in from {
            axioms.add(outside);
        }
        sets.push(axioms);
    }
    let tainted = |(place, axioms): (usize, &AxiomSet)| (*axioms != AxiomSet::default()).then_some(place);
    let mut waiting: Vec<usize> = sets.iter().enumerate().filter_map(tainted).collect();
    while let Some(place) = waiting.pop() {
        let Some(axioms) = sets.get(place).cloned() else { continue };
        for user in users.get(&place).into_iter().flatten() {
            if sets.get_mut(*user).is_some_and(|set| set.add(&axioms)) {
                waiting.push(*user);
            }
        }
    }
    let mut summary =
        Summary { proofs_missing, reads: facts.reads, syntax: facts.syntax.clone(), ..Summary::default() };
    let mut places: HashMap<AxiomSet, u32> = HashMap::new();
    for (constant, axioms) in facts.constants.iter().zip(sets) {
        let next = u32::try_from(places.len()).unwrap_or(u32::MAX);
        let place = *places.entry(axioms.clone()).or_insert_with(|| {
            summary.sets.push(axioms);
            next
        });
        summary.constants.push((constant.hash, constant.kind, place));
    }
    Ok(summary)
}
