//! Lazy unfolding: which of two terms that are compared is unfolded next, so that as little as possible is.
//!
//! Source: `lazy_delta_reduction_step`, `lazy_delta_proj_reduction`, `is_def_eq_offset` in `src/kernel/type_checker.cpp`, `ReducibilityHints` in
//! `src/Lean/Declaration.lean`. The order changes no meaning, but without it nothing ends in time.

use crate::checker::Checker;
use crate::failure::Outcome;
use crate::terms::Node;
use crate::whnf::Projections;
use leanwright_olean::{ConstantKind, Details, ExprId, Hints, NameId};

/// What came of one step.
pub(crate) enum Step {
    Decided(bool),
    /// Nothing is left to unfold.
    Done,
    Go(ExprId, ExprId),
}

/// How eagerly a constant is unfolded.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Eagerness {
    Opaque,
    Regular(u32),
    Abbreviation,
}

/// A term that begins with a constant that has a value.
struct Unfoldable {
    head: ExprId,
    name: NameId,
    eagerness: Eagerness,
}

impl Checker<'_> {
    /// Numbers first, then one step of unfolding.
    pub fn unfold_lazily(&mut self, left: ExprId, right: ExprId) -> Outcome<Step> {
        if let Some(result) = self.compare_numbers(left, right)? {
            return Ok(Step::Decided(result));
        }
        if let Some(result) = self.compare_texts(left, right)? {
            return Ok(Step::Decided(result));
        }
        if !self.terms.has_free(left) && !self.terms.has_free(right) {
            if let Some(number) = self.reduce_natural(left)? {
                return self.is_equal(number, right).map(Step::Decided);
            }
            if let Some(number) = self.reduce_natural(right)? {
                return self.is_equal(left, number).map(Step::Decided);
            }
        }
        self.unfold_one(left, right)
    }

    fn unfold_one(&mut self, left: ExprId, right: ExprId) -> Outcome<Step> {
        let (mut new_left, mut new_right) = (left, right);
        match (self.unfoldable(left)?, self.unfoldable(right)?) {
            (None, None) => return Ok(Step::Done),
            // A projection on the other side is tried first: what can be unfolded may be expensive.
            (Some(_), None) => match self.reduced_projection(right)? {
                Some(reduced) => new_right = reduced,
                None => new_left = self.unfolded(left)?,
            },
            (None, Some(_)) => match self.reduced_projection(left)? {
                Some(reduced) => new_left = reduced,
                None => new_right = self.unfolded(right)?,
            },
            (Some(one), Some(other)) => match one.eagerness.cmp(&other.eagerness) {
                std::cmp::Ordering::Greater => new_left = self.unfolded(left)?,
                std::cmp::Ordering::Less => new_right = self.unfolded(right)?,
                std::cmp::Ordering::Equal => {
                    if self.arguments_decide(&one, &other, left, right)? {
                        return Ok(Step::Decided(true));
                    }
                    (new_left, new_right) = (self.unfolded(left)?, self.unfolded(right)?);
                }
            },
        }
        Ok(match self.compare_quickly(new_left, new_right)? {
            Some(result) => Step::Decided(result),
            None => Step::Go(new_left, new_right),
        })
    }

    /// The same constant with equal arguments on both sides: equal, without unfolding.
    fn arguments_decide(&mut self, one: &Unfoldable, other: &Unfoldable, left: ExprId, right: ExprId) -> Outcome<bool> {
        let is_regular = matches!(one.eagerness, Eagerness::Regular(_));
        if one.name != other.name || !is_regular || self.known.unequal_arguments.contains_key(&(left, right)) {
            return Ok(false);
        }
        let (arguments, other_arguments) = (self.terms.spine(left).1, self.terms.spine(right).1);
        if arguments.len() == other_arguments.len()
            && !arguments.is_empty()
            && self.same_levels(one.head, other.head)?
            && self.all_equal(&arguments, &other_arguments)?
        {
            return Ok(true);
        }
        self.known.unequal_arguments.insert((left, right), ());
        Ok(false)
    }

    fn unfoldable(&mut self, term: ExprId) -> Outcome<Option<Unfoldable>> {
        let Some((head, name)) = self.terms.head_constant(term) else { return Ok(None) };
        let constant = self.constant(name)?;
        let eagerness = match (constant.kind, &constant.details) {
            (_, Details::Definition { hints: Hints::Abbreviation, .. }) => Eagerness::Abbreviation,
            (_, Details::Definition { hints: Hints::Regular(height), .. }) => Eagerness::Regular(*height),
            (ConstantKind::Definition | ConstantKind::Theorem, _) => Eagerness::Opaque,
            _ => return Ok(None),
        };
        Ok(self.constant_value(head)?.map(|_| Unfoldable { head, name, eagerness }))
    }

    fn unfolded(&mut self, term: ExprId) -> Outcome<ExprId> {
        let unfolded = self.unfold(term)?.unwrap_or(term);
        self.whnf_core(unfolded, Projections::Cheap)
    }

    /// An applied projection that can be reduced.
    fn reduced_projection(&mut self, term: ExprId) -> Outcome<Option<ExprId>> {
        let head = self.terms.head(term);
        if !matches!(self.terms.node(head), Node::Proj(..)) {
            return Ok(None);
        }
        let reduced = self.whnf_core(term, Projections::Whole)?;
        Ok((reduced != term).then_some(reduced))
    }

    /// The same projection from two terms: they are equal, or become constructors with equal fields.
    pub fn compare_projections(
        &mut self,
        structure: NameId,
        index: u32,
        mut left: ExprId,
        mut right: ExprId,
    ) -> Outcome<bool> {
        loop {
            match self.unfold_one(left, right)? {
                Step::Decided(true) => return Ok(true),
                Step::Go(new_left, new_right) => (left, right) = (new_left, new_right),
                Step::Decided(false) | Step::Done => break,
            }
        }
        match (self.field(structure, index, left)?, self.field(structure, index, right)?) {
            (Some(left), Some(right)) => self.is_equal(left, right),
            _ => self.is_equal(left, right),
        }
    }
}
