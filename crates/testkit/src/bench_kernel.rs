//! Checks every definition and every statement of Lean's library with our kernel. Run by `cargo xtask bench kernel`.
//!
//! `bench-kernel [COMPILED MODULE, OR PART OF THE PATH OF SOME]`: prints how many were checked, how long it took, the slowest ten, and all that do not check.
#![allow(clippy::disallowed_methods, clippy::print_stdout, clippy::unwrap_used, clippy::indexing_slicing)]

use leanwright_kernel::{Failure, Library, Limits, Opaques, Reason, Why, check};
use leanwright_olean::{Constant, ConstantKind, Details, ExprNode, Hints, LevelNode, Name, NameId, Safety, Store};
use leanwright_testkit::Modules;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::{Duration, Instant};

const THREADS: usize = 2;

/// Steps for each constant.
const MAX_STEPS: u64 = 20_000_000;

/// A constant that takes longer is named at once.
const SLOW: Duration = Duration::from_secs(3);

/// A store is thrown away when it has this many terms.
const MAX_TERMS: usize = 6_000_000;

#[derive(Default)]
struct Found {
    values: usize,
    statements: usize,
    steps: u64,
    times: Vec<(Duration, String)>,
    /// What does not check, and can be explained by what the package leaves out.
    explained: Vec<String>,
    wrong: Vec<String>,
}

fn main() {
    let wanted = std::env::args().nth(1).unwrap_or_default();
    let library = Modules::library_folder();
    let mut files = Modules::files(&library);
    files.extend(Some(PathBuf::from(&wanted)).filter(|path| path.is_file()));
    let queue: Vec<PathBuf> =
        files.iter().filter(|path| path.to_string_lossy().contains(&wanted)).rev().cloned().collect();
    println!("{} modules", queue.len());
    let (queue, found) = (Mutex::new(queue), Mutex::new(Found::default()));
    let started = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| work(&files, &queue, &found));
        }
    });
    let mut found = found.into_inner().unwrap();
    println!(
        "{} values and {} statements of constants without one, {} steps, {:.1} s on {THREADS} threads",
        found.values,
        found.statements,
        found.steps,
        started.elapsed().as_secs_f64()
    );
    found.times.sort_by(|one, other| other.cmp(one));
    let middle = found.times.get(found.times.len() / 2).map_or(Duration::ZERO, |(time, _)| *time);
    println!("median {:.3} ms; the slowest:", middle.as_secs_f64() * 1000.0);
    for (time, name) in found.times.iter().take(10) {
        println!("{:9.1} ms  {name}", time.as_secs_f64() * 1000.0);
    }
    println!("{} rest on what the package leaves out", found.explained.len());
    println!("{} do not check", found.wrong.len());
    for line in found.wrong.iter().chain(&found.explained) {
        println!("  {line}");
    }
}

fn work(files: &[PathBuf], queue: &Mutex<Vec<PathBuf>>, found: &Mutex<Found>) {
    loop {
        let mut store = Store::new();
        let mut modules = Modules::default();
        let places: BTreeMap<&PathBuf, (usize, Vec<_>)> =
            files.iter().map(|path| (path, modules.add(path, &mut store))).collect();
        modules.leans_own = files.len();
        while store.expr_count() < MAX_TERMS {
            let Some(path) = queue.lock().unwrap().pop() else { return };
            let (module, names) = &places[&path];
            for index in 0..names.len() {
                let constant = modules.read(*module, index, &mut store);
                check_one(constant, &mut store, &mut modules, found);
            }
            let left = queue.lock().unwrap().len();
            if left.is_multiple_of(100) {
                println!("{left} modules left, {} checked", found.lock().unwrap().times.len());
            }
        }
    }
}

