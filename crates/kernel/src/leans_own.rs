//! Whether the library's natural numbers and operations are Lean's own, so that they may be computed.
//!
//! `Nat` and `Bool` must have exactly Lean's constructors. An operation must be a definition of the right type for which the equations hold that
//! define it by recursion, checked without computing it. Where that is not possible, it must come with the toolchain.

use crate::checker::Checker;
use crate::failure::Outcome;
use crate::primitives::{Operation, Standing};
use leanwright_olean::{ConstantKind, Details, ExprId, ExprNode, LevelNode, NameId};
use num_bigint::BigUint;

impl Checker<'_> {
    /// `Nat` with `Nat.zero : Nat` and `Nat.succ : Nat → Nat`.
    pub fn naturals_are_leans(&mut self) -> Outcome<bool> {
        let name = self.primitives.nat;
        match self.primitives.standing(name) {
            Standing::Leans => return Ok(true),
            Standing::Another => return Ok(false),
            Standing::Unknown | Standing::Asked => {}
        }
        let nat = self.terms.constant(name, &[])?;
        let successor = self.terms.add(ExprNode::Pi(nat, nat))?;
        let constructors = [(self.primitives.zero, nat), (self.primitives.succ, successor)];
        let holds = self.is_plain_type(name, &constructors)?;
        Ok(self.set_standing(name, holds))
    }

    fn truth_is_leans(&mut self) -> Outcome<bool> {
        let name = self.primitives.bool;
        if self.primitives.standing(name) == Standing::Unknown {
            let bool = self.terms.constant(name, &[])?;
            let constructors = [(self.primitives.false_, bool), (self.primitives.true_, bool)];
            let holds = self.is_plain_type(name, &constructors)?;
            self.set_standing(name, holds);
        }
        Ok(self.primitives.standing(name) == Standing::Leans)
    }

    /// An inductive type in `Type` without parameters, with exactly these constructors.
    fn is_plain_type(&mut self, name: NameId, constructors: &[(NameId, ExprId)]) -> Outcome<bool> {
        let zero = self.terms.level(LevelNode::Zero);
        let one = self.terms.level(LevelNode::Succ(zero));
        let sort = self.terms.sort(one)?;
        let Some(constant) = self.environment.find(name, &mut self.terms)? else { return Ok(false) };
        let Details::Inductive(inductive) = &constant.details else { return Ok(false) };
        let is_plain = constant.level_params.is_empty()
            && constant.type_ == sort
            && inductive.all == [name]
            && (inductive.num_params, inductive.num_indices, inductive.is_unsafe) == (0, 0, false)
            && inductive.constructors.iter().eq(constructors.iter().map(|(name, _)| name));
        for (index, (constructor, type_)) in (0..).zip(constructors) {
            let Some(constant) = self.environment.find(*constructor, &mut self.terms)? else { return Ok(false) };
            let Details::Constructor(details) = &constant.details else { return Ok(false) };
            if constant.type_ != *type_ || details.inductive != name || details.index != index {
                return Ok(false);
            }
        }
        Ok(is_plain)
    }

    /// Whether an operation is what it is called.
    pub fn operation_is_leans(&mut self, name: NameId, operation: Operation) -> Outcome<bool> {
        match self.primitives.standing(name) {
            Standing::Leans => return Ok(true),
            Standing::Another | Standing::Asked => return Ok(false),
            Standing::Unknown => {}
        }
        self.primitives.standing.insert(name, Standing::Asked);
        let holds = self.has_its_type(name, operation)? && self.satisfies_its_equations(name, operation)?;
        // What was reduced meanwhile may have got stuck at the operation.
        self.known.whole.clear();
        self.known.core.clear();
        self.known.cheap.clear();
        Ok(self.set_standing(name, holds))
    }

    fn has_its_type(&mut self, name: NameId, operation: Operation) -> Outcome<bool> {
        if !self.naturals_are_leans()? {
            return Ok(false);
        }
        let nat = self.terms.constant(self.primitives.nat, &[])?;
        let result = match operation {
            Operation::Beq | Operation::Ble if !self.truth_is_leans()? => return Ok(false),
            Operation::Beq | Operation::Ble => self.terms.constant(self.primitives.bool, &[])?,
            _ => nat,
        };
        let mut type_ = self.terms.add(ExprNode::Pi(nat, result))?;
        if operation != Operation::Log2 {
            type_ = self.terms.add(ExprNode::Pi(nat, type_))?;
        }
        let Some(constant) = self.environment.find(name, &mut self.terms)? else { return Ok(false) };
        let is_defined = constant.kind == ConstantKind::Definition || self.environment.is_leans_own(name);
        Ok(is_defined && constant.level_params.is_empty() && constant.type_ == type_)
    }

    /// Recursion on the last number, or on both: by these equations an operation has one value at all numbers. Where an operation is defined by
    /// recursion of another kind there are no such equations, and libraries hide some of the values: there it must be the toolchain's own.
    fn satisfies_its_equations(&mut self, name: NameId, operation: Operation) -> Outcome<bool> {
        let nat = self.terms.constant(self.primitives.nat, &[])?;
        let (x, y) = (self.terms.free(nat)?.1, self.terms.free(nat)?.1);
        let zero = self.terms.constant(self.primitives.zero, &[])?;
        let (succ, next) = (self.primitives.succ, self.call(self.primitives.succ, &[y])?);
        let next_x = self.call(succ, &[x])?;
        let at_zero = self.call(name, &[x, zero])?;
        let at_next = self.call(name, &[x, next])?;
        let before = self.call(name, &[x, y])?;
        let equations = match operation {
            Operation::Add => vec![(at_zero, x), (at_next, self.call(succ, &[before])?)],
            Operation::Mul => {
                let Some(sum) = self.other(Operation::Add)? else { return Ok(false) };
                vec![(at_zero, zero), (at_next, self.call(sum, &[before, x])?)]
            }
            Operation::Pow => {
                let Some(product) = self.other(Operation::Mul)? else { return Ok(false) };
                let one = self.call(succ, &[zero])?;
                vec![(at_zero, one), (at_next, self.call(product, &[before, x])?)]
            }
            Operation::Sub => {
                let pred = self.primitives.pred;
                let (of_zero, of_next) = (self.call(pred, &[zero])?, self.call(pred, &[next])?);
                vec![(at_zero, x), (at_next, self.call(pred, &[before])?), (of_zero, zero), (of_next, y)]
            }
            Operation::ShiftLeft => {
                let Some(product) = self.other(Operation::Mul)? else { return Ok(false) };
                let two = self.terms.literal(&BigUint::from(2u32))?;
                let twice = self.call(product, &[two, x])?;
                vec![(at_zero, x), (at_next, self.call(name, &[twice, y])?)]
            }
            Operation::ShiftRight => {
                let Some(quotient) = self.other(Operation::Div)? else { return Ok(false) };
                let two = self.terms.literal(&BigUint::from(2u32))?;
                vec![(at_zero, x), (at_next, self.call(quotient, &[before, two])?)]
            }
            Operation::Beq | Operation::Ble => {
                let truth = self.terms.constant(self.primitives.true_, &[])?;
                let falsity = self.terms.constant(self.primitives.false_, &[])?;
                let (of_zeros, to_next) = (self.call(name, &[zero, zero])?, self.call(name, &[zero, next])?);
                let (from_next, both) = (self.call(name, &[next_x, zero])?, self.call(name, &[next_x, next])?);
                let zero_at_most_next = if operation == Operation::Ble { truth } else { falsity };
                vec![(of_zeros, truth), (to_next, zero_at_most_next), (from_next, falsity), (both, before)]
            }
            Operation::Div
            | Operation::Mod
            | Operation::Gcd
            | Operation::Land
            | Operation::Lor
            | Operation::Xor
            | Operation::Log2 => return Ok(self.environment.is_leans_own(name)),
        };
        for (one, other) in equations {
            if !self.is_equal(one, other)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn call(&mut self, name: NameId, arguments: &[ExprId]) -> Outcome<ExprId> {
        let function = self.terms.constant(name, &[])?;
        self.terms.apply(function, arguments)
    }

    /// The name of another operation, if that is Lean's.
    fn other(&mut self, wanted: Operation) -> Outcome<Option<NameId>> {
        let name =
            self.primitives.operations.iter().find(|(_, operation)| **operation == wanted).map(|(name, _)| *name);
        match name {
            Some(name) if self.operation_is_leans(name, wanted)? => Ok(Some(name)),
            _ => Ok(None),
        }
    }
}
