//! A small library written by hand, and a notation for terms: `(fun x A b)`, `(pi x A b)`, `(let x T v b)`, `(proj S 0 e)`, `(@ c u v)` for a
//! constant with levels, `(sort u)`, numbers and texts as literals, everything else an application.

use leanwright_kernel::{Failure, Library, LibraryError, Limits, Opaques, Reason, Report, check};
use leanwright_olean::{
    BindersId, Constant, ConstantKind, Constructor, Details, ExprId, ExprNode, Hints, Inductive, LevelId, LevelNode,
    Name, NameId, QuotientKind, Recursor, RecursorRule, Safety, Store,
};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

pub struct Handmade {
    pub store: Store,
    pub constants: Constants,
}

#[derive(Default)]
pub struct Constants {
    map: HashMap<NameId, Arc<Constant>>,
    pub is_leans_own: bool,
    pub imported: bool,
}

impl Library for Constants {
    fn constant(&mut self, name: NameId, _: &mut Store) -> Result<Option<Arc<Constant>>, LibraryError> {
        Ok(self.map.get(&name).cloned())
    }

    fn is_imported(&mut self, _: NameId) -> bool {
        self.imported
    }

    fn is_leans_own(&mut self, _: NameId) -> bool {
        self.is_leans_own
    }
}

/// A word or a list of them.
enum Form {
    Word(String),
    List(Vec<Form>),
}

fn forms(text: &str) -> Vec<Form> {
    let spaced = text.replace('(', " ( ").replace(')', " ) ");
    let mut stack = vec![Vec::new()];
    for word in spaced.split_whitespace() {
        match word {
            "(" => stack.push(Vec::new()),
            ")" => {
                let list = stack.pop().unwrap();
                stack.last_mut().unwrap().push(Form::List(list));
            }
            word => stack.last_mut().unwrap().push(Form::Word(word.to_owned())),
        }
    }
    assert_eq!(stack.len(), 1, "{text}");
    stack.remove(0)
}

impl Handmade {
    pub fn name(&mut self, text: &str) -> NameId {
        self.store.intern_name(&Name::from_texts(text.split('.')))
    }

    /// A term without free names.
    pub fn term(&mut self, text: &str) -> ExprId {
        let forms = forms(text);
        assert_eq!(forms.len(), 1, "{text}");
        self.read(&forms[0], &mut Vec::new())
    }

    fn read(&mut self, form: &Form, scope: &mut Vec<String>) -> ExprId {
        let node = match form {
            Form::Word(word) => {
                if let Some(place) = scope.iter().rposition(|bound| bound == word) {
                    ExprNode::Bound((scope.len() - 1 - place) as u32)
                } else if let Some(index) = word.strip_prefix('#') {
                    ExprNode::Bound(index.parse().unwrap())
                } else if let Some(text) = word.strip_prefix('"') {
                    ExprNode::Text(text.trim_end_matches('"').into())
                } else if let Ok(number) = word.parse::<u64>() {
                    let bytes = number.to_le_bytes();
                    ExprNode::Nat(bytes[..8 - number.leading_zeros() as usize / 8].to_vec().into())
                } else if word == "Prop" || word == "Type" {
                    let zero = self.store.intern_level(LevelNode::Zero);
                    let one = self.store.intern_level(LevelNode::Succ(zero));
                    ExprNode::Sort(if word == "Prop" { zero } else { one })
                } else if let Some(free) = word.strip_prefix('$') {
                    ExprNode::Free(self.name(free))
                } else {
                    ExprNode::Const(self.name(word), Box::default())
                }
            }
            Form::List(list) => match (list.first(), list.get(1), list.get(2), list.get(3), list.get(4)) {
                (Some(Form::Word(head)), Some(Form::Word(name)), Some(a), Some(b), _)
                    if head == "fun" || head == "pi" =>
                {
                    let domain = self.read(a, scope);
                    scope.push(name.clone());
                    let body = self.read(b, scope);
                    scope.pop();
                    if head == "fun" { ExprNode::Lambda(domain, body) } else { ExprNode::Pi(domain, body) }
                }
                (Some(Form::Word(head)), Some(Form::Word(name)), Some(a), Some(b), Some(c)) if head == "let" => {
                    let (type_, value) = (self.read(a, scope), self.read(b, scope));
                    scope.push(name.clone());
                    let body = self.read(c, scope);
                    scope.pop();
                    ExprNode::Let(type_, value, body)
                }
                (Some(Form::Word(head)), Some(Form::Word(name)), Some(Form::Word(index)), Some(of), _)
                    if head == "proj" =>
                {
                    ExprNode::Proj(self.name(name), index.parse().unwrap(), self.read(of, scope))
                }
                (Some(Form::Word(head)), Some(level), ..) if head == "sort" => ExprNode::Sort(self.level(level)),
                (Some(Form::Word(head)), Some(Form::Word(name)), ..) if head == "@" => {
                    let levels = list[2..].iter().map(|level| self.level(level)).collect();
                    ExprNode::Const(self.name(name), levels)
                }
                _ => {
                    let mut parts = list.iter().map(|part| self.read(part, scope)).collect::<Vec<_>>().into_iter();
                    let head = parts.next().unwrap();
                    return parts.fold(head, |f, a| self.store.intern_expr(ExprNode::App(f, a)));
                }
            },
        };
        self.store.intern_expr(node)
    }

