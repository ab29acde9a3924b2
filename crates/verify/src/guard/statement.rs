//! The statement guard: the declaration's constants have the kinds, universe parameters and types that they had, and so has
//! every constant of the file that these types are made of.

use super::{Evidence, Findings};
use leanwright_contract::RejectReason;
use leanwright_olean::{ConstantKind, NameId};
use std::collections::BTreeSet;

pub fn check(evidence: &Evidence<'_>, _: &mut Findings) -> Result<String, RejectReason> {
    let changed = |name: NameId| {
        let [before, after] = evidence.signatures.clone();
        RejectReason::StatementChanged { declaration: evidence.shown(name), before, after }
    };
    for target in evidence.targets {
        let Some(before) = evidence.before.constants.get(target) else { continue };
        let Some(after) = evidence.after.constants.get(target) else {
            // `where` declarations and auxiliaries may go with the hole; the declaration itself may not.
            if evidence.is_auxiliary(*target) {
                continue;
            }
            let detail = format!("`{}` is no longer declared", evidence.shown(*target));
            return Err(RejectReason::StatementUnverifiable { detail });
        };
        let same_type = evidence.is_same(before.type_, after.type_) || evidence.is_auxiliary(*target);
        if before.kind != after.kind || before.level_params != after.level_params || !same_type {
            return Err(changed(*target));
        }
        if !evidence.is_auxiliary(*target) && before.binders != after.binders {
            let declaration = evidence.shown(*target);
            let detail = "would have other binders: those who use it would have to write something else".to_owned();
            return Err(RejectReason::ModuleChanged { declaration, detail });
        }
    }
    let behind = behind(evidence);
    for name in &behind {
        let constant = evidence.before.constants.get(name);
        if constant.is_some_and(|constant| evidence.compare_constant(constant).is_err()) {
            return Err(changed(evidence.targets.first().copied().unwrap_or(*name)));
        }
    }
    let constants = evidence.targets.iter().filter(|target| !evidence.is_auxiliary(**target)).count();
    Ok(format!("{constants} declared here and {} of the file that they are made of are the same terms", behind.len()))
}

/// The constants of the file that the declaration's types are made of, directly or not. Proofs among them are not looked into.
fn behind(evidence: &Evidence<'_>) -> BTreeSet<NameId> {
    let constants = &evidence.before.constants;
    let types = evidence.targets.iter().filter_map(|target| constants.get(target));
    let mut waiting: Vec<NameId> = types.flat_map(|constant| evidence.store.constants_of(constant.type_)).collect();
    let mut behind = BTreeSet::new();
    while let Some(name) = waiting.pop() {
        let Some(constant) = constants.get(&name) else { continue };
        if evidence.is_auxiliary(name) || !behind.insert(name) {
            continue;
        }
        if constant.kind == ConstantKind::Theorem {
            waiting.extend(evidence.store.constants_of(constant.type_));
        } else {
            waiting.extend(constant.mentions(evidence.store));
        }
    }
    behind
}
