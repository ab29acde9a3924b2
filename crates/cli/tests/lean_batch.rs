//! The batch chain on a real Lean: mine, eval, replay, report, with a runner that is a shell script.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, clippy::indexing_slicing, reason = "tests")]

use leanwright_contract::editor::{DocumentUri, ProveParams};
use leanwright_procs::editor::TaskContext;
use leanwright_testkit::{EditorSession, LeanProject, PATIENCE, fixtures, script};
use serde_json::Value;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

fn run(project: &LeanProject, arguments: &[&str]) -> String {
    let run =
        Command::new(env!("CARGO_BIN_EXE_leanwright")).args(arguments).current_dir(&project.root).output().unwrap();
    let output = String::from_utf8_lossy(&run.stdout).into_owned() + &String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{arguments:?}: {output}");
    output
}

fn records(project: &LeanProject, file: &str) -> Vec<Value> {
    project.read(file).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn the_chain_runs_with_a_shell_runner() {
    let project = LeanProject::fixture("first-steps");
    run(&project, &["mine", ".", "--recursive", "--exclude", "Arithmetic"]);
    let tasks = records(&project, "tasks.jsonl");
    assert_eq!(tasks.len(), 6);
    assert_eq!(tasks[0]["task_id"], "FirstSteps.Logic.FirstSteps.Logic.and_intro:7");
    assert_eq!(tasks[0]["schema_version"], 1);
    assert_eq!(tasks[0]["goals"][0], "case left\np q : Prop\nhp : p\nhq : q\n⊢ p");
    assert_eq!(tasks[2]["mode"], "term");
    for task in &tasks {
        let parts = ["/source_before", "/target_span/text", "/source_after"]
            .map(|at| task.pointer(at).unwrap().as_str().unwrap());
        assert_eq!(parts.concat(), project.read("FirstSteps/Logic.lean"));
    }

    // The runner knows lean-agent's contract only: whole lines, no ids but the task's.
    let runner = fixtures().join("runners/assumption.sh");
    run(&project, &["eval", "tasks.jsonl", "--runner", runner.to_str().unwrap()]);
    let attempts = records(&project, "attempts.jsonl");
    assert_eq!(attempts.len(), 6);
    assert_eq!(attempts[0]["replacement"], "  · assumption");
    assert_eq!(attempts[0]["prompt_hash"].as_str().unwrap().len(), 64);

    run(&project, &["replay", "attempts.jsonl"]);
    let results = records(&project, "results.jsonl");
    let words: Vec<&str> = results.iter().map(|result| result["status"].as_str().unwrap()).collect();
    assert_eq!(words, ["passed", "passed", "failed", "failed", "failed", "failed"]);
    assert_eq!(results[0]["guards"]["statement"]["status"], "passed");
    assert_eq!(results[0]["verdict"]["verdict"], "accepted");
    assert_eq!(results[0]["verdict"]["sandbox"], "bubblewrap");

    let report = run(&project, &["report", "results.jsonl"]);
    assert!(report.contains("tasks: 6, solved: 2, attempts accepted: 2"), "{report}");
}

/// Holes of all kinds, two on a line, and errors: in a block, in a term, in a statement, beside a hole, outside of any declaration.
const ODD: &str = "namespace Odd\n\ntheorem two (p q : Prop) (hp : p) (hq : q) : p ∧ q := ⟨sorry, sorry⟩\n\n\
    theorem admitted (p : Prop) (hp : p) : p := by\n  admit\n\n\
    theorem block (𝓝 : Nat) : 𝓝 = 𝓝 := by\n  exact Nat.succ_inj\n\n\
    theorem term (p : Prop) (hp : p) : p := missing\n\n\
    theorem stated : Nat.undefined = 1 := by rfl\n\n\
    theorem beside (p : Prop) (hp : p) : p ∧ p := by\n  constructor\n  · exact missing\n  · sorry\n\n\
    example (p : Prop) (hp : p) : p := by\n  exact missing\n\n\
    #check missing\n\nend Odd\n";

/// What a runner gets in an editor is what it gets from `mine` and `eval`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mined_tasks_are_those_of_a_live_session() {
    let project = LeanProject::fixture("first-steps");
    project.write("FirstSteps/Odd.lean", ODD);
    run(&project, &["mine", "FirstSteps", "--kind", "sorry", "--out", "sorry.jsonl"]);
    run(&project, &["mine", "FirstSteps/Odd.lean", "--kind", "admit", "--out", "admit.jsonl"]);
    run(&project, &["mine", "FirstSteps/Odd.lean", "--kind", "error", "--out", "error.jsonl"]);
    let tasks = ["sorry.jsonl", "admit.jsonl", "error.jsonl"].map(|file| records(&project, file));
    assert_eq!(tasks[2].len(), 4, "{:#?}", tasks[2]);
    for file in ["FirstSteps/Logic.lean", "FirstSteps/Odd.lean"] {
        let mut all: Vec<&Value> = tasks.iter().flatten().filter(|task| task["file"] == file).collect();
        all.sort_by_key(|task| task["edit"]["start_byte"].as_u64());
        let session = EditorSession::open(Path::new(env!("CARGO_BIN_EXE_leanwright")), &project, file, &[]).await;
        let mut changes = session.editor.hole_changes();
        let holes = loop {
            changes.borrow_and_update();
            let found = session.holes().await.holes;
            if found.len() == all.len() {
                break found;
            }
            tokio::time::timeout(PATIENCE, changes.changed()).await.unwrap().unwrap();
        };
        for (hole, mined) in holes.iter().zip(all) {
            let document = DocumentUri { uri: session.uri.to_string() };
            let params = ProveParams { text_document: document, position: hole.range.start };
            let mut live = session.editor.request::<TaskContext>(params, PATIENCE).await.unwrap();
            live.as_object_mut().unwrap().remove("context").unwrap();
            assert_eq!(live, *mined);
        }
        session.editor.shutdown(PATIENCE).await.unwrap();
    }
}

