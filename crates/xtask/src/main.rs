//! Developer tasks, as `cargo xtask` lists them. Runs cargo and what it builds; holds no logic of the product.
#![allow(clippy::disallowed_methods, clippy::print_stdout, clippy::print_stderr, reason = "a developer's tool")]

mod attacks;
mod dist;
mod extension;
mod pictures;
mod provide;
mod replays;
mod schema;
mod suite;
mod typescript;

use anyhow::{Context, bail};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

const HELP: &str = "\
cargo xtask demo [--plain]   build, and show everything on a small project
cargo xtask test [FILTER]    format, lints, and every test; the last line counts them
cargo xtask test editors     the stories in a real VS Code and a real Neovim, and the extension's unit tests
cargo xtask bench proxy      the proxy against a plain byte pump between the same peers
cargo xtask bench judging    goal requests at a steady rate, with and without candidates being judged
cargo xtask bench isolation  what the copy of a large project and the sandbox cost
cargo xtask bench typing     typing into a proof on a real Lean, with and without Leanwright
cargo xtask bench scan       the scanner on Lean code from source packages, and `mine` against lean-agent's
cargo xtask bench kernel     our kernel on every definition and statement of Lean's library
cargo xtask bench mutations SECONDS SEED MODULE.olean…   proofs that Lean compiled, changed at random: nothing else may be accepted
cargo xtask bench oxilean COUNT SEED MODULE.olean…     proofs and mutants to our kernel and to oxilean-verify's
cargo xtask bench replay     twenty attempts through `replay` and through lean-agent's, side by side
cargo xtask attacks [FILTER | --missing] [--write]   attempts that must never be accepted, each with its guard, alone and without
cargo xtask fuzz [SECONDS] [frame|olean]   feed the framing, or the reader of compiled modules, with anything
cargo xtask pictures         make the README's pictures again, in a real browser
cargo xtask dist             an archive to release: programs, editor packages, manual pages, completions, checksums
cargo xtask schema           write the JSON Schemas of the records, and the types of the VS Code extension";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (task, rest) = arguments.split_first().map_or(("", &[][..]), |(task, rest)| (task.as_str(), rest));
    let done = match task {
        "demo" => demo(rest),
        "test" => suite::run(rest),
        "schema" => schema::write().map(|()| true),
        "bench" => bench(rest),
        "attacks" => attacks::run(rest),
        "dist" => dist::make().map(|()| true),
        "pictures" => pictures::make().map(|()| true),
        "fuzz" => fuzz(rest),
        "" | "help" | "--help" => {
            println!("{HELP}");
            Ok(true)
        }
        other => Err(anyhow::anyhow!("no task `{other}`\n{HELP}")),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// The workspace's root.
pub fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.ancestors().nth(2).unwrap_or(own).to_path_buf()
}

/// `cargo` in the workspace's root.
pub fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(root());
    command
}

/// Run a command whose failure ends the task.
pub fn must(command: &mut Command, what: &str) -> anyhow::Result<()> {
    let status = command.status().with_context(|| format!("could not start: {what}"))?;
    if status.success() { Ok(()) } else { bail!("{what} failed ({status})") }
}

/// Build the programs and return the folder that they are in.
pub fn build(profile: &str) -> anyhow::Result<PathBuf> {
    // Cargo says what it is doing: a release build takes minutes the first time.
    must(&mut cargo(&["build", "--locked", "--profile", profile]), "cargo build")?;
    let metadata = cargo(&["metadata", "--format-version", "1", "--no-deps", "--locked"]).output()?;
    let metadata: serde_json::Value = serde_json::from_slice(&metadata.stdout).context("cargo metadata")?;
    let target = metadata.get("target_directory").and_then(serde_json::Value::as_str).context("no target folder")?;
    Ok(Path::new(target).join(if profile == "dev" { "debug" } else { profile }))
}

fn bench(arguments: &[String]) -> anyhow::Result<bool> {
    let what = arguments.first().map_or("", String::as_str);
    if !["proxy", "judging", "isolation", "scan", "typing", "kernel", "mutations", "oxilean", "replay"].contains(&what)
    {
        bail!(
            "what is there to measure: `cargo xtask bench` with proxy, judging, isolation, scan, typing, kernel, mutations, oxilean or replay"
        );
    }
    eprintln!("Building in release mode …");
    let programs = build("release")?;
    if what == "replay" {
        return replays::compare(&programs);
    }
    must(&mut cargo(&["build", "--locked", "--quiet", "--release", "--package", "leanwright-testkit"]), "cargo build")?;
    let mut command = Command::new(programs.join(format!("bench-{what}")));
    if what == "scan" {
        provide::corpus()?;
        command.arg(programs.join("leanwright")).arg(provide::lean_agent()?);
    } else if what == "judging" {
        command.arg("run").arg(programs.join("leanwright")).arg(provide::lean(&programs)?);
    } else if what == "isolation" {
        provide::lean(&programs)?;
        command.arg(programs.join("leanwright")).env("PATH", suite::path_with(&provide::bubblewrap()?)?);
    } else if what == "typing" {
        let lake = provide::lean(&programs)?;
        let recording = std::env::temp_dir().join(format!("leanwright-typing-{}.jsonl", std::process::id()));
        command.arg(programs.join("leanwright")).arg(lake).arg("240").arg(&recording);
        let typed = command.status()?.success();
        let mut replay = Command::new(programs.join("leanwright"));
        let same = replay.args(["tape", "events"]).arg(&recording).status()?.success();
        std::fs::remove_file(&recording)?;
        return Ok(typed && same);
    } else if ["kernel", "mutations", "oxilean"].contains(&what) {
        provide::lean(&programs)?;
        if what == "oxilean" {
            command.arg(provide::oxilean()?);
        }
        command.args(arguments.get(1..).unwrap_or_default());
    } else {
        command.arg("run").arg(programs.join("leanwright"));
    }
    Ok(command.status()?.success())
}

/// Builds with libFuzzer's coverage by flags of the stable compiler: nothing has to be installed but a C++ compiler.
fn fuzz(arguments: &[String]) -> anyhow::Result<bool> {
    const COVERAGE: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
        -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
        -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1 -Cdebug-assertions";
    let seconds = arguments.first().map_or("60", String::as_str);
    let target = arguments.get(1).map_or("frame", String::as_str);
    let folder = root().join("fuzz");
    // With a target named, build scripts are built without the flags.
    let version = Command::new("rustc").arg("-vV").output()?;
    let version = String::from_utf8_lossy(&version.stdout).into_owned();
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc names no host")?;
    let mut command = cargo(&["run", "--release", "--quiet", "--bin", target, "--target", host, "--"]);
    command.current_dir(&folder).env("RUSTFLAGS", COVERAGE);
    // New inputs go to the first folder; the second, which is checked in, is only read.
    let fresh = folder.join(format!("target/corpus-{target}"));
    std::fs::create_dir_all(&fresh)?;
    command.arg(fresh).arg(folder.join("corpus").join(target));
    command.args([
        format!("-max_total_time={seconds}"),
        "-print_final_stats=1".to_owned(),
        "-max_len=65536".to_owned(),
    ]);
    Ok(command.status()?.success())
}

fn demo(arguments: &[String]) -> anyhow::Result<bool> {
    eprintln!("Building leanwright in release mode …");
    let programs = build("release")?;
    let status = Command::new(programs.join("leanwright")).arg("demo").args(arguments).status()?;
    Ok(status.success())
}
