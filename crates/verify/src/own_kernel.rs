//! The kernel guard: our own kernel type-checks every constant that is new or has changed, from the bytes that were compiled. What it checks them
//! against are the imported modules and the constants of the file that are what they were without the candidate.

use crate::guard::{is_code, is_code_of_a_definition};
use crate::imports::Imported;
use leanwright_kernel::{Failure, Library, LibraryError, Limits, Opaques, Reason, check};
use leanwright_olean::{Constant, ConstantKind, Details, ExprId, Module, NameId, Store};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Changes with what the kernel accepts: verdicts that another kernel had a part in are not remembered.
pub const KERNEL_VERSION: u32 = 1;

/// What the kernel found.
pub enum Checked {
    Yes(String),
    No(String),
    /// Neither yes nor no.
    GaveUp(String),
}

/// Check what is new or has changed in the module with the candidate.
pub fn check_altered(store: &mut Store, [before, after]: [&Module; 2], imported: &mut Imported) -> Checked {
    let is_altered = |constant: &&Constant| {
        match before.constants.get(&constant.name) {
            Some(was) => {
                let is_code = is_code_of_a_definition(store, after, constant) && was.type_ == constant.type_;
                was != *constant && !differs_in_places_only(store, was, constant) && !is_code
            }
            // What is checked must not mention it; whether it may be new the guards have said.
            None => !is_code(store, constant),
        }
    };
    let altered: BTreeMap<NameId, Constant> =
        after.constants.values().filter(is_altered).map(|constant| (constant.name, constant.clone())).collect();
    let mut library = Surroundings { module: after, imported };
    match check(store, &mut library, &altered, Opaques::Checked, &Limits::default()) {
        Ok(report) => {
            Checked::Yes(format!("{} new or changed constants type-check, in {} steps", report.constants, report.steps))
        }
        Err(failure @ Failure::Refused { .. }) => Checked::No(failure.to_string()),
        Err(failure @ Failure::GaveUp { .. }) => Checked::GaveUp(failure.to_string()),
    }
}

/// Whether a constant is what it was but for the places of the holes in it, which shift with every edit.
fn differs_in_places_only(store: &Store, was: &Constant, is: &Constant) -> bool {
    let head = |constant: &Constant| {
        (constant.kind, constant.level_params.clone(), constant.flags.clone(), constant.related.clone())
    };
    let digests = |constant: &Constant| constant.terms().map(|term| store.digest(term)).collect::<Vec<_>>();
    head(was) == head(is) && digests(was) == digests(is)
}

/// Whether a definition is a proof: its type is a proposition. `Err` says why it is not known.
pub fn is_proof(
    store: &mut Store,
    module: &Module,
    definition: &Constant,
    imported: &mut Imported,
) -> Result<bool, Failure> {
    let theorem =
        Constant { kind: ConstantKind::Theorem, details: Details::Theorem, flags: Vec::new(), ..definition.clone() };
    let new = BTreeMap::from([(definition.name, theorem)]);
    let mut library = Surroundings { module, imported };
    match check(store, &mut library, &new, Opaques::Refused, &Limits::default()) {
        Ok(_) => Ok(true),
        Err(Failure::Refused { reason: Reason::NotAProposition, .. }) => Ok(false),
        Err(failure) => Err(failure),
    }
}

/// What is taken as it is: the file's own constants, and those of its imports.
struct Surroundings<'a> {
    module: &'a Module,
    imported: &'a mut Imported,
}

impl Library for Surroundings<'_> {
    fn constant(&mut self, name: NameId, store: &mut Store) -> Result<Option<Arc<Constant>>, LibraryError> {
        match self.module.constants.get(&name) {
            Some(constant) => Ok(Some(Arc::new(constant.clone()))),
            None => self.imported.constant(name, store),
        }
    }

    fn proof(&mut self, name: NameId, store: &mut Store) -> Result<Option<ExprId>, LibraryError> {
        match self.module.constants.get(&name) {
            Some(constant) => Ok(constant.value),
            None => self.imported.proof(name, store),
        }
    }

    fn is_imported(&mut self, name: NameId) -> bool {
        !self.module.constants.contains_key(&name)
    }

    fn is_leans_own(&mut self, name: NameId) -> bool {
        !self.module.constants.contains_key(&name) && self.imported.is_leans_own(name)
    }
}
