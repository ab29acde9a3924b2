//! Whether a term of the module before means the same as one of the module after.
//!
//! Equal ids are not enough and not needed: Lean keeps parts of declarations in auxiliary constants that are shared between
//! declarations under names that shift, and the tags of open holes contain their lines. So auxiliary constants are compared
//! by what they are, tags are not compared, and a proof is as good as another of the same statement. What a term stands in
//! fixes its type, and both modules have been through Lean's kernel: where the surroundings are the same and the side that the
//! candidate had no part in is a proof, the other is a proof of the same statement.

use super::Evidence;
use leanwright_olean::{Constant, ConstantKind, ExprId, ExprNode, Module, NameId};
use std::cell::RefCell;
use std::collections::HashSet;

/// What has been found to be the same already.
#[derive(Default)]
pub struct Sameness {
    seen: RefCell<HashSet<Pair>>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Pair {
    Terms(ExprId, ExprId),
    Constants(NameId, NameId),
}

impl Evidence<'_> {
    /// Whether two terms mean the same.
    pub fn is_same(&self, before: ExprId, after: ExprId) -> bool {
        let mut seen = self.sameness.seen.borrow_mut();
        let mut waiting = vec![Pair::Terms(before, after)];
        while let Some(pair) = waiting.pop() {
            if !seen.insert(pair) {
                continue;
            }
            let same = match pair {
                Pair::Terms(before, after) => self.compare_terms(before, after, &mut waiting),
                Pair::Constants(before, after) => self.compare_auxiliaries(before, after, &mut waiting),
            };
            if !same {
                // What was assumed on the way here is not known.
                seen.clear();
                return false;
            }
        }
        true
    }

    /// Whether a constant of the module before is what it was: all of it, except that a theorem may have another proof.
    pub fn compare_constant(&self, before: &Constant) -> Result<(), &'static str> {
        let Some(after) = self.after.constants.get(&before.name) else {
            return Err("would no longer be declared");
        };
        let same = |before: Option<ExprId>, after: Option<ExprId>| match (before, after) {
            (Some(before), Some(after)) => self.is_same(before, after),
            (before, after) => before.is_none() && after.is_none(),
        };
        if after.kind != before.kind
            || after.level_params != before.level_params
            || !self.is_same(before.type_, after.type_)
        {
            return Err("would have another statement");
        }
        // Binders change no meaning, but what callers have to write.
        if before.binders != after.binders {
            return Err("would have other binders");
        }
        if before.kind != ConstantKind::Theorem && !same(before.value, after.value) {
            return Err("would have another value");
        }
        let rules = before.rules.len() == after.rules.len()
            && before.rules.iter().zip(&after.rules).all(|(before, after)| self.is_same(*before, *after));
        if rules && before.related == after.related && before.flags == after.flags {
            Ok(())
        } else {
            Err("would be another type")
        }
    }

    /// Compare the outermost nodes; what is left to compare goes to `waiting`.
    fn compare_terms(&self, before: ExprId, after: ExprId, waiting: &mut Vec<Pair>) -> bool {
        if before == after {
            // The same text; its auxiliary constants can still be others.
            let constants = self.store.constants_of(before).into_iter().filter(|name| self.is_made_by_lean(*name));
            waiting.extend(constants.map(|name| Pair::Constants(name, name)));
            return true;
        }
        if self.is_proof(self.before, before) {
            return true;
        }
        let (Some(one), Some(other)) = (self.store.expr(before), self.store.expr(after)) else { return false };
        let mut both = |pairs: &[(&ExprId, &ExprId)]| {
            waiting.extend(pairs.iter().map(|(before, after)| Pair::Terms(**before, **after)));
            true
        };
        match (one, other) {
            (ExprNode::Const(name, levels), ExprNode::Const(other, other_levels)) => {
                waiting.push(Pair::Constants(*name, *other));
                levels == other_levels
            }
            (ExprNode::App(f, a), ExprNode::App(g, b)) => {
                if self.is_placeholder(*f) && self.is_placeholder(*g) {
                    return both(&[(f, g)]);
                }
                both(&[(f, g), (a, b)])
            }
            (ExprNode::Lambda(a, b), ExprNode::Lambda(c, d)) | (ExprNode::Pi(a, b), ExprNode::Pi(c, d)) => {
                both(&[(a, c), (b, d)])
            }
            (ExprNode::Let(a, b, c), ExprNode::Let(d, e, f)) => both(&[(a, d), (b, e), (c, f)]),
            (ExprNode::Proj(name, index, a), ExprNode::Proj(other, other_index, b)) => {
                name == other && index == other_index && both(&[(a, b)])
            }
            _ => false,
        }
    }

    /// Constants of the source are compared by name here, and as declarations by the guards.
    fn compare_auxiliaries(&self, before: NameId, after: NameId, waiting: &mut Vec<Pair>) -> bool {
        if !self.is_made_by_lean(before) || !self.is_made_by_lean(after) {
            return before == after;
        }
        let (Some(one), Some(other)) = (self.before.constants.get(&before), self.after.constants.get(&after)) else {
            return false;
        };
        if one.kind != other.kind || one.level_params.len() != other.level_params.len() {
            return false;
        }
        if one.kind == ConstantKind::Theorem {
            return true;
        }
        let optional = |one: Option<ExprId>, other: Option<ExprId>| one.is_some() == other.is_some();
        if one.level_params != other.level_params
            || one.flags != other.flags
            || one.related.len() != other.related.len()
            || one.rules.len() != other.rules.len()
            || !optional(one.value, other.value)
        {
            return false;
        }
        waiting.push(Pair::Terms(one.type_, other.type_));
        waiting.extend(one.value.zip(other.value).map(|(one, other)| Pair::Terms(one, other)));
        waiting.extend(one.rules.iter().zip(&other.rules).map(|(one, other)| Pair::Terms(*one, *other)));
        waiting.extend(one.related.iter().zip(&other.related).map(|(one, other)| Pair::Constants(*one, *other)));
        true
    }

    /// A constant of Lean's making, of this file.
    fn is_made_by_lean(&self, name: NameId) -> bool {
        let is_here = self.before.constants.contains_key(&name) || self.after.constants.contains_key(&name);
        is_here && self.is_auxiliary(name)
    }

    /// `sorryAx type synthetic`, to which a tag is applied.
    fn is_placeholder(&self, term: ExprId) -> bool {
        let function = |term: ExprId| match self.store.expr(term) {
            Some(ExprNode::App(function, _)) => Some(*function),
            _ => None,
        };
        let head = function(term).and_then(function).and_then(|head| self.store.expr(head));
        matches!(head, Some(ExprNode::Const(name, _)) if self.is_sorry(*name))
    }

    /// Whether a term is a theorem, applied to whatever, under whatever binders: then it is a proof.
    fn is_proof(&self, module: &Module, mut term: ExprId) -> bool {
        loop {
            match self.store.expr(term) {
                Some(ExprNode::Lambda(_, inner) | ExprNode::App(inner, _)) => term = *inner,
                Some(ExprNode::Const(name, _)) => {
                    let kind = module.constants.get(name).map(|constant| constant.kind);
                    let kind = kind.or_else(|| self.imported.kind(*name, self.store));
                    return kind == Some(ConstantKind::Theorem);
                }
                _ => return false,
            }
        }
    }
}
