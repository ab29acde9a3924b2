//! The axiom guard: our own walk over types and values of everything that the declaration mentions.

use super::{DataGuard, Evidence, Findings, Guard, gains};
use crate::imports::AxiomSet;
use leanwright_contract::RejectReason;
use leanwright_olean::{ConstantKind, Name, NameId};
use std::collections::BTreeSet;

/// The placeholder's constant.
pub fn sorry_name() -> Name {
    Name::from_texts(["sorryAx"])
}

pub struct AxiomGuard;

impl DataGuard for AxiomGuard {
    fn guard(&self) -> Guard {
        Guard::Axioms
    }

    /// Walk everything of the module that the declaration mentions; of what is imported it is known which axioms it rests on.
    fn check(&self, evidence: &Evidence<'_>, findings: &mut Findings) -> Result<String, RejectReason> {
        let own = evidence.after.constants.keys().filter(|name| evidence.is_own(**name));
        let walked = walk(evidence, own.copied().collect(), findings);
        let offending = findings.axioms.difference(evidence.allowed_axioms).map(Name::to_string).collect::<Vec<_>>();
        if !offending.is_empty() {
            let axioms = findings.axioms.iter().map(Name::to_string).collect();
            let declaration = evidence.declaration();
            return Err(RejectReason::DisallowedAxiom { declaration, offending, axioms });
        }
        if !known_hole_is_seen(evidence) {
            let detail = "the hole that was there before is not seen in the compiled module".to_owned();
            return Err(RejectReason::AxiomCheckFailed { declaration: evidence.declaration(), detail });
        }
        gains::check(evidence)?;
        Ok(format!("{walked} constants walked through; no other declaration of the file gains one"))
    }
}

/// Returns how many constants were looked at.
fn walk(evidence: &Evidence<'_>, mut waiting: Vec<NameId>, findings: &mut Findings) -> usize {
    let mut seen: BTreeSet<NameId> = BTreeSet::new();
    while let Some(id) = waiting.pop() {
        if !seen.insert(id) || evidence.is_sorry(id) {
            continue;
        }
        let Some(constant) = evidence.after.constants.get(&id) else {
            match evidence.imported.axioms(id, evidence.store) {
                Some(axioms) => from_imports(evidence, id, axioms, findings),
                // Nobody declares it, so nothing is known of it.
                None => drop(findings.axioms.insert(evidence.name(id))),
            }
            continue;
        };
        if constant.kind == ConstantKind::Axiom {
            findings.axioms.insert(evidence.name(id));
        }
        let mentions = constant.mentions(evidence.store);
        if mentions.iter().any(|mention| evidence.is_sorry(*mention)) && !evidence.is_own(id) {
            findings.rests_on.insert(evidence.name(id).without_private_prefix());
        }
        waiting.extend(mentions);
    }
    seen.len()
}

/// What an imported constant rests on.
fn from_imports(evidence: &Evidence<'_>, id: NameId, axioms: &AxiomSet, findings: &mut Findings) {
    let sorry = sorry_name();
    if axioms.names.contains(&sorry) {
        findings.rests_on.insert(evidence.name(id).without_private_prefix());
    }
    if axioms.more {
        findings.axioms.insert(evidence.name(id));
    }
    findings.axioms.extend(axioms.names.iter().filter(|name| **name != sorry).cloned());
}

/// The walk must be able to say no: where the candidate fills a hole, the declaration without it has one that is seen.
fn known_hole_is_seen(evidence: &Evidence<'_>) -> bool {
    let mut own = evidence.before.constants.values().filter(|constant| evidence.is_own(constant.name));
    evidence.holes_filled == 0 || own.any(|constant| evidence.has_hole(constant))
}
