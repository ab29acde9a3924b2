//! The axiom guard: our own walk over types and values of everything that the declaration mentions.

use super::Evidence;
use leanwright_contract::RejectReason;
use leanwright_olean::{ConstantKind, Name, NameId};
use std::collections::BTreeSet;

/// The axioms that a proof may rest on.
pub const ALLOWED_AXIOMS: [&[&str]; 3] = [&["propext"], &["Classical", "choice"], &["Quot", "sound"]];

/// What the declaration rests on.
#[derive(Debug, Default)]
pub struct AxiomFindings {
    /// Every axiom, `sorryAx` excepted.
    pub axioms: BTreeSet<Name>,
    /// Other declarations of the project whose proofs have open holes.
    pub rests_on: BTreeSet<Name>,
}

/// The placeholder's constant.
pub fn sorry_name() -> Name {
    Name::from_texts(["sorryAx"])
}

/// Walk everything that the declaration mentions, through the project's modules; a constant from outside of the project
/// counts if it is an axiom.
pub fn check_axioms(evidence: &Evidence<'_>) -> (AxiomFindings, Result<(), RejectReason>) {
    let mut findings = AxiomFindings::default();
    let mut seen: BTreeSet<NameId> = BTreeSet::new();
    let own = evidence.after.constants.keys().filter(|name| evidence.is_own(**name));
    let mut waiting: Vec<NameId> = own.copied().collect();
    let sorry = sorry_name();
    while let Some(id) = waiting.pop() {
        if !seen.insert(id) {
            continue;
        }
        let name = evidence.name(id);
        let Some(constant) = evidence.constant(id) else {
            if name != sorry && evidence.imported.outside_axioms.contains(&name) {
                findings.axioms.insert(name);
            }
            continue;
        };
        if constant.kind == ConstantKind::Axiom {
            findings.axioms.insert(name.clone());
        }
        let mentions = constant.mentions(evidence.store);
        let has_hole = mentions.iter().any(|mention| evidence.name(*mention) == sorry);
        if has_hole && !evidence.is_own(id) {
            findings.rests_on.insert(name.without_private_prefix());
        }
        waiting.extend(mentions);
    }
    let allowed: Vec<Name> = ALLOWED_AXIOMS.iter().map(|parts| Name::from_texts(parts.iter().copied())).collect();
    let offending: Vec<String> =
        findings.axioms.iter().filter(|name| !allowed.contains(name)).map(Name::to_string).collect();
    let verdict = if offending.is_empty() {
        Ok(())
    } else {
        let axioms = findings.axioms.iter().map(Name::to_string).collect();
        Err(RejectReason::DisallowedAxiom { declaration: evidence.declaration(), offending, axioms })
    };
    (findings, verdict)
}
