//! The axiom guard: our own walk over types and values of everything that the declaration mentions.

use super::{Evidence, Findings, gains, placeholder};
use crate::imports::AxiomSet;
use leanwright_contract::RejectReason;
use leanwright_olean::{ConstantKind, Name, NameId};
use std::collections::BTreeSet;

/// The placeholder's constant.
pub fn sorry_name() -> Name {
    Name::from_texts(["sorryAx"])
}

/// Walk everything of the module that the declaration and what is new mention; of what is imported it is known which axioms it rests on.
pub fn check(evidence: &Evidence<'_>, findings: &mut Findings) -> Result<String, RejectReason> {
    let own = evidence.after.constants.keys().filter(|name| evidence.is_own(**name)).copied();
    let added = evidence.altered().map(|constant| constant.name);
    let walked = walk(
        evidence,
        own.chain(added.filter(|name| !evidence.before.constants.contains_key(name))).collect(),
        findings,
    );
    let offending = findings.axioms.difference(evidence.allowed_axioms).map(Name::to_string).collect::<Vec<_>>();
    if !offending.is_empty() {
        let axioms = findings.axioms.iter().map(Name::to_string).collect();
        let declaration = evidence.declaration();
        return Err(RejectReason::DisallowedAxiom { declaration, offending, axioms });
    }
    gains::check(evidence)?;
    if let Some(lemma) = findings.open_lemmas.iter().find(|lemma| says_the_same(evidence, **lemma)) {
        let (declaration, lemmas) = (evidence.declaration(), vec![evidence.lemma(*lemma).to_string()]);
        return Err(RejectReason::RestsOnOpenLemmas { declaration, lemmas });
    }
    if let Some(helper) = proved_by_an_open_helper(evidence) {
        let (declaration, lemmas) = (evidence.declaration(), vec![evidence.shown(helper)]);
        return Err(RejectReason::RestsOnOpenLemmas { declaration, lemmas });
    }
    Ok(format!("{walked} constants walked through; no other declaration of the file gains one"))
}

/// What an imported constant rests on. An open lemma of the project's own is named; one of a package or a library is none of the user's to close.
fn from_imports(evidence: &Evidence<'_>, id: NameId, axioms: &AxiomSet, findings: &mut Findings) {
    let sorry = sorry_name();
    let is_of_the_project = evidence.imported.is_below(id, evidence.store, evidence.products);
    if axioms.names.contains(&sorry) && is_of_the_project {
        findings.rests_on.insert(evidence.name(id).without_private_prefix());
        findings.open_lemmas.insert(id);
    }
    if axioms.more {
        findings.axioms.insert(evidence.name(id));
    }
    findings.axioms.extend(axioms.names.iter().filter(|name| **name != sorry || !is_of_the_project).cloned());
}

/// Whether an open lemma has the statement of the declaration: then the declaration has been proved by itself. Universe parameters may
/// have other names.
fn says_the_same(evidence: &Evidence<'_>, lemma: NameId) -> bool {
    let target = evidence.targets.first().and_then(|target| evidence.after.constants.get(target));
    let (Some(target), Some(lemma)) = (target, evidence.after.constants.get(&lemma)) else { return false };
    target.level_params.len() == lemma.level_params.len()
        && (target.type_ == lemma.type_
            || evidence.store.statement_digest(target) == evidence.store.statement_digest(lemma))
}

/// A helper of the declaration that has a `sorry`, and that something with the same statement has been proved by.
fn proved_by_an_open_helper(evidence: &Evidence<'_>) -> Option<NameId> {
    let constant = |name: NameId| evidence.after.constants.get(&name).filter(|_| evidence.is_own(name));
    evidence.altered().filter(|altered| evidence.is_own(altered.name)).find_map(|proved| {
        let statement = evidence.store.statement_digest(proved);
        let (mut seen, mut waiting) = (BTreeSet::from([proved.name]), proved.mentions(evidence.store));
        while let Some(name) = waiting.pop() {
            let Some(helper) = constant(name).filter(|_| seen.insert(name)) else { continue };
            let mentions = helper.mentions(evidence.store);
            let is_open = mentions.iter().any(|name| evidence.is_sorry(*name));
            // A new one with a `sorry` is the placeholder guard's.
            if is_open
                && evidence.before.constants.contains_key(&name)
                && evidence.store.statement_digest(helper) == statement
            {
                return Some(name);
            }
            waiting.extend(mentions);
        }
        None
    })
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
        let is_open = mentions.iter().any(|mention| evidence.is_sorry(*mention));
        if is_open && (!evidence.is_own(id) || placeholder::is_elsewhere(evidence, constant)) {
            findings.rests_on.insert(evidence.lemma(id));
            findings.open_lemmas.insert(id);
        }
        waiting.extend(mentions);
    }
    seen.len()
}
