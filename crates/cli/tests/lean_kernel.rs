//! Our kernel on what the real Lean compiles: every proof that Lean has checked is accepted, also foreign ones.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "tests"
)]

use leanwright_kernel::{Failure, Limits, Opaques, Reason, Report, check};
use leanwright_olean::{Constant, ConstantKind, Details, ExprNode, Name, NameId, Safety, Store};
use leanwright_testkit::{LeanProject, Modules, corpus, fixtures, lean};
use std::collections::BTreeMap;
use std::process::Command;

/// A module that Lean compiled, and the library, in one store.
struct Compiled {
    store: Store,
    modules: Modules,
    new: BTreeMap<NameId, Constant>,
}

fn compile(text: &str) -> Compiled {
    let project = LeanProject::new(&[("M.lean", text)]);
    let program = lean().lake.with_file_name("lean");
    let run = || Command::new(&program).args(["-o", "M.olean", "M.lean"]).current_dir(&project.root).output().unwrap();
    let mut output = run();
    if !output.status.success() && output.stdout.is_empty() {
        // It has crashed and says nothing of the text: see the judge's own compiles.
        eprintln!("{}: {}", output.status, String::from_utf8_lossy(&output.stderr));
        output = run();
    }
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    let library = Modules::library_folder();
    let (mut store, mut modules) = (Store::new(), Modules::default());
    let (module, names) = modules.add_with_imports(&project.root.join("M.olean"), &library, &mut store);
    modules.own = names.iter().copied().collect();
    let constants = (0..names.len()).map(|index| modules.read(module, index, &mut store));
    let new = constants.filter(is_to_be_checked).map(|constant| (constant.name, constant)).collect();
    Compiled { store, modules, new }
}

fn is_to_be_checked(constant: &Constant) -> bool {
    match &constant.details {
        Details::Definition { safety, .. } => *safety == Safety::Safe,
        Details::Opaque { is_unsafe } => !is_unsafe,
        _ => constant.kind == ConstantKind::Theorem,
    }
}

impl Compiled {
    fn check(&mut self) -> Result<Report, Failure> {
        check(&mut self.store, &mut self.modules, &self.new, Opaques::Checked, &Limits::default())
    }

    fn name(&self, text: &str) -> NameId {
        self.store.find_name(&Name::from_texts(text.split('.'))).unwrap()
    }
}

#[test]
fn every_rule_is_found_in_what_lean_compiles() {
    let mut compiled = compile(&std::fs::read_to_string(fixtures().join("kernel/Rules.lean")).unwrap());
    let report = compiled.check().unwrap();
    assert!(report.constants > 120, "{report:?}");
    // The same values, for statements that say something else.
    for (theorem, other) in [("six", "five"), ("fib_ten", "nine"), ("op_a6", "op_a5"), ("seven", "eight")] {
        let (theorem, other) = (compiled.name(theorem), compiled.name(other));
        let honest = compiled.new[&theorem].clone();
        compiled.new.get_mut(&theorem).unwrap().type_ = compiled.new[&other].type_;
        let failure = compiled.check().unwrap_err();
        assert!(matches!(failure, Failure::Refused { .. }), "{failure}");
        compiled.new.insert(theorem, honest);
    }
    // A theorem that is its own proof, and two that are each other's.
    let (one, two) = (compiled.name("one"), compiled.name("two"));
    let honest = compiled.new.clone();
    for (theorem, proof) in [(one, one), (two, one)] {
        let value = compiled.store.intern_expr(ExprNode::Const(proof, Box::default()));
        compiled.new.get_mut(&theorem).unwrap().value = Some(value);
        if theorem == two {
            let back = compiled.store.intern_expr(ExprNode::Const(two, Box::default()));
            compiled.new.get_mut(&one).unwrap().value = Some(back);
        }
        let failure = compiled.check().unwrap_err();
        assert!(matches!(failure, Failure::Refused { reason: Reason::Cycle, .. }), "{failure}");
    }
    compiled.new = honest;
    compiled.check().unwrap();
}

/// Files of the corpus, by the end of their paths, and whether Lean is told not to compile code: the embedded Lean lacks some of it.
const FOREIGN: [(&str, bool); 6] = [
    ("batteries/Batteries/Data/Nat/Bitwise/Lemmas.lean", false),
    ("batteries/Batteries/Data/BinaryHeap/Basic.lean", false),
    ("batteries/Batteries/Data/List/ArrayMap.lean", false),
    ("batteries/Batteries/Data/DList/Basic.lean", true),
    ("Strata/Strata/DL/Util/ListUtils.lean", true),
    ("Strata/Strata/Languages/Core/SeqModel.lean", false),
];

#[test]
fn foreign_proofs_are_accepted() {
    let corpus = corpus();
    let mut constants = 0;
    for (end, is_noncomputable) in FOREIGN {
        let (_, source) = corpus.iter().find(|(path, _)| path.ends_with(end)).unwrap();
        let mut lines: Vec<&str> = source.lines().collect();
        if is_noncomputable {
            let is_header = |line: &&str| line.starts_with("import ") || line.contains(" import ") || *line == "module";
            let after = lines.iter().rposition(is_header).map_or(0, |line| line + 1);
            lines.insert(after, "noncomputable section");
        }
        let report = compile(&lines.join("\n")).check().unwrap_or_else(|failure| panic!("{end}: {failure}"));
        println!("{end}: {report:?}");
        constants += report.constants;
    }
    assert!(constants > 250, "{constants}");
}
