//! What imports bring in, on a real Lean: axioms and open proofs of packages and of the project's own modules, wherever their
//! products lie, and files that are read while a text is compiled.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, reason = "tests")]

use leanwright_contract::{Verdict, VerdictState};
use leanwright_procs::Toolchain;
use leanwright_testkit::{LeanProject, lean, span_of};
use leanwright_verify::{Candidate, Judge, JudgeSettings, VerdictStore};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

/// A library that rests on an axiom in one place and on a `sorry` in another, both behind a theorem.
const LIBRARY: &str = "\
axiom Lib.evil : 1 = 2
theorem Lib.by_axiom : 1 = 2 := Lib.evil
theorem Lib.by_axiom_again : 1 = 2 := Lib.by_axiom
theorem Lib.by_sorry : 1 = 2 := by sorry
theorem Lib.honest (n : Nat) : n + 0 = n := rfl
theorem Lib.classical (p : Prop) : p ∨ ¬p := Classical.em p
";

const SOURCE: &str = "\
import Lib
theorem wrong : 1 = 2 := by
  sorry -- 1
theorem right (n : Nat) : n + 0 = n := by
  sorry -- 2
theorem either (p : Prop) : p ∨ ¬p := by
  sorry -- 3
";

/// A `lake` that knows a folder of products more than the embedded one: as one does that has packages, or another `buildDir`.
fn lake_with(project: &LeanProject, products: &str) -> Toolchain {
    lake_with_text(project, &project.root.join(products).display().to_string())
}

/// The same; the folder may contain the shell's variables.
fn lake_with_text(project: &LeanProject, products: &str) -> Toolchain {
    let (real, script) = (std::fs::canonicalize(lean().lake).unwrap(), project.root.join("lake-with-more"));
    let text = format!("#!/bin/sh\nLEAN_PATH=\"{products}\" exec '{}' \"$@\"\n", real.display());
    std::fs::write(&script, text).unwrap();
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
    Toolchain { lake: script, ..lean() }
}

/// Compile the library to where its products lie.
fn compile_library(project: &LeanProject, products: &str) {
    let folder = project.root.join(products);
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("Lib.lean"), LIBRARY).unwrap();
    let mut compile = Command::new(lean().lake.with_file_name("lean"));
    let compile = compile.args(["-o", "Lib.olean", "Lib.lean"]).current_dir(&folder).output().unwrap();
    assert!(compile.status.success(), "{}", String::from_utf8_lossy(&compile.stdout));
    std::fs::remove_file(folder.join("Lib.lean")).unwrap();
}

async fn judge(judge: &Judge, project: &LeanProject, marker: &str, replacement: &str) -> Verdict {
    let (root, file) = (project.root.clone(), Path::new("P.lean").into());
    let before = project.read("P.lean");
    let span = span_of(&before, marker);
    judge.judge(&Candidate { root, file, before, span, replacement: replacement.to_owned() }).await.verdict
}

