//! Each rule by hand: what it makes equal, and what it must not. The names of the Kernel Arena's corner cases are kept.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod library;

use leanwright_kernel::{Failure, Limits, Opaques, Reason, Why, check};
use leanwright_olean::{Details, ExprId, ExprNode, Hints, QuotientKind, Safety};
use library::library;
use std::collections::BTreeMap;

const NAT: (&str, &str) = ("n", "Nat");

#[test]
fn constlevels() {
    let mut made = library();
    let name = leanwright_olean::Name::from_texts(["Eq"]);
    made.proves("((@ Eq 1) Nat 0 0)", "((@ Eq.refl 1) Nat 0)");
    made.refuses("(Eq Nat 0 0)", "((@ Eq.refl 1) Nat 0)", &Reason::LevelCount(name.clone()));
    made.refuses("((@ Eq 1 1) Nat 0 0)", "((@ Eq.refl 1) Nat 0)", &Reason::LevelCount(name));
    made.refuses("((@ Eq u) Nat 0 0)", "((@ Eq.refl u) Nat 0)", &Reason::UndeclaredLevel);
    made.refuses("((@ Eq 2) Nat 0 0)", "((@ Eq.refl 2) Nat 0)", &Reason::Argument);
    let refused = made.define("u u", "(sort (succ u))", "(sort u)").unwrap_err();
    assert!(matches!(refused, Failure::Refused { reason: Reason::DuplicateLevel, .. }), "{refused}");
}

#[test]
#[allow(non_snake_case)]
fn nonPropThm() {
    let mut made = library();
    made.refuses("Nat", "0", &Reason::NotAProposition);
    made.refuses("Type", "Nat", &Reason::NotAProposition);
    made.define("", "Nat", "0").unwrap();
    // A function type into propositions is one, whatever it takes.
    made.proves("(pi A Type (pi a A True))", "(fun A Type (fun a A True.intro))");
}

#[test]
fn level_imax_leq_and_normalization() {
    let mut made = library();
    let mut same = |one: &str, other: &str| {
        made.define("u v w", &format!("(pi A (sort {one}) (sort {other}))"), &format!("(fun A (sort {one}) A)")).is_ok()
    };
    for (one, other) in [
        ("(imax u u)", "u"),
        ("(imax 0 u)", "u"),
        ("(imax 1 u)", "u"),
        ("(imax u 0)", "0"),
        ("(imax u (succ v))", "(max u (succ v))"),
        ("(imax u (imax v w))", "(imax (max u v) w)"),
        ("(imax u (max v w))", "(max (imax u v) (imax u w))"),
        ("(max u v)", "(max v u)"),
        ("(succ (max u v))", "(max (succ u) (succ v))"),
        ("(max u (imax u v))", "(max u v)"),
        ("(succ (imax u v))", "(max 1 (succ (imax u v)))"),
    ] {
        assert!(same(one, other), "{one} = {other}");
    }
    for (one, other) in [
        ("(imax u v)", "(max u v)"),
        ("(imax u v)", "u"),
        ("(imax u v)", "(imax v u)"),
        ("(max 1 u)", "u"),
        ("(succ (imax u v))", "(imax (succ u) (succ v))"),
        ("(imax 2 u)", "u"),
        ("u", "v"),
        ("u", "(succ u)"),
    ] {
        assert!(!same(one, other), "{one} ≠ {other}");
    }
}

#[test]
fn proj_of_prop() {
    let mut made = library();
    let some = "(Some (fun n Nat True))";
    let get = format!("(fun h {some} (proj Some 0 h))");
    let refused = made.define("", &format!("(pi h {some} Nat)"), &get).unwrap_err();
    assert!(matches!(refused, Failure::Refused { reason: Reason::Projection(_), .. }), "{refused}");
    // The proof behind the data has a type that mentions the data.
    let dependent = "(Some (fun n Nat ((@ Eq 1) Nat n n)))";
    let get = format!("(fun h {dependent} (proj Some 1 h))");
    let refused = made.define("", &format!("(pi h {dependent} True)"), &get).unwrap_err();
    assert!(matches!(refused, Failure::Refused { reason: Reason::Projection(_), .. }), "{refused}");
    made.proves(
        "(pi p Prop (pi q Prop (pi h (And p q) q)))",
        "(fun p Prop (fun q Prop (fun h (And p q) (proj And 1 h))))",
    );
    for wrong in
        ["(proj And 2 h)", "(proj Pair 0 h)", "(proj Nat 0 1)", "(proj Eq 0 ((@ Eq.refl 1) Nat 0))", "(proj True 0 h)"]
    {
        let value = format!("(fun p Prop (fun q Prop (fun h (And p q) {wrong})))");
        let refused = made.prove("(pi p Prop (pi q Prop (pi h (And p q) q)))", &value).unwrap_err();
        assert!(matches!(refused, Failure::Refused { reason: Reason::Projection(_), .. }), "{wrong}: {refused}");
    }
}

