//! Definitional equality of two terms that are right and have equal types, or are types.
//!
//! Source: `is_def_eq_core` and what it calls in `src/kernel/type_checker.cpp`; "Definitional equality" in the Lean reference. No is not always the
//! truth, here as in Lean; yes is.

use crate::checker::Checker;
use crate::failure::Outcome;
use crate::terms::Node;
use crate::unfolding::Step;
use crate::whnf::Projections;
use leanwright_olean::{ExprId, ExprNode};

impl Checker<'_> {
    pub fn is_equal(&mut self, one: ExprId, other: ExprId) -> Outcome<bool> {
        if one == other || self.representative(one) == self.representative(other) {
            return Ok(true);
        }
        let equal = self.deeper(|checker| checker.compare(one, other))?;
        if equal {
            let (one, other) = (self.representative(one), self.representative(other));
            if one != other {
                self.known.equal.insert(one.max(other), one.min(other));
            }
        }
        Ok(equal)
    }

    /// The same term for all that are known to be equal.
    fn representative(&mut self, mut term: ExprId) -> ExprId {
        while let Some(next) = self.known.equal.get(&term).copied() {
            if let Some(after) = self.known.equal.get(&next).copied() {
                self.known.equal.insert(term, after);
            }
            term = next;
        }
        term
    }

    fn compare(&mut self, one: ExprId, other: ExprId) -> Outcome<bool> {
        if let Some(result) = self.compare_quickly(one, other)? {
            return Ok(result);
        }
        // Proofs by `decide` ask whether something is `true`: it is computed at once.
        for (computed, wanted) in [(one, other), (other, one)] {
            if self.is_true(wanted) && !self.terms.has_free(computed) {
                let form = self.whnf(computed)?;
                if self.is_true(form) {
                    return Ok(true);
                }
            }
        }
        let (mut left, mut right) =
            (self.whnf_core(one, Projections::Cheap)?, self.whnf_core(other, Projections::Cheap)?);
        if (left, right) != (one, other)
            && let Some(result) = self.compare_quickly(left, right)?
        {
            return Ok(result);
        }
        if let Some(result) = self.compare_proofs(left, right)? {
            return Ok(result);
        }
        loop {
            match self.unfold_lazily(left, right)? {
                Step::Decided(result) => return Ok(result),
                Step::Done => break,
                Step::Go(new_left, new_right) => (left, right) = (new_left, new_right),
            }
        }
        match (self.terms.node(left), self.terms.node(right)) {
            (Node::Const(name), Node::Const(other)) if name == other && self.same_levels(left, right)? => {
                return Ok(true);
            }
            (Node::Proj(structure, index, of), Node::Proj(other, other_index, other_of))
                if (structure, index) == (other, other_index)
                    && self.compare_projections(structure, index, of, other_of)? =>
            {
                return Ok(true);
            }
            _ => {}
        }
        let whole = (self.whnf_core(left, Projections::Whole)?, self.whnf_core(right, Projections::Whole)?);
        if whole != (left, right) {
            return self.is_equal(whole.0, whole.1);
        }
        Ok(self.compare_applications(left, right)?
            || self.compare_by_eta(left, right)?
            || self.compare_by_eta(right, left)?
            || self.equal_by_structure(left, right)?
            || self.equal_by_structure(right, left)?
            || self.equal_by_unit(left, right)?)
    }

    /// What can be seen without reducing anything.
    pub fn compare_quickly(&mut self, one: ExprId, other: ExprId) -> Outcome<Option<bool>> {
        if one == other || self.representative(one) == self.representative(other) {
            return Ok(Some(true));
        }
        Ok(match (self.terms.node(one), self.terms.node(other)) {
            (Node::Lambda(..), Node::Lambda(..)) | (Node::Pi(..), Node::Pi(..)) => {
                Some(self.compare_binders(one, other)?)
            }
            (Node::Sort(level), Node::Sort(other)) => Some(self.same_level(level, other)?),
            (Node::Nat, Node::Nat) => Some(self.terms.natural(one) == self.terms.natural(other)),
            (Node::Text, Node::Text) => Some(self.terms.text(one) == self.terms.text(other)),
            _ => None,
        })
    }

    /// Two functions, or two function types: domains are equal, and bodies for a new variable.
    fn compare_binders(&mut self, mut one: ExprId, mut other: ExprId) -> Outcome<bool> {
        let mut variables = Vec::new();
        while let (Node::Lambda(domain, body), Node::Lambda(other_domain, other_body))
        | (Node::Pi(domain, body), Node::Pi(other_domain, other_body)) =
            (self.terms.node(one), self.terms.node(other))
        {
            let opened = self.terms.instantiate(other_domain, &variables)?;
            if domain != other_domain {
                let own = self.terms.instantiate(domain, &variables)?;
                if !self.is_equal(own, opened)? {
                    return Ok(false);
                }
            }
            variables.push(self.terms.free(opened)?.1);
            (one, other) = (body, other_body);
        }
        let one = self.terms.instantiate(one, &variables)?;
        let other = self.terms.instantiate(other, &variables)?;
        self.is_equal(one, other)
    }

    /// Proofs of equal propositions are equal.
    fn compare_proofs(&mut self, one: ExprId, other: ExprId) -> Outcome<Option<bool>> {
        let type_ = self.type_of(one)?;
        if !self.is_proposition(type_)? {
            return Ok(None);
        }
        let other_type = self.type_of(other)?;
        self.is_equal(type_, other_type).map(Some)
    }

    fn compare_applications(&mut self, one: ExprId, other: ExprId) -> Outcome<bool> {
        let (head, arguments) = self.terms.spine(one);
        let (other_head, other_arguments) = self.terms.spine(other);
        if arguments.is_empty() || arguments.len() != other_arguments.len() || !self.is_equal(head, other_head)? {
            return Ok(false);
        }
        self.all_equal(&arguments, &other_arguments)
    }

    /// Whether lists of the same length have equal terms. Last ones first: those say what types before them are about.
    pub fn all_equal(&mut self, one: &[ExprId], other: &[ExprId]) -> Outcome<bool> {
        for (one, other) in one.iter().zip(other).rev() {
            if !self.is_equal(*one, *other)? {
                return Ok(false);
            }
        }
        Ok(one.len() == other.len())
    }

    /// Eta for functions: a function equals what it is as a lambda term.
    fn compare_by_eta(&mut self, lambda: ExprId, other: ExprId) -> Outcome<bool> {
        if !matches!(self.terms.node(lambda), Node::Lambda(..)) || matches!(self.terms.node(other), Node::Lambda(..)) {
            return Ok(false);
        }
        let type_ = self.type_of(other)?;
        let Some((domain, _)) = self.as_pi(type_)? else { return Ok(false) };
        let variable = self.terms.add(ExprNode::Bound(0))?;
        let body = self.terms.app(other, variable)?;
        let expanded = self.terms.add(ExprNode::Lambda(domain, body))?;
        self.is_equal(lambda, expanded)
    }
}
