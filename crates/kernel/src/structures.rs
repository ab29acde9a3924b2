//! Structures: projections, eta, types with one element.
//!
//! Source: `infer_proj`, `reduce_proj`, `try_eta_struct`, `is_def_eq_unit_like` in `src/kernel/type_checker.cpp`, `is_non_rec_structure` in
//! `src/kernel/inductive.cpp`; "Structure eta" in the Lean reference.

use crate::checker::Checker;
use crate::failure::{Outcome, Reason};
use crate::infer::Trust;
use crate::terms::Node;
use crate::whnf::Projections;
use leanwright_olean::{Constructor, Details, ExprId, ExprNode, NameId};

impl Checker<'_> {
    /// The constructor of a type that has eta: one constructor, no indices, not recursive.
    pub fn structure(&mut self, name: NameId) -> Outcome<Option<(Constructor, NameId)>> {
        let Details::Inductive(inductive) = &self.constant(name)?.details else { return Ok(None) };
        let ([constructor], 0, false) =
            (inductive.constructors.as_slice(), inductive.num_indices, inductive.is_recursive)
        else {
            return Ok(None);
        };
        let Details::Constructor(details) = &self.constant(*constructor)?.details else { return Ok(None) };
        Ok(Some((details.clone(), *constructor)))
    }

    pub fn projection(&mut self, structure: NameId, index: u32, of: ExprId) -> Outcome<ExprId> {
        self.terms.add(ExprNode::Proj(structure, index, of))
    }

    /// The type of a projection: that of the field, with the parameters and the fields before it put in. From a proof only proofs come out: anything
    /// else would tell equal proofs apart.
    pub fn infer_projection(&mut self, structure: NameId, index: u32, of: ExprId, trust: Trust) -> Outcome<ExprId> {
        let type_ = self.infer(of, trust)?;
        let type_ = self.whnf(type_)?;
        let (head, arguments) = self.terms.spine(type_);
        if self.terms.node(head) != Node::Const(structure) {
            return Err(Reason::Projection("something that is not of the structure").into());
        }
        let Details::Inductive(inductive) = &self.constant(structure)?.details else {
            return Err(Reason::Projection("a type that is not inductive").into());
        };
        let [constructor] = inductive.constructors.as_slice() else {
            return Err(Reason::Projection("a type without exactly one constructor").into());
        };
        if inductive.num_indices != 0 || arguments.len() != inductive.num_params as usize {
            return Err(Reason::Projection("a family of types").into());
        }
        let levels = self.terms.levels_of(head);
        let constructor = self.terms.constant(*constructor, &levels)?;
        let mut rest = self.constant_type(constructor)?;
        let is_proof = self.is_proposition(type_)?;
        for argument in &arguments {
            let (_, body) = self.as_pi(rest)?.ok_or(Reason::Projection("a field that is not there"))?;
            rest = self.terms.instantiate(body, &[*argument])?;
        }
        for before in 0..index {
            let (domain, body) = self.as_pi(rest)?.ok_or(Reason::Projection("a field that is not there"))?;
            if self.terms.is_closed(body) {
                rest = body;
                continue;
            }
            if is_proof && !self.is_proposition(domain)? {
                return Err(Reason::Projection("a proof, after data that its type depends on").into());
            }
            let field = self.projection(structure, before, of)?;
            rest = self.terms.instantiate(body, &[field])?;
        }
        let (domain, _) = self.as_pi(rest)?.ok_or(Reason::Projection("a field that is not there"))?;
        if is_proof && !self.is_proposition(domain)? {
            return Err(Reason::Projection("a proof, and would give data").into());
        }
        Ok(domain)
    }

    /// A projection from a constructor.
    pub fn reduce_projection(
        &mut self,
        structure: NameId,
        index: u32,
        of: ExprId,
        projections: Projections,
    ) -> Outcome<Option<ExprId>> {
        let of = match projections {
            Projections::Cheap => self.whnf_core(of, projections)?,
            Projections::Whole => self.whnf(of)?,
        };
        self.field(structure, index, of)
    }

    /// A field of a term that is a constructor, or a literal of text.
    pub fn field(&mut self, structure: NameId, index: u32, of: ExprId) -> Outcome<Option<ExprId>> {
        let of = match self.terms.node(of) {
            Node::Text => {
                let list = self.text_as_constructor(of)?;
                self.whnf(list)?
            }
            _ => of,
        };
        let (head, arguments) = self.terms.spine(of);
        let Node::Const(name) = self.terms.node(head) else { return Ok(None) };
        match &self.constant(name)?.details {
            Details::Constructor(constructor) if constructor.inductive == structure => Ok(arguments
                .get(constructor.num_params as usize..)
                .and_then(|fields| fields.get(index as usize))
                .copied()),
            _ => Ok(None),
        }
    }

    /// Eta: a term equals a constructor whose fields are equal to its projections.
    pub fn equal_by_structure(&mut self, term: ExprId, constructed: ExprId) -> Outcome<bool> {
        let (head, arguments) = self.terms.spine(constructed);
        let Node::Const(name) = self.terms.node(head) else { return Ok(false) };
        let Details::Constructor(constructor) = &self.constant(name)?.details else { return Ok(false) };
        let params = constructor.num_params as usize;
        let structure = constructor.inductive;
        if arguments.len() != params + constructor.num_fields as usize || self.structure(structure)?.is_none() {
            return Ok(false);
        }
        let (one, other) = (self.type_of(term)?, self.type_of(constructed)?);
        if !self.is_equal(one, other)? {
            return Ok(false);
        }
        for (index, field) in (0..).zip(arguments.iter().skip(params)) {
            let own = self.projection(structure, index, term)?;
            if !self.is_equal(own, *field)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Two terms of a structure without fields are equal.
    pub fn equal_by_unit(&mut self, one: ExprId, other: ExprId) -> Outcome<bool> {
        let type_ = self.type_of(one)?;
        let type_ = self.whnf(type_)?;
        let Some((_, name)) = self.terms.head_constant(type_) else { return Ok(false) };
        match self.structure(name)? {
            Some((constructor, _)) if constructor.num_fields == 0 => {
                let other_type = self.type_of(other)?;
                self.is_equal(type_, other_type)
            }
            _ => Ok(false),
        }
    }
}
