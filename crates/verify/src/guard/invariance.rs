//! The invariance guard: every other declaration of the file is what it was, and nothing was added to it.

use super::Evidence;
use leanwright_contract::RejectReason;
use leanwright_olean::{ConstantKind, ExprId, NameId};

/// Compare the modules outside of the declaration.
pub fn check_invariance(evidence: &Evidence<'_>) -> Result<(), RejectReason> {
    let changed = |name: NameId, detail: &str| {
        let declaration = evidence.name(name).without_private_prefix().to_string();
        Err(RejectReason::ModuleChanged { declaration, detail: detail.to_owned() })
    };
    let outside = |name: &NameId| !evidence.is_own(*name) && !evidence.name(*name).is_internal();
    for (name, before) in evidence.before.constants.iter().filter(|(name, _)| outside(name)) {
        let Some(after) = evidence.after.constants.get(name) else {
            return changed(*name, "would no longer be declared");
        };
        if after.kind != before.kind || after.level_params != before.level_params || after.type_ != before.type_ {
            return changed(*name, "would have another statement");
        }
        let value = [before.value, after.value];
        if before.kind != ConstantKind::Theorem
            && value[0] != value[1]
            && value.iter().all(|v| comparable(evidence, *v))
        {
            return changed(*name, "would have another value");
        }
        if after.rules != before.rules || after.related != before.related {
            return changed(*name, "would be another type");
        }
    }
    let mut added = evidence.after.constants.iter().filter(|(name, _)| !evidence.before.constants.contains_key(name));
    match added.find(|(name, _)| outside(name)) {
        None => Ok(()),
        Some((name, constant)) if constant.kind == ConstantKind::Axiom => {
            let axiom = evidence.name(*name).to_string();
            let declaration = evidence.declaration();
            Err(RejectReason::DisallowedAxiom { declaration, offending: vec![axiom.clone()], axioms: vec![axiom] })
        }
        Some((name, _)) => changed(*name, "would be a new declaration of the file"),
    }
}

/// Whether two values that differ mean something different: auxiliary lemmas are shared between declarations under
/// names that shift, and the tags of open holes contain their lines.
fn comparable(evidence: &Evidence<'_>, value: Option<ExprId>) -> bool {
    value.is_none_or(|value| {
        let constants = evidence.store.constants_of(value);
        constants
            .into_iter()
            .map(|name| evidence.name(name))
            .all(|name| !name.is_internal() && name != super::axioms::sorry_name())
    })
}
