//! Compiled modules, read without Lean, against what Lean says of them itself.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, clippy::indexing_slicing, reason = "tests")]

use leanwright_olean::{
    Constant, Details, ExprId, ExprNode, Hints, LevelId, LevelNode, Module, Name, Olean, OpenModule, Safety, Store,
};
use leanwright_testkit::{LeanProject, Modules, lean, native_lean};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            files(&entry, found);
        } else if entry.extension().is_some_and(|extension| extension == "olean") {
            found.push(entry);
        }
    }
}

/// The folder of Lean's own library.
fn library() -> PathBuf {
    Modules::library_folder()
}

#[test]
fn all_of_leans_library_is_read() {
    let mut all = Vec::new();
    files(&library(), &mut all);
    let (mut constants, mut entries) = (0, 0);
    for path in &all {
        let bytes = std::fs::read(path).unwrap();
        let module = Module::read(&Olean::new(bytes), &mut Store::new());
        let module = module.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        constants += module.constants.len();
        entries += module.entries.values().map(Vec::len).sum::<usize>();
    }
    println!("{} files, {constants} constants, {entries} entries", all.len());
    assert!(all.len() > 2000 && constants > 140_000 && entries > 500_000, "{} {constants} {entries}", all.len());
}

const MODULES: [&str; 10] = [
    "Init.Prelude",
    "Init.Core",
    "Init.Data.List.Lemmas",
    "Init.Data.Nat.Basic",
    "Init.Omega.Int",
    "Init.Grind.Norm",
    "Lean.Expr",
    "Lean.Environment",
    "Lean.Meta.Basic",
    "Lean.Elab.Term",
];

#[test]
fn constants_and_entries_are_counted_as_lean_counts_them() {
    // By Lean's own reader. Little else of Lean's library can be called here: the embedded Lean has no compiled code for
    // what its package hides.
    let library = library();
    let count = |name: &str| {
        let file = library.join(name.replace('.', "/")).with_extension("olean");
        format!(
            "  let pair ← readModuleData {file:?}\n  let entries := pair.1.entries.toList.foldl (fun sum of => sum + of.2.size) 0\n  \
             lines := lines ++ \"{name} \" ++ Nat.repr pair.1.constNames.size ++ \" \" ++ Nat.repr pair.1.imports.size ++ \" \" ++ \
             Nat.repr entries ++ \"\\n\"\n"
        )
    };
    let counts = MODULES.map(count).concat();
    let script = format!(
        "import Lean\nopen Lean\nrun_cmd do\n  let mut lines := \"\"\n{counts}  IO.FS.writeFile \"counted\" lines\n"
    );
    let project = LeanProject::new(&[("Count.lean", &script)]);
    let output =
        Command::new(lean().lake.with_file_name("lean")).arg("Count.lean").current_dir(&project.root).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    let counted = project.read("counted");
    let read = MODULES.map(|name| {
        let bytes = std::fs::read(library.join(name.replace('.', "/")).with_extension("olean")).unwrap();
        let module = Module::read(&Olean::new(bytes), &mut Store::new()).unwrap();
        let entries: usize = module.entries.values().map(Vec::len).sum();
        format!("{name} {} {} {entries}", module.constants.len(), module.imports.len())
    });
    assert_eq!(counted.lines().collect::<Vec<_>>(), read);
}

/// Constants that are decoded one by one, last to first, and all at once.
#[test]
fn constants_by_need_are_those_of_the_whole() {
    for name in MODULES {
        let bytes = std::fs::read(library().join(name.replace('.', "/")).with_extension("olean")).unwrap();
        let mut store = Store::new();
        let whole = Module::read(&Olean::new(bytes.clone()), &mut store).unwrap();
        let mut open = OpenModule::open(Olean::new(bytes)).unwrap();
        let names = open.constant_names(&mut store).unwrap();
        assert_eq!((names.len(), open.imports().unwrap()), (whole.constants.len(), whole.imports));
        for (index, name) in names.iter().enumerate().rev() {
            let statement = open.statement(index, &mut store).unwrap();
            let constant = open.constant(index, &mut store).unwrap();
            assert_eq!(constant, whole.constants[name]);
            assert_eq!((statement.type_, &statement.details), (constant.type_, &constant.details));
        }
        assert!(open.constant(names.len(), &mut store).is_err());
    }
}

