//! A machine without Lean and without Node: a clear message, exit code 2, nothing half-installed.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

use std::process::Command;

fn check(arguments: &[&str], expected: &[&str]) {
    let home = std::env::temp_dir().join(format!("leanwright-home-{}-{}", std::process::id(), arguments.join("-")));
    std::fs::create_dir_all(&home).unwrap();
    let run = Command::new(env!("CARGO_BIN_EXE_leanwright"))
        .args(arguments)
        .env_clear()
        .env("HOME", &home)
        .env("PATH", "/nonexistent")
        .current_dir(&home)
        .output()
        .unwrap();
    let message = String::from_utf8_lossy(&run.stderr).into_owned();
    assert_eq!(run.status.code(), Some(2), "{message}");
    for part in expected {
        assert!(message.contains(part), "{part:?} is not in: {message}");
    }
    let left: Vec<_> = std::fs::read_dir(&home).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
    std::fs::remove_dir_all(home).unwrap();
}

#[test]
fn an_examination_may_be_anything() {
    let folder = std::env::temp_dir().join(format!("leanwright-examination-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("examination");
    let examination = r#"{"texts": ["", ""], "start": 0, "end": 0, "signatures": ["", ""], "allowed_axioms": [],
        "products": "", "is_proof": false, "imports": null, "off": []}"#
        .replace('\n', " ");
    for (text, expected) in [
        (String::new(), "EOF"),
        (format!("{examination}\n{{\"modules\": [[7], [7]]}}\nshort"), "the examination is cut off"),
        (format!("{examination}\n{{\"modules\": [[3], [2]]}}\nabcde"), "not a compiled Lean module"),
    ] {
        std::fs::write(&file, &text).unwrap();
        let run = Command::new(env!("CARGO_BIN_EXE_leanwright")).arg("__examine").arg(&file).output().unwrap();
        let message = String::from_utf8_lossy(&run.stderr).into_owned();
        assert!(!run.status.success() && message.contains(expected), "{text}: {message}");
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn the_message_says_what_to_install() {
    check(&["demo", "--plain"], &["`node` and `npm`", "Node.js 18", "elan", "Nothing was installed"]);
    check(&["toolchain", "install"], &["`node`", "elan"]);
    check(&["serve"], &["no `lake` on PATH", "elan", "leanwright toolchain install"]);
}