    fn level(&mut self, form: &Form) -> LevelId {
        let node = match form {
            Form::Word(word) => match word.parse::<u32>() {
                Ok(number) => {
                    let zero = self.store.intern_level(LevelNode::Zero);
                    return (0..number).fold(zero, |level, _| self.store.intern_level(LevelNode::Succ(level)));
                }
                Err(_) => LevelNode::Param(self.name(word)),
            },
            Form::List(list) => {
                let Form::Word(head) = &list[0] else { panic!("a level") };
                let a = self.level(&list[1]);
                match head.as_str() {
                    "succ" => LevelNode::Succ(a),
                    "max" => LevelNode::Max(a, self.level(&list[2])),
                    "imax" => LevelNode::IMax(a, self.level(&list[2])),
                    other => panic!("{other}"),
                }
            }
        };
        self.store.intern_level(node)
    }

    pub fn constant(
        &mut self,
        name: &str,
        levels: &str,
        type_: &str,
        value: Option<&str>,
        details: Details,
    ) -> Constant {
        let kind = match details {
            Details::Axiom { .. } => ConstantKind::Axiom,
            Details::Definition { .. } => ConstantKind::Definition,
            Details::Theorem => ConstantKind::Theorem,
            Details::Opaque { .. } => ConstantKind::Opaque,
            Details::Quotient(_) => ConstantKind::Quotient,
            Details::Inductive(_) => ConstantKind::Inductive,
            Details::Constructor(_) => ConstantKind::Constructor,
            Details::Recursor(_) => ConstantKind::Recursor,
        };
        Constant {
            name: self.name(name),
            kind,
            level_params: levels.split_whitespace().map(|level| self.name(level)).collect(),
            type_: self.term(type_),
            binders: BindersId::NONE,
            value: value.map(|value| self.term(value)),
            rules: Vec::new(),
            flags: Vec::new(),
            related: Vec::new(),
            details,
        }
    }

    /// Put a constant into the library.
    pub fn add(&mut self, name: &str, levels: &str, type_: &str, value: Option<&str>, details: Details) {
        let constant = self.constant(name, levels, type_, value, details);
        self.constants.map.insert(constant.name, Arc::new(constant));
    }

    /// An inductive type and its constructors with the number of their fields.
    pub fn inductive(
        &mut self,
        (name, levels, type_): (&str, &str, &str),
        (num_params, num_indices, is_recursive): (u32, u32, bool),
        constructors: &[(&str, &str, u32)],
    ) {
        let id = self.name(name);
        let names = constructors.iter().map(|(name, ..)| self.name(name)).collect();
        let details = Inductive {
            num_params,
            num_indices,
            all: vec![id],
            constructors: names,
            num_nested: 0,
            is_recursive,
            is_unsafe: false,
            is_reflexive: false,
        };
        self.add(name, levels, type_, None, Details::Inductive(details));
        for (index, (name, type_, num_fields)) in (0..).zip(constructors) {
            let details = Constructor { inductive: id, index, num_params, num_fields: *num_fields, is_unsafe: false };
            self.add(name, levels, type_, None, Details::Constructor(details));
        }
    }

    /// A recursor with one motive; its rules are constructors, numbers of fields and right-hand sides.
    pub fn recursor(
        &mut self,
        (name, levels, type_): (&str, &str, &str),
        (num_params, num_indices, k): (u32, u32, bool),
        rules: &[(&str, u32, &str)],
    ) {
        let rule = |this: &mut Self, (constructor, num_fields, rhs): &(&str, u32, &str)| RecursorRule {
            constructor: this.name(constructor),
            num_fields: *num_fields,
            rhs: this.term(rhs),
        };
        let rules: Vec<RecursorRule> = rules.iter().map(|each| rule(self, each)).collect();
        let details = Recursor {
            all: Vec::new(),
            num_params,
            num_indices,
            num_motives: 1,
            num_minors: rules.len() as u32,
            rules,
            k,
            is_unsafe: false,
        };
        self.add(name, levels, type_, None, Details::Recursor(details));
    }