/// The same for a package, for another `buildDir` of the project, and for the project's own module.
async fn check(products: Option<&str>) {
    let mut files = vec![("P.lean", SOURCE)];
    files.extend(products.is_none().then_some(("Lib.lean", LIBRARY)));
    let lakefile = "name = \"p\"\n\n[[lean_lib]]\nname = \"P\"\n\n[[lean_lib]]\nname = \"Lib\"\n";
    files.extend(products.is_none().then_some(("lakefile.toml", lakefile)));
    let project = LeanProject::new(&files);
    if let Some(products) = products {
        compile_library(&project, products);
    }
    let toolchain = products.map_or_else(lean, |products| lake_with(&project, products));
    let settings = |axioms: &[&str]| JudgeSettings {
        control: false,
        axioms: axioms.iter().map(|axiom| (*axiom).to_owned()).collect(),
        ..JudgeSettings::default()
    };
    let strict = Judge::new(toolchain.clone(), settings(&[]));
    let verdict = judge(&strict, &project, "sorry -- 1", "exact Lib.by_axiom_again").await;
    match verdict.state {
        VerdictState::Rejected { reject_reason } => {
            assert!(reject_reason.to_string().contains("would rest on Lib.evil"), "{products:?}: {reject_reason}");
        }
        other => panic!("{products:?}: {other:?}"),
    }
    // An open proof of another module of the project is named. What is not known to be the project's own is nobody's to close.
    let verdict = judge(&strict, &project, "sorry -- 1", "exact Lib.by_sorry").await;
    match (products, verdict.state) {
        (None, state) => assert_eq!(verdict.rests_on, ["Lib.by_sorry"], "{state:?}"),
        (Some(_), VerdictState::Rejected { reject_reason }) => {
            assert!(reject_reason.to_string().contains("would rest on sorryAx"), "{products:?}: {reject_reason}");
        }
        (Some(_), other) => panic!("{products:?}: {other:?}"),
    }
    for (marker, honest, axioms) in [
        ("sorry -- 2", "exact Lib.honest n", &[][..]),
        ("sorry -- 3", "exact Lib.classical p", &["Classical.choice", "Quot.sound", "propext"]),
    ] {
        let verdict = judge(&strict, &project, marker, honest).await;
        assert_eq!(verdict.state, VerdictState::Accepted, "{products:?}, {honest}");
        assert_eq!(verdict.rests_on, Vec::<String>::new());
        // Lean's own proofs are not in the embedded library, so that what they rest on is not known: the verdict says so.
        assert!(verdict.axioms.iter().all(|axiom| axioms.contains(&axiom.as_str())), "{:?}", verdict.axioms);
        assert!(verdict.notes.iter().any(|note| note.contains("shipped without proofs")), "{:?}", verdict.notes);
    }
    // A listed axiom counts when the question is asked.
    let listed = Judge::new(toolchain, settings(&["Lib.evil"]));
    let verdict = judge(&listed, &project, "sorry -- 1", "exact Lib.by_axiom_again").await;
    assert_eq!((verdict.state, verdict.axioms), (VerdictState::Accepted, vec!["Lib.evil".to_owned()]), "{products:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn axioms_and_open_proofs_of_a_package_count() {
    check(Some(".lake/packages/lib/.lake/build/lib/lean")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn axioms_and_open_proofs_of_a_project_with_its_own_build_folder_count() {
    check(Some("out/lib/lean")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn axioms_and_open_proofs_of_the_projects_own_modules_count() {
    check(None).await;
}

/// A package that is given by a path is built with the project: what it is now counts, and not what was built last.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_package_at_a_path_is_built_before_it_is_imported() {
    let project = LeanProject::new(&[
        (
            "lakefile.toml",
            "name = \"p\"\n\n[[require]]\nname = \"sub\"\npath = \"sub\"\n\n[[lean_lib]]\nname = \"P\"\n",
        ),
        ("sub/lakefile.toml", "name = \"sub\"\n\n[[lean_lib]]\nname = \"Sub\"\n"),
        ("sub/Sub.lean", "def Sub.f : Nat := 1\n"),
        ("P.lean", "import Sub\ntheorem said : Sub.f = 1 := by\n  sorry -- 1\n"),
    ]);
    // The embedded Lake knows no packages: this builds the one module of this one.
    let real = std::fs::canonicalize(lean().lake).unwrap();
    let script = project.root.join("lake-with-sub");
    let text = format!(
        "#!/bin/sh\nlib=\"$PWD/sub/.lake/build/lib/lean\"\nrest=\nfor argument in \"$@\"; do\n\
         if [ \"$argument\" = +Sub ]; then mkdir -p \"$lib\"; (cd sub && '{}' -o \"$lib/Sub.olean\" Sub.lean) || exit 1\n\
         else rest=\"$rest $argument\"; fi\ndone\n[ \"$rest\" = ' build' ] && exit 0\nLEAN_PATH=\"$lib\" exec '{}' $rest\n",
        real.with_file_name("lean").display(),
        real.display()
    );
    std::fs::write(&script, text).unwrap();
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
    let built = Command::new(&script).args(["build", "+Sub"]).current_dir(&project.root).status().unwrap();
    assert!(built.success());
    let toolchain = Toolchain { lake: script, ..lean() };
    let judge = Judge::new(toolchain, JudgeSettings { control: false, ..JudgeSettings::default() });
    let verdict = self::judge(&judge, &project, "sorry -- 1", "rfl").await;
    assert_eq!(verdict.state, VerdictState::Accepted);
    project.write("sub/Sub.lean", "def Sub.f : Nat := 2\n");
    let verdict = self::judge(&judge, &project, "sorry -- 1", "exact rfl").await;
    assert!(matches!(verdict.state, VerdictState::Failed { .. }), "{:?}", verdict.state);
}

/// What is not compiled says nothing about the candidate.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_that_nobody_has_compiled_is_no_refusal() {
    let project = LeanProject::new(&[("P.lean", SOURCE)]);
    let verdict = judge(&Judge::new(lean(), JudgeSettings::default()), &project, "sorry -- 2", "rfl").await;
    match verdict.state {
        VerdictState::Unknown { why } => assert!(why.contains("no compiled module `Lib`"), "{why}"),
        other => panic!("{other:?}"),
    }
}

/// The file that a text reads while it is compiled changes: what was said before does not count any more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_text_that_reads_a_file_is_judged_anew() {
    let source = "theorem said : (include_str \"data.txt\") = \"yes\" := by\n  sorry -- 1\n";
    let project = LeanProject::new(&[("P.lean", source), ("data.txt", "yes")]);
    let folder = project.root.with_file_name("verdicts");
    let store = std::sync::Arc::new(VerdictStore::open(folder.clone(), 1 << 20).unwrap());
    let settings = JudgeSettings { control: false, store: Some(store), ..JudgeSettings::default() };
    let judge = Judge::new(lean(), settings);
    let verdict = self::judge(&judge, &project, "sorry -- 1", "rfl").await;
    assert_eq!(verdict.state, VerdictState::Accepted);
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0, "nothing is remembered");
    project.write("data.txt", "no");
    let verdict = self::judge(&judge, &project, "sorry -- 1", "rfl").await;
    assert!(!matches!(verdict.state, VerdictState::Accepted), "{:?}", verdict.state);
}

/// A tactic of the project's looks whether a file is there that nothing imports: what is so in the copy is so in the project.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_looks_for_files_finds_those_of_the_project() {
    let source = "import Lean\nopen Lean Elab Term\nelab \"is_there \" s:str : term => do\n  let here ← IO.currentDir\n  \
                  return mkNatLit (if ← (here / \"P\" / s.getString).pathExists then 1 else 0)\n\
                  theorem gone : is_there \"A.lean\" = 0 := by\n  sorry -- 1\n\
                  theorem there : is_there \"A.lean\" = 1 := by\n  sorry -- 2\n";
    let project = LeanProject::new(&[("P.lean", source), ("P/A.lean", "theorem a : True := trivial\n")]);
    let judge = Judge::new(lean(), JudgeSettings { control: false, ..JudgeSettings::default() });
    let gone = self::judge(&judge, &project, "sorry -- 1", "rfl").await;
    assert!(matches!(gone.state, VerdictState::Failed { .. }), "{gone:#?}");
    let there = self::judge(&judge, &project, "sorry -- 2", "rfl").await;
    assert_eq!(there.state, VerdictState::Accepted, "{there:#?}");
}