#[test]
fn nat_rec_rules() {
    let mut made = library();
    let sum =
        |n: &str| format!("((@ Nat.rec 1) (fun n Nat Nat) 5 (fun n Nat (fun ih Nat (Nat.succ (Nat.succ ih)))) {n})");
    made.equal(&[], "Nat", &sum("3"), "11");
    made.equal(&[NAT], "Nat", &sum("(Nat.succ n)"), &format!("(Nat.succ (Nat.succ {}))", sum("n")));
    made.unequal(&[], "Nat", &sum("3"), "12");
    made.unequal(&[NAT], "Nat", &sum("(Nat.succ n)"), &sum("n"));
    made.unequal(&[NAT], "Nat", &sum("n"), "5");
    // A major premise of another type.
    made.refuses("((@ Eq 1) Nat 5 5)", &format!("((@ Eq.refl 1) Nat {})", sum("Bool.true")), &Reason::Argument);
}

#[test]
fn large_elim_param_and_everything_that_nobody_may_add() {
    let mut made = library();
    for name in ["Nat", "Nat.succ", "Nat.rec", "Quot", "Nat.div"] {
        let mut constant = made.constant("new", "", "Nat", None, Details::Axiom { is_unsafe: false });
        constant.details = match name {
            "Quot" => Details::Quotient(QuotientKind::Lift),
            _ => Details::Axiom { is_unsafe: false },
        };
        let refused = made.check(vec![constant]).unwrap_err();
        assert!(matches!(refused, Failure::Refused { reason: Reason::Kind(_), .. }), "{refused}");
    }
    for safety in [Safety::Unsafe, Safety::Partial] {
        let details = Details::Definition { safety, hints: Hints::Opaque };
        let constant = made.constant("new", "", "Nat", Some("0"), details.clone());
        let refused = made.check(vec![constant]).unwrap_err();
        assert!(matches!(refused, Failure::Refused { reason: Reason::Kind(_), .. }), "{refused}");
        made.add("loop", "", "False", Some("loop"), details);
        let name = leanwright_olean::Name::from_texts(["loop"]);
        made.refuses("False", "loop", &Reason::Unsafe(name));
    }
    let opaque = made.constant("new", "", "Nat", Some("0"), Details::Opaque { is_unsafe: false });
    assert!(made.check(vec![opaque.clone()]).is_err());
    let new = BTreeMap::from([(opaque.name, opaque)]);
    check(&mut made.store, &mut made.constants, &new, Opaques::Checked, &Limits::default()).unwrap();
}

#[test]
fn k_rec_conv() {
    let mut made = library();
    let cast =
        |h: &str, to: &str| format!("((@ Eq.rec 1 1) Nat 0 (fun b Nat (fun h ((@ Eq 1) Nat 0 b) Nat)) 7 {to} {h})");
    made.equal(&[("h", "((@ Eq 1) Nat 0 0)")], "Nat", &cast("h", "0"), "7");
    made.equal(&[("h", "((@ Eq 1) Nat 0 (Nat.sub 3 4))")], "Nat", &cast("h", "(Nat.sub 3 4)"), "7");
    made.unequal(&[("h", "((@ Eq 1) Nat 0 1)")], "Nat", &cast("h", "1"), "7");
    made.unequal(&[NAT, ("h", "((@ Eq 1) Nat 0 n)")], "Nat", &cast("h", "n"), "7");
}