#[test]
fn repairs_of_errors_get_verdicts() {
    let project = LeanProject::new(&[
        ("A.lean", "theorem block (𝓝 : Nat) : 𝓝 = 𝓝 := by\n  exact Nat.succ_inj\n"),
        ("B.lean", "theorem term (p : Prop) (hp : p) : p := missing\n\ntheorem later : missing := rfl\n"),
        ("C.lean", "theorem stated : Nat.undefined = 1 := by rfl\n"),
        ("D.lean", "example (p q : Prop) (hp : p) : q := by\n  exact hp\n"),
    ]);
    run(&project, &["mine", ".", "--recursive", "--kind", "error", "--out", "mined.jsonl"]);
    let tasks = records(&project, "mined.jsonl");
    let ids: Vec<&str> = tasks.iter().map(|task| task["task_id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["A.block:2", "B.term:1", "B.later:3", "C.stated:1", "D:2"]);
    assert!(tasks[0]["diagnostic"]["message"].as_str().unwrap().contains("Type mismatch"), "{:#}", tasks[0]);
    // For the body, for its lines, for a statement that means nothing, and a wrong one.
    let answers = "read task; printf '%s\\n' '{\"task_id\": \"1\", \"hole_replacement\": \"by\\n  rfl\", \"extra_edits\": [1], \"cost\": 1}'\n\
        read task; printf '%s\\n' '{\"task_id\": \"2\", \"replacement\": \"theorem term (p : Prop) (hp : p) : p := hp\"}'\n\
        read task; printf '%s\\n' '{\"task_id\": \"3\", \"hole_replacement\": \"rfl\"}'\n\
        read task; printf '%s\\n' '{\"task_id\": \"3\", \"hole_replacement\": \"rfl\"}'\n\
        read task; printf '%s\\n' '{\"task_id\": \"4\", \"hole_replacement\": \"by simp\"}'\n";
    let runner = script(&project.root.parent().unwrap().join("bin"), "runner", answers);
    run(&project, &["eval", "mined.jsonl", "--runner", runner.to_str().unwrap()]);
    let attempts = records(&project, "attempts.jsonl");
    assert_eq!(attempts[0]["replacement"], "theorem block (𝓝 : Nat) : 𝓝 = 𝓝 := by\n  rfl", "as lean-agent reads it");
    assert_eq!(
        (&attempts[0]["cost"], attempts[0].get("extra_edits")),
        (&1.into(), None),
        "what is edited is not the runner's to say"
    );
    assert_eq!(attempts[1]["edit"]["replacement"], "hp");
    run(&project, &["replay", "attempts.jsonl", "--certificates", "certificates"]);
    let results = records(&project, "results.jsonl");
    let words: Vec<&str> = results.iter().map(|result| result["status"].as_str().unwrap()).collect();
    run(&project, &["certificate", "verify", "certificates/A.block_2--attempt.json"]);
    assert_eq!(words, ["passed", "passed", "runner_error", "runner_error", "failed"], "{results:#?}");
    // What is stated means nothing, or rests on an error above it: nobody can say whether it is proved.
    assert_eq!(
        (&results[2]["verdict"]["verdict"], &results[3]["verdict"]["verdict"]),
        (&"unknown".into(), &"unknown".into())
    );

    // An attempt that says that it repairs something: the body compiles, and what follows uses its helper.
    let used = "theorem t (n : Nat) : n + 0 = n := go n\nwhere go (n : Nat) : n + 0 = n := rfl\ntheorem u : 1 + 0 = 1 := t.go 1\n";
    project.write("E.lean", used);
    project.write("F.lean", &used.replace(":= go n", ":= gone n"));
    // The text does not show that a command of the file's own follows, and that it fails.
    let swallowed =
        "macro \"must_hold\" : command => `(example : 1 = 2 := by decide)\ntheorem t : 1 = 1 := by\n  rfl\nmust_hold\n";
    project.write("G.lean", swallowed);
    let repair = |file: &str, lines: [usize; 2], text: &str| {
        let edit = serde_json::json!({"file": file, "start_line": lines[0], "end_line": lines[1]});
        serde_json::json!({"task_id": file, "allowed_edit": edit, "replacement": text, "original_diagnostic": {}})
            .to_string()
    };
    let without = "theorem t (n : Nat) : n + 0 = n := rfl";
    let [e, f] = ["E.lean", "F.lean"].map(|file| repair(file, [1, 2], without));
    let g = repair("G.lean", [2, 4], "theorem t : 1 = 1 := by\n  rfl");
    // An `open` that the text shows for one only to who looks behind a comment, or anywhere in a line.
    let opens = ["/- part two -/ open Nat", "    open Nat", "  rfl open Nat"];
    let opened = opens.map(|open| {
        let file = format!("H{}.lean", open.len());
        project.write(&file, &format!("theorem t : 1 = 1 := by\n  exact wrong\n{open}\ntheorem u : 2 = 2 := rfl\n"));
        repair(&file, [1, 3], "theorem t : 1 = 1 := by rfl")
    });
    // What is taken away could have been meant: `picked` is the helper now, and then the witness. Lean reads no character behind `×'`, but a string.
    let helpers =
        ["  exact wrong\nwhere\n  choose : Nat := 2", "  let rec foo : Nat := 2, choose : Nat := 2\n  exact wrong"];
    let meant = helpers.map(|body| {
        let file = format!("I{}.lean", body.len());
        let statement = "theorem small : ∃ n : Nat, n < 3 :=";
        project.write(&file, &format!("{statement} by\n{body}\n\nnoncomputable def picked : Nat := small.choose\n"));
        repair(&file, [1, body.lines().count() + 1], &format!("{statement} ⟨0, by decide⟩"))
    });
    // `t` takes `n` because its body mentions it.
    let takes = "variable (n : Nat)\ndef t : 1 = 1 := (fun (_ : n = n) => (wrong : 1 = 1)) rfl\n";
    project.write("K.lean", &format!("{takes}def x := t\n"));
    let takes = repair("K.lean", [2, 2], "def t : 1 = 1 := rfl");
    project.write(
        "J.lean",
        "infixl:65 \" ×' \" => Prod.mk\ntheorem t : True := wrong ×'\"' x \"\nopen Nat --\"\ntheorem u : 1 = 1 := rfl\n",
    );
    let misread = repair("J.lean", [2, 3], "theorem t : True := trivial");
    project
        .write("forged.jsonl", &[vec![e, f, g, misread, takes], meant.to_vec(), opened.to_vec()].concat().join("\n"));
    run(&project, &["replay", "forged.jsonl"]);
    let results = records(&project, "results.jsonl");
    assert_eq!(results[0]["reject_reason"]["guard"], "gate", "{:#}", results[0]);
    assert_eq!(results[1]["verdict"]["verdict"], "unknown", "{:#}", results[1]);
    assert!(results[1]["verdict"]["why"].as_str().unwrap().contains("what follows"), "{:#}", results[1]);
    let refusal = &results[2]["reject_reason"];
    assert!(refusal["guard"] == "gate" && refusal.to_string().contains("must_hold"), "{:#}", results[2]);
    assert!(results[3]["reject_reason"].to_string().contains("may read as something else"), "{:#}", results[3]);
    let (results, opened) = results[4..].split_at(3);
    for (result, why) in results.iter().zip(["variables above it"].iter().chain(&["`small."; 2])) {
        assert_eq!(result["verdict"]["verdict"], "unknown", "{result:#}");
        assert!(result["verdict"]["why"].as_str().unwrap().contains(why), "{result:#}");
    }
    for result in opened {
        let refusal = &result["reject_reason"];
        assert!(refusal["guard"] == "gate" && refusal.to_string().contains("over `open`"), "{result:#}");
    }
    assert_eq!(opened.len(), 3);
}

#[test]
fn a_trace_says_what_lean_says_of_each_file() {
    let project = LeanProject::new(&[
        ("P/Bad.lean", "theorem bad (p q : Prop) (hp : p) : p ∧ q := by\n  constructor\n  · exact hp\n"),
        ("P/Open.lean", "theorem later (p : Prop) (hp : p) : p := by\n  sorry\n"),
        ("P/Uses.lean", "import P.Bad\n"),
        ("P/Generated.lean", "import Nowhere\n"),
    ]);
    let config = "[project]\nsource_roots = [\"P\"]\nexclude = [\"Generated\"]\n[trace]\ntimeout_secs = 600\n";
    project.write("lean-agent.toml", config);
    run(&project, &["trace", "--config", "lean-agent.toml", "--keep-raw-output"]);
    let all = records(&project, "lean-agent-trace.jsonl");
    let shown: Vec<String> =
        all.iter().map(|one| format!("{} {} {}", one["file"], one["status"], one["exit_code"])).collect();
    assert_eq!(shown, [r#""P/Bad.lean" "failed" 1"#, r#""P/Open.lean" "passed" 0"#, r#""P/Uses.lean" "failed" 1"#]);
    let [bad, open, uses] = all.as_slice() else { panic!("{all:#?}") };
    let goals = "case right\np q : Prop\nhp : p\n⊢ q";
    let message = format!("P/Bad.lean:1:45: error: unsolved goals\n{goals}");
    let expected = serde_json::json!([
        {"file": "P/Bad.lean", "line": 1, "column": 45, "severity": "error", "message": message, "goal_state": goals}
    ]);
    assert_eq!(bad["diagnostics"], expected);
    assert_eq!(open["diagnostics"][0]["severity"], "warning");
    assert!(uses["diagnostics"][0]["message"].as_str().unwrap().contains("build failed"), "{uses:#}");
    assert!(bad["stdout"].as_str().unwrap().contains("unsolved goals") && bad["run_id"] == uses["run_id"]);
    assert!(bad["lean_version"].as_str().unwrap().contains("4.28") && bad["lake_version"].is_string(), "{bad:#}");
    let report = run(&project, &["report", "lean-agent-trace.jsonl"]);
    assert!(report.contains("failed: 2") && report.contains("errors: 1, warnings: 1"), "{report}");

    run(&project, &["trace", "P/Open.lean", "--only-failures", "--no-warnings", "--timeout", "600"]);
    assert_eq!(project.read("lean-agent-trace.jsonl"), "");
    let bundle = run(&project, &["context", "P/Open.lean:2", "--format", "json"]);
    let bundle: Value = serde_json::from_str(&bundle).unwrap();
    assert_eq!(bundle["provenance"]["lean_version"], bad["lean_version"]);
}

/// Twenty attempts in a file that imports 500 modules of its project: a process reads each once, and the next one, with a copy of its own, none.
#[test]
fn a_projects_modules_are_read_once() {
    const MODULES: usize = 500;
    let names = (0..MODULES).map(|number| format!("M{number}"));
    let imports: String = names.clone().map(|name| format!("import P.{name}\n")).collect();
    let project = LeanProject::new(&[("P.lean", &format!("{imports}theorem t (n : Nat) : n = n := by\n  sorry\n"))]);
    let built = |file: &str| project.root.join(".lake/build/lib/lean/P").join(file);
    let build = |module: &str, text: &str| {
        project.write(&format!("P/{module}.lean"), text);
        let lake = leanwright_testkit::lean().lake;
        let run = Command::new(lake).args(["build", &format!("P.{module}")]).current_dir(&project.root).output();
        assert!(run.unwrap().status.success());
    };
    let text = "number";
    build("M0", &format!("/-!{text}-/"));
    for name in names.skip(1) {
        project.write(&format!("P/{name}.lean"), &format!("/-!{text}-/"));
        for ending in ["olean", "ilean", "trace"] {
            let mut bytes = std::fs::read(built(&format!("M0.{ending}"))).unwrap();
            // Each is another module: the comment is in its product.
            if let Some(at) = bytes.windows(text.len()).position(|window| window == text.as_bytes()) {
                bytes[at..at + name.len()].copy_from_slice(name.as_bytes());
            }
            std::fs::write(built(&format!("{name}.{ending}")), bytes).unwrap();
        }
    }
    // What has just been written is not believed to stay as it is.
    let age = || std::fs::metadata(built("M499.olean")).unwrap().modified().unwrap().elapsed().unwrap();
    while age() < Duration::from_secs(3) {
        build("Other", &format!("-- {:?}", age()));
    }

    let attempt = |replacement: &str| {
        let edit = serde_json::json!({"file": "P.lean", "start_line": MODULES + 2, "end_line": MODULES + 2});
        serde_json::json!({"task_id": "t", "allowed_edit": edit, "replacement": replacement}).to_string()
    };
    let compiled = ["  rfl", "  exact rfl", "  exact missing"].map(attempt);
    let refused = (compiled.len()..20).map(|number| attempt(&format!("  exact sorry -- {number}")));
    project.write("attempts.jsonl", &compiled.into_iter().chain(refused).collect::<Vec<_>>().join("\n"));
    let reads = |log: &str| {
        let run = Command::new(env!("CARGO_BIN_EXE_leanwright"))
            .args(["replay", "attempts.jsonl", "--log", log])
            .env("LEANWRIGHT_LOG_FILTER", "leanwright_project=trace")
            .env("LEANWRIGHT_VERDICTS", "off")
            .current_dir(&project.root)
            .output()
            .unwrap();
        assert!(run.status.success(), "{run:?}");
        let results = records(&project, "results.jsonl");
        let passed = results.iter().filter(|result| result["status"] == "passed").count();
        assert_eq!((results.len(), passed), (20, 2), "{:#}", results[0]);
        let log = project.read(log);
        let all =
            log.lines().filter_map(|line| line.split_once("a compiled module is read path=").map(|(_, path)| path));
        let mut own: Vec<String> = all.filter(|path| path.contains("/P/M")).map(str::to_owned).collect();
        own.sort_unstable();
        let count = own.len();
        own.dedup();
        (count, own.len())
    };
    assert_eq!(reads("first.log"), (MODULES, MODULES));
    assert_eq!(reads("second.log"), (0, 0));
    // Built anew, and nothing else.
    build("M7", "-- changed");
    assert_eq!(reads("third.log").1, 1);
}
