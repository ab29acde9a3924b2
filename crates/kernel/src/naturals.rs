//! Natural numbers: literals as constructors, and operations on literals that are computed.
//!
//! Source: `reduce_nat`, `reduce_bin_nat_op`, `reduce_pow`, `is_def_eq_offset` in `src/kernel/type_checker.cpp`, `nat_lit_to_constructor` in
//! `src/kernel/inductive.cpp`.

use crate::checker::Checker;
use crate::failure::{Outcome, Why};
use crate::primitives::{Operation, Standing};
use crate::terms::Node;
use leanwright_olean::{ExprId, NameId};
use num_bigint::BigUint;
use num_integer::Integer;

/// Greater exponents are not computed, as in Lean.
const MAX_EXPONENT: u32 = 1 << 24;

/// Results of more bits are not computed: Lean has no such bound but the machine's memory.
const MAX_BITS: u64 = 1 << 26;

/// What an operation gives.
enum Value {
    Number(BigUint),
    Truth(bool),
}

impl Checker<'_> {
    /// The type of a literal.
    pub fn natural_type(&mut self) -> Outcome<ExprId> {
        if !self.naturals_are_leans()? {
            return Err(Why::NotLeans(self.terms.store.name(self.primitives.nat)).into());
        }
        self.terms.constant(self.primitives.nat, &[])
    }

    /// `0` as `Nat.zero`, `n + 1` as `Nat.succ n`.
    pub fn natural_as_constructor(&mut self, literal: ExprId) -> Outcome<ExprId> {
        match self.predecessor(literal)? {
            Some(predecessor) => {
                let succ = self.terms.constant(self.primitives.succ, &[])?;
                self.terms.app(succ, predecessor)
            }
            None => self.terms.constant(self.primitives.zero, &[]),
        }
    }

    /// The number of a literal, or of `Nat.zero`.
    fn number(&mut self, term: ExprId) -> Option<BigUint> {
        match self.terms.node(term) {
            Node::Nat => self.terms.natural(term),
            Node::Const(name) if name == self.primitives.zero => Some(BigUint::ZERO),
            _ => None,
        }
    }

    /// `n`, of a literal `n + 1` or of `Nat.succ n`.
    fn predecessor(&mut self, term: ExprId) -> Outcome<Option<ExprId>> {
        match self.terms.node(term) {
            Node::Nat => match self.terms.natural(term) {
                Some(number) if number > BigUint::ZERO => self.terms.literal(&(number - 1u32)).map(Some),
                _ => Ok(None),
            },
            Node::App(function, argument) if self.terms.node(function) == Node::Const(self.primitives.succ) => {
                Ok(Some(argument))
            }
            _ => Ok(None),
        }
    }

    /// Two numbers that can be seen to be zero, or to have predecessors.
    pub fn compare_numbers(&mut self, one: ExprId, other: ExprId) -> Outcome<Option<bool>> {
        let is_number = |checker: &Self, term| match checker.terms.node(term) {
            Node::Nat => true,
            Node::Const(name) => name == checker.primitives.zero,
            Node::App(function, _) => checker.terms.node(function) == Node::Const(checker.primitives.succ),
            _ => false,
        };
        if !is_number(self, one) || !is_number(self, other) || !self.naturals_are_leans()? {
            return Ok(None);
        }
        if let (Some(one), Some(other)) = (self.number(one), self.number(other)) {
            return Ok(Some(one == other));
        }
        match (self.predecessor(one)?, self.predecessor(other)?) {
            (Some(one), Some(other)) => self.is_equal(one, other).map(Some),
            _ => Ok(Some(false)),
        }
    }

    /// An operation on numbers, computed.
    pub fn reduce_natural(&mut self, term: ExprId) -> Outcome<Option<ExprId>> {
        let Some((_, name)) = self.terms.head_constant(term) else { return Ok(None) };
        let operation = self.primitives.operations.get(&name).copied();
        if (operation.is_none() && name != self.primitives.succ) || self.terms.has_free(term) {
            return Ok(None);
        }
        let (_, arguments) = self.terms.spine(term);
        match (operation, arguments.as_slice()) {
            (None, [argument]) => {
                let Some(number) = self.computed_number(*argument)? else { return Ok(None) };
                if self.naturals_are_leans()? { self.terms.literal(&(number + 1u32)).map(Some) } else { Ok(None) }
            }
            (Some(Operation::Log2), [argument]) => {
                let Some(number) = self.computed_number(*argument)? else { return Ok(None) };
                self.compute(name, Operation::Log2, &number, &BigUint::ZERO)
            }
            (Some(operation), [one, other]) if operation != Operation::Log2 => {
                let Some(one) = self.computed_number(*one)? else { return Ok(None) };
                let Some(other) = self.computed_number(*other)? else { return Ok(None) };
                self.compute(name, operation, &one, &other)
            }
            _ => Ok(None),
        }
    }

    fn computed_number(&mut self, term: ExprId) -> Outcome<Option<BigUint>> {
        let form = self.whnf(term)?;
        Ok(self.number(form))
    }

    fn compute(
        &mut self,
        name: NameId,
        operation: Operation,
        one: &BigUint,
        other: &BigUint,
    ) -> Outcome<Option<ExprId>> {
        if !self.operation_is_leans(name, operation)? {
            return Ok(None);
        }
        let [bits, other_bits] = [one.bits(), other.bits()];
        self.terms.meter.bytes(usize::try_from((bits + other_bits) / 8).unwrap_or(usize::MAX))?;
        self.terms.meter.words(match operation {
            // Long division takes the product of the lengths; the binary algorithm has a round for each bit.
            Operation::Div | Operation::Mod => (bits / 64).saturating_mul(other_bits / 64),
            Operation::Gcd => (bits + other_bits).saturating_mul((bits + other_bits) / 64),
            _ => 0,
        })?;
        Ok(match value(operation, one, other) {
            Some(Value::Number(number)) => Some(self.terms.literal(&number)?),
            Some(Value::Truth(truth)) => {
                let name = if truth { self.primitives.true_ } else { self.primitives.false_ };
                Some(self.terms.constant(name, &[])?)
            }
            None => None,
        })
    }

    pub fn is_true(&self, term: ExprId) -> bool {
        self.terms.node(term) == Node::Const(self.primitives.true_)
    }

    pub fn set_standing(&mut self, name: NameId, holds: bool) -> bool {
        self.primitives.standing.insert(name, if holds { Standing::Leans } else { Standing::Another });
        holds
    }
}

