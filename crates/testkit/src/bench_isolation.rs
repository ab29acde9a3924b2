//! Measures what isolation costs: the copy of a generated project of ten thousand files, and starting and compiling in each tier of the sandbox. Run by
//! `cargo xtask bench isolation`.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing
)]

use leanwright_procs::{Confinement, Launcher, Toolchain, Trust, View};
use leanwright_project::CopiedFiles;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const COPIES: usize = 5;
const STARTS: usize = 20;
const COMPILES: usize = 7;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    let root = std::fs::canonicalize(folder.path()).unwrap();
    let files = generate(&root.join("project"));
    println!("| what | median, ms | range |");
    println!("|---|---|---|");
    let project = root.join("project");
    // What was generated is on the disk, and not on its way there.
    std::process::Command::new("sync").status().unwrap();
    let looks = (0..COPIES).map(|_| timed(|| CopiedFiles::of(&project).unwrap()).0).collect();
    // What is written keeps the disk busy beyond its end: so it comes after that, and in turn.
    let (mut whole, mut copied) = (Vec::new(), Vec::new());
    for _ in 0..COPIES {
        whole.push(timed(|| CopiedFiles::of(&project).and_then(|mut copy| copy.whole()).unwrap()).0);
        copied.push(timed(|| plain_copy(&project, &root.join("plain"))).0);
        std::fs::remove_dir_all(root.join("plain")).unwrap();
    }
    let begun = row(&format!("isolated copy of {files} files, until a judgement needs one of them"), looks);
    row("the same, with all of them", whole);
    let copied = row("copying them, nothing else", copied);
    println!();
    println!("The copy takes {:.3} of copying.", begun.as_secs_f64() / copied.as_secs_f64());
    println!();
    tiers(&root.join("output")).await;
}

/// Modules with a source and four products each, and the project's configuration. Returns how many files that are.
fn generate(root: &Path) -> usize {
    const MODULES: usize = 2_000;
    std::fs::create_dir_all(root).unwrap();
    std::fs::write(root.join("lakefile.toml"), "name = \"p\"\n[[lean_lib]]\nname = \"P\"\n").unwrap();
    for module in 0..MODULES {
        let name = format!("P/D{}/M{module}", module / 20);
        let write = |path: String, content: &[u8]| {
            let path = root.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        };
        write(format!("{name}.lean"), "theorem a : True := trivial\n".repeat(40).as_bytes());
        for (ending, size) in [("olean", 60_000), ("ilean", 2_000), ("trace", 500), ("olean.hash", 20)] {
            write(format!(".lake/build/lib/lean/{name}.{ending}"), &vec![b'x'; size]);
        }
    }
    5 * MODULES + 1
}

fn plain_copy(from: &Path, to: &Path) {
    let mut waiting = vec![PathBuf::new()];
    while let Some(folder) = waiting.pop() {
        std::fs::create_dir_all(to.join(&folder)).unwrap();
        for entry in std::fs::read_dir(from.join(&folder)).unwrap().map(Result::unwrap) {
            let path = folder.join(entry.file_name());
            if entry.file_type().unwrap().is_dir() {
                waiting.push(path);
            } else {
                std::fs::copy(entry.path(), to.join(path)).unwrap();
            }
        }
    }
}

/// How long something took. What it gives is dropped by the caller, which is not counted.
fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let started = Instant::now();
    let made = work();
    (started.elapsed(), made)
}

/// A program that does nothing, and a compile.
async fn tiers(output: &Path) {
    let helper = std::fs::canonicalize(std::env::args_os().nth(1).expect("the path of leanwright")).unwrap();
    let launcher = Launcher::helped_by(helper);
    let tiers = [Ok(None), Confinement::bubblewrap(&launcher).map(Some), Confinement::landlock(&launcher).map(Some)];
    std::fs::create_dir_all(output).unwrap();
    let source = output.join("A.lean");
    std::fs::write(&source, "theorem a (p q : Prop) (h : p ∧ q) : q ∧ p := ⟨h.2, h.1⟩\n").unwrap();
    std::fs::write(output.join("lakefile.toml"), "name = \"p\"\n").unwrap();
    let toolchain = Toolchain::find().ok().or_else(Toolchain::embedded).expect("a Lean");
    let environment = toolchain.environment(output).await.unwrap();
    for (name, tier) in ["open", "bubblewrap", "landlock"].into_iter().zip(tiers) {
        let confinement = match tier {
            Ok(confinement) => confinement,
            Err(why) => {
                println!("{name}: {why}");
                continue;
            }
        };
        let read = environment.toolchain_files().into_iter().chain([output.to_path_buf()]).collect();
        let view = View { read, write: Some(output.to_path_buf()), ..View::default() };
        let launcher = launcher.clone().confined_by(confinement);
        for (what, program, arguments, times) in [
            ("starting a program", PathBuf::from("/bin/true"), vec![], STARTS),
            ("a compile", environment.lean.clone(), vec!["A.lean".to_owned()], COMPILES),
        ] {
            let mut took = Vec::new();
            for _ in 0..times {
                let run = launcher.run(Trust::Candidate, &program, output).args(arguments.clone()).view(view.clone());
                let started = Instant::now();
                let finished = run.run().await.unwrap();
                took.push(started.elapsed());
                assert!(finished.success(), "{}", finished.text());
            }
            row(&format!("{what}, {name}"), took);
        }
    }
}

/// Returns the median.
fn row(what: &str, mut took: Vec<Duration>) -> Duration {
    took.sort_unstable();
    let [least, median, most] = [0, took.len() / 2, took.len() - 1].map(|index| took[index]);
    let ms = |time: Duration| format!("{:.1}", time.as_secs_f64() * 1e3);
    println!("| {what} | {} | {} to {} |", ms(median), ms(least), ms(most));
    median
}
