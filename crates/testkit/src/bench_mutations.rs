//! Changes proofs that Lean has compiled at random and asks our kernel about each. Run by `cargo xtask bench mutations`.
//!
//! `bench-mutations SECONDS SEED MODULE.olean…`: what is accepted although it differs must be explained: the changed proof's type, inferred anew, is the statement
//! because the changed part is convertible with the old one, or is another proof of a proposition. What is not explained is printed, and fails.
#![allow(clippy::disallowed_methods, clippy::print_stdout, clippy::unwrap_used, clippy::indexing_slicing)]

use leanwright_kernel::{Failure, Limits, Opaques, check};
use leanwright_olean::{Constant, ConstantKind, Details, ExprId, ExprNode, Hints, Safety, Store};
use leanwright_testkit::Modules;
use leanwright_testkit::mutations::{Mutant, Random, Theorems};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// A store is thrown away when it has this many terms.
const MAX_TERMS: usize = 8_000_000;

#[derive(Default)]
struct Counts {
    mutants: usize,
    refused: usize,
    gave_up: usize,
    same_proof: usize,
    same_meaning: usize,
    unexplained: Vec<String>,
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let seconds: u64 = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(60);
    let seed: u64 = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(1);
    let files: Vec<PathBuf> = arguments.map(PathBuf::from).collect();
    let library = Modules::library();
    let deadline = Instant::now() + Duration::from_secs(seconds);
    let (mut random, mut counts) = (Random::new(seed), Counts::default());
    while Instant::now() < deadline {
        let (mut store, mut modules) = (Store::new(), Modules::default());
        library.iter().for_each(|path| drop(modules.add(path, &mut store)));
        modules.leans_own = library.len();
        let theorems = Theorems::read(&files, &mut modules, &mut store);
        while store.expr_count() < MAX_TERMS && Instant::now() < deadline {
            if let Some(mutant) = theorems.mutant(&mut store, &mut modules, &mut random) {
                count(&mutant, &mut store, &mut modules, &mut counts);
            }
        }
    }
    println!(
        "{} mutants: {} refused, {} given up, {} accepted with another proof of the same, {} accepted and convertible, {} not explained",
        counts.mutants,
        counts.refused,
        counts.gave_up,
        counts.same_proof,
        counts.same_meaning,
        counts.unexplained.len()
    );
    counts.unexplained.iter().for_each(|line| println!("  {line}"));
    if !counts.unexplained.is_empty() {
        std::process::exit(1);
    }
}

fn count(mutant: &Mutant, store: &mut Store, modules: &mut Modules, counts: &mut Counts) {
    let Mutant { original: theorem, changed: mutant, in_statement } = mutant;
    counts.mutants += 1;
    let limits = Limits { steps: 1_000_000, ..Limits::default() };
    let new = BTreeMap::from([(mutant.name, mutant.clone())]);
    match check(store, modules, &new, Opaques::Refused, &limits) {
        Err(Failure::Refused { .. }) => counts.refused += 1,
        Err(Failure::GaveUp { .. }) => counts.gave_up += 1,
        // The statement is untouched: whatever the proof is now, it must have that type by an inference that starts anew, with the proof as the body of
        // a definition and the statement behind a definition, so that no shortcut of the first check can be taken again.
        Ok(_) if !*in_statement => {
            if anew(mutant, store, modules) {
                counts.same_proof += 1;
            } else {
                counts.unexplained.push(format!("{}: proof", store.name(mutant.name)));
            }
        }
        // The proof is untouched, so it proves both statements: they must be convertible.
        Ok(_) => {
            if convertible(theorem, theorem.type_, mutant.type_, store, modules) {
                counts.same_meaning += 1;
            } else {
                counts.unexplained.push(format!("{}: statement", store.name(mutant.name)));
            }
        }
    }
}

/// `fun (f : T → T) => f proof` checks only if the proof is a `T`.
fn anew(mutant: &Constant, store: &mut Store, modules: &mut Modules) -> bool {
    let arrow = store.intern_expr(ExprNode::Pi(mutant.type_, mutant.type_));
    let variable = store.intern_expr(ExprNode::Bound(0));
    let body = store.intern_expr(ExprNode::App(variable, mutant.value.unwrap()));
    let value = store.intern_expr(ExprNode::Lambda(arrow, body));
    let type_ = store.intern_expr(ExprNode::Pi(arrow, mutant.type_));
    defines(mutant, type_, value, store, modules)
}

/// The identity from one statement to the other, and back.
fn convertible(theorem: &Constant, one: ExprId, other: ExprId, store: &mut Store, modules: &mut Modules) -> bool {
    let variable = store.intern_expr(ExprNode::Bound(0));
    [(one, other), (other, one)].into_iter().all(|(from, to)| {
        let value = store.intern_expr(ExprNode::Lambda(from, variable));
        let type_ = store.intern_expr(ExprNode::Pi(from, to));
        defines(theorem, type_, value, store, modules)
    })
}

fn defines(like: &Constant, type_: ExprId, value: ExprId, store: &mut Store, modules: &mut Modules) -> bool {
    let details = Details::Definition { safety: Safety::Safe, hints: Hints::Opaque };
    let constant = Constant { kind: ConstantKind::Definition, type_, value: Some(value), details, ..like.clone() };
    let new = BTreeMap::from([(constant.name, constant)]);
    check(store, modules, &new, Opaques::Refused, &Limits::default()).is_ok()
}