/// A file of the module system: its proofs are in a part of their own, which points into the others.
#[test]
fn parts_of_a_module_are_read_together() {
    let text = "module\npublic theorem shown (n : Nat) : n + 0 = n := rfl\ntheorem hidden : 1 = 1 := rfl\n";
    let project = LeanProject::new(&[("M.lean", text)]);
    let mut lean = Command::new(lean().lake.with_file_name("lean"));
    assert!(lean.args(["-o", "M.olean", "M.lean"]).current_dir(&project.root).status().unwrap().success());
    let parts = leanwright_project::read_parts(&project.root.join("M.olean")).unwrap();
    assert_eq!(parts.len(), 3);
    let kinds = |olean: &Olean| {
        let mut store = Store::new();
        let module = Module::read(olean, &mut store).unwrap();
        let line = |constant: &leanwright_olean::Constant| {
            let name = store.name(constant.name).without_private_prefix();
            format!("{} {name} {}", constant.kind.word(), constant.value.is_some())
        };
        let mut lines: Vec<String> = module.constants.values().map(line).collect();
        lines.sort();
        lines
    };
    // What everybody may see has the statement only.
    assert_eq!(kinds(&Olean::new(parts[0].clone())), ["axiom shown false"]);
    assert_eq!(kinds(&Olean::of_parts(parts.clone())), ["theorem hidden true", "theorem shown true"]);
    // The last part alone points to what is not there.
    assert!(Module::read(&Olean::new(parts[2].clone()), &mut Store::new()).is_err());
}

const PRELUDE: &str = "\
prelude
set_option autoImplicit false
universe u
inductive N : Type where
  | zero
  | succ (n : N)
inductive Same {α : Sort u} (a : α) : α → Prop where
  | refl : Same a a
structure Both where
  one : N
  other : N
axiom choice {α : Sort u} : α
opaque hidden : N := N.zero
noncomputable def twice (n : N) : N := N.succ (N.succ n)
theorem same (n : N) : Same (twice n) (N.succ (N.succ n)) := Same.refl
noncomputable def swap (both : Both) : Both :=
  let one := both.one
  ⟨both.other, one⟩
";

/// Two Leans, of 32 and of 64 bits and of different versions, compile the same text: the terms are the same.
#[test]
fn files_of_32_and_of_64_bits_say_the_same() {
    let project = LeanProject::new(&[("M.lean", PRELUDE)]);
    let compile = |lean: PathBuf, to: &str| {
        let output = Command::new(lean).args(["-o", to, "M.lean"]).current_dir(&project.root).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        let shown = Command::new(env!("CARGO_BIN_EXE_leanwright"))
            .args(["olean", "--json", to])
            .current_dir(&project.root)
            .output()
            .unwrap();
        serde_json::from_slice::<Value>(&shown.stdout).unwrap()
    };
    let small = compile(lean().lake.with_file_name("lean"), "small.olean");
    let large = compile(native_lean(), "large.olean");
    assert_eq!((&small["bits"], &large["bits"]), (&Value::from(32), &Value::from(64)));
    for name in ["same", "swap", "Both.rec", "N.succ", "hidden"] {
        assert_eq!(small["constants"][name], large["constants"][name], "{name}");
        assert!(small["constants"][name]["statement"].is_string(), "{name}");
    }
    assert_eq!(small["constants"]["choice"]["axioms"], serde_json::json!(["choice"]));
    assert_eq!(by_another_reader(&project.root), 21);
}

/// What Lean's kernel keeps beside the terms, read from both layouts.
#[test]
fn details_are_read_from_both_layouts() {
    let check = |lean: PathBuf| {
        let project = LeanProject::new(&[("M.lean", PRELUDE)]);
        let mut lean = Command::new(lean);
        assert!(lean.args(["-o", "M.olean", "M.lean"]).current_dir(&project.root).status().unwrap().success());
        let mut store = Store::new();
        let bytes = std::fs::read(project.root.join("M.olean")).unwrap();
        let module = Module::read(&Olean::new(bytes), &mut store).unwrap();
        let details = |name: &str| {
            let name = store.find_name(&Name::from_texts(name.split('.'))).unwrap();
            module.constants[&name].details.clone()
        };
        assert_eq!(details("twice"), Details::Definition { safety: Safety::Safe, hints: Hints::Regular(1) });
        assert_eq!(details("Both.one"), Details::Definition { safety: Safety::Safe, hints: Hints::Abbreviation });
        assert_eq!(details("hidden"), Details::Opaque { is_unsafe: false });
        assert_eq!(details("choice"), Details::Axiom { is_unsafe: false });
        let Details::Inductive(n) = details("N") else { panic!("N is an inductive type") };
        assert_eq!((n.num_params, n.num_indices, n.constructors.len(), n.num_nested), (0, 0, 2, 0));
        assert_eq!((n.is_recursive, n.is_unsafe, n.is_reflexive), (true, false, false));
        let Details::Constructor(both) = details("Both.mk") else { panic!("Both.mk is a constructor") };
        assert_eq!((both.index, both.num_params, both.num_fields, both.is_unsafe), (0, 0, 2, false));
        let Details::Recursor(same) = details("Same.rec") else { panic!("Same.rec is a recursor") };
        assert_eq!((same.num_params, same.num_indices, same.num_motives, same.num_minors), (2, 1, 1, 1));
        assert_eq!((same.k, same.is_unsafe, same.rules.len(), same.rules[0].num_fields), (true, false, 1, 0));
        let Details::Recursor(n) = details("N.rec") else { panic!("N.rec is a recursor") };
        assert_eq!((n.k, n.rules.iter().map(|rule| rule.num_fields).collect::<Vec<_>>()), (false, vec![0, 1]));
    };
    check(lean().lake.with_file_name("lean"));
    check(native_lean());
}