#[test]
fn app_lam() {
    let mut made = library();
    made.equal(&[NAT], "Nat", "((fun x Nat (Nat.succ x)) n)", "(Nat.succ n)");
    made.equal(&[NAT], "Nat", "((fun x Nat (fun y Nat x)) n 3)", "n");
    made.unequal(&[NAT], "Nat", "((fun x Nat (fun y Nat y)) n 3)", "n");
    let wrong = "((@ Eq.refl 1) Nat ((fun x Nat x) Bool.true))";
    made.refuses("((@ Eq 1) Nat 0 0)", wrong, &Reason::Argument);
    made.refuses("((@ Eq 1) Nat 0 0)", "((@ Eq.refl 1) Nat (0 0))", &Reason::NotAFunction);
    made.refuses("((@ Eq 1) Nat 0 0)", "((@ Eq.refl 1) Nat (let x Nat Bool.true 0))", &Reason::Let);
    made.refuses("((@ Eq 1) Nat 0 0)", "((@ Eq.refl 1) Nat ((fun x 0 0) 0))", &Reason::NotAType);
    made.equal(&[], "Nat", "(let x Nat 3 (let y Nat (Nat.succ x) (Nat.add x y)))", "7");
}

#[test]
fn shift_cascade() {
    let mut made = library();
    let three = "(fun a Nat (fun b Nat (fun c Nat (Nat.add a (Nat.add b c)))))";
    made.equal(
        &[("m", "Nat"), NAT],
        "(pi c Nat Nat)",
        &format!("({three} n m)"),
        "(fun c Nat (Nat.add n (Nat.add m c)))",
    );
    made.unequal(
        &[("m", "Nat"), NAT],
        "(pi c Nat Nat)",
        &format!("({three} n m)"),
        "(fun c Nat (Nat.add m (Nat.add n c)))",
    );
    let nested = "((fun f (pi a Nat (pi b Nat Nat)) (fun x Nat (f x))) (fun a Nat (fun b Nat b)) n)";
    made.equal(&[NAT], "(pi b Nat Nat)", nested, "(fun x Nat x)");
    made.unequal(&[NAT], "(pi b Nat Nat)", nested, "(fun x Nat n)");
}

#[test]
fn nothing_is_free() {
    let mut made = library();
    made.refuses("((@ Eq 1) Nat 0 0)", "((@ Eq.refl 1) Nat #0)", &Reason::LooseVariable);
    made.refuses("((@ Eq 1) Nat 0 #3)", "((@ Eq.refl 1) Nat 0)", &Reason::LooseVariable);
    made.refuses("((@ Eq 1) Nat 0 0)", "((@ Eq.refl 1) Nat $x)", &Reason::FreeVariable);
    made.refuses("((@ Eq 1) Nat 0 0)", "((@ Eq.refl 1) Nat $_kernel.free)", &Reason::FreeVariable);
    made.refuses("False", "missing", &Reason::Unknown(leanwright_olean::Name::from_texts(["missing"])));
    // Also not in the library.
    made.add("escaped", "", "False", Some("$x"), Details::Theorem);
    made.refuses("False", "escaped", &Reason::FreeVariable);
    let mut constant = made.constant("new", "", "False", None, Details::Theorem);
    let name = constant.name;
    constant.value = Some(made.store.intern_expr(ExprNode::Meta(name)));
    let refused = made.check(vec![constant]).unwrap_err();
    assert!(matches!(refused, Failure::Refused { reason: Reason::MetaVariable, .. }), "{refused}");
}

#[test]
fn circles_are_refused() {
    let mut made = library();
    let theorem = |made: &mut library::Handmade, name: &str, proof: &str| {
        made.constant(name, "", "False", Some(proof), Details::Theorem)
    };
    let is_cycle = |result| matches!(result, Err(Failure::Refused { reason: Reason::Cycle, .. }));
    let new = vec![theorem(&mut made, "a", "a")];
    assert!(is_cycle(made.check(new)));
    let new = vec![theorem(&mut made, "a", "b"), theorem(&mut made, "b", "c"), theorem(&mut made, "c", "a")];
    assert!(is_cycle(made.check(new)));
    // Through constants of the module that have not changed, also where a circle of theirs is met first.
    made.add("later", "", "False", Some("a"), Details::Theorem);
    made.add("latest", "", "False", Some("later"), Details::Theorem);
    let new = vec![theorem(&mut made, "a", "latest")];
    assert!(is_cycle(made.check(new)));
    let new = vec![theorem(&mut made, "a", "b"), theorem(&mut made, "b", "((fun x False latest) later)")];
    assert!(is_cycle(made.check(new)));
    // Definitions in the wrong order are found in the right one.
    let regular = Details::Definition { safety: Safety::Safe, hints: Hints::Regular(1) };
    let first = made.constant("z", "", "Nat", Some("2"), regular.clone());
    let second = made.constant("y", "", "((@ Eq 1) Nat z 2)", Some("((@ Eq.refl 1) Nat z)"), Details::Theorem);
    made.check(vec![second, first]).unwrap();
}

