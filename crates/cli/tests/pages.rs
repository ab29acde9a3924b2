//! `leanwright page`, the manual and the completions: everything that is made without a Lean.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

use std::io::Write;
use std::process::{Command, Output, Stdio};

fn leanwright(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_leanwright"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

#[test]
fn a_record_becomes_a_page() {
    let walk = r#"{"version": 1, "file": "P.lean", "declaration": "P.foo", "source": "theorem foo", "steps": [],
        "range": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 11}}}"#;
    let made = leanwright(&["page"], walk);
    let page = String::from_utf8(made.stdout).unwrap();
    assert!(made.status.success() && page.contains("<title>P.foo</title>"), "{page}");
    for (input, message) in
        [("{}", "neither a walk nor a certificate"), ("{", "not JSON"), (r#"{"steps": 1}"#, "not a walk")]
    {
        let refused = leanwright(&["page"], input);
        assert_eq!(refused.status.code(), Some(2));
        assert!(String::from_utf8_lossy(&refused.stderr).contains(message), "{refused:?}");
    }
}

#[test]
fn a_compiled_module_is_shown_and_compared() {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/corpus/olean");
    let [small, large] = ["small-32", "small-64"].map(|name| format!("{corpus}/{name}"));
    let shown = String::from_utf8(leanwright(&["olean", &small], "").stdout).unwrap();
    for part in ["32 bit", "declarations (7)", "  axiom        p   [p]", "  definition   q   [p]", "  inductive    N\n"]
    {
        assert!(shown.contains(part), "no {part:?} in {shown}");
    }
    let same = leanwright(&["olean", &small, "--diff", &small], "");
    assert_eq!((same.status.code(), same.stdout.len()), (Some(0), 0));
    let differs = leanwright(&["olean", &small, "--diff", &large], "");
    let lines = String::from_utf8(differs.stdout).unwrap();
    assert_eq!(differs.status.code(), Some(1));
    assert!(lines.contains("- Lean.namespacesExt: A\n") && !lines.contains("declaration"), "{lines}");
    let refused = leanwright(&["olean", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")], "");
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("not a compiled Lean module"));
}

#[test]
fn every_command_has_a_manual_page_and_completions() {
    let folder = tempfile::tempdir().unwrap();
    assert!(leanwright(&["__manual", folder.path().to_str().unwrap()], "").status.success());
    let help = String::from_utf8(leanwright(&["--help"], "").stdout).unwrap();
    let listed = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    // Descriptions go on in lines that are indented further.
    let names = listed.lines().filter(|line| !line.starts_with("   "));
    let commands: Vec<_> = names.filter_map(|line| line.split_whitespace().next()).collect();
    assert!(commands.len() > 10, "{help}");
    let script = String::from_utf8(leanwright(&["completions", "bash"], "").stdout).unwrap();
    for command in commands.into_iter().filter(|command| *command != "help") {
        assert!(folder.path().join(format!("leanwright-{command}.1")).is_file(), "{command}");
        assert!(script.contains(command), "{command}");
    }
}