/// The 64-bit file as crate olean-export reads it: the same statements and values. Returns how many constants were compared.
fn by_another_reader(folder: &Path) -> usize {
    let other = olean_export::Env::load(&[folder.to_path_buf()], &["large"]).unwrap();
    let mut store = Store::new();
    let module = Module::read(&Olean::new(std::fs::read(folder.join("large.olean")).unwrap()), &mut store).unwrap();
    let ours: BTreeMap<String, Constant> =
        module.constants.values().map(|c| (store.name(c.name).to_string(), c.clone())).collect();
    assert_eq!(ours.len(), other.consts.len());
    for constant in other.consts.values() {
        let same = &ours[&other.display(constant.name)];
        let value = match &constant.kind {
            olean_export::Kind::Defn(definition) => Some(definition.value),
            olean_export::Kind::Thm(body) | olean_export::Kind::Opaque(body) => Some(body.value),
            _ => None,
        };
        // Terms of one store are equal exactly when their ids are.
        assert_eq!(interned(&other, constant.ty, &mut store), same.type_);
        assert_eq!(value.map(|value| interned(&other, value, &mut store)), same.value);
    }
    ours.len()
}

/// Another reader's term in our store.
fn interned(env: &olean_export::Env, term: olean_export::ExprId, store: &mut Store) -> ExprId {
    use olean_export::Expr;
    let index = |number: u64| u32::try_from(number).unwrap();
    let node = match &env.exprs[term] {
        Expr::BVar(number) => ExprNode::Bound(index(*number)),
        Expr::Sort(level) => ExprNode::Sort(interned_level(env, *level, store)),
        Expr::Const(name, levels) => {
            let levels = levels.iter().map(|level| interned_level(env, *level, store)).collect();
            ExprNode::Const(store.intern_name(&Name::from_texts(env.display(*name).split('.'))), levels)
        }
        Expr::App(f, a) => ExprNode::App(interned(env, *f, store), interned(env, *a, store)),
        Expr::Lam(_, a, b, _) => ExprNode::Lambda(interned(env, *a, store), interned(env, *b, store)),
        Expr::Pi(_, a, b, _) => ExprNode::Pi(interned(env, *a, store), interned(env, *b, store)),
        Expr::Let(_, a, b, c) => {
            ExprNode::Let(interned(env, *a, store), interned(env, *b, store), interned(env, *c, store))
        }
        Expr::Proj(name, number, a) => {
            let name = store.intern_name(&Name::from_texts(env.display(*name).split('.')));
            ExprNode::Proj(name, index(*number), interned(env, *a, store))
        }
        literal => panic!("no literals in the text: {literal:?}"),
    };
    store.intern_expr(node)
}

fn interned_level(env: &olean_export::Env, level: olean_export::LevelId, store: &mut Store) -> LevelId {
    use olean_export::Level;
    let node = match &env.levels[level] {
        Level::Zero => LevelNode::Zero,
        Level::Succ(a) => LevelNode::Succ(interned_level(env, *a, store)),
        Level::Max(a, b) => LevelNode::Max(interned_level(env, *a, store), interned_level(env, *b, store)),
        Level::IMax(a, b) => LevelNode::IMax(interned_level(env, *a, store), interned_level(env, *b, store)),
        Level::Param(name) => LevelNode::Param(store.intern_name(&Name::from_texts(env.display(*name).split('.')))),
    };
    store.intern_level(node)
}
