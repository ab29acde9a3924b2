//! Editors that nobody here wrote, on a real Lean through our shim: PyPI leanclient and npm vscode-languageserver-protocol.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, clippy::indexing_slicing, reason = "tests")]

use leanwright_testkit::{LeanProject, fixtures, lean, peers};
use serde_json::{Value, json};
use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

const LEANWRIGHT: &str = env!("CARGO_BIN_EXE_leanwright");
const SOURCE: &str = "\
theorem one (a b : Nat) : a + b = b + a := by
  sorry

-- 𝓝
theorem two (n : Nat) : n = n := sorry
";

fn path(first: &[&Path]) -> OsString {
    let rest = std::env::var_os("PATH").unwrap();
    std::env::join_paths(first.iter().map(|path| path.to_path_buf()).chain(std::env::split_paths(&rest))).unwrap()
}

fn run(mut command: Command) -> Value {
    let output = command.output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {stderr}"))
}

#[test]
fn leanclient_does_not_notice_us() {
    let toolchain = lean();
    let bin = toolchain.lake.parent().unwrap();
    let see = |with_us: bool| {
        let project = LeanProject::new(&[("P.lean", SOURCE)]);
        let shim = project.root.parent().unwrap().join("shim");
        std::fs::create_dir(&shim).unwrap();
        std::os::unix::fs::symlink(LEANWRIGHT, shim.join("lake")).unwrap();
        let tape = project.root.parent().unwrap().join("tape");
        let mut command = Command::new("python3");
        command.arg(fixtures().join("peers/leanclient_session.py")).arg(&project.root).arg("P.lean");
        command.env("PYTHONPATH", peers().join("python")).env("LEANWRIGHT_RECORD", &tape);
        command.env("PATH", if with_us { path(&[&shim, bin]) } else { path(&[bin]) });
        let seen = run(command);
        assert_eq!(tape.exists(), with_us, "the shim was in between exactly when it was meant to be");
        seen
    };
    let (mut with_us, without_us) = (see(true), see(false));
    // The one thing that may be more: our code actions, behind Lean's.
    let actions = with_us["code actions"].as_array_mut().unwrap();
    let own = actions.split_off(without_us["code actions"].as_array().unwrap().len());
    let titles: Vec<&str> = own.iter().map(|item| item["title"].as_str().unwrap()).collect();
    assert_eq!(titles, ["Prove this sorry", "Prove all 2 holes in this file"]);
    for key in ["goal", "diagnostics", "diagnostics after the edit"] {
        println!("{key}\n  without us: {}\n  with us:    {}", without_us[key], with_us[key]);
    }
    assert_eq!(with_us, without_us);
    assert_eq!(with_us["goal"]["goals"], json!(["a b : Nat\n⊢ a + b = b + a"]));
    assert_eq!(with_us["diagnostics after the edit"].as_array().unwrap().len(), 1);
}

#[test]
fn the_message_layer_of_vs_code_gets_a_verified_action() {
    let project = LeanProject::new(&[("P.lean", SOURCE)]);
    let mut command = Command::new("node");
    command
        .arg(fixtures().join("peers/protocol_editor.mjs"))
        .arg(&project.root)
        .arg("P.lean")
        .arg(LEANWRIGHT)
        .arg("serve");
    command.env("LEANWRIGHT_PEERS", peers());
    let seen = run(command);
    assert_eq!(seen["server"], "Lean 4 Server");
    assert_eq!(seen["goal"], json!(["a b : Nat\n⊢ a + b = b + a"]));
    assert_eq!((&seen["replacement"], &seen["titles"]), (&json!("omega"), &json!(["Replace sorry: omega (verified)"])));
    assert_eq!(seen["late"], -32801, "an item for a text that has changed does not resolve");
    assert_eq!((&seen["holes"], &seen["exit"]), (&json!(1), &json!(0)));
    assert_eq!(seen["ours"], json!(["leanwright/holesChanged", "leanwright/offersChanged"]));
}
