//! Whether another declaration of the file would rest on an axiom that it does not rest on now: a candidate can change what a
//! later proof means – by a macro for one of its tactics, for example – without changing any statement.

use super::Evidence;
use leanwright_contract::RejectReason;
use leanwright_olean::{ConstantKind, Module, NameId};
use std::collections::{BTreeSet, HashMap, HashSet};

/// Refuse if a declaration other than the candidate's gains an axiom that is not allowed, `sorryAx` included.
pub fn check(evidence: &Evidence<'_>) -> Result<(), RejectReason> {
    let (before, after) = (Mentions::of(evidence, evidence.before), Mentions::of(evidence, evidence.after));
    for axiom in after.axioms.iter() {
        let (old, new) = (before.resting_on(*axiom), after.resting_on(*axiom));
        let mut gained = new.difference(&old).filter(|name| !evidence.is_own(**name) && !evidence.is_auxiliary(**name));
        // What is new is the invariance guard's matter.
        let of_the_file = |name: &&NameId| {
            evidence.before.constants.contains_key(name) && evidence.after.constants.contains_key(name)
        };
        if let Some(name) = gained.find(of_the_file) {
            let axiom = evidence.name(*axiom).to_string();
            let declaration = evidence.shown(*name);
            let (offending, axioms) = (vec![axiom.clone()], vec![axiom]);
            return Err(RejectReason::DisallowedAxiom { declaration, offending, axioms });
        }
    }
    Ok(())
}

/// Which constants mention which, the other way round.
struct Mentions {
    by: HashMap<NameId, Vec<NameId>>,
    /// Axioms that are not allowed and that something mentions or the file declares.
    axioms: BTreeSet<NameId>,
}

impl Mentions {
    fn of(evidence: &Evidence<'_>, module: &Module) -> Self {
        let mut mentions = Self { by: HashMap::new(), axioms: BTreeSet::new() };
        let mut forbidden: HashMap<NameId, bool> = HashMap::new();
        for constant in module.constants.values().chain(evidence.imported.constants()) {
            let own = (constant.kind == ConstantKind::Axiom).then_some(constant.name);
            for name in constant.mentions(evidence.store).into_iter().chain(own) {
                let forbidden = *forbidden.entry(name).or_insert_with(|| is_forbidden(evidence, module, name));
                if forbidden {
                    mentions.axioms.insert(name);
                }
                mentions.by.entry(name).or_default().push(constant.name);
            }
        }
        mentions
    }

    fn resting_on(&self, axiom: NameId) -> HashSet<NameId> {
        let (mut found, mut waiting) = (HashSet::new(), vec![axiom]);
        while let Some(name) = waiting.pop() {
            for user in self.by.get(&name).into_iter().flatten() {
                if found.insert(*user) {
                    waiting.push(*user);
                }
            }
        }
        found
    }
}

fn is_forbidden(evidence: &Evidence<'_>, module: &Module, name: NameId) -> bool {
    let constant = module.constants.get(&name).or_else(|| evidence.imported.constant(name));
    let is_axiom = match constant {
        Some(constant) => constant.kind == ConstantKind::Axiom,
        None => evidence.is_sorry(name) || evidence.imported.outside_axioms.contains(&evidence.name(name)),
    };
    is_axiom && !evidence.allowed_axioms.contains(&evidence.name(name))
}
