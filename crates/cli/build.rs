//! Tells the program which commit it is made of. A source tree without git says so instead.
#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "build scripts talk to cargo on standard output")]

use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-env-changed=LEANWRIGHT_COMMIT");
    let git = |arguments: &[&str]| {
        let output = Command::new("git").args(arguments).output().ok().filter(|output| output.status.success())?;
        Some(String::from_utf8_lossy(&output.stdout).trim().to_owned()).filter(|text| !text.is_empty())
    };
    // What HEAD names is in `logs/HEAD` after every commit and checkout.
    if let Some(folder) = git(&["rev-parse", "--absolute-git-dir"]) {
        let log = Path::new(&folder).join("logs/HEAD");
        if log.is_file() {
            println!("cargo::rerun-if-changed={}", log.display());
        }
    }
    let set = std::env::var("LEANWRIGHT_COMMIT").ok();
    let commit =
        set.or_else(|| git(&["rev-parse", "--short=12", "HEAD"])).unwrap_or_else(|| "commit unknown".to_owned());
    println!("cargo::rustc-env=LEANWRIGHT_COMMIT={commit}");
}
