//! Literals of text: lists of characters.
//!
//! Source: `string_lit_to_constructor` in `src/kernel/inductive.cpp`, `try_string_lit_expansion` in `src/kernel/type_checker.cpp`. From Lean 4.26 on a text is
//! `String.ofList` of its characters, a function; before that, it was the constructor `String.mk`. Which one is seen in the library.

use crate::checker::Checker;
use crate::failure::{Outcome, Why};
use crate::infer::Trust;
use crate::primitives::Standing;
use crate::terms::Node;
use leanwright_olean::{ConstantKind, ExprId, LevelNode};
use num_bigint::BigUint;

impl Checker<'_> {
    /// The type of a literal.
    pub fn text_type(&mut self) -> Outcome<ExprId> {
        if !self.texts_are_leans()? {
            return Err(Why::NotLeans(self.terms.store.name(self.primitives.string)).into());
        }
        self.terms.constant(self.primitives.string, &[])
    }

    /// A literal means nothing but what it stands for, so the library's constants are right if that has the type of a literal.
    fn texts_are_leans(&mut self) -> Outcome<bool> {
        let name = self.primitives.string;
        match self.primitives.standing(name) {
            Standing::Leans => return Ok(true),
            Standing::Another | Standing::Asked => return Ok(false),
            Standing::Unknown => {}
        }
        let primitives = &self.primitives;
        let needed = [primitives.string_mk, primitives.string_of_list, primitives.char_of_nat];
        if needed.into_iter().any(|needed| self.environment.is_pending(needed)) {
            return Ok(false);
        }
        self.primitives.standing.insert(name, Standing::Asked);
        let constructor = self.environment.find(self.primitives.string_mk, &mut self.terms)?;
        let head = match constructor {
            Some(constructor) if constructor.kind == ConstantKind::Constructor => self.primitives.string_mk,
            _ => self.primitives.string_of_list,
        };
        for needed in [head, name, self.primitives.list_nil, self.primitives.list_cons, self.primitives.char_of_nat] {
            if self.environment.find(needed, &mut self.terms)?.is_none() {
                return Ok(self.set_standing(name, false));
            }
        }
        let head = self.terms.constant(head, &[])?;
        self.primitives.text_head = Some(head);
        let stands_for = self.applied_to_characters(head, "a")?;
        let type_ = self.infer(stands_for, Trust::Unknown)?;
        let string = self.terms.constant(name, &[])?;
        let holds = self.is_equal(type_, string)?;
        Ok(self.set_standing(name, holds))
    }

    /// What a literal stands for.
    pub fn text_as_constructor(&mut self, literal: ExprId) -> Outcome<ExprId> {
        let (Some(text), true, Some(head)) =
            (self.terms.text(literal), self.texts_are_leans()?, self.primitives.text_head)
        else {
            return Ok(literal);
        };
        self.applied_to_characters(head, &text)
    }

    fn applied_to_characters(&mut self, head: ExprId, text: &str) -> Outcome<ExprId> {
        let zero = self.terms.level(LevelNode::Zero);
        let char = self.terms.constant(self.primitives.char, &[])?;
        let char_of_nat = self.terms.constant(self.primitives.char_of_nat, &[])?;
        let nil = self.terms.constant(self.primitives.list_nil, &[zero])?;
        let cons = self.terms.constant(self.primitives.list_cons, &[zero])?;
        let mut list = self.terms.app(nil, char)?;
        for character in text.chars().rev() {
            let number = self.terms.literal(&BigUint::from(u32::from(character)))?;
            let character = self.terms.app(char_of_nat, number)?;
            list = self.terms.apply(cons, &[char, character, list])?;
        }
        self.terms.app(head, list)
    }

    /// A literal, and what literals stand for.
    pub fn compare_texts(&mut self, one: ExprId, other: ExprId) -> Outcome<Option<bool>> {
        for (literal, applied) in [(one, other), (other, one)] {
            let (Node::Text, Node::App(head, _)) = (self.terms.node(literal), self.terms.node(applied)) else {
                continue;
            };
            if Some(head) == self.primitives.text_head {
                let stands_for = self.text_as_constructor(literal)?;
                return self.is_equal(stands_for, applied).map(Some);
            }
        }
        Ok(None)
    }
}
