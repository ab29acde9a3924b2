//! Whether one claim is an instance of another by its variables: `∀ context, type` is taken with variables of the other context in the place of its own,
//! each of the type that it must have. Proofs that have become recursive have more around a hole than before.

use leanwright_olean::{ExprId, ExprNode, Store};
use std::collections::HashSet;

/// How many pairs of terms are compared, at most; after that it is none.
const MAX_STEPS: usize = 1 << 18;

/// What is bound around a hole: terms in the context of what is bound around them.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Binder {
    pub type_: ExprId,
    /// Of a `let`: it stands for this and for nothing else.
    pub value: Option<ExprId>,
}

/// What a hole claims.
pub struct Claim {
    /// The outermost first.
    pub context: Vec<Binder>,
    /// In the whole context.
    pub type_: ExprId,
}

/// Whether the tag of a hole in a claim and a tag in what is used are one hole's.
pub type SameHole<'a> = &'a dyn Fn(ExprId, ExprId) -> bool;

/// Whether `used` is what `claimed` says, for some variables.
pub fn is_instance(store: &Store, same_hole: SameHole<'_>, used: &Claim, claimed: &Claim) -> bool {
    let mut matching = Matching { store, same_hole, variables: vec![None; claimed.context.len()], steps: 0 };
    if !matching.terms((claimed.type_, claimed.context.len()), (used.type_, used.context.len())) {
        return false;
    }
    // From the inside out: a type says which variables further out are meant.
    for (index, binder) in claimed.context.iter().enumerate().rev() {
        let fits = |matching: &mut Matching<'_>, other: usize| {
            let kept = matching.variables.clone();
            let fits = used.context.get(other).is_some_and(|used| {
                let mut same = |claimed, used| matching.terms((claimed, index), (used, other));
                let is_value = match (binder.value, used.value) {
                    (Some(claimed), Some(used)) => same(claimed, used),
                    (claimed, _) => claimed.is_none(),
                };
                is_value && same(binder.type_, used.type_)
            });
            if !fits {
                matching.variables = kept;
            }
            fits
        };
        let found = match matching.variables.get(index).copied().flatten() {
            Some(other) => fits(&mut matching, other),
            // Nothing says which: the same one as before if it can be, else the nearest.
            None => {
                let found = std::iter::once(index)
                    .chain((0..used.context.len()).rev())
                    .find(|other| fits(&mut matching, *other));
                if let (Some(other), Some(variable)) = (found, matching.variables.get_mut(index)) {
                    *variable = Some(other);
                }
                found.is_some()
            }
        };
        if !found {
            return false;
        }
    }
    true
}

struct Matching<'a> {
    store: &'a Store,
    same_hole: SameHole<'a>,
    /// The variable that stands for each variable of the claim, both counted from the outermost.
    variables: Vec<Option<usize>>,
    steps: usize,
}

impl Matching<'_> {
    /// Whether the second term is the first one with other variables. Each is given with the number of variables of its context.
    fn terms(&mut self, (claimed, depth): (ExprId, usize), (used, other_depth): (ExprId, usize)) -> bool {
        let mut seen = HashSet::new();
        let mut waiting = vec![(claimed, used, 0)];
        while let Some((one, other, inner)) = waiting.pop() {
            if !seen.insert((one, other, inner)) {
                continue;
            }
            self.steps += 1;
            if self.steps > MAX_STEPS {
                return false;
            }
            let (Some(node), Some(other_node)) = (self.store.expr(one), self.store.expr(other)) else { return false };
            match (node, other_node) {
                (ExprNode::Bound(one), ExprNode::Bound(other)) => {
                    let (one, other) = (*one as usize, *other as usize);
                    let is_same = match (one.checked_sub(inner), other.checked_sub(inner)) {
                        (None, None) => one == other,
                        (Some(one), Some(other)) => self.stands_for(depth, one, other_depth, other),
                        _ => false,
                    };
                    if !is_same {
                        return false;
                    }
                }
                (ExprNode::App(f, a), ExprNode::App(g, b)) => {
                    waiting.push((*f, *g, inner));
                    if *a == *b || !(self.same_hole)(*a, *b) {
                        waiting.push((*a, *b, inner));
                    }
                }
                (ExprNode::Lambda(f, a), ExprNode::Lambda(g, b)) | (ExprNode::Pi(f, a), ExprNode::Pi(g, b)) => {
                    waiting.extend([(*f, *g, inner), (*a, *b, inner + 1)]);
                }
                (ExprNode::Let(f, v, a), ExprNode::Let(g, w, b)) => {
                    waiting.extend([(*f, *g, inner), (*v, *w, inner), (*a, *b, inner + 1)]);
                }
                (ExprNode::Proj(structure, field, a), ExprNode::Proj(other_structure, other_field, b)) => {
                    if structure != other_structure || field != other_field {
                        return false;
                    }
                    waiting.push((*a, *b, inner));
                }
                // Without parts: equal if they are the same term of the store.
                _ if one == other => {}
                _ => return false,
            }
        }
        true
    }

    fn stands_for(&mut self, depth: usize, one: usize, other_depth: usize, other: usize) -> bool {
        let (Some(one), Some(other)) = (depth.checked_sub(one + 1), other_depth.checked_sub(other + 1)) else {
            return false;
        };
        match self.variables.get_mut(one) {
            Some(Some(known)) => *known == other,
            Some(variable) => {
                *variable = Some(other);
                true
            }
            None => false,
        }
    }
}