/// A package at `../lib`, a source that is a link within the project, and one that leads out of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_copy_has_packages_by_path_and_links() {
    let project = LeanProject::new(&[("Real.lean", SOURCE)]);
    let lakefile = "name = \"p\"\n\n[[require]]\nname = \"lib\"\npath = \"../lib\"\n\n[[lean_lib]]\nname = \"P\"\n";
    project.write("lakefile.toml", lakefile);
    project.write("../lib/lakefile.toml", "name = \"lib\"\n\n[[lean_lib]]\nname = \"Lib\"\n");
    project.write("../elsewhere.lean", "");
    compile_library(&project, "../lib/.lake/build/lib/lean");
    std::os::unix::fs::symlink("Real.lean", project.root.join("P.lean")).unwrap();
    std::os::unix::fs::symlink("../elsewhere.lean", project.root.join("Away.lean")).unwrap();
    // As Lake does: the package's products are looked for from the project, wherever that is.
    let toolchain = lake_with_text(&project, "$PWD/../lib/.lake/build/lib/lean");
    let settings = JudgeSettings { control: false, ..JudgeSettings::default() };
    let verdict = judge(&Judge::new(toolchain, settings), &project, "sorry -- 2", "exact Lib.honest n").await;
    assert_eq!(verdict.state, VerdictState::Accepted);
    assert!(verdict.notes.iter().any(|note| note.contains("left out: Away.lean")), "{:?}", verdict.notes);
}

/// Options of a `lakefile.lean` are not known: nothing is said with wrong ones.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lakefile_that_is_a_program_is_judged_unless_it_sets_options() {
    let plain = "import Lake\nopen Lake DSL\npackage p\nlean_lib P\n";
    for (lakefile, expected) in [
        (plain.to_owned(), None),
        (format!("{plain}  where\n    leanOptions := #[⟨`autoImplicit, false⟩]\n"), Some("it sets `leanOptions`")),
    ] {
        let source = "theorem right (n : Nat) : n + 0 = n := by\n  sorry -- 2\n";
        let project = LeanProject::new(&[("P.lean", source), ("lakefile.lean", &lakefile)]);
        std::fs::remove_file(project.root.join("lakefile.toml")).unwrap();
        let settings = JudgeSettings { control: false, ..JudgeSettings::default() };
        let verdict = judge(&Judge::new(lean(), settings), &project, "sorry -- 2", "rfl").await;
        match (&verdict.state, expected) {
            (VerdictState::Accepted, None) => {}
            (VerdictState::Unknown { why }, Some(expected)) => assert!(why.contains(expected), "{why}"),
            other => panic!("{other:?}"),
        }
    }
}
