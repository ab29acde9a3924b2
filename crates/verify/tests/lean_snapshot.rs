//! A verdict is about one state of the project, on a real Lean: what happens when files change while it is reached.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, reason = "tests")]

use leanwright_contract::VerdictState;
use leanwright_procs::{Launcher, Toolchain, Trust};
use leanwright_testkit::{LeanProject, lean, script, span_of};
use leanwright_verify::{Candidate, Hook, Judge, JudgeSettings, Judgement, VerdictStore};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex, OnceLock};
use tokio::task::JoinHandle;

const HELPER: &str = "theorem helper (n : Nat) : n + 0 = n := rfl\n";
const IMPORTING: &str = "import P.Q\n\ntheorem one (n : Nat) : n + 0 = n := by\n  sorry\n";

/// A judge, and what happens in the middle of its judgements: a number says how many there were before.
struct Bench {
    project: LeanProject,
    judge: Arc<Judge>,
    store: tempfile::TempDir,
    /// What was begun in the middle of another judgement.
    begun: Arc<Mutex<Vec<JoinHandle<Judgement>>>>,
}

impl Bench {
    fn new(in_the_middle: impl Fn(usize, &dyn Fn(&str, &str), &dyn Fn(&str)) + Send + Sync + 'static) -> Self {
        let project = LeanProject::new(&[("P.lean", IMPORTING), ("P/Q.lean", HELPER), ("P/Other.lean", "")]);
        let store = tempfile::tempdir().unwrap();
        let (root, begun) = (project.root.clone(), Arc::<Mutex<Vec<_>>>::default());
        let (calls, known, waiting) =
            (AtomicUsize::new(0), Arc::new(OnceLock::<Arc<Judge>>::new()), Arc::clone(&begun));
        let judge = Arc::clone(&known);
        let hook = Hook::new(move || {
            let write = |file: &str, text: &str| std::fs::write(root.join(file), text).unwrap();
            let begin = |replacement: &str| {
                let (judge, candidate) = (Arc::clone(judge.get().unwrap()), candidate(&root, replacement));
                waiting.lock().unwrap().push(tokio::spawn(async move { judge.judge(&candidate).await }));
            };
            in_the_middle(calls.fetch_add(1, Ordering::SeqCst), &write, &begin);
        });
        let opened = VerdictStore::open(store.path().to_path_buf(), 1 << 20).unwrap();
        let settings = JudgeSettings {
            control: false,
            hook: Some(hook),
            store: Some(Arc::new(opened)),
            ..JudgeSettings::default()
        };
        let judge = Arc::new(Judge::new(lean(), settings));
        known.set(Arc::clone(&judge)).ok().unwrap();
        Self { project, judge, store, begun }
    }

    async fn check(&self, replacement: &str) -> Judgement {
        self.judge.judge(&candidate(&self.project.root, replacement)).await
    }

    async fn begun(&self) -> Judgement {
        let begun = self.begun.lock().unwrap().pop().unwrap();
        begun.await.unwrap()
    }

    fn stored(&self) -> usize {
        let files = walkdir::WalkDir::new(self.store.path()).into_iter().map(Result::unwrap);
        files.filter(|entry| entry.file_type().is_file()).count()
    }
}

