//! The placeholder guard: no hole is left where the replacement stands, counted in the compiled terms.
//!
//! Lean tags each `sorry` with its place: `sorryAx (Name → α) false tag`. Two occurrences with one tag are one hole.

use super::{DataGuard, Evidence, Findings, Guard};
use leanwright_contract::RejectReason;
use leanwright_olean::{Component, ExprId, ExprNode, Module, Name, Store};
use std::collections::BTreeSet;

pub struct PlaceholderGuard;

impl DataGuard for PlaceholderGuard {
    fn guard(&self) -> Guard {
        Guard::Placeholder
    }

    fn check(&self, evidence: &Evidence<'_>, findings: &mut Findings) -> Result<String, RejectReason> {
        findings.holes_left = count_left(evidence)?;
        Ok(format!("{} of the declaration's holes are left", findings.holes_left))
    }
}

/// Compare the holes of the declaration before and after. Returns how many it still has.
fn count_left(evidence: &Evidence<'_>) -> Result<usize, RejectReason> {
    let before = holes(evidence, evidence.before);
    let after = holes(evidence, evidence.after);
    let refuse = |detail: String| Err(RejectReason::PlaceholderLeft { declaration: evidence.declaration(), detail });
    if after.untagged > before.untagged {
        return refuse("a `sorryAx` that no `sorry` of the source stands for".to_owned());
    }
    let allowed = before.tags.len().saturating_sub(evidence.holes_filled);
    if after.tags.len() > allowed {
        return refuse(format!("{} compiled, {allowed} expected", after.tags.len()));
    }
    Ok(after.tags.len())
}

#[derive(Default)]
struct Holes {
    tags: BTreeSet<Tag>,
    untagged: usize,
}

/// A tag that can be read is a name; another is only itself.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Tag {
    Place(Name),
    Term(ExprId),
}

fn holes(evidence: &Evidence<'_>, module: &Module) -> Holes {
    let mut holes = Holes::default();
    for (_, constant) in module.constants.iter().filter(|(name, _)| evidence.is_own(**name)) {
        let terms = std::iter::once(constant.type_).chain(constant.value).chain(constant.rules.iter().copied());
        for term in terms {
            count(evidence, term, &mut holes);
        }
    }
    holes
}

fn count(evidence: &Evidence<'_>, term: ExprId, holes: &mut Holes) {
    let store = evidence.store;
    let is_sorry = |id: ExprId| matches!(store.expr(id), Some(ExprNode::Const(name, _)) if evidence.is_sorry(*name));
    let argument_of = |id: ExprId| match store.expr(id) {
        Some(ExprNode::App(function, argument)) => Some((*function, *argument)),
        _ => None,
    };
    // `sorryAx type synthetic`, applied to a tag or not.
    let is_placeholder = |id: ExprId| {
        argument_of(id).and_then(|(inner, _)| argument_of(inner)).is_some_and(|(constant, _)| is_sorry(constant))
    };
    let (mut tagged, mut all) = (0_usize, 0_usize);
    let mut constants = false;
    store.visit(term, |id, _| {
        constants |= is_sorry(id);
        if is_placeholder(id) {
            all += 1;
        }
        if let Some((_, tag)) = argument_of(id).filter(|(function, _)| is_placeholder(*function)) {
            tagged += 1;
            holes.tags.insert(place(store, tag).map_or(Tag::Term(tag), Tag::Place));
        }
    });
    // One tagged placeholder may carry several tags, as terms are shared; one without a tag has none.
    let bare = constants && all == 0;
    holes.untagged += usize::from(bare) + all.saturating_sub(tagged);
}

/// The part of a tag that names the place: everything before `_sorry`, without the macro scopes, which differ when a
/// tactic is run twice.
fn place(store: &Store, mut tag: ExprId) -> Option<Name> {
    let mut parts = Vec::new();
    while let Some(ExprNode::App(function, last)) = store.expr(tag) {
        let Some(ExprNode::App(constructor, prefix)) = store.expr(*function) else { return None };
        let Some(ExprNode::Const(name, _)) = store.expr(*constructor) else { return None };
        let name = store.name(*name);
        if name == Name::from_texts(["Lean", "Name", "str"]) {
            let Some(ExprNode::Text(text)) = store.expr(*last) else { return None };
            parts.push(Component::Text(text.clone()));
        } else if name == Name::from_texts(["Lean", "Name", "num"]) {
            parts.push(Component::Number(numeral(store, *last)?));
        } else {
            return None;
        }
        tag = *prefix;
    }
    parts.reverse();
    let end = parts.iter().position(|part| *part == Component::Text("_sorry".into()))?;
    parts.truncate(end);
    Some(Name(parts))
}

/// A literal, bare or as `OfNat.ofNat Nat n _`.
fn numeral(store: &Store, term: ExprId) -> Option<u64> {
    let mut value = None;
    store.visit(term, |_, node| {
        if let ExprNode::Nat(digits) = node {
            value = Some(digits.iter().rev().take(8).fold(0_u64, |number, digit| number << 8 | u64::from(*digit)));
        }
    });
    value
}
