//! Constants that have a meaning for the kernel besides what the library says of them, and whether the library's are those.
//!
//! A literal is read as what Lean's kernel reads it as, and `Nat.add 2 3` is computed, only if the library's constants are what they must be: the
//! types are compared, and the equations that define an operation are checked as equalities, without computing it. See `naturals`, `strings`.

use crate::terms::{IdMap, Terms};
use leanwright_olean::{ExprId, Name, NameId};

/// Operations on natural numbers that are computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Add,
    Sub,
    Mul,
    Div,
    Mod,
    Gcd,
    Beq,
    Ble,
    Land,
    Lor,
    Xor,
    ShiftLeft,
    ShiftRight,
    Pow,
    Log2,
}

/// Whether something of the library's is what it must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Unknown,
    /// It is being found out: it is not computed meanwhile.
    Asked,
    Leans,
    Another,
}

pub(crate) struct Primitives {
    pub nat: NameId,
    pub zero: NameId,
    pub succ: NameId,
    pub pred: NameId,
    pub bool: NameId,
    pub true_: NameId,
    pub false_: NameId,
    pub string: NameId,
    pub string_mk: NameId,
    pub string_of_list: NameId,
    pub list_nil: NameId,
    pub list_cons: NameId,
    pub char: NameId,
    pub char_of_nat: NameId,
    pub operations: IdMap<NameId, Operation>,
    /// What is known of the library's constants by these names.
    pub standing: IdMap<NameId, Standing>,
    /// What a literal of text is applied to: `String.ofList`, or in older libraries `String.mk`.
    pub text_head: Option<ExprId>,
}

impl Primitives {
    pub fn new(terms: &mut Terms<'_>) -> Self {
        let mut name = |text: &str| terms.store.intern_name(&Name::from_texts(text.split('.')));
        let operations = [
            ("Nat.add", Operation::Add),
            ("Nat.sub", Operation::Sub),
            ("Nat.mul", Operation::Mul),
            ("Nat.div", Operation::Div),
            ("Nat.mod", Operation::Mod),
            ("Nat.gcd", Operation::Gcd),
            ("Nat.beq", Operation::Beq),
            ("Nat.ble", Operation::Ble),
            ("Nat.land", Operation::Land),
            ("Nat.lor", Operation::Lor),
            ("Nat.xor", Operation::Xor),
            ("Nat.shiftLeft", Operation::ShiftLeft),
            ("Nat.shiftRight", Operation::ShiftRight),
            ("Nat.pow", Operation::Pow),
            ("Nat.log2", Operation::Log2),
        ];
        Self {
            operations: operations.into_iter().map(|(text, operation)| (name(text), operation)).collect(),
            nat: name("Nat"),
            zero: name("Nat.zero"),
            succ: name("Nat.succ"),
            pred: name("Nat.pred"),
            bool: name("Bool"),
            true_: name("Bool.true"),
            false_: name("Bool.false"),
            string: name("String"),
            string_mk: name("String.mk"),
            string_of_list: name("String.ofList"),
            list_nil: name("List.nil"),
            list_cons: name("List.cons"),
            char: name("Char"),
            char_of_nat: name("Char.ofNat"),
            standing: IdMap::default(),
            text_head: None,
        }
    }

    pub fn standing(&self, name: NameId) -> Standing {
        self.standing.get(&name).copied().unwrap_or(Standing::Unknown)
    }
}
