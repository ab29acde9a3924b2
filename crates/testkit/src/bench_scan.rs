//! Measures the scanner on the corpus, and whole `mine` runs against `lean-agent mine`. Run by `cargo xtask bench scan`.
//!
//! `bench-scan LEANWRIGHT LEAN-AGENT`: prints the least, the median and the greatest of its rounds, taken in turn.
#![allow(clippy::disallowed_methods, clippy::print_stdout, clippy::unwrap_used, clippy::indexing_slicing)]

use leanwright_lean::scan;
use leanwright_testkit::{LeanProject, corpus};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

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

    let project = LeanProject::new(&[]);
    for (path, source) in &files {
        let name = path.to_string_lossy().replace(['/', ' '], "_");
        project.write(&format!("P/{name}"), source);
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
        let tasks = project.read("tasks.jsonl");
        (started.elapsed(), tasks.lines().count(), tasks.len())
    };
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ours.push(run(&programs[0], &["--no-goals"]));
        theirs.push(run(&programs[1], &[]));
    }
    let seconds = |runs: &[(Duration, usize, usize)]| {
        let mut all: Vec<f64> = runs.iter().map(|run| run.0.as_secs_f64()).collect();
        all.sort_by(f64::total_cmp);
        all
    };
    let (one, other) = (seconds(&ours), seconds(&theirs));
    println!("leanwright mine --no-goals, s       {}   {} tasks, {} bytes", shown(&one, 3), ours[0].1, ours[0].2);
    println!("lean-agent mine, s                  {}   {} tasks, {} bytes", shown(&other, 3), theirs[0].1, theirs[0].2);
    println!("times as fast, by the medians       {:.1}", other[ROUNDS / 2] / one[ROUNDS / 2]);
}

fn rounds(mut measure: impl FnMut() -> f64) -> Vec<f64> {
    let mut all: Vec<f64> = (0..ROUNDS).map(|_| measure()).collect();
    all.sort_by(f64::total_cmp);
    all
}

fn shown(sorted: &[f64], digits: usize) -> String {
    format!("{:.digits$} {:.digits$} {:.digits$}", sorted[0], sorted[sorted.len() / 2], sorted[sorted.len() - 1])
}
