//! The page of a walk, made by a real Lean and opened in a real browser that steps through it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, clippy::indexing_slicing, reason = "tests")]

use leanwright_testkit::{LeanProject, browser, fixtures, peers};
use serde_json::{Value, json};
use std::process::Command;

#[test]
fn a_walk_is_stepped_through_in_a_browser() {
    let project = LeanProject::fixture("walk");
    let page = project.root.join("walk.html");
    let made = Command::new(env!("CARGO_BIN_EXE_leanwright"))
        .args(["walk", "Walk/Basic.lean:10", "--format", "html", "--out"])
        .arg(&page)
        .current_dir(&project.root)
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let seen = Command::new("node")
        .arg(fixtures().join("peers/walk_page.mjs"))
        .arg(&page)
        .env("LEANWRIGHT_PEERS", peers())
        .env("LEANWRIGHT_BROWSER", browser())
        .output()
        .unwrap();
    assert!(seen.status.success(), "{}", String::from_utf8_lossy(&seen.stderr));
    let seen: Value = serde_json::from_slice(&seen.stdout).unwrap();
    assert_eq!((&seen["total"], &seen["complaints"]), (&json!(10), &json!([])), "{seen}");

    let steps = seen["steps"].as_array().unwrap();
    let tactics: Vec<&str> = steps.iter().map(|step| step["tactic"].as_str().unwrap().trim()).collect();
    assert_eq!(&tactics[..3], ["induction n with", "rfl", "show oddSum k + (2 * k + 1) = (k + 1) * (k + 1)"]);
    for (number, step) in (1..).zip(steps) {
        assert_eq!((&step["counter"], &step["panels"]), (&json!(format!("tactic {number} of 10")), &json!(1)));
    }
    let square = steps.iter().find(|step| step["tactic"].as_str().unwrap().contains("have square")).unwrap();
    assert_eq!(square["fresh"], json!(["square : (k + 1) * (k + 1) = k * k + 2 * k + 1"]));
    assert_eq!(steps[9]["done"], 1, "nothing is left to prove");

    assert_eq!(seen["beyond"], steps[9], "there is nothing behind the last");
    assert_eq!((&seen["home"], &seen["home"]["disabled"]), (&steps[0], &json!([true, false])));
    assert_eq!((&seen["clicked"], &seen["chosen"], &seen["back"]), (&steps[1], &steps[9], &steps[8]));
    assert_eq!(seen["linked"], steps[2], "a step can be linked to");
    assert_eq!(seen["printed"], 10, "on paper all steps are there");
}