fn candidate(root: &Path, replacement: &str) -> Candidate {
    let span = span_of(IMPORTING, "sorry");
    let (root, before) = (root.to_path_buf(), IMPORTING.to_owned());
    Candidate { root, file: "P.lean".into(), before, span, replacement: replacement.to_owned() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_that_changes_meanwhile_leaves_nothing_but_unknown() {
    let bench = Bench::new(|before, write, begin| {
        if before == 0 {
            write("P/Q.lean", "theorem another (n : Nat) : n + 0 = n := rfl\n");
            // It wants the copy to have the new file, while the first one has yet to compile.
            begin("exact another n");
        }
    });
    let first = bench.check("exact helper n").await;
    let why = "what the file imports has changed while it was judged".to_owned();
    assert_eq!(first.verdict.state, VerdictState::Unknown { why });
    assert_eq!(first.verdict.generation, Some(1));
    let second = bench.begun().await;
    assert_eq!(second.verdict.state, VerdictState::Accepted, "{second:?}");
    assert_eq!(second.verdict.generation, Some(2));
    assert_eq!(bench.stored(), 1, "the second one alone");
    let again = bench.check("exact helper n").await;
    assert!(matches!(again.verdict.state, VerdictState::Failed { .. }), "{again:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_verdict_names_the_state_that_it_was_compiled_in() {
    let both = Barrier::new(2);
    let bench = Bench::new(move |before, write, begin| {
        // Two are under way when the third one finds a file that has changed.
        if before < 2 && both.wait().is_leader() {
            write("P/Other.lean", "theorem other : 1 = 1 := rfl\n");
            begin("simp");
        }
    });
    // Tasks of their own: each holds its thread until the other one is there.
    let begin = |replacement: &str| {
        let (judge, candidate) = (Arc::clone(&bench.judge), candidate(&bench.project.root, replacement));
        tokio::spawn(async move { judge.judge(&candidate).await })
    };
    let (one, other) = (begin("exact helper n"), begin("rfl"));
    let (one, other) = (one.await.unwrap(), other.await.unwrap());
    let third = bench.begun().await;
    let generations = [&one, &other, &third].map(|judgement| {
        assert_eq!(judgement.verdict.state, VerdictState::Accepted, "{judgement:?}");
        judgement.verdict.generation
    });
    assert_eq!(generations, [Some(1), Some(1), Some(2)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_package_that_was_built_anew_begins_another_state() {
    const TEXT: &str = "import P.A\n\ntheorem one : value = 1 := by\n  sorry\n";
    let lemma = "import X\ntheorem value_is : value = 1 := rfl\n";
    let manifest = r#"{"version": "1.1.0", "packages": [{"type": "path", "name": "x", "dir": "../x"}]}"#;
    let project = LeanProject::new(&[("P.lean", TEXT), ("P/A.lean", lemma), ("lake-manifest.json", manifest)]);
    let package = project.root.with_file_name("x");
    let products = package.join(".lake/build/lib/lean");
    std::fs::create_dir_all(&products).unwrap();
    let toolchain = lean();
    let environment = toolchain.environment(&project.root).await.unwrap();
    let build = async |text: &str| {
        std::fs::write(package.join("X.lean"), text).unwrap();
        let run = Launcher::default()
            .run(Trust::User, &environment.lean, &package)
            .args(["X.lean".as_ref(), Path::new("-o")]);
        let run = run.args([products.join("X.olean")]).env("LEAN_PATH", &environment.lean_path);
        let run = run.env("PATH", &environment.path).run().await.unwrap();
        assert!(run.success(), "{}", run.text());
    };
    build("def value : Nat := 1").await;
    // The embedded lake knows no packages: it is told where the modules of this one are.
    let body = format!("LEAN_PATH={} exec {} \"$@\"", products.display(), toolchain.lake.display());
    let toolchain = Toolchain { lake: script(&project.root.with_file_name("bin"), "lake", &body), ..toolchain };
    let judge = Judge::new(toolchain, JudgeSettings { control: false, ..JudgeSettings::default() });
    let check = async |replacement: &str| {
        let candidate = Candidate {
            root: project.root.clone(),
            file: "P.lean".into(),
            before: TEXT.to_owned(),
            span: span_of(TEXT, "sorry"),
            replacement: replacement.to_owned(),
        };
        judge.judge(&candidate).await.verdict
    };
    let first = check("exact value_is").await;
    assert_eq!((&first.state, first.generation), (&VerdictState::Accepted, Some(1)), "{first:?}");
    build("def value : Nat := 2").await;
    // What was built of the project before would still say that it is 1.
    let second = check("exact (value_is)").await;
    assert_eq!(second.generation, Some(2));
    assert!(format!("{:?}", second.state).contains("do not build"), "{second:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_built_stays_when_the_users_own_products_go() {
    let bench = Bench::new(|_, _, _| {});
    let lake = |arguments: &[&str]| {
        let run = Launcher::default().run(Trust::User, &lean().lake, &bench.project.root).args(arguments);
        async move { run.run().await.unwrap() }
    };
    let built = lake(&["build", "+P.Q"]).await;
    assert!(built.success(), "{}", built.text());
    let first = bench.check("exact helper n").await;
    assert_eq!(first.verdict.state, VerdictState::Accepted, "{first:?}");
    std::fs::remove_dir_all(bench.project.root.join(".lake")).unwrap();
    let second = bench.check("exact (helper n)").await;
    assert_eq!((&second.verdict.state, second.verdict.generation), (&VerdictState::Accepted, Some(1)), "{second:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_configuration_that_changes_while_the_copy_is_made_counts() {
    const TEXT: &str = "theorem one (h : p) : p := by\n  sorry\n";
    let project = LeanProject::new(&[("P.lean", TEXT)]);
    let lakefile = project.root.join("lakefile.toml");
    let changed = "name = \"p\"\nleanOptions = { autoImplicit = false }\n[[lean_lib]]\nname = \"P\"\n";
    let other = project.root.with_file_name("changed.toml");
    std::fs::write(&other, changed).unwrap();
    // The user saves another lakefile while `lake env` runs in the copy.
    let toolchain = lean();
    let body = format!(
        "test \"$1\" = env && cp {} {}; exec {} \"$@\"",
        other.display(),
        lakefile.display(),
        toolchain.lake.display()
    );
    let toolchain = Toolchain { lake: script(&project.root.with_file_name("bin"), "lake", &body), ..toolchain };
    let judge = Judge::new(toolchain, JudgeSettings { control: false, ..JudgeSettings::default() });
    let check = async |replacement: &str| {
        let span = span_of(TEXT, "sorry");
        let (root, before) = (project.root.clone(), TEXT.to_owned());
        let candidate = Candidate { root, file: "P.lean".into(), before, span, replacement: replacement.to_owned() };
        judge.judge(&candidate).await.verdict.state
    };
    check("exact h").await;
    let second = check("exact (h)").await;
    assert!(format!("{second:?}").contains("has an error before"), "{second:?}");
}

/// What was compiled of a source that the copy does not have, or that was among the products, was compiled of something else.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_old_product_does_not_stand_for_a_source() {
    const TEXT: &str = "import P.A\n\ntheorem one : value = 1 := by\n  sorry\n";
    let module = |value: u8| format!("def value : Nat := {value}\ntheorem value_is : value = {value} := rfl\n");
    for (linked_to, says) in [
        (None, "its source is not in the project"),
        (Some("../outside.lean"), "its source is not in the project"),
        (Some(".lake/made.lean"), ""),
    ] {
        let project = LeanProject::new(&[("P.lean", TEXT), ("P/B.lean", "")]);
        let (source, target) = (project.root.join("P/A.lean"), project.root.join(linked_to.unwrap_or("P/A.lean")));
        project.write("P/A.lean", &module(1));
        let run = Launcher::default().run(Trust::User, &lean().lake, &project.root).args(["build", "+P.A"]);
        let built = run.run().await.unwrap();
        assert!(built.success(), "{}", built.text());
        if linked_to.is_some() {
            std::fs::rename(&source, &target).unwrap();
            std::os::unix::fs::symlink(&target, &source).unwrap();
        }
        let judge = Judge::new(lean(), JudgeSettings { control: false, ..JudgeSettings::default() });
        let check = async |replacement: &str| {
            let (root, before, span) = (project.root.clone(), TEXT.to_owned(), span_of(TEXT, "sorry"));
            let candidate =
                Candidate { root, file: "P.lean".into(), before, span, replacement: replacement.to_owned() };
            judge.judge(&candidate).await.verdict.state
        };
        let first = check("exact value_is").await;
        match linked_to {
            None => std::fs::remove_file(&source).unwrap(),
            Some(_) => std::fs::write(&target, module(2)).unwrap(),
        }
        let second = check("exact (value_is)").await;
        if says.is_empty() {
            assert_eq!(first, VerdictState::Accepted);
            assert!(matches!(second, VerdictState::Failed { .. }), "{second:?}");
        } else {
            assert!(
                matches!(&second, VerdictState::Unknown { why } if why.contains(says)),
                "{linked_to:?}: {second:?}"
            );
        }
    }
}

/// The helper is another thing for a module that comes while it is judged.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_importer_that_comes_meanwhile_leaves_nothing_but_unknown() {
    let bench = Bench::new(|before, write, _| {
        if before == 0 {
            write("P/Other.lean", "import P\ntheorem one.go : True := trivial\n");
        }
    });
    let with_helper = "let rec go : (k : Nat) → k + 0 = k := fun _ => rfl\n  exact go n";
    let first = bench.check(with_helper).await.verdict.state;
    assert!(matches!(&first, VerdictState::Unknown { why } if why.contains("has changed")), "{first:?}");
    let second = bench.check(with_helper).await.verdict.state;
    assert!(matches!(second, VerdictState::Rejected { .. }), "{second:?}");
}

/// Another process cannot know what is going on here: a copy that is gone is made again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_that_somebody_removes_is_made_again() {
    let bench = Bench::new(|_, _, _| {});
    assert_eq!(bench.check("exact helper n").await.verdict.state, VerdictState::Accepted);
    let own = format!("leanwright-copy-{}-", std::process::id());
    for entry in std::fs::read_dir(std::env::temp_dir()).unwrap().flatten() {
        if entry.file_name().to_str().is_some_and(|name| name.starts_with(&own)) {
            std::fs::remove_dir_all(entry.path()).unwrap();
        }
    }
    assert_eq!(bench.check("exact (helper n)").await.verdict.state, VerdictState::Accepted);
}