/// The operation on numbers, if its result is not too large.
fn value(operation: Operation, one: &BigUint, other: &BigUint) -> Option<Value> {
    let zero = BigUint::ZERO;
    Some(Value::Number(match operation {
        Operation::Beq => return Some(Value::Truth(one == other)),
        Operation::Ble => return Some(Value::Truth(one <= other)),
        Operation::Add => one + other,
        Operation::Sub if one <= other => zero,
        Operation::Sub => one - other,
        Operation::Mul if one.bits() + other.bits() > MAX_BITS => return None,
        Operation::Mul => one * other,
        Operation::Div if *other == zero => zero,
        Operation::Div => one / other,
        Operation::Mod if *other == zero => one.clone(),
        Operation::Mod => one % other,
        Operation::Gcd => one.gcd(other),
        Operation::Land => one & other,
        Operation::Lor => one | other,
        Operation::Xor => one ^ other,
        Operation::ShiftLeft => {
            let shift = u64::try_from(other).ok()?;
            if one.bits().checked_add(shift)? > MAX_BITS {
                return None;
            }
            one << shift
        }
        Operation::ShiftRight => match u64::try_from(other) {
            Ok(shift) => one >> shift,
            Err(_) => zero,
        },
        Operation::Pow => {
            let exponent = u32::try_from(other).ok().filter(|exponent| *exponent <= MAX_EXPONENT)?;
            if one.bits().checked_mul(u64::from(exponent))? > MAX_BITS {
                return None;
            }
            one.pow(exponent)
        }
        Operation::Log2 => BigUint::from(one.bits().saturating_sub(1)),
    }))
}
