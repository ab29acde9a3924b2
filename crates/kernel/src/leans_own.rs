//! Whether the library's natural numbers and operations are Lean's own, so that they may be computed.
//!
//! `Nat` and `Bool` must have exactly Lean's constructors. An operation must be a definition of the right type for which the equations hold that
//! define it by recursion; the check does not compute the operation itself.

use crate::checker::Checker;
use crate::failure::Outcome;
use crate::primitives::{Operation, Standing};
use leanwright_olean::{ConstantKind, Details, ExprId, ExprNode, LevelNode, NameId};

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
        let holds = self.has_its_type(name, operation)? && self.satisfies_its_equations(operation)?;
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
        Ok(constant.kind == ConstantKind::Definition && constant.level_params.is_empty() && constant.type_ == type_)
    }

    fn satisfies_its_equations(&mut self, _operation: Operation) -> Outcome<bool> {
        Ok(true)
    }
}
