//! `cargo xtask test`: format, lints, and every test on a real Lean. Prints `N passed, N failed` last.

use crate::{build, cargo, extension, must, provide};
use anyhow::{Context, bail};
use std::ffi::{OsStr, OsString};
use std::io::{BufRead, BufReader};
use std::ops::AddAssign;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

/// Tests by their runner's own count.
#[derive(Default)]
pub struct Count {
    pub passed: usize,
    pub failed: usize,
}

impl AddAssign for Count {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
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
    provide::lean(&programs)?;
    provide::peers()?;
    provide::browser()?;
    let bubblewrap = provide::bubblewrap()?;
    let editors = filter == ["editors"];
    if !editors {
        provide::corpus()?;
    }
    let mut count = Count::default();
    if editors || filter.is_empty() {
        provide::code_server()?;
        count += extension::test()?;
        extension::package()?;
    }
    count += if editors { tests(&["-E", "binary(lean_editors)"], &bubblewrap)? } else { tests(filter, &bubblewrap)? };
    println!("== done in {} s", started.elapsed().as_secs());
    if !sound {
        println!("format or lints are not clean: see above");
    }
    println!("{} passed, {} failed", count.passed, count.failed);
    Ok(sound && count.failed == 0 && count.passed > 0)
}

/// PATH with one more folder at its end.
pub fn path_with(folder: &Path) -> anyhow::Result<OsString> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    Ok(std::env::join_paths(std::env::split_paths(&path).chain([folder.to_owned()]))?)
}

/// Run tests by cargo-nextest, else by cargo; with one more folder of programs at the end of PATH.
pub fn tests(filter: &[impl AsRef<OsStr>], programs: &Path) -> anyhow::Result<Count> {
    let path = path_with(programs)?;
    let nextest = Command::new("cargo-nextest").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if nextest.is_ok_and(|status| status.success()) {
        println!("== cargo nextest");
        // Each with its time: the whole takes half an hour, and somebody waits for it.
        let mut command =
            cargo(&["nextest", "run", "--workspace", "--locked", "--no-fail-fast", "--status-level", "pass"]);
        command
            .args(filter)
            .env("PATH", &path)
            .env("NEXTEST_COLOR", "never")
            .stderr(Stdio::piped())
            .stdout(Stdio::inherit());
        let mut child = command.spawn().context("could not start cargo nextest")?;
        let stderr = child.stderr.take().context("no pipe")?;
        let summary = echo(BufReader::new(stderr), |line| line.trim_start().starts_with("Summary ["))?;
        child.wait()?;
        return nextest_count(&summary.join("\n"));
    }
    println!("== cargo test (cargo-nextest is not installed)");
    let mut command = cargo(&["test", "--workspace", "--locked", "--no-fail-fast"]);
    let mut child =
        command.args(filter).env("PATH", &path).stdout(Stdio::piped()).spawn().context("could not start cargo test")?;
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
