//! The invariance guard: every other declaration of the file is what it was, and nothing was added to it but what Lean makes of a proof.

use super::{Evidence, Findings};
use leanwright_contract::RejectReason;
use leanwright_olean::{ConstantKind, NameId};

pub fn check(evidence: &Evidence<'_>, findings: &mut Findings) -> Result<String, RejectReason> {
    let changed = |name: NameId, detail: &str| {
        let declaration = evidence.shown(name);
        Err(RejectReason::ModuleChanged { declaration, detail: detail.to_owned() })
    };
    if evidence.before.imports != evidence.after.imports {
        let detail = "the file would import other modules".to_owned();
        return Err(RejectReason::StatementUnverifiable { detail });
    }
    // Lean would not import it, or read it otherwise.
    if (&evidence.before.header, evidence.before.bits) != (&evidence.after.header, evidence.after.bits) {
        let detail = "the compiled module was written by another Lean".to_owned();
        return Err(RejectReason::StatementUnverifiable { detail });
    }
    let outside = |name: &NameId| !evidence.is_own(*name) && !evidence.may_be_shared(*name);
    let mut compared = 0;
    for (name, before) in evidence.before.constants.iter().filter(|(name, _)| outside(name)) {
        compared += 1;
        if let Err(detail) = evidence.compare_constant(before) {
            return changed(*name, detail);
        }
    }
    let mut added = 0;
    for (name, constant) in
        evidence.after.constants.iter().filter(|(name, _)| !evidence.before.constants.contains_key(name))
    {
        // An axiom of any name: one that Lean seems to have made up is still an axiom.
        if constant.kind == ConstantKind::Axiom {
            let axiom = evidence.name(*name).to_string();
            let declaration = evidence.declaration();
            return Err(RejectReason::DisallowedAxiom {
                declaration,
                offending: vec![axiom.clone()],
                axioms: vec![axiom],
            });
        }
        if let Some(detail) = evidence.refusal_of_new(constant) {
            return changed(*name, detail);
        }
        added += 1;
        if evidence.is_own(*name) && !evidence.is_made_of_the_proof(*name) {
            findings.helpers.insert(evidence.name(*name).without_private_prefix());
        }
    }
    // A constant of Lean's making that was there may be another now; what uses it is compared with its content. It stays of its kind.
    let auxiliary = evidence.altered().filter(|constant| !evidence.is_own(constant.name));
    for constant in auxiliary.filter(|constant| evidence.is_auxiliary(constant.name)) {
        let was = evidence.before.constants.get(&constant.name);
        if was.is_some_and(|was| std::mem::discriminant(&was.details) != std::mem::discriminant(&constant.details)) {
            return changed(constant.name, "would be of another kind");
        }
    }
    Ok(format!(
        "{compared} other constants of the file are the same; {added} are new, all of them made by Lean or in the declaration"
    ))
}
