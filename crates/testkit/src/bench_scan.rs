//! Measures the scanner on the corpus, and whole `mine` runs against `lean-agent mine`. Run by `cargo xtask bench scan`.
//!
//! `bench-scan LEANWRIGHT LEAN-AGENT`: prints the least, the median and the greatest of its rounds, taken in turn.
#![allow(clippy::disallowed_methods, clippy::print_stdout, clippy::unwrap_used, clippy::indexing_slicing)]

use leanwright_lean::scan;
use leanwright_testkit::{LeanProject, corpus};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;

const ROUNDS: usize = 7;

fn main() {
    let programs: Vec<String> = std::env::args().skip(1).collect();
    let files = corpus();
    let bytes: usize = files.iter().map(|(_, source)| source.len()).sum();
    let mut found = (0, 0);
    let rates = rounds(|| {
        let started = Instant::now();
        found = (0, 0);
        for (_, source) in &files {
            let scan = scan(source);
            found = (found.0 + scan.outline.declarations.len(), found.1 + scan.holes.len());
        }
        bytes as f64 / started.elapsed().as_secs_f64() / 1e6
    });
    println!("{} files, {bytes} bytes: {} declarations, {} holes", files.len(), found.0, found.1);
    println!("scan, one core, MB/s                {}", shown(&rates, 0));

    mine("every file: many are small and have a hole", &files, 1, |_| true, &programs);
    let projects = ["/test/Strata/", "/test/batteries/", "/test/cslib/"];
    let is_project = |path: &str| projects.iter().any(|project| path.contains(project));
    mine("Strata, batteries and cslib", &files, 1, is_project, &programs);
    mine("the same eight times over, as large as Mathlib", &files, 8, is_project, &programs);
}

/// Both programs' `mine` on the same tree, in turn.
fn mine(name: &str, files: &[(PathBuf, String)], copies: usize, wanted: impl Fn(&str) -> bool, programs: &[String]) {
    let project = LeanProject::new(&[]);
    let mut count = 0;
    for (path, source) in files.iter().filter(|(path, _)| wanted(&path.to_string_lossy())) {
        let path = path.to_string_lossy();
        let below = path.rsplit_once("/src/").map_or(&*path, |(_, below)| below);
        for copy in 0..copies {
            project.write(&format!("P/copy{copy}/{below}"), source);
            count += 1;
        }
    }
    let run = |program: &str, arguments: &[&str]| {
        let started = Instant::now();
        let status = Command::new(program)
            .args(["mine", "P", "-r", "-o", "tasks.jsonl"])
            .args(arguments)
            .current_dir(&project.root)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        assert!(status.unwrap().success(), "{program} mine failed");
        (started.elapsed().as_secs_f64() * 1000.0, project.read("tasks.jsonl").lines().count())
    };
    let (mut ours, mut theirs, mut tasks) = (Vec::new(), Vec::new(), (0, 0));
    for _ in 0..ROUNDS {
        let (one, other) = (run(&programs[0], &["--no-goals"]), run(&programs[1], &[]));
        ours.push(one.0);
        theirs.push(other.0);
        tasks = (one.1, other.1);
    }
    ours.sort_by(f64::total_cmp);
    theirs.sort_by(f64::total_cmp);
    println!("mine, {name}: {count} files");
    println!("  leanwright --no-goals, ms         {}   {} tasks", shown(&ours, 1), tasks.0);
    println!("  lean-agent, ms                    {}   {} tasks", shown(&theirs, 1), tasks.1);
    println!("  times as fast, by the medians     {:.1}", theirs[ROUNDS / 2] / ours[ROUNDS / 2]);
}

fn rounds(mut measure: impl FnMut() -> f64) -> Vec<f64> {
    let mut all: Vec<f64> = (0..ROUNDS).map(|_| measure()).collect();
    all.sort_by(f64::total_cmp);
    all
}

fn shown(sorted: &[f64], digits: usize) -> String {
    format!("{:.digits$} {:.digits$} {:.digits$}", sorted[0], sorted[sorted.len() / 2], sorted[sorted.len() - 1])
}
