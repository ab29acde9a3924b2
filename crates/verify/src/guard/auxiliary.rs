//! What Lean itself makes of a proof: auxiliary constants below a declaration's name, and those that declarations share. Exact kinds, each with
//! the versions in which it was seen; a name that only looks like one of them is a declaration like any other.

use super::Evidence;
use leanwright_olean::{Component, Constant, ConstantKind, Details, ExprNode, Module, Name, NameId, Safety, Store};

/// What an auxiliary constant of a kind is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// A theorem; what it states is nobody's business but its user's.
    Theorem,
    /// A theorem whose conclusion is an equation about the constant that its name is below.
    Equation,
    /// A definition without a meaning of its own: those that use it are compared with its content.
    Definition,
}

/// Kinds by the last component of their names; `#` stands for a number, or for two with `_` between them.
const KINDS: &[(&str, Shape, &str)] = &[
    ("_proof_#", Shape::Theorem, "a proof inside of a term; 4.28, 4.35"),
    ("_simp_#", Shape::Theorem, "a theorem as `simp` uses it; 4.28"),
    ("_simp_all_#", Shape::Theorem, "a hypothesis as `simp_all` uses it; 4.28"),
    ("match_#", Shape::Definition, "a `match`; 4.28, 4.35"),
    ("_match_#", Shape::Definition, "a `match`; 4.28"),
    ("splitter", Shape::Definition, "a `match` for `split`; 4.28"),
    ("_sparseCasesOn_#", Shape::Definition, "a `match` with few cases; 4.28"),
    ("else_eq", Shape::Theorem, "a `match` with few cases; 4.28"),
    ("eq_#", Shape::Equation, "an equation of a definition or a `match`; 4.28"),
    ("eq_def", Shape::Equation, "the equation of a definition; 4.28"),
    ("eq_unfold", Shape::Equation, "the equation of a definition; 4.28"),
    ("congr_eq_#", Shape::Theorem, "an equation of a `match`; 4.28"),
    ("congr_simp", Shape::Theorem, "congruence of a function for `simp`; 4.28"),
    ("hcongr_#", Shape::Theorem, "congruence of a function; 4.28"),
    ("hcongr_#_thm", Shape::Theorem, "congruence of a function; read"),
    ("induct", Shape::Theorem, "functional induction; 4.28"),
    ("induct_unfolding", Shape::Theorem, "functional induction; 4.28"),
    ("mutual_induct", Shape::Theorem, "functional induction; 4.28"),
    ("mutual_induct_unfolding", Shape::Theorem, "functional induction; read"),
    ("fun_cases", Shape::Theorem, "cases of a function; 4.28"),
    ("fun_cases_unfolding", Shape::Theorem, "cases of a function; 4.28"),
    ("fixpoint_induct", Shape::Theorem, "induction for `partial_fixpoint`; read"),
    ("partial_correctness", Shape::Theorem, "induction for `partial_fixpoint`; read"),
    ("injEq", Shape::Theorem, "a constructor is injective; 4.28"),
    ("inj", Shape::Theorem, "a constructor is injective; 4.28"),
    ("hinj", Shape::Theorem, "a constructor is injective; read"),
    ("sizeOf_spec", Shape::Theorem, "the size of a constructor; 4.28"),
];

