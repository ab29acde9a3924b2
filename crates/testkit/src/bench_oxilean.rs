//! The same proofs, and mutants of them, to our kernel and to another one. Run by `cargo xtask bench oxilean`.
//!
//! `bench-oxilean OTHER COUNT SEED MODULE.olean…`: OTHER is the program `oxilean-verify`. Prints how often each verdict of one met each of the other's, and every
//! term about which they disagree; fails if ours accepts what the other one rejects.
#![allow(clippy::disallowed_methods, clippy::print_stdout, clippy::unwrap_used, clippy::indexing_slicing)]

use leanwright_kernel::{Failure, Limits, Opaques, check};
use leanwright_olean::{Component, Constant, Name, Store};
use leanwright_testkit::Modules;
use leanwright_testkit::export::Export;
use leanwright_testkit::mutations::{Random, Theorems};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::BufWriter;
use std::path::PathBuf;
use std::process::Command;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let other = arguments.next().unwrap();
    let mut number = || arguments.next().and_then(|text| text.parse().ok()).unwrap_or(1);
    let (count, mut random) = (number(), Random::new(number()));
    let files: Vec<PathBuf> = arguments.map(PathBuf::from).collect();
    let (mut store, mut modules) = (Store::new(), Modules::default());
    let library = Modules::library();
    library.iter().for_each(|path| drop(modules.add(path, &mut store)));
    modules.leans_own = library.len();
    let theorems = Theorems::read(&files, &mut modules, &mut store);
    let mut asked: Vec<(Constant, String)> =
        theorems.all.iter().map(|theorem| (theorem.clone(), store.name(theorem.name).to_string())).collect();
    for index in 0..count {
        let Some(mutant) = theorems.mutant(&mut store, &mut modules, &mut random) else { continue };
        let name = format!("mutant_{index}");
        let part = if mutant.in_statement { "statement" } else { "proof" };
        let of = format!("{name}, {part} of {}", store.name(mutant.original.name));
        let name = store.intern_name(&Name(vec![Component::Text(name.as_str().into())]));
        asked.push((Constant { name, ..mutant.changed }, of));
    }
    let ours: Vec<(&str, String)> =
        asked.iter().map(|(constant, _)| verdict(constant, &mut store, &mut modules)).collect();
    let folder = tempfile::tempdir().unwrap();
    let (exported, report) = (folder.path().join("terms.ndjson"), folder.path().join("report.json"));
    let file = BufWriter::new(std::fs::File::create(&exported).unwrap());
    let mut export = Export::new(&mut store, &mut modules, file).unwrap();
    asked.iter().for_each(|(constant, _)| export.theorem(constant).unwrap());
    drop(export);
    println!("{} terms, {} MB exported", asked.len(), exported.metadata().unwrap().len() >> 20);
    let mut command = Command::new(other);
    command.args(["--quiet", "--limits", "corpus", "--json-full", "--json"]).arg(&report).arg(&exported);
    println!("{}", command.status().unwrap());
    let report: Value = serde_json::from_slice(&std::fs::read(&report).unwrap()).unwrap();
    println!("{}", report["totals"]);
    let theirs: BTreeMap<&str, &Value> =
        report["decls"].as_array().unwrap().iter().map(|it| (it["name"].as_str().unwrap(), it)).collect();
    let (mut table, mut unsound) = (BTreeMap::<(String, String), usize>::new(), 0);
    for ((constant, of), (ours, why)) in asked.iter().zip(ours) {
        let name = store.name(constant.name).to_string();
        let their = theirs.get(name.as_str()).copied().unwrap_or(&Value::Null);
        let word = their["verdict"].as_str().unwrap_or("not answered");
        *table.entry((ours.to_owned(), word.to_owned())).or_default() += 1;
        if matches!((ours, word), ("accepted", "rejected") | ("refused", "verified")) {
            println!("  {of}: {ours} {why} / {word} {}", their["detail"]);
        }
        unsound += usize::from((ours, word) == ("accepted", "rejected"));
    }
    for ((ours, theirs), count) in table {
        println!("{count:8}  ours {ours}, the other {theirs}");
    }
    std::process::exit(i32::from(unsound > 0));
}

fn verdict(constant: &Constant, store: &mut Store, modules: &mut Modules) -> (&'static str, String) {
    let new = BTreeMap::from([(constant.name, constant.clone())]);
    match check(store, modules, &new, Opaques::Refused, &Limits::default()) {
        Ok(_) => ("accepted", String::new()),
        Err(Failure::GaveUp { .. }) => ("gave up", String::new()),
        Err(failure) => ("refused", format!("{failure:?}")),
    }
}