#[test]
fn numbers() {
    let mut made = library();
    for (a, b) in [
        ("(Nat.add 2 3)", "5"),
        ("(Nat.sub 2 3)", "0"),
        ("(Nat.mul 4 5)", "20"),
        ("(Nat.pow 2 40)", "1099511627776"),
        ("(Nat.pow 0 0)", "1"),
        ("(Nat.succ 4)", "5"),
        ("(Nat.succ Nat.zero)", "1"),
        ("Nat.zero", "0"),
    ] {
        made.equal(&[], "Nat", a, b);
        made.unequal(&[], "Nat", a, &format!("(Nat.succ {b})"));
    }
    made.equal(&[NAT], "Nat", "(Nat.add n 2)", "(Nat.succ (Nat.succ n))");
    made.unequal(&[NAT], "Nat", "(Nat.add n 2)", "(Nat.succ n)");
    made.unequal(&[NAT], "Nat", "(Nat.sub n n)", "0");
    // Too large to be computed: neither yes nor in endless time.
    let huge = made.prove("((@ Eq 1) Nat (Nat.pow 2 99999999999) 0)", "((@ Eq.refl 1) Nat 0)");
    assert!(huge.is_err());
    // What the library only names is computed if it is the toolchain's.
    for (a, b) in [
        ("(Nat.div 7 0)", "0"),
        ("(Nat.div 7 2)", "3"),
        ("(Nat.mod 7 0)", "7"),
        ("(Nat.mod 7 2)", "1"),
        ("(Nat.gcd 0 0)", "0"),
        ("(Nat.gcd 12 18)", "6"),
    ] {
        made.constants.is_leans_own = false;
        made.unequal(&[], "Nat", a, b);
        made.constants.is_leans_own = true;
        made.equal(&[], "Nat", a, b);
    }
    made.unequal(&[], "Nat", "(Nat.shiftLeft 1 99999999999)", "0");
    // The operands can be had, and what is to be done with them would take hours.
    for operation in ["Nat.div", "Nat.mod", "Nat.gcd"] {
        let huge = format!("({operation} (Nat.succ (Nat.pow 2 6000000)) (Nat.succ (Nat.pow 2 5000000)))");
        let gave_up = made.prove(&format!("((@ Eq 1) Nat {huge} 0)"), "((@ Eq.refl 1) Nat 0)").unwrap_err();
        assert!(matches!(gave_up, Failure::GaveUp { why: Why::Steps, .. }), "{operation}: {gave_up}");
    }
}

/// An operation that is not what it is called is not computed, and a type of numbers with other constructors has no literals.
#[test]
fn libraries_that_lie() {
    let mut made = library();
    let rogue = "(fun a Nat (fun b Nat 3))";
    let details = Details::Definition { safety: Safety::Safe, hints: Hints::Regular(1) };
    made.add("Nat.mul", "", "(pi a Nat (pi b Nat Nat))", Some(rogue), details.clone());
    made.constants.is_leans_own = true;
    made.equal(&[], "Nat", "(Nat.mul 2 2)", "3");
    made.unequal(&[], "Nat", "(Nat.mul 2 2)", "4");
    made.add("Nat.gcd", "", "(pi a Nat (pi b Nat Bool))", None, Details::Axiom { is_unsafe: false });
    made.refuses("((@ Eq 1) Nat 2 2)", "((@ Eq.refl 1) Nat (Nat.gcd 4 6))", &Reason::Argument);
    made.inductive(
        ("Nat", "", "Type"),
        (0, 0, true),
        &[("Nat.zero", "Nat", 0), ("Nat.succ", "(pi n Nat (pi m Nat Nat))", 2)],
    );
    let gave_up = made.prove("((@ Eq 1) Nat 0 0)", "((@ Eq.refl 1) Nat 0)").unwrap_err();
    assert!(matches!(gave_up, Failure::GaveUp { why: Why::NotLeans(_), .. }), "{gave_up}");
}

