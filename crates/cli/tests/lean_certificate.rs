//! Certificates and remembered verdicts on a real Lean: a certificate holds as long as nothing that it speaks of has changed by
//! a byte; a remembered verdict is used, a damaged one is reported and judged anew; an independent kernel is asked where there is one.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, clippy::indexing_slicing, reason = "tests")]

use leanwright_testkit::{LeanProject, script};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;

const SOURCE: &str = "import P.Base\n\ntheorem here (n : Nat) : base + n = n + base := by\n  sorry\n";

fn project() -> LeanProject {
    let project = LeanProject::new(&[("P.lean", SOURCE), ("P/Base.lean", "def base : Nat := 7\n")]);
    let attempt = |id: &str, proof: &str| {
        json!({"task_id": "t/1", "attempt_id": id, "replacement": format!("  {proof}"),
            "allowed_edit": {"file": "P.lean", "start_line": 4, "end_line": 4}})
        .to_string()
    };
    project.write("attempts.jsonl", &format!("{}\n{}\n", attempt("good", "omega"), attempt("bad", "rfl")));
    project
}

/// Runs the program; gives back whether it says that all is well, and what it prints.
fn run(project: &LeanProject, arguments: &[&str], environment: &[(&str, &Path)]) -> (bool, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_leanwright"));
    let run = command.args(arguments).current_dir(&project.root).envs(environment.iter().copied()).output().unwrap();
    (run.status.success(), String::from_utf8_lossy(&run.stdout).into_owned() + &String::from_utf8_lossy(&run.stderr))
}

fn results(project: &LeanProject) -> Vec<Value> {
    project.read("results.jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_certificate_holds_until_a_byte_changes() {
    let project = project();
    let verify = || run(&project, &["certificate", "verify", "c/t_1--good.json"], &[]);
    let (done, output) = run(&project, &["replay", "attempts.jsonl", "--certificates", "c"], &[]);
    assert!(done, "{output}");
    assert!(!project.root.join("c/t_1--bad.json").exists(), "only what is accepted has a certificate");
    let (holds, output) = verify();
    assert!(holds && output.contains("everything is as the certificate says"), "{output}");

    let (_, text) = run(&project, &["certificate", "show", "c/t_1--good.json"], &[]);
    for part in ["Certificate for here in P (P.lean, line 4)", "-   sorry", "+   omega", "statement         passed"] {
        assert!(text.contains(part), "no {part:?} in {text}");
    }
    let (_, page) = run(&project, &["page", "c/t_1--good.json"], &[]);
    assert!(page.starts_with("<!doctype html>") && page.contains("omega"), "{page}");

    // The certificate: a digit in it, or only a blank.
    let written = project.read("c/t_1--good.json");
    for changed in
        [written.replacen("\"line\": 4", "\"line\": 5", 1), written.replacen("  \"judge\"", "   \"judge\"", 1)]
    {
        assert_ne!(changed, written);
        project.write("c/t_1--good.json", &changed);
        let (holds, output) = verify();
        assert!(!holds && output.contains("has been changed since it was written"), "{output}");
    }
    project.write("c/t_1--good.json", &written);

    // With the edit the file is still the one that was judged; with another byte it is not.
    project.write("P.lean", &SOURCE.replace("sorry", "  omega").replace("    omega", "  omega"));
    let (holds, output) = verify();
    assert!(holds && output.contains("with the edit"), "{output}");
    project.write("P.lean", &SOURCE.replace("(n : Nat)", "(n  : Nat)"));
    let (holds, output) = verify();
    assert!(!holds && output.contains("`P.lean` has changed"), "{output}");
    project.write("P.lean", SOURCE);

    // An import: the proof still goes through, and is not what was certified.
    project.write("P/Base.lean", "def base : Nat := 8\n");
    let (holds, output) = verify();
    assert!(!holds && output.contains("the imports' digest"), "{output}");
}

#[test]
fn verdicts_are_remembered_until_something_changes() {
    let project = project();
    let store = project.root.join("verdicts");
    let environment = [("LEANWRIGHT_VERDICTS", store.as_path())];
    let replay = || {
        let (done, output) = run(&project, &["replay", "attempts.jsonl"], &environment);
        assert!(done, "{output}");
        (results(&project), output)
    };
    let (first, _) = replay();
    let entries = || -> Vec<PathBuf> {
        let folders = std::fs::read_dir(&store).unwrap().map(|folder| folder.unwrap().path());
        let files = folders.flat_map(|folder| std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()));
        files.collect()
    };
    assert_eq!(entries().len(), 2);

    // What is remembered is what is said: an entry that is whole, and says something else, is believed.
    let accepted = entries().into_iter().find(|entry| std::fs::read_to_string(entry).unwrap().contains("accepted"));
    let accepted = accepted.unwrap();
    let text = std::fs::read_to_string(&accepted).unwrap();
    let (_, body) = text.split_once('\n').unwrap();
    let mut entry: serde_json::Value = serde_json::from_str(body).unwrap();
    entry["verdict"]["notes"] = json!(["remembered"]);
    let marked = entry.to_string();
    std::fs::write(&accepted, format!("{}\n{marked}", blake3::hash(marked.as_bytes()).to_hex())).unwrap();
    let (second, _) = replay();
    assert_eq!(second[0]["verdict"]["notes"].as_array().unwrap().last(), Some(&json!("remembered")));
    assert_eq!(second[1]["verdict"], first[1]["verdict"], "a failure is remembered with its message");
    assert_eq!(second[1]["diagnostic_count"], first[1]["diagnostic_count"]);

    // One byte of an entry: it is not believed, and replaced.
    std::fs::write(&accepted, text.replacen("\"accepted\"", "\"accepteD\"", 1)).unwrap();
    let (third, output) = replay();
    assert_eq!(third[0]["status"], "passed", "{output}");
    let notes = third[0]["verdict"]["notes"].as_array().unwrap();
    assert!(notes.iter().any(|note| note.as_str().unwrap().contains("damaged and was not used")), "{output}");

    // An import is part of the key.
    project.write("P/Base.lean", "def base : Nat := 8\n");
    let (fourth, _) = replay();
    assert_ne!(fourth[0]["verdict"]["imports_digest"], first[0]["verdict"]["imports_digest"]);
    assert_eq!(entries().len(), 4);

    std::fs::write(&accepted, "cut off").unwrap();
    let (_, output) = run(&project, &["verdicts", "gc"], &environment);
    assert!(output.contains("3 verdicts in") && output.contains("0 old and 1 damaged"), "{output}");
    let (_, output) = run(&project, &["verdicts", "gc", "--mib", "0"], &environment);
    assert!(output.contains("0 verdicts in 0 KiB are left; 3 old and 0 damaged"), "{output}");
}