    pub fn check(&mut self, new: Vec<Constant>) -> Result<Report, Failure> {
        let new: BTreeMap<NameId, Constant> = new.into_iter().map(|constant| (constant.name, constant)).collect();
        let limits = Limits { steps: 3_000_000, ..Limits::default() };
        check(&mut self.store, &mut self.constants, &new, Opaques::Refused, &limits)
    }

    /// Check one definition.
    pub fn define(&mut self, levels: &str, type_: &str, value: &str) -> Result<Report, Failure> {
        let details = Details::Definition { safety: Safety::Safe, hints: Hints::Regular(1) };
        let constant = self.constant("new", levels, type_, Some(value), details);
        self.check(vec![constant])
    }

    /// Check one theorem.
    pub fn prove(&mut self, type_: &str, value: &str) -> Result<Report, Failure> {
        let constant = self.constant("new", "", type_, Some(value), Details::Theorem);
        self.check(vec![constant])
    }

    #[track_caller]
    pub fn proves(&mut self, type_: &str, value: &str) {
        self.prove(type_, value).unwrap_or_else(|failure| panic!("{type_}: {failure}"));
    }

    /// The kernel knows that it is wrong, for this reason.
    #[track_caller]
    pub fn refuses(&mut self, type_: &str, value: &str, wanted: &Reason) {
        match self.prove(type_, value) {
            Err(Failure::Refused { reason, .. }) if reason == *wanted => {}
            other => panic!("{type_}: {other:?}"),
        }
    }

    /// `a = b` in `Nat`, by reflexivity of `a`, with the variables in scope.
    #[track_caller]
    pub fn equal(&mut self, variables: &[(&str, &str)], type_: &str, a: &str, b: &str) {
        let (statement, proof) = equation(variables, type_, a, b);
        self.proves(&statement, &proof);
    }

    #[track_caller]
    pub fn unequal(&mut self, variables: &[(&str, &str)], type_: &str, a: &str, b: &str) {
        let (statement, proof) = equation(variables, type_, a, b);
        self.refuses(&statement, &proof, &Reason::Value);
    }
}

fn equation(variables: &[(&str, &str)], type_: &str, a: &str, b: &str) -> (String, String) {
    let statement = format!("((@ Eq 1) {type_} {a} {b})");
    let proof = format!("((@ Eq.refl 1) {type_} {a})");
    let close = |binder: &str, body: String| {
        variables.iter().rev().fold(body, |body, (name, type_)| format!("({binder} {name} {type_} {body})"))
    };
    (close("pi", statement), close("fun", proof))
}

