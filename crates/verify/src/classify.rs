//! What kind of hole a candidate fills. Only holes in proofs are verified: a proof is as good as another, data is not.

use crate::compile::Compiled;
use crate::frame::{self, Framed};
use crate::gate::{self, DeclaredSyntax};
use crate::guard::{Evidence, is_code_of_a_definition, sorry_name};
use crate::imports::Imported;
use crate::outcome::NotAccepted;
use crate::own_kernel;
use crate::prepared::Prepared;
use leanwright_contract::HoleClass;
use leanwright_lean::{Declaration, tokenize};
use leanwright_olean::{Constant, ConstantKind, Module, Name, NameId, Olean, Store};
use std::collections::HashMap;

/// The class of a hole that begins at `hole`, from the compiled module without the candidate. A proof inside of a definition is
/// one that Lean keeps as a theorem of its own.
fn classify(
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
    let written: HashMap<Name, bool> = module
        .ranges
        .iter()
        .map(|(name, _)| (store.name(*name).without_private_prefix(), targets.contains(name)))
        .collect();
    // What a user has written below the declaration's name is a declaration of its own, open or not.
    let is_part = |name: NameId| {
        let mut name = store.name(name).without_private_prefix();
        while !written.contains_key(&name) && name.0.pop().is_some() {}
        written.get(&name).copied().unwrap_or(false)
    };
    let all = module.constants.values();
    let mut theorems = all.filter(|constant| constant.kind == ConstantKind::Theorem && is_part(constant.name));
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

/// What kind of hole it is, whether it is the proof of a definition whose type is a proposition, and what begins the commands that the file declares. The
/// baseline is the user's own text: it may be read here.
pub(crate) fn class_and_syntax(
    prepared: &Prepared,
    baseline: &Compiled,
    framed: &Framed,
) -> Result<(HoleClass, bool, DeclaredSyntax), NotAccepted> {
    let mut store = Store::new();
    let parts = baseline.module.iter().flatten().cloned();
    let module = Module::read(&Olean::of_parts(parts), &mut store)
        .map_err(|error| NotAccepted::Unknown(format!("the compiled module cannot be read: {error}")))?;
    let entries = store.find_name(&gate::parsers()).and_then(|parsers| module.entries.get(&parsers));
    let entries = entries.map(Vec::as_slice).unwrap_or_default();
    let mut syntax = DeclaredSyntax::of(entries, &store, |name| module.constants.get(&name));
    let others = gate::other_syntax(&prepared.candidate.before);
    syntax.extend(&DeclaredSyntax::hidden(&module, &store, entries, &others));
    let targets = frame::targets(&module, &store, &framed.text, framed.start..framed.end);
    let place = (prepared.candidate.before.as_str(), &prepared.declaration, prepared.candidate.span.start);
    let class = classify(&module, &store, &targets, place);
    let definition = targets.first().and_then(|target| module.constants.get(target));
    let Some(definition) = definition.filter(|one| class == HoleClass::Data && one.kind == ConstantKind::Definition)
    else {
        return Ok((class, false, syntax));
    };
    let mut imported = Imported::open(&prepared.closure.index)?;
    let is_proof = own_kernel::is_proof(&mut store, &module, definition, &mut imported)
        .map_err(|failure| NotAccepted::Unknown(failure.to_string()))?;
    Ok(if is_proof { (HoleClass::Proof, true, syntax) } else { (class, false, syntax) })
}

/// Whether a candidate that should fill a proof changes what the declaration is, beside proofs. The statement guard has found the
/// types to be the same. With `is_proof` the declaration itself is a proof, whatever it is called; its helpers are what they are.
pub fn changes_data(evidence: &Evidence<'_>, is_proof: bool) -> bool {
    let helpers = evidence.targets.iter().skip(usize::from(is_proof));
    let own = helpers.filter_map(|target| evidence.before.constants.get(target));
    let own = own.filter(|constant| !evidence.is_auxiliary(constant.name));
    // What nobody has written and no term mentions is data as well: the default of a field.
    let unwritten = evidence.before.constants.values().filter(|constant| {
        let is_part = !evidence.targets.contains(&constant.name) && evidence.is_own(constant.name);
        let is_proof = constant.kind == ConstantKind::Theorem;
        let is_code = is_code_of_a_definition(evidence.store, evidence.before, constant);
        is_part && !is_proof && !is_code && !evidence.may_be_shared(constant.name)
    });
    own.chain(unwritten).any(|constant| evidence.compare_constant(constant).is_err())
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
