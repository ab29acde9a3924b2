//! Whether another declaration of the file would rest on an axiom that it does not rest on now: a candidate can change what a
//! later proof means – by a macro for one of its tactics, for example – without changing any statement.

use super::Evidence;
use leanwright_contract::RejectReason;
use leanwright_olean::{Constant, ConstantKind, Module, Name, NameId};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Refuse if a declaration other than the candidate's gains an axiom that is not allowed, `sorryAx` included.
pub fn check(evidence: &Evidence<'_>) -> Result<(), RejectReason> {
    check_but(evidence, &|_| false)
}

/// The same for a module that imports the candidate's, of whose other imports nothing is known: no declaration of it may come to rest on any constant, but for those
/// below the name of the candidate's declaration.
pub fn check_dependent(evidence: &Evidence<'_>, declaration: &Name) -> Result<(), RejectReason> {
    let is_changed = |constant: &Constant| {
        evidence.before.constants.get(&constant.name).is_none_or(|before| before.value != constant.value)
    };
    if !evidence.after.constants.values().any(is_changed) {
        return Ok(());
    }
    check_but(evidence, &|name| name.without_private_prefix().starts_with(declaration))
}

fn check_but(evidence: &Evidence<'_>, is_allowed: &dyn Fn(&Name) -> bool) -> Result<(), RejectReason> {
    let (before, after) = (Mentions::of(evidence, evidence.before), Mentions::of(evidence, evidence.after));
    for axiom in after.direct.keys().filter(|axiom| !is_allowed(axiom)) {
        let (old, new) = (before.resting_on(axiom), after.resting_on(axiom));
        let mut gained = new.difference(&old).filter(|name| !evidence.is_own(**name) && !evidence.is_auxiliary(**name));
        // What is new is the invariance guard's matter.
        let of_the_file = |name: &&NameId| {
            evidence.before.constants.contains_key(name) && evidence.after.constants.contains_key(name)
        };
        if let Some(name) = gained.find(of_the_file) {
            let axiom = axiom.to_string();
            let declaration = evidence.shown(*name);
            let (offending, axioms) = (vec![axiom.clone()], vec![axiom]);
            return Err(RejectReason::DisallowedAxiom { declaration, offending, axioms });
        }
    }
    Ok(())
}

/// Which constants of a module mention which, the other way round.
struct Mentions {
    by: HashMap<NameId, Vec<NameId>>,
    /// Axioms that are not allowed, with the constants that are one or mention it, or that mention an import that rests on it.
    direct: BTreeMap<Name, BTreeSet<NameId>>,
}

impl Mentions {
    fn of(evidence: &Evidence<'_>, module: &Module) -> Self {
        let mut mentions = Self { by: HashMap::new(), direct: BTreeMap::new() };
        let mut brought: HashMap<NameId, Vec<Name>> = HashMap::new();
        for constant in module.constants.values() {
            let own = (constant.kind == ConstantKind::Axiom).then_some(constant.name);
            for name in constant.mentions(evidence.store).into_iter().chain(own) {
                for axiom in brought.entry(name).or_insert_with(|| forbidden(evidence, module, name)) {
                    mentions.direct.entry(axiom.clone()).or_default().insert(constant.name);
                }
                mentions.by.entry(name).or_default().push(constant.name);
            }
        }
        mentions
    }

    fn resting_on(&self, axiom: &Name) -> HashSet<NameId> {
        let mut waiting: Vec<NameId> = self.direct.get(axiom).into_iter().flatten().copied().collect();
        let mut found: HashSet<NameId> = waiting.iter().copied().collect();
        while let Some(name) = waiting.pop() {
            waiting.extend(self.by.get(&name).into_iter().flatten().filter(|user| found.insert(**user)));
        }
        found
    }
}

/// The axioms that are not allowed and that a constant is, or rests on if it is imported.
fn forbidden(evidence: &Evidence<'_>, module: &Module, name: NameId) -> Vec<Name> {
    let own = evidence.name(name);
    match (module.constants.get(&name), evidence.imported.axioms(name, evidence.store)) {
        (Some(constant), _) if constant.kind != ConstantKind::Axiom => Vec::new(),
        (None, Some(axioms)) if axioms.more => vec![own],
        (None, Some(axioms)) => axioms.beyond(evidence.allowed_axioms).cloned().collect(),
        _ if evidence.allowed_axioms.contains(&own) => Vec::new(),
        _ => vec![own],
    }
}