impl Evidence<'_> {
    /// Why a constant that is new is none that a proof may bring; `None` if it may. `is_own` are those below the declaration's name.
    pub fn refusal_of_new(&self, constant: &Constant) -> Option<&'static str> {
        let is_sound = match &constant.details {
            Details::Theorem => true,
            Details::Definition { safety: Safety::Safe, .. } => true,
            _ if is_code(self.store, constant) => self.is_own(constant.name),
            _ => false,
        };
        if !is_sound {
            return Some("would be new, and is neither a theorem nor a safe definition");
        }
        let name = self.name(constant.name);
        if self.is_own(constant.name) {
            let looks_made = kind_of(&name).is_some()
                || matches!(name.0.last(), Some(Component::Text(last)) if last.starts_with('_'));
            let is_written = self.after.ranges.iter().any(|(written, _)| *written == constant.name);
            return (looks_made && is_written).then_some("would be new under a name that Lean keeps for itself");
        }
        let Some(shape) = kind_of(&name) else { return Some("would be a new declaration of the file") };
        let fits = match shape {
            Shape::Theorem => constant.kind == ConstantKind::Theorem,
            Shape::Equation => constant.kind == ConstantKind::Theorem && self.is_equation_about(constant, &name),
            Shape::Definition => constant.kind == ConstantKind::Definition,
        };
        if fits { None } else { Some("would be new, and has a name of Lean's without being what Lean makes under it") }
    }

    /// Whether a constant that was there before is one that Lean has made for the declarations of the file: it has no place in
    /// the text and a name of one of the kinds.
    pub fn is_auxiliary(&self, id: NameId) -> bool {
        !self.written.contains(&id) && self.name(id).is_internal()
    }

    /// Whether a constant may be one that several declarations share, or are numbered for: of which of them it is then depends on all their proofs. Others that Lean has made
    /// belong to one declaration, as the default of a field does, and nobody's proof changes them.
    pub fn may_be_shared(&self, id: NameId) -> bool {
        let name = self.name(id);
        let is_numbered = |part: &Component| match part {
            Component::Number(_) => true,
            Component::Text(text) => KINDS.iter().any(|(pattern, _, _)| fits(pattern, text)),
        };
        // What a user has called `inj` or `match_1`, as a field that another structure inherits with a default, says nothing.
        let own = self.written_above(id).map_or(0, |(written, _)| written.0.len());
        self.is_auxiliary(id) && name.without_private_prefix().0.iter().skip(own).next_back().is_some_and(is_numbered)
    }

    /// Whether a new constant is one that Lean has made of the proof: of one of the kinds, and nobody has written it.
    pub fn is_made_of_the_proof(&self, name: NameId) -> bool {
        let is_written = self.after.ranges.iter().any(|(written, _)| *written == name);
        !is_written && kind_of(&self.name(name)).is_some()
    }

    /// `∀ …, f … = …`, where `f` is what the name is below.
    fn is_equation_about(&self, constant: &Constant, name: &Name) -> bool {
        let base =
            Name(name.0.get(..name.0.len().saturating_sub(1)).unwrap_or_default().to_vec()).without_private_prefix();
        let mut conclusion = constant.type_;
        while let Some(ExprNode::Pi(_, body) | ExprNode::Let(_, _, body)) = self.store.expr(conclusion) {
            conclusion = *body;
        }
        let mut arguments = Vec::new();
        while let Some(ExprNode::App(function, argument)) = self.store.expr(conclusion) {
            arguments.push(*argument);
            conclusion = *function;
        }
        let is_eq = matches!(self.store.expr(conclusion), Some(ExprNode::Const(eq, _)) if self.name(*eq) == Name::from_texts(["Eq"]));
        // The last argument is the right-hand side.
        let [_, left, _] = arguments.as_slice() else { return false };
        let mut head = *left;
        while let Some(ExprNode::App(function, _)) = self.store.expr(head) {
            head = *function;
        }
        is_eq
            && matches!(self.store.expr(head), Some(ExprNode::Const(f, _)) if self.name(*f).without_private_prefix() == base)
    }
}

/// Whether a constant is the code of a helper by recursion, which is compiled and never reasoned about: nothing safe can mention it, and our kernel refuses what does.
/// Lean has it as `unsafe` or `partial` (`addAndCompilePartialRec`, `src/Lean/Elab/PreDefinition/Basic.lean`).
pub fn is_code(store: &Store, constant: &Constant) -> bool {
    let last = Component::Text("_unsafe_rec".into());
    let is_safe = matches!(constant.details, Details::Definition { safety: Safety::Safe, .. });
    constant.kind == ConstantKind::Definition && !is_safe && store.name(constant.name).0.last() == Some(&last)
}

/// Whether a constant is the code of a definition that is reasoned about, and compared, itself: with its proofs written out. The code of what is `partial` is all that there is of it.
pub fn is_code_of_a_definition(store: &Store, module: &Module, constant: &Constant) -> bool {
    let mut base = store.name(constant.name);
    base.0.pop();
    let base = store.find_name(&base).and_then(|base| module.constants.get(&base));
    let is_safe = |base: &Constant| matches!(base.details, Details::Definition { safety: Safety::Safe, .. });
    let is_made = !module.ranges.iter().any(|(written, _)| *written == constant.name);
    is_made && is_code(store, constant) && base.is_some_and(|base| is_safe(base) && base.type_ == constant.type_)
}

/// The kind of a name: it must be below something, and below a name that Lean has made only if that is one of the kinds, too.
fn kind_of(name: &Name) -> Option<Shape> {
    let name = name.without_private_prefix();
    let (last, base) = name.0.split_last()?;
    let Component::Text(last) = last else { return None };
    if base.is_empty() {
        return None;
    }
    KINDS.iter().find(|(pattern, _, _)| fits(pattern, last)).map(|(_, shape, _)| *shape)
}

fn fits(pattern: &str, text: &str) -> bool {
    let Some((front, behind)) = pattern.split_once('#') else { return pattern == text };
    let number = text.strip_prefix(front).and_then(|rest| rest.strip_suffix(behind));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    number.is_some_and(|number| {
        is_number(number) || number.split_once('_').is_some_and(|(one, other)| is_number(one) && is_number(other))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_apart_by_exact_kinds() {
        let check = |text: &str| kind_of(&Name::from_texts(text.split('.'))).is_some();
        for made in [
            "f._proof_1",
            "f._proof_1_2",
            "f.match_1",
            "f.match_1.splitter",
            "f.match_1.eq_2",
            "f.eq_def",
            "f.induct",
            "f.hcongr_3",
        ] {
            assert!(check(made), "{made}");
        }
        for chosen in [
            "_proof_1",
            "_aux",
            "f._aux",
            "f.eq_",
            "f.eq_1_2_3",
            "f.match_1x",
            "f._private",
            "_f",
            "f._f._redArg",
            "eq_1",
            "f.helper",
        ] {
            assert!(!check(chosen), "{chosen}");
        }
    }
}
