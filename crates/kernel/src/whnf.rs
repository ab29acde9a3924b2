//! Weak head normal forms: beta, zeta, delta, and what constructors, recursors, projections and quotients compute.
//!
//! Source: `whnf_core`, `whnf`, `unfold_definition` in `src/kernel/type_checker.cpp`. `Lean.reduceBool` and `Lean.reduceNat` are no rules of ours: they
//! are opaque constants like others.

use crate::checker::Checker;
use crate::failure::Outcome;
use crate::terms::Node;
use leanwright_olean::{ExprId, NameId};

/// How far the structure of a projection is reduced.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Projections {
    /// Without unfolding constants: enough to see a constructor that stands there.
    Cheap,
    Whole,
}

impl Checker<'_> {
    /// The weak head normal form.
    pub fn whnf(&mut self, term: ExprId) -> Outcome<ExprId> {
        match self.terms.node(term) {
            Node::App(..) | Node::Const(_) | Node::Let(..) | Node::Proj(..) => {}
            _ => return Ok(term),
        }
        if let Some(known) = self.known.whole.get(&term) {
            return Ok(*known);
        }
        let form = self.deeper(|checker| {
            let mut form = term;
            loop {
                form = checker.whnf_core(form, Projections::Whole)?;
                if let Some(number) = checker.reduce_natural(form)? {
                    return Ok(number);
                }
                match checker.unfold(form)? {
                    Some(unfolded) => form = unfolded,
                    None => return Ok(form),
                }
            }
        })?;
        self.known.whole.insert(term, form);
        Ok(form)
    }

    /// The weak head normal form without unfolding constants, but with what recursors do.
    pub fn whnf_core(&mut self, term: ExprId, projections: Projections) -> Outcome<ExprId> {
        match self.terms.node(term) {
            Node::App(..) | Node::Let(..) | Node::Proj(..) => {}
            _ => return Ok(term),
        }
        let known = match projections {
            Projections::Cheap => &self.known.cheap,
            Projections::Whole => &self.known.core,
        };
        if let Some(known) = known.get(&term) {
            return Ok(*known);
        }
        let form = self.deeper(|checker| {
            let mut form = term;
            while let Some(next) = checker.core_step(form, projections)? {
                checker.terms.meter.step()?;
                form = next;
            }
            Ok(form)
        })?;
        let known = match projections {
            Projections::Cheap => &mut self.known.cheap,
            Projections::Whole => &mut self.known.core,
        };
        known.insert(term, form);
        Ok(form)
    }

    /// One step, if there is one.
    fn core_step(&mut self, term: ExprId, projections: Projections) -> Outcome<Option<ExprId>> {
        match self.terms.node(term) {
            Node::Let(..) => self.zeta(term).map(Some),
            Node::Proj(structure, index, of) => self.reduce_projection(structure, index, of, projections),
            Node::App(..) => {
                let (head, arguments) = self.terms.spine(term);
                match self.terms.node(head) {
                    Node::Lambda(..) => self.beta(head, &arguments).map(Some),
                    Node::Let(..) | Node::Proj(..) => {
                        let reduced = self.whnf_core(head, projections)?;
                        if reduced == head { Ok(None) } else { self.terms.apply(reduced, &arguments).map(Some) }
                    }
                    Node::Const(name) => self.reduce_constant(head, name, &arguments),
                    _ => Ok(None),
                }
            }
            _ => Ok(None),
        }
    }

    /// What an applied constant computes that is no definition.
    fn reduce_constant(&mut self, head: ExprId, name: NameId, arguments: &[ExprId]) -> Outcome<Option<ExprId>> {
        let constant = self.constant(name)?;
        match &constant.details {
            leanwright_olean::Details::Recursor(recursor) => self.reduce_recursor(head, &constant, recursor, arguments),
            leanwright_olean::Details::Quotient(kind) => self.reduce_quotient(*kind, arguments),
            _ => Ok(None),
        }
    }

    /// A function's body with as many arguments as it takes.
    fn beta(&mut self, function: ExprId, arguments: &[ExprId]) -> Outcome<ExprId> {
        let (mut body, mut taken) = (function, 0);
        while let Node::Lambda(_, inner) = self.terms.node(body)
            && taken < arguments.len()
        {
            body = inner;
            taken += 1;
        }
        let (inside, outside) = arguments.split_at_checked(taken).unwrap_or((arguments, &[]));
        let body = self.terms.instantiate(body, inside)?;
        self.terms.apply(body, outside)
    }

    /// The body of a chain of `let`, with the values put in.
    fn zeta(&mut self, term: ExprId) -> Outcome<ExprId> {
        let (mut body, mut values) = (term, Vec::new());
        while let Node::Let(_, value, inner) = self.terms.node(body) {
            values.push(self.terms.instantiate(value, &values)?);
            body = inner;
        }
        self.terms.instantiate(body, &values)
    }

    /// The term with the constant before its arguments unfolded, if that has a value.
    pub fn unfold(&mut self, term: ExprId) -> Outcome<Option<ExprId>> {
        let (head, arguments) = self.terms.spine(term);
        if !matches!(self.terms.node(head), Node::Const(_)) {
            return Ok(None);
        }
        match self.constant_value(head)? {
            Some(value) => self.beta(value, &arguments).map(Some),
            None => Ok(None),
        }
    }
}
