//! What the holes of a declaration stand for. A hole claims its type for everything that is bound around it: `∀ context, type`. A hole that is left may
//! be used for nothing but an instance of what it claimed before, and no more often. Terms are shared, so the ways from the root to a part are
//! counted, not its nodes.

use super::instance::{Binder, Claim, is_instance};
use super::{Part, Place, moved, part, place};
use crate::guard::Evidence;
use leanwright_olean::{Constant, ExprId, ExprNode, Module};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// How many pairs of a term and its context are looked at, at most: terms that share much can stand in more contexts than anybody can count.
const MAX_VISITS: usize = 1 << 20;

/// A place, and what it claims.
type Use = (Place, ContextId, ExprId);

/// How often a place is used for a claim.
type Uses = BTreeMap<Use, u64>;

/// Whether a place of `allowed`, which are places of the text with the edit, claims something else than it did, or is used more often.
pub fn grow(evidence: &Evidence<'_>, allowed: &BTreeSet<Place>) -> bool {
    let mut contexts = Contexts::default();
    let before =
        uses(evidence, evidence.before, &mut contexts, |place| moved(evidence, &BTreeSet::from([place])).pop_first());
    let after = uses(evidence, evidence.after, &mut contexts, |place| allowed.contains(&place).then_some(place));
    let (Some(mut left), Some(after)) = (before, after) else { return true };
    // What is as it was comes first, so that nothing else takes its part.
    let (same, others): (Vec<_>, Vec<_>) = after.into_iter().partition(|(used, _)| left.contains_key(used));
    // A type may mention another hole, whose tag has moved.
    let same_hole = |claimed: ExprId, used: ExprId| {
        let [claimed, used] = [claimed, used].map(|tag| place(evidence.store, tag));
        claimed.zip(used).is_some_and(|(claimed, used)| moved(evidence, &BTreeSet::from([claimed])).contains(&used))
    };
    let same_hole = &same_hole;
    let known: Vec<Use> = left.keys().copied().collect();
    let instances = |(place, context, type_): Use| {
        let claim = |context, type_| Claim { context: contexts.binders(context), type_ };
        let of_place = known.iter().copied().filter(move |known| known.0 == place);
        of_place.filter(move |known| {
            is_instance(evidence.store, same_hole, &claim(context, type_), &claim(known.1, known.2))
        })
    };
    let fits = same.iter().all(|(used, count)| take(&mut left, used, *count))
        && others.iter().all(|(used, count)| instances(*used).any(|known| take(&mut left, &known, *count)));
    !fits
}

/// Take a number of uses away; `false` if there are not as many.
fn take(left: &mut Uses, known: &Use, count: u64) -> bool {
    let rest = left.get_mut(known).and_then(|left| Some((left.checked_sub(count)?, left)));
    rest.map(|(rest, left)| *left = rest).is_some()
}

/// What is bound around a term, as a path in a tree.
#[derive(Default)]
struct Contexts {
    nodes: Vec<(ContextId, Binder)>,
    known: HashMap<(ContextId, Binder), ContextId>,
}

/// 0 is the empty context.
type ContextId = usize;

impl Contexts {
    fn with(&mut self, context: ContextId, binder: Binder) -> ContextId {
        *self.known.entry((context, binder)).or_insert_with(|| {
            self.nodes.push((context, binder));
            self.nodes.len()
        })
    }

    /// The outermost first.
    fn binders(&self, mut context: ContextId) -> Vec<Binder> {
        let mut binders = Vec::new();
        while let Some((around, binder)) = context.checked_sub(1).and_then(|index| self.nodes.get(index)) {
            binders.push(*binder);
            context = *around;
        }
        binders.reverse();
        binders
    }
}

/// Of the declaration in one of the modules; `known` are the places that count. `None` if there are too many to look at.
fn uses(
    evidence: &Evidence<'_>,
    module: &Module,
    contexts: &mut Contexts,
    known: impl Fn(Place) -> Option<Place>,
) -> Option<Uses> {
    let (mut uses, mut visits) = (Uses::new(), 0);
    let own = module.constants.values().filter(|constant| evidence.is_own(constant.name));
    for root in own.flat_map(Constant::terms) {
        let open = open_parts(evidence, root);
        // What a term is made of stands before it: from the root on, all ways to a part are known when it is reached.
        let mut waiting: BTreeMap<ExprId, BTreeMap<ContextId, u64>> = BTreeMap::new();
        if open.contains(&root) {
            waiting.insert(root, BTreeMap::from([(0, 1)]));
        }
        while let Some((id, ways)) = waiting.pop_last() {
            visits += ways.len();
            if visits > MAX_VISITS {
                return None;
            }
            let Some(node) = evidence.store.expr(id) else { continue };
            if let ExprNode::App(function, tag) = node
                && part(evidence, *function) == Part::Whole
                && let Some(place) = place(evidence.store, *tag).and_then(&known)
                && let Some(type_) = closed_type(evidence, *function)
            {
                for (context, count) in &ways {
                    let uses = uses.entry((place, *context, type_)).or_default();
                    *uses = uses.saturating_add(*count);
                }
            }
            // The last part of a binder has one variable more. The value of a `let` counts, unless a hole in it may be filled.
            let binder = match node {
                ExprNode::Lambda(type_, _) | ExprNode::Pi(type_, _) => Some(Binder { type_: *type_, value: None }),
                ExprNode::Let(type_, value, _) => {
                    Some(Binder { type_: *type_, value: Some(*value).filter(|value| !open.contains(value)) })
                }
                _ => None,
            };
            let parts = node.children().collect::<Vec<_>>();
            let last = parts.len().saturating_sub(1);
            for (index, child) in parts.into_iter().enumerate().filter(|(_, child)| open.contains(child)) {
                let inside = binder.filter(|_| index == last);
                for (context, count) in &ways {
                    let context = inside.map_or(*context, |binder| contexts.with(*context, binder));
                    let ways = waiting.entry(child).or_default().entry(context).or_default();
                    *ways = ways.saturating_add(*count);
                }
            }
        }
    }
    Some(uses)
}

/// The parts of a term that have a `sorryAx` in them.
fn open_parts(evidence: &Evidence<'_>, root: ExprId) -> HashSet<ExprId> {
    let mut parts = Vec::new();
    evidence.store.visit(root, |id, _| parts.push(id));
    parts.sort_unstable();
    let mut open = HashSet::new();
    for id in parts {
        let Some(node) = evidence.store.expr(id) else { continue };
        let is_sorry = matches!(node, ExprNode::Const(name, _) if evidence.is_sorry(*name));
        if is_sorry || node.children().any(|child| open.contains(&child)) {
            open.insert(id);
        }
    }
    open
}

/// The `α` of `sorryAx α synthetic`.
fn closed_type(evidence: &Evidence<'_>, whole: ExprId) -> Option<ExprId> {
    let Some(ExprNode::App(typed, _)) = evidence.store.expr(whole) else { return None };
    let Some(ExprNode::App(_, type_)) = evidence.store.expr(*typed) else { return None };
    Some(*type_)
}
