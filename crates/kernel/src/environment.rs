//! Where constants come from: those that are to be checked, once they are, and a library for all others.

use crate::failure::{LibraryError, Outcome, Reason, Why};
use crate::terms::{IdMap, Terms};
use leanwright_olean::{Constant, ConstantKind, ExprId, NameId, Store};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Constants that are taken as they are: those of imported modules, and those of the module itself that have not changed.
pub trait Library: Send {
    /// A constant by its name, decoded into the store when it is asked for. The proof of a theorem may be left out.
    ///
    /// # Errors
    /// Where nothing can be said: a file cannot be read. The check gives up then.
    fn constant(&mut self, name: NameId, store: &mut Store) -> Result<Option<Arc<Constant>>, LibraryError>;

    /// The proof of a theorem, where the library has it. It is seldom asked for.
    ///
    /// # Errors
    /// As `constant`.
    fn proof(&mut self, name: NameId, store: &mut Store) -> Result<Option<ExprId>, LibraryError> {
        Ok(self.constant(name, store)?.and_then(|constant| constant.value))
    }

    /// Whether the constant was there before any of those that are to be checked, in an imported module, so that it cannot rest on one of
    /// them. Of all others everything that they mention is followed, to find circles.
    fn is_imported(&mut self, _name: NameId) -> bool {
        false
    }

    /// Whether the constant comes with Lean itself: from a module below the toolchain's own library, not from a project or package. Operations on
    /// numbers whose definition shows nothing (`Nat.div`, `mod`, `gcd`, `land`, `lor`, `xor`, `log2`) are computed only then.
    fn is_leans_own(&mut self, _name: NameId) -> bool {
        false
    }
}

pub(crate) struct Environment<'a> {
    library: &'a mut dyn Library,
    new: &'a BTreeMap<NameId, Constant>,
    known: IdMap<NameId, Option<Arc<Constant>>>,
    proofs: IdMap<NameId, Option<ExprId>>,
}

impl<'a> Environment<'a> {
    pub fn new(library: &'a mut dyn Library, new: &'a BTreeMap<NameId, Constant>) -> Self {
        Self { library, new, known: IdMap::default(), proofs: IdMap::default() }
    }

    /// A constant that may be used: of the library, or new and accepted.
    pub fn find(&mut self, name: NameId, terms: &mut Terms<'_>) -> Outcome<Option<Arc<Constant>>> {
        if let Some(known) = self.known.get(&name) {
            return Ok(known.clone());
        }
        // In the order of dependencies, so one that is not accepted yet would be used before it is there.
        if self.new.contains_key(&name) {
            return Err(Reason::Cycle.into());
        }
        let constant = self.library.constant(name, terms.store).map_err(Why::Library)?;
        if let Some(constant) = &constant {
            constant.terms().try_for_each(|term| terms.check_finished(term))?;
        }
        self.known.insert(name, constant.clone());
        Ok(constant)
    }

    pub fn is_leans_own(&mut self, name: NameId) -> bool {
        !self.new.contains_key(&name) && self.library.is_leans_own(name)
    }

    /// Whether a constant is new and not accepted yet.
    pub fn is_pending(&self, name: NameId) -> bool {
        self.new.contains_key(&name) && !self.known.contains_key(&name)
    }

    /// A constant that a safe declaration may mention.
    pub fn get(&mut self, name: NameId, terms: &mut Terms<'_>) -> Outcome<Arc<Constant>> {
        let Some(constant) = self.find(name, terms)? else {
            return Err(Reason::Unknown(terms.store.name(name)).into());
        };
        if constant.is_unsafe() { Err(Reason::Unsafe(terms.store.name(name)).into()) } else { Ok(constant) }
    }

    /// The value that a constant may be replaced by: a definition's or a theorem's, never an opaque constant's.
    pub fn value(&mut self, constant: &Constant, terms: &mut Terms<'_>) -> Outcome<Option<ExprId>> {
        match constant.kind {
            ConstantKind::Definition => Ok(constant.value),
            ConstantKind::Theorem => self.proof(constant, terms),
            _ => Ok(None),
        }
    }

    fn proof(&mut self, constant: &Constant, terms: &mut Terms<'_>) -> Outcome<Option<ExprId>> {
        if constant.value.is_some() || self.new.contains_key(&constant.name) {
            return Ok(constant.value);
        }
        if let Some(known) = self.proofs.get(&constant.name) {
            return Ok(*known);
        }
        let proof = self.library.proof(constant.name, terms.store).map_err(Why::Library)?;
        if let Some(proof) = proof {
            terms.check_finished(proof)?;
        }
        self.proofs.insert(constant.name, proof);
        Ok(proof)
    }

    /// From here on a new constant may be used.
    pub fn accept(&mut self, constant: &Constant) {
        self.known.insert(constant.name, Some(Arc::new(constant.clone())));
    }

    pub fn new_constant(&self, name: NameId) -> Option<&'a Constant> {
        self.new.get(&name)
    }

    /// What a constant mentions, for the order of checking: nothing, if it was there before.
    pub fn mentions(&mut self, name: NameId, terms: &mut Terms<'_>) -> Outcome<Vec<NameId>> {
        if let Some(constant) = self.new.get(&name) {
            return Ok(constant.mentions(terms.store));
        }
        if self.library.is_imported(name) {
            return Ok(Vec::new());
        }
        let Some(constant) = self.find(name, terms)? else { return Ok(Vec::new()) };
        let mut mentions = constant.mentions(terms.store);
        if constant.kind == ConstantKind::Theorem
            && let Some(proof) = self.proof(&constant, terms)?
        {
            mentions.extend(terms.store.constants_of(proof));
        }
        Ok(mentions)
    }
}
