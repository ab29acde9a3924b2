//! What the holes of a declaration stand for: for each place the types that are closed there, and how often. Terms are shared, so the ways from the
//! root to a part are counted, not its nodes.

use super::{Part, Place, moved, part, place};
use crate::guard::Evidence;
use leanwright_olean::{Constant, ExprId, ExprNode, Module};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A digest of a type without its outer variables: those are counted otherwise where a proof has become recursive.
type Shape = [u8; 32];

/// How often a place closes something of a shape.
type Uses = BTreeMap<(Place, Shape), u64>;

/// Whether a place of `allowed`, which are places of the text with the edit, closes more than it did, or something else.
pub fn grow(evidence: &Evidence<'_>, allowed: &BTreeSet<Place>) -> bool {
    let before = uses(evidence, evidence.before, |place| moved(evidence, &BTreeSet::from([place])).pop_first());
    let after = uses(evidence, evidence.after, |place| allowed.contains(&place).then_some(place));
    after.iter().any(|(use_, count)| before.get(use_).is_none_or(|known| count > known))
}

/// Of the declaration in one of the modules; `known` are the places that count.
fn uses(evidence: &Evidence<'_>, module: &Module, known: impl Fn(Place) -> Option<Place>) -> Uses {
    let mut uses = Uses::new();
    let own = module.constants.values().filter(|constant| evidence.is_own(constant.name));
    for root in own.flat_map(Constant::terms) {
        let mut parts = Vec::new();
        evidence.store.visit(root, |id, _| parts.push(id));
        // What a term is made of stands before it: from the root on, the ways to a part are known when it is reached.
        parts.sort_unstable_by(|one, other| other.cmp(one));
        let mut ways: HashMap<ExprId, u64> = HashMap::from([(root, 1)]);
        for id in parts {
            let count = ways.get(&id).copied().unwrap_or(0);
            let Some(node) = evidence.store.expr(id) else { continue };
            for child in node.children() {
                let ways = ways.entry(child).or_default();
                *ways = ways.saturating_add(count);
            }
            if let ExprNode::App(function, tag) = node
                && part(evidence, *function) == Part::Whole
                && let Some(place) = place(evidence.store, *tag).and_then(&known)
                && let Some(type_) = closed_type(evidence, *function)
            {
                let uses = uses.entry((place, shape(evidence, type_))).or_default();
                *uses = uses.saturating_add(count);
            }
        }
    }
    uses
}

/// The `α` of `sorryAx α synthetic`.
fn closed_type(evidence: &Evidence<'_>, whole: ExprId) -> Option<ExprId> {
    let Some(ExprNode::App(typed, _)) = evidence.store.expr(whole) else { return None };
    let Some(ExprNode::App(_, type_)) = evidence.store.expr(*typed) else { return None };
    Some(*type_)
}

/// A digest of a term in which all variables from outside are the same.
fn shape(evidence: &Evidence<'_>, root: ExprId) -> Shape {
    let mut known: HashMap<(ExprId, u32), Shape> = HashMap::new();
    let mut waiting = vec![(root, 0, false)];
    while let Some((id, depth, ready)) = waiting.pop() {
        if known.contains_key(&(id, depth)) {
            continue;
        }
        let Some(node) = evidence.store.expr(id) else { continue };
        // The last part of a binder is one binder deeper.
        let parts: Vec<(ExprId, u32)> = match node {
            ExprNode::Lambda(one, body) | ExprNode::Pi(one, body) => vec![(*one, depth), (*body, depth + 1)],
            ExprNode::Let(one, other, body) => vec![(*one, depth), (*other, depth), (*body, depth + 1)],
            node => node.children().map(|child| (child, depth)).collect(),
        };
        if !ready {
            waiting.push((id, depth, true));
            waiting.extend(parts.into_iter().map(|(part, depth)| (part, depth, false)));
            continue;
        }
        let mut hasher = blake3::Hasher::new();
        match node {
            ExprNode::Bound(index) if *index >= depth => hasher.update(b"outside"),
            ExprNode::Proj(name, index, _) => {
                hasher.update(format!("proj {index} {}", evidence.name(*name)).as_bytes())
            }
            ExprNode::App(..) => hasher.update(b"app"),
            ExprNode::Lambda(..) => hasher.update(b"lambda"),
            ExprNode::Pi(..) => hasher.update(b"pi"),
            ExprNode::Let(..) => hasher.update(b"let"),
            ExprNode::Bound(_) | ExprNode::Free(_) | ExprNode::Meta(_) => hasher.update(format!("{node:?}").as_bytes()),
            // Without parts: equal if they are the same term of the store.
            ExprNode::Sort(_) | ExprNode::Const(..) | ExprNode::Nat(_) | ExprNode::Text(_) => {
                hasher.update(format!("leaf {}", id.index()).as_bytes())
            }
        };
        for part in parts {
            if let Some(digest) = known.get(&part) {
                hasher.update(digest);
            }
        }
        known.insert((id, depth), hasher.finalize().into());
    }
    known.get(&(root, 0)).copied().unwrap_or_default()
}
