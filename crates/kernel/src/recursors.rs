//! What recursors compute: iota, K, and structures that are no constructor.
//!
//! Source: `inductive_reduce_rec`, `to_cnstr_when_K`, `to_cnstr_when_structure` in `src/kernel/inductive.h` and `.cpp`; "Inductive Types" in the Lean
//! reference. The rules themselves come with the recursor: the library's are believed, new recursors are refused.

use crate::checker::Checker;
use crate::failure::Outcome;
use crate::terms::Node;
use leanwright_olean::{Constant, Details, ExprId, NameId, Recursor};

impl Checker<'_> {
    /// An applied recursor at a constructor.
    pub fn reduce_recursor(
        &mut self,
        head: ExprId,
        constant: &Constant,
        recursor: &Recursor,
        arguments: &[ExprId],
    ) -> Outcome<Option<ExprId>> {
        let before = [recursor.num_params, recursor.num_motives, recursor.num_minors];
        let before: usize = before.into_iter().map(|count| count as usize).sum();
        let place = before.saturating_add(recursor.num_indices as usize);
        let Some(major) = arguments.get(place).copied() else { return Ok(None) };
        let major = match if recursor.k { self.k_constructor(constant, recursor, place, major)? } else { None } {
            Some(constructor) => constructor,
            None => {
                let major = self.whnf(major)?;
                match self.terms.node(major) {
                    Node::Nat => self.natural_as_constructor(major)?,
                    Node::Text => {
                        let list = self.text_as_constructor(major)?;
                        self.whnf(list)?
                    }
                    _ => self.structure_as_constructor(constant, place, major)?,
                }
            }
        };
        let Some((_, name)) = self.terms.head_constant(major) else { return Ok(None) };
        let Some(rule) = recursor.rules.iter().find(|rule| rule.constructor == name) else { return Ok(None) };
        let (_, of_constructor) = self.terms.spine(major);
        let Some(start) = of_constructor.len().checked_sub(rule.num_fields as usize) else { return Ok(None) };
        let levels = self.terms.levels_of(head);
        if levels.len() != constant.level_params.len() {
            return Ok(None);
        }
        let rhs = self.terms.with_levels(rule.rhs, &constant.level_params, &levels)?;
        let mut all = arguments.get(..before).unwrap_or_default().to_vec();
        all.extend(of_constructor.get(start..).unwrap_or_default());
        all.extend(arguments.get(place + 1..).unwrap_or_default());
        self.terms.apply(rhs, &all).map(Some)
    }

    /// The inductive type that a recursor takes apart: that of its major premise.
    fn major_type(&mut self, constant: &Constant, place: usize) -> Option<NameId> {
        if let Some(known) = self.known.major_types.get(&constant.name) {
            return *known;
        }
        let mut type_ = constant.type_;
        for _ in 0..place {
            if let Node::Pi(_, body) = self.terms.node(type_) {
                type_ = body;
            }
        }
        let found = match self.terms.node(type_) {
            Node::Pi(domain, _) => self.terms.head_constant(domain).map(|(_, name)| name),
            _ => None,
        };
        self.known.major_types.insert(constant.name, found);
        found
    }

    /// K: a proof of a proposition with one constructor without fields is that constructor, if their types are equal.
    fn k_constructor(
        &mut self,
        constant: &Constant,
        recursor: &Recursor,
        place: usize,
        major: ExprId,
    ) -> Outcome<Option<ExprId>> {
        let type_ = self.type_of(major)?;
        let type_ = self.whnf(type_)?;
        let (head, arguments) = self.terms.spine(type_);
        let Node::Const(name) = self.terms.node(head) else { return Ok(None) };
        if Some(name) != self.major_type(constant, place) {
            return Ok(None);
        }
        let Details::Inductive(inductive) = &self.constant(name)?.details else { return Ok(None) };
        let [constructor] = inductive.constructors.as_slice() else { return Ok(None) };
        let Some(params) = arguments.get(..recursor.num_params as usize) else { return Ok(None) };
        let levels = self.terms.levels_of(head);
        let constructor = self.terms.constant(*constructor, &levels)?;
        let made = self.terms.apply(constructor, params)?;
        let made_type = self.type_of(made)?;
        Ok(if self.is_equal(type_, made_type)? { Some(made) } else { None })
    }

    /// A term of a structure that is no constructor, as the constructor applied to its projections. Not for propositions.
    fn structure_as_constructor(&mut self, constant: &Constant, place: usize, major: ExprId) -> Outcome<ExprId> {
        let Some(name) = self.major_type(constant, place) else { return Ok(major) };
        let Some((structure, constructor_name)) = self.structure(name)? else { return Ok(major) };
        if self.terms.head_constant(major).is_some_and(|(_, head)| head == constructor_name) {
            return Ok(major);
        }
        let type_ = self.type_of(major)?;
        let type_ = self.whnf(type_)?;
        let (head, arguments) = self.terms.spine(type_);
        if self.terms.node(head) != Node::Const(name) || self.is_proposition(type_)? {
            return Ok(major);
        }
        let Some(params) = arguments.get(..structure.num_params as usize) else { return Ok(major) };
        let levels = self.terms.levels_of(head);
        let constructor = self.terms.constant(constructor_name, &levels)?;
        let mut made = self.terms.apply(constructor, params)?;
        for index in 0..structure.num_fields {
            let field = self.projection(name, index, major)?;
            made = self.terms.app(made, field)?;
        }
        Ok(made)
    }
}