#[test]
fn texts() {
    let mut made = library();
    let gave_up = made.prove("True", "((fun x Nat True.intro) \"a\")").unwrap_err();
    assert!(matches!(gave_up, Failure::GaveUp { why: Why::NotLeans(_), .. }), "{gave_up}");
    made.inductive(
        ("List", "u", "(pi A (sort (succ u)) (sort (succ u)))"),
        (1, 0, true),
        &[
            ("List.nil", "(pi A (sort (succ u)) ((@ List u) A))", 0),
            ("List.cons", "(pi A (sort (succ u)) (pi a A (pi l ((@ List u) A) ((@ List u) A))))", 2),
        ],
    );
    made.inductive(("Char", "", "Type"), (0, 0, false), &[("Char.ofNat", "(pi n Nat Char)", 1)]);
    made.inductive(("String", "", "Type"), (0, 0, false), &[("String.mk", "(pi l ((@ List 0) Char) String)", 1)]);
    let list = "((@ List.cons 0) Char (Char.ofNat 97) ((@ List.cons 0) Char (Char.ofNat 98) ((@ List.nil 0) Char)))";
    made.equal(&[], "String", "\"ab\"", &format!("(String.mk {list})"));
    made.equal(&[], "((@ List 0) Char)", "(proj String 0 \"ab\")", list);
    made.unequal(&[], "String", "\"ba\"", &format!("(String.mk {list})"));
    made.unequal(&[], "String", "\"ba\"", "\"ab\"");
    // A character that is made of something else: no literal may make one.
    made.inductive(("Char", "", "Type"), (0, 0, false), &[("Char.ofNat", "(pi n False Char)", 1)]);
    assert!(made.prove("((@ Eq 1) String \"a\" \"a\")", "((@ Eq.refl 1) String \"a\")").is_err());
}

#[test]
fn structures() {
    let mut made = library();
    let pair = [("p", "Pair"), ("q", "Pair")];
    made.equal(&pair, "Pair", "(Pair.mk (proj Pair 0 p) (proj Pair 1 p))", "p");
    made.unequal(&pair, "Pair", "(Pair.mk (proj Pair 0 p) (proj Pair 1 q))", "p");
    made.unequal(&pair, "Pair", "(Pair.mk (proj Pair 1 p) (proj Pair 0 p))", "p");
    made.equal(&[NAT], "Nat", "(proj Pair 1 (Pair.mk 3 n))", "n");
    made.unequal(&[NAT], "Nat", "(proj Pair 0 (Pair.mk 3 n))", "n");
    // A recursor of a structure computes at every term of it.
    let second = "((@ Pair.rec 1) (fun p Pair Nat) (fun a Nat (fun b Nat b)) p)";
    made.equal(&pair, "Nat", second, "(proj Pair 1 p)");
    made.unequal(&pair, "Nat", second, "(proj Pair 0 p)");
    made.equal(&[("a", "Unit"), ("b", "Unit")], "Unit", "a", "b");
    made.unequal(&[("a", "Bool"), ("b", "Bool")], "Bool", "a", "b");
    let functions = [("f", "(pi n Nat Unit)"), ("g", "(pi n Nat Unit)")];
    made.equal(&functions, "(pi n Nat Unit)", "(fun n Nat (f n))", "(fun n Nat (g n))");
    made.equal(&[("f", "(pi n Nat Nat)")], "(pi n Nat Nat)", "(fun x Nat (f x))", "f");
    made.unequal(&[("f", "(pi n Nat Nat)")], "(pi n Nat Nat)", "(fun x Nat (f 0))", "f");
}

#[test]
fn proofs_are_irrelevant_and_data_is_not() {
    let mut made = library();
    let equal = |p: &str, sort: &str| {
        (
            format!("(pi A {sort} (pi a A (pi b A ((@ Eq {p}) A a b))))"),
            format!("(fun A {sort} (fun a A (fun b A ((@ Eq.refl {p}) A a))))"),
        )
    };
    let (statement, proof) = equal("0", "Prop");
    made.proves(&statement, &proof);
    let (statement, proof) = equal("1", "Type");
    made.refuses(&statement, &proof, &Reason::Value);
    made.proves("(pi h True ((@ Eq 0) True h True.intro))", "(fun h True ((@ Eq.refl 0) True h))");
    made.refuses("False", "True.intro", &Reason::Value);
    made.refuses("((@ Eq 1) Nat 1 2)", "((@ Eq.refl 1) Nat 1)", &Reason::Value);
}

