//! Changes proofs that Lean has compiled at random and asks our kernel about each. Run by `cargo xtask bench mutations`.
//!
//! `bench-mutations SECONDS SEED MODULE.olean…`: what is accepted although it differs must be explained: the changed proof's type, inferred anew, is the statement
//! because the changed part is convertible with the old one, or is another proof of a proposition. What is not explained is printed, and fails.
#![allow(clippy::disallowed_methods, clippy::print_stdout, clippy::unwrap_used, clippy::indexing_slicing)]

use leanwright_kernel::{Failure, Library, Limits, Opaques, check};
use leanwright_olean::{Constant, ConstantKind, Details, ExprId, ExprNode, Hints, LevelNode, Safety, Store};
use leanwright_testkit::{Modules, lean};
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// A store is thrown away when it has this many terms.
const MAX_TERMS: usize = 8_000_000;

/// Random numbers that are the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % bound.max(1)
    }
}

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
    let printed = Command::new(lean().lake.with_file_name("lean")).arg("--print-prefix").output().unwrap().stdout;
    let library = Path::new(String::from_utf8(printed).unwrap().trim()).join("lib/lean");
    let library: Vec<PathBuf> =
        Modules::files(&library).into_iter().filter(|path| !path.to_string_lossy().contains("/Lake")).collect();
    let deadline = Instant::now() + Duration::from_secs(seconds);
    let (mut random, mut counts) = (Random(0x9E37_79B9_7F4A_7C15_u64.wrapping_mul(seed | 1)), Counts::default());
    while Instant::now() < deadline {
        let (mut store, mut modules) = (Store::new(), Modules::default());
        library.iter().for_each(|path| drop(modules.add(path, &mut store)));
        modules.leans_own = library.len();
        let mut constants = Vec::new();
        for path in &files {
            let (module, names) = modules.add(path, &mut store);
            constants.extend((0..names.len()).map(|index| modules.read(module, index, &mut store)));
        }
        let theorems: Vec<Constant> = constants.into_iter().filter(|it| it.kind == ConstantKind::Theorem).collect();
        let mut parts = Vec::new();
        store.visit_all(theorems.iter().flat_map(Constant::terms), |id, _| parts.push(id));
        while store.expr_count() < MAX_TERMS && Instant::now() < deadline {
            let theorem = theorems[random.below(theorems.len())].clone();
            mutate(theorem, &parts, &mut store, &mut modules, &mut random, &mut counts);
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

fn mutate(
    theorem: Constant,
    parts: &[ExprId],
    store: &mut Store,
    modules: &mut Modules,
    random: &mut Random,
    counts: &mut Counts,
) {
    let in_statement = random.below(4) == 0;
    let root = if in_statement { theorem.type_ } else { theorem.value.unwrap() };
    let mut own = Vec::new();
    store.visit(root, |id, _| own.push(id));
    let target = own[random.below(own.len())];
    let Some(changed) = change(target, parts, store, modules, random) else { return };
    let new_root = replaced(root, target, changed, store, random);
    if new_root == root {
        return;
    }
    let mut mutant = theorem.clone();
    if in_statement {
        mutant.type_ = new_root
    } else {
        mutant.value = Some(new_root)
    }
    counts.mutants += 1;
    let limits = Limits { steps: 1_000_000, ..Limits::default() };
    let new = BTreeMap::from([(mutant.name, mutant.clone())]);
    match check(store, modules, &new, Opaques::Refused, &limits) {
        Err(Failure::Refused { .. }) => counts.refused += 1,
        Err(Failure::GaveUp { .. }) => counts.gave_up += 1,
        // The statement is untouched: whatever the proof is now, it must have that type by an inference that starts anew, with the proof as the body of
        // a definition and the statement behind a definition, so that no shortcut of the first check can be taken again.
        Ok(_) if !in_statement => {
            if anew(&mutant, store, modules) {
                counts.same_proof += 1;
            } else {
                counts.unexplained.push(format!("{}: proof", store.name(mutant.name)));
            }
        }
        // The proof is untouched, so it proves both statements: they must be convertible.
        Ok(_) => {
            if convertible(&theorem, theorem.type_, mutant.type_, store, modules) {
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

/// Another term in place of one.
fn change(
    target: ExprId,
    parts: &[ExprId],
    store: &mut Store,
    modules: &mut Modules,
    random: &mut Random,
) -> Option<ExprId> {
    let any = parts[random.below(parts.len())];
    let node = match (store.expr(target)?.clone(), random.below(4)) {
        (_, 0) => return Some(any),
        (ExprNode::Bound(index), 1) => ExprNode::Bound(index + 1),
        (ExprNode::Bound(index), _) => ExprNode::Bound(index.checked_sub(1)?),
        (ExprNode::Nat(digits), _) => {
            let mut digits = digits.to_vec();
            let first = digits.first().copied().unwrap_or(0).wrapping_add(1);
            if digits.is_empty() {
                digits.push(first)
            } else {
                digits[0] = first
            }
            ExprNode::Nat(digits.into())
        }
        (ExprNode::Text(text), _) => ExprNode::Text(format!("{text}!").into()),
        (ExprNode::Sort(level), _) => ExprNode::Sort(store.intern_level(LevelNode::Succ(level))),
        (ExprNode::Const(name, levels), 1) if !levels.is_empty() => {
            let mut levels = levels.to_vec();
            let place = random.below(levels.len());
            levels[place] = store.intern_level(LevelNode::Succ(levels[place]));
            ExprNode::Const(name, levels.into())
        }
        // A constant of as many levels from somewhere else in the files.
        (ExprNode::Const(_, levels), _) => {
            (0..50).find_map(|_| match store.expr(parts[random.below(parts.len())])? {
                ExprNode::Const(other, own) if own.len() == levels.len() => {
                    Some(ExprNode::Const(*other, levels.clone()))
                }
                _ => None,
            })?
        }
        (ExprNode::App(f, a), 1) => match store.expr(f)?.clone() {
            ExprNode::App(g, b) => {
                let swapped = store.intern_expr(ExprNode::App(g, a));
                ExprNode::App(swapped, b)
            }
            _ => return Some(a),
        },
        (ExprNode::App(f, a), 2) => ExprNode::App(a, f),
        (ExprNode::App(f, _), _) => return Some(f),
        (ExprNode::Lambda(a, b), 1) => ExprNode::Lambda(a, store.intern_expr(ExprNode::Lambda(a, b))),
        (ExprNode::Lambda(_, b), 2) => return Some(b),
        (ExprNode::Lambda(a, b), _) => ExprNode::Pi(a, b),
        (ExprNode::Pi(_, b), 1) => return Some(b),
        (ExprNode::Pi(a, b), 2) => ExprNode::Pi(b, a),
        (ExprNode::Pi(a, b), _) => ExprNode::Lambda(a, b),
        (ExprNode::Let(_, _, c), 1) => return Some(c),
        (ExprNode::Let(a, _, c), _) => ExprNode::Let(a, any, c),
        (ExprNode::Proj(name, index, of), 1) => ExprNode::Proj(name, index + 1, of),
        (ExprNode::Proj(name, index, of), _) => ExprNode::Proj(name, index ^ 1, of),
        (ExprNode::Free(_) | ExprNode::Meta(_), _) => return None,
    };
    // A theorem instead of another one: half of the constants are.
    if let ExprNode::Const(name, _) = node {
        modules.constant(name, store).ok()??;
    }
    Some(store.intern_expr(node))
}

/// A term with one part replaced, everywhere or on one path.
fn replaced(root: ExprId, target: ExprId, by: ExprId, store: &mut Store, random: &mut Random) -> ExprId {
    let everywhere = random.below(2) == 0;
    let mut order = Vec::new();
    store.visit(root, |id, _| order.push(id));
    order.sort_unstable();
    let mut new: HashMap<ExprId, ExprId> = HashMap::new();
    for id in order {
        if id == target {
            new.insert(id, by);
            continue;
        }
        let mut once = false;
        let mut part = |id: ExprId| match new.get(&id) {
            Some(changed) if *changed != id && (everywhere || !once) => {
                once = true;
                *changed
            }
            _ => id,
        };
        let node = match store.expr(id).unwrap().clone() {
            ExprNode::App(a, b) => ExprNode::App(part(a), part(b)),
            ExprNode::Lambda(a, b) => ExprNode::Lambda(part(a), part(b)),
            ExprNode::Pi(a, b) => ExprNode::Pi(part(a), part(b)),
            ExprNode::Let(a, b, c) => ExprNode::Let(part(a), part(b), part(c)),
            ExprNode::Proj(name, index, a) => ExprNode::Proj(name, index, part(a)),
            other => other,
        };
        let changed = store.intern_expr(node);
        new.insert(id, changed);
    }
    new.get(&root).copied().unwrap_or(root)
}
