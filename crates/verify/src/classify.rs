//! What kind of hole a candidate fills. Only holes in proofs are verified: a proof is as good as another, data is not.

use crate::guard::{Evidence, sorry_name};
use leanwright_contract::HoleClass;
use leanwright_lean::{Declaration, tokenize};
use leanwright_olean::{Constant, ConstantKind, Module, NameId, Store};

/// The class of a hole that begins at `hole`, from the compiled module without the candidate. A proof inside of a definition is
/// one that Lean keeps as a theorem of its own.
pub fn classify(
    module: &Module,
    store: &Store,
    targets: &[NameId],
    (source, declaration, hole): (&str, &Declaration, usize),
) -> HoleClass {
    let sorry = store.find_name(&sorry_name());
    let has_hole = |names: Vec<NameId>| names.into_iter().any(|name| Some(name) == sorry);
    let constants: Vec<&Constant> = targets.iter().filter_map(|target| module.constants.get(target)).collect();
    if constants.iter().any(|constant| has_hole(store.constants_of(constant.type_))) {
        return HoleClass::Statement;
    }
    let Some(first) = constants.first() else { return HoleClass::Unknown };
    if first.kind == ConstantKind::Theorem {
        return HoleClass::Proof;
    }
    let own = store.name(first.name).without_private_prefix();
    let mut theorems = module.constants.values().filter(|constant| {
        constant.kind == ConstantKind::Theorem && store.name(constant.name).without_private_prefix().starts_with(&own)
    });
    if !theorems.any(|theorem| has_hole(theorem.mentions(store))) {
        return HoleClass::Data;
    }
    let head = source.get(declaration.span.start..hole).unwrap_or_default();
    if tokenize(head).iter().any(|token| token.text(head) == "decreasing_by") {
        HoleClass::Termination
    } else {
        HoleClass::ProofField
    }
}

/// Whether a candidate that should fill a proof changes what the declaration is, beside proofs. The statement guard has found the
/// types to be the same. With `is_proof` the declaration itself is a proof, whatever it is called; its helpers are what they are.
pub fn changes_data(evidence: &Evidence<'_>, is_proof: bool) -> bool {
    let helpers = evidence.targets.iter().skip(usize::from(is_proof));
    let own = helpers.filter_map(|target| evidence.before.constants.get(target));
    own.filter(|constant| !evidence.is_auxiliary(constant.name))
        .any(|constant| evidence.compare_constant(constant).is_err())
}

/// Why a hole of this class is not called verified; `None` for those that are.
pub fn refusal(class: HoleClass) -> Option<&'static str> {
    match class {
        HoleClass::Proof | HoleClass::ProofField | HoleClass::Termination => None,
        HoleClass::Statement => Some("the hole is in a statement: such fillings are never called verified"),
        HoleClass::Data => Some("the hole is in data, not in a proof: such fillings are never called verified"),
        HoleClass::Unknown => Some("Lean's compiled module has no constant for this declaration"),
    }
}