/// The value, if it has one, else the statement: it is the type of a theorem-like constant, checked as the type of an identity would be.
fn check_one(constant: Constant, store: &mut Store, modules: &mut Modules, found: &Mutex<Found>) {
    let has_value = match (constant.kind, &constant.details) {
        (ConstantKind::Definition, Details::Definition { safety, .. }) if *safety != Safety::Safe => return,
        (ConstantKind::Opaque, Details::Opaque { is_unsafe: true }) => return,
        (ConstantKind::Axiom, Details::Axiom { is_unsafe: true }) => return,
        // The package has proofs, and what it hides, as opaque constants with their types in place of their values.
        _ if constant.value == Some(constant.type_) => false,
        (ConstantKind::Definition | ConstantKind::Theorem | ConstantKind::Opaque, _) => true,
        (ConstantKind::Axiom, _) => false,
        _ => return,
    };
    let name = store.name(constant.name).to_string();
    let new = if has_value { constant } else { statement(constant, store) };
    let started = Instant::now();
    let new = BTreeMap::from([(new.name, new)]);
    let limits = Limits { steps: MAX_STEPS, ..Limits::default() };
    let result = check(store, modules, &new, Opaques::Checked, &limits);
    let time = started.elapsed();
    let explanation = result.as_ref().err().and_then(|failure| explain(&new, failure, store, modules));
    if time > SLOW {
        println!("{:9.1} ms  {name}: {result:?}", time.as_secs_f64() * 1000.0);
    }
    let mut found = found.lock().unwrap();
    match (result, explanation) {
        (Ok(report), _) => {
            found.steps += report.steps;
            if has_value { found.values += 1 } else { found.statements += 1 }
        }
        (Err(failure), Some(explanation)) => found.explained.push(format!("{failure} ({explanation})")),
        (Err(failure), None) => found.wrong.push(failure.to_string()),
    }
    found.times.push((time, name));
}

/// A constant that is not there, or the definition without its value, that is the reason.
fn explain(
    new: &BTreeMap<NameId, Constant>,
    failure: &Failure,
    store: &mut Store,
    modules: &mut Modules,
) -> Option<String> {
    if let Failure::Refused { reason: Reason::Unknown(name), .. } | Failure::GaveUp { why: Why::Missing(name), .. } =
        failure
    {
        return Some(format!("{name} is left out"));
    }
    let mentions: Vec<NameId> = new.values().flat_map(|constant| constant.mentions(store)).collect();
    mentions.into_iter().find_map(|name| {
        let constant = modules.constant(name, store).ok()??;
        let is_hollow = constant.value == Some(constant.type_) && !is_proof(&constant, store, modules);
        is_hollow.then(|| format!("the value of {} is left out", store.name(name)))
    })
}

/// Whether a constant is a proof: then a theorem may say what it says.
fn is_proof(constant: &Constant, store: &mut Store, modules: &mut Modules) -> bool {
    let levels = constant.level_params.iter().map(|name| store.intern_level(LevelNode::Param(*name))).collect();
    let value = store.intern_expr(ExprNode::Const(constant.name, levels));
    let name = store.intern_name(&Name::from_texts(["theorem"]));
    let theorem = Constant {
        name,
        kind: ConstantKind::Theorem,
        details: Details::Theorem,
        value: Some(value),
        ..constant.clone()
    };
    let new = BTreeMap::from([(name, theorem)]);
    check(store, modules, &new, Opaques::Refused, &Limits::default()).is_ok()
}

/// A definition that is right exactly if the constant's type is a type: `fun x : T => x` of type `T → T`.
fn statement(constant: Constant, store: &mut Store) -> Constant {
    let variable = store.intern_expr(ExprNode::Bound(0));
    let value = store.intern_expr(ExprNode::Lambda(constant.type_, variable));
    let type_ = store.intern_expr(ExprNode::Pi(constant.type_, constant.type_));
    Constant {
        kind: ConstantKind::Definition,
        value: Some(value),
        type_,
        details: Details::Definition { safety: Safety::Safe, hints: Hints::Opaque },
        ..constant
    }
}
