//! The invariance guard: every other declaration of the file is what it was, and nothing was added to it.

use super::{DataGuard, Evidence, Findings, Guard};
use leanwright_contract::RejectReason;
use leanwright_olean::{ConstantKind, NameId};

pub struct InvarianceGuard;

impl DataGuard for InvarianceGuard {
    fn guard(&self) -> Guard {
        Guard::Invariance
    }

    fn check(&self, evidence: &Evidence<'_>, _: &mut Findings) -> Result<String, RejectReason> {
        let changed = |name: NameId, detail: &str| {
            let declaration = evidence.shown(name);
            Err(RejectReason::ModuleChanged { declaration, detail: detail.to_owned() })
        };
        if evidence.before.imports != evidence.after.imports {
            let detail = "the file would import other modules".to_owned();
            return Err(RejectReason::StatementUnverifiable { detail });
        }
        let outside = |name: &NameId| !evidence.is_own(*name) && !evidence.is_internal(*name);
        let mut compared = 0;
        for (name, before) in evidence.before.constants.iter().filter(|(name, _)| outside(name)) {
            compared += 1;
            if let Err(detail) = evidence.compare_constant(before) {
                return changed(*name, detail);
            }
        }
        for (name, constant) in &evidence.after.constants {
            if evidence.before.constants.contains_key(name) {
                continue;
            }
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
            if outside(name) {
                return changed(*name, "would be a new declaration of the file");
            }
        }
        Ok(format!("{compared} other constants of the file are the same"))
    }
}