#[test]
fn quotients() {
    let mut made = library();
    let relation = "(fun a Nat (fun b Nat True))";
    let constant = format!(
        "((@ Quot.lift 1 1) Nat {relation} Nat (fun a Nat 4) (fun a Nat (fun b Nat (fun h True ((@ Eq.refl 1) Nat 4)))))"
    );
    let made_of = format!("((@ Quot.mk 1) Nat {relation} n)");
    made.equal(&[NAT], "Nat", &format!("({constant} {made_of})"), "4");
    made.unequal(&[NAT], "Nat", &format!("({constant} {made_of})"), "n");
    made.unequal(&[("q", &format!("((@ Quot 1) Nat {relation})"))], "Nat", &format!("({constant} q)"), "4");
    // A function that does not respect the relation has no proof that it does.
    let identity = format!(
        "((@ Quot.lift 1 1) Nat {relation} Nat (fun a Nat a) (fun a Nat (fun b Nat (fun h True ((@ Eq.refl 1) Nat a)))))"
    );
    let (statement, proof) =
        ("((@ Eq 1) Nat 0 0)".to_owned(), format!("((@ Eq.refl 1) Nat ({identity} ((@ Quot.mk 1) Nat {relation} 0)))"));
    made.refuses(&statement, &proof, &Reason::Argument);
}

/// What a library leaves out is known to be missing only where a new constant mentions it itself.
#[test]
fn libraries_that_are_not_whole() {
    let mut made = library();
    let details = Details::Definition { safety: Safety::Safe, hints: Hints::Regular(1) };
    made.add("hollow", "", "(pi n Nat Nat)", Some("(fun n Nat (missing n))"), details);
    let gave_up = made.prove("((@ Eq 1) Nat (hollow 0) 0)", "((@ Eq.refl 1) Nat 0)").unwrap_err();
    assert!(matches!(gave_up, Failure::GaveUp { why: Why::Missing(_), .. }), "{gave_up}");
}

/// Two terms that are equal but for what is innermost.
#[test]
fn deep_comparisons() {
    let mut made = library();
    for count in [500, 99_000] {
        let nested = |made: &mut library::Handmade, inner: u32| {
            let (function, inner) = (ExprNode::Bound(2), ExprNode::Bound(inner));
            let (function, mut term) = (made.store.intern_expr(function), made.store.intern_expr(inner));
            for _ in 0..count {
                term = made.store.intern_expr(ExprNode::App(function, term));
            }
            term
        };
        let (one, other) = (nested(&mut made, 0), nested(&mut made, 1));
        let mut statement = made.term("((@ Eq 1) Nat)");
        statement = made.store.intern_expr(ExprNode::App(statement, one));
        statement = made.store.intern_expr(ExprNode::App(statement, other));
        let proof = made.term("((@ Eq.refl 1) Nat)");
        let mut proof = made.store.intern_expr(ExprNode::App(proof, one));
        for domain in ["Nat", "Nat", "(pi n Nat Nat)"] {
            let domain = made.term(domain);
            statement = made.store.intern_expr(ExprNode::Pi(domain, statement));
            proof = made.store.intern_expr(ExprNode::Lambda(domain, proof));
        }
        let mut constant = made.constant("new", "", "True", Some("True.intro"), Details::Theorem);
        (constant.type_, constant.value) = (statement, Some(proof));
        let result = made.check(vec![constant]);
        assert!(
            matches!(
                result,
                Err(Failure::Refused { reason: Reason::Value, .. }
                    | Failure::GaveUp { why: Why::Depth | Why::Steps, .. })
            ),
            "{result:?}"
        );
    }
}

/// What is nested deeply is decided or given up, and never overflows the stack.
#[test]
fn depth() {
    type Wrap = fn(&mut library::Handmade, ExprId) -> ExprNode;
    let wraps: [Wrap; 4] = [
        |made, term| ExprNode::App(made.term("Nat.succ"), term),
        |made, term| ExprNode::Lambda(made.term("Nat"), term),
        |made, term| {
            let mk = made.term("(Pair.mk 0)");
            ExprNode::Proj(made.name("Pair"), 1, made.store.intern_expr(ExprNode::App(mk, term)))
        },
        |made, term| ExprNode::Let(made.term("Nat"), made.term("1"), term),
    ];
    let mut made = library();
    for wrap in wraps {
        for count in [1_000, 120_000] {
            let mut value = made.term("0");
            for _ in 0..count {
                let node = wrap(&mut made, value);
                value = made.store.intern_expr(node);
            }
            let details = Details::Definition { safety: Safety::Safe, hints: Hints::Regular(1) };
            let mut constant = made.constant("new", "", "Nat", Some("0"), details);
            constant.value = Some(value);
            match made.check(vec![constant]) {
                Ok(_) | Err(Failure::GaveUp { .. } | Failure::Refused { reason: Reason::Value, .. }) => {}
                Err(other) => panic!("{other}"),
            }
        }
    }
}