#[test]
fn a_kernel_of_its_own_is_asked_where_there_is_one() {
    let project = project();
    // A stand-in: it looks for the patched module where it is told to, and says yes or no.
    let folder = project.root.join("bin");
    let checker = |answer: &str| {
        script(
            &folder,
            "leanchecker",
            &format!("test \"$1\" = P && test -f \"${{LEAN_PATH%%:*}}/P.olean\" && {answer}"),
        );
    };
    let path = std::env::var_os("PATH").unwrap();
    let folders = std::iter::once(folder.clone()).chain(std::env::split_paths(&path));
    let path = PathBuf::from(std::env::join_paths(folders).unwrap());
    let environment = [("PATH", path.as_path())];
    checker("exit 0");
    run(&project, &["replay", "attempts.jsonl"], &environment);
    let kernel = results(&project)[0]["verdict"]["guards"]["kernel"].clone();
    assert_eq!(kernel["status"], "passed", "{kernel}");
    checker("{ echo not today; exit 3; }");
    run(&project, &["replay", "attempts.jsonl"], &environment);
    let result = results(&project)[0].clone();
    assert_eq!((&result["status"], &result["accepted"]), (&json!("rejected"), &json!(false)), "{result}");
    assert!(result["reject_reason"]["detail"].as_str().unwrap().contains("not today"), "{result}");
    // Ended by a signal, as a shell says it, it has said nothing.
    checker("exit 137");
    run(&project, &["replay", "attempts.jsonl"], &environment);
    let verdict = results(&project)[0]["verdict"].clone();
    assert_eq!(verdict["verdict"], "unknown", "{verdict}");
    assert!(verdict["why"].as_str().unwrap().contains("gave no answer"), "{verdict}");
}