/// Natural numbers, truth values, equality, some structures and propositions, quotients.
pub fn library() -> Handmade {
    let mut made = Handmade { store: Store::new(), constants: Constants::default() };
    made.inductive(("Nat", "", "Type"), (0, 0, true), &[("Nat.zero", "Nat", 0), ("Nat.succ", "(pi n Nat Nat)", 1)]);
    let minors = "(pi motive (pi n Nat (sort u)) (pi z (motive Nat.zero) (pi s (pi n Nat (pi ih (motive n) (motive (Nat.succ n)))) BODY)))";
    let functions = minors.replace("(pi motive", "(fun motive").replace("(pi z", "(fun z").replace("(pi s", "(fun s");
    made.recursor(
        ("Nat.rec", "u", &minors.replace("BODY", "(pi t Nat (motive t))")),
        (0, 0, false),
        &[
            ("Nat.zero", 0, &functions.replace("BODY", "z")),
            ("Nat.succ", 1, &functions.replace("BODY", "(fun n Nat (s n ((@ Nat.rec u) motive z s n)))")),
        ],
    );
    made.inductive(("Bool", "", "Type"), (0, 0, false), &[("Bool.false", "Bool", 0), ("Bool.true", "Bool", 0)]);
    made.inductive(
        ("Eq", "u", "(pi A (sort u) (pi a A (pi b A Prop)))"),
        (2, 1, false),
        &[("Eq.refl", "(pi A (sort u) (pi a A ((@ Eq u) A a a)))", 0)],
    );
    let eq = "(pi A (sort u) (pi a A (pi motive (pi b A (pi h ((@ Eq u) A a b) (sort v))) (pi m (motive a ((@ Eq.refl u) A a)) BODY))))";
    let eq_function = "(fun A (sort u) (fun a A (fun motive (pi b A (pi h ((@ Eq u) A a b) (sort v))) (fun m (motive a ((@ Eq.refl u) A a)) m))))";
    made.recursor(
        ("Eq.rec", "v u", &eq.replace("BODY", "(pi b A (pi h ((@ Eq u) A a b) (motive b h)))")),
        (2, 1, true),
        &[("Eq.refl", 0, eq_function)],
    );
    made.inductive(("Unit", "", "Type"), (0, 0, false), &[("Unit.unit", "Unit", 0)]);
    made.inductive(("True", "", "Prop"), (0, 0, false), &[("True.intro", "True", 0)]);
    made.inductive(("False", "", "Prop"), (0, 0, false), &[]);
    made.inductive(("Pair", "", "Type"), (0, 0, false), &[("Pair.mk", "(pi a Nat (pi b Nat Pair))", 2)]);
    made.recursor(
        ("Pair.rec", "u", "(pi motive (pi p Pair (sort u)) (pi m (pi a Nat (pi b Nat (motive (Pair.mk a b)))) (pi p Pair (motive p))))"),
        (0, 0, false),
        &[("Pair.mk", 2, "(fun motive (pi p Pair (sort u)) (fun m (pi a Nat (pi b Nat (motive (Pair.mk a b)))) (fun a Nat (fun b Nat (m a b)))))")],
    );
    made.inductive(
        ("And", "", "(pi p Prop (pi q Prop Prop))"),
        (2, 0, false),
        &[("And.intro", "(pi p Prop (pi q Prop (pi a p (pi b q (And p q)))))", 2)],
    );
    made.inductive(
        ("Some", "", "(pi p (pi n Nat Prop) Prop)"),
        (1, 0, false),
        &[("Some.intro", "(pi p (pi n Nat Prop) (pi n Nat (pi h (p n) (Some p))))", 2)],
    );
    let relation = "(pi a A (pi b A Prop))";
    let quotients = [
        ("Quot", QuotientKind::Type, "u", format!("(pi A (sort u) (pi r {relation} (sort u)))")),
        (
            "Quot.mk",
            QuotientKind::Constructor,
            "u",
            format!("(pi A (sort u) (pi r {relation} (pi a A ((@ Quot u) A r))))"),
        ),
        (
            "Quot.lift",
            QuotientKind::Lift,
            "u v",
            format!(
                "(pi A (sort u) (pi r {relation} (pi B (sort v) (pi f (pi a A B) (pi h (pi a A (pi b A (pi k (r a b) ((@ Eq v) B (f a) (f b))))) \
                 (pi q ((@ Quot u) A r) B))))))"
            ),
        ),
        (
            "Quot.ind",
            QuotientKind::Induction,
            "u",
            format!(
                "(pi A (sort u) (pi r {relation} (pi B (pi q ((@ Quot u) A r) Prop) (pi m (pi a A (B ((@ Quot.mk u) A r a))) \
                 (pi q ((@ Quot u) A r) (B q))))))"
            ),
        ),
    ];
    for (name, kind, levels, type_) in &quotients {
        made.add(name, levels, type_, None, Details::Quotient(*kind));
    }
    let definition = |made: &mut Handmade, name: &str, type_: &str, value: &str| {
        made.add(name, "", type_, Some(value), Details::Definition { safety: Safety::Safe, hints: Hints::Regular(1) });
    };
    let binary = "(pi a Nat (pi b Nat Nat))";
    let by_recursion = |zero: &str, next: &str| {
        format!("(fun a Nat (fun b Nat ((@ Nat.rec 1) (fun n Nat Nat) {zero} (fun n Nat (fun ih Nat {next})) b)))")
    };
    definition(&mut made, "Nat.add", binary, &by_recursion("a", "(Nat.succ ih)"));
    definition(
        &mut made,
        "Nat.pred",
        "(pi a Nat Nat)",
        "(fun a Nat ((@ Nat.rec 1) (fun n Nat Nat) 0 (fun n Nat (fun ih Nat n)) a))",
    );
    definition(&mut made, "Nat.sub", binary, &by_recursion("a", "(Nat.pred ih)"));
    definition(&mut made, "Nat.mul", binary, &by_recursion("0", "(Nat.add ih a)"));
    definition(&mut made, "Nat.pow", binary, &by_recursion("1", "(Nat.mul ih a)"));
    for name in ["Nat.div", "Nat.mod", "Nat.gcd", "Nat.shiftLeft"] {
        made.add(name, "", binary, None, Details::Axiom { is_unsafe: false });
    }
    made
}
