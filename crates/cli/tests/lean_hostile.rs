//! Hostile attempts among honest ones, on a real Lean, as a user would judge them: nothing of the user's changes, nothing is learned, nothing is left, and what is honest is accepted.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::disallowed_methods, clippy::indexing_slicing, reason = "tests")]

use leanwright_procs::{embedded, find_on_path};
use leanwright_testkit::LeanProject;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A tactic of the project's own, which the gate leaves to the user: what a candidate does with it is its number.
const TRICKS: &str = r#"import Lean
open Lean Elab Tactic

def outside : System.FilePath := "OUTSIDE"

def times : Nat → (Nat → IO Unit) → IO Unit
  | 0, _ => pure ()
  | n + 1, act => do act n; times n act

partial def forever (n : Nat) : IO Unit := do
  IO.FS.writeFile "../output/module.olean" s!"no module {n}"
  forever (n + 1)

elab "trick" n:num : tactic => do
  match n.getNat with
  | 0 => IO.FS.writeFile (outside / "beside") "written"
  | 1 => IO.FS.writeFile (outside / "p" / "P.lean") "theorem t : False := sorry"
  | 2 => IO.FS.writeFile "Q.lean" "axiom cheat : False"
  | 3 => IO.FS.writeFile (outside / "verdicts" / "poison") "written"
  | 4 => throwError (← IO.FS.readFile (outside / "home" / "secret"))
  | 5 => IO.FS.removeFile (outside / "p" / "Q.lean")
  | 6 => IO.FS.removeDirAll (outside / "home")
  | 7 => throwError ((← IO.getEnv "LEANWRIGHT_DECOY").getD "nothing")
  | 8 => IO.FS.rename "../output" "../taken"
  | 9 => IO.Process.exit 0
  | 10 => times 3000 fun _ => IO.println "flood flood flood flood flood flood flood flood flood flood flood"
  | 11 => times 1500 fun i => IO.FS.writeFile s!"../output/file-{i}" ""
  | _ => forever 0
  evalTactic (← `(tactic| rfl))

theorem t (n : Nat) : n + 0 = n := by
  sorry
"#;

/// These may be accepted: a proof that floods or litters is a proof, and what is written beside the project is, in namespaces, a private file of that name.
const HARMLESS: [usize; 3] = [0, 10, 11];
const KINDS: usize = 12;
const FOREVER: usize = 12;

/// Hostile ones take three times as long as honest ones, as their file imports all of Lean. With 120 it takes ten minutes.
const ATTEMPTS: usize = 26;

const SECRET: &str = "hush-4711";

const HONEST: &str = "theorem u (a b : Nat) : a + b = b + a := by\n  sorry\n";

struct Bench {
    project: LeanProject,
    outside: PathBuf,
    cache: PathBuf,
}

impl Bench {
    fn new() -> Self {
        let project = LeanProject::new(&[("Q.lean", HONEST)]);
        let outside = project.root.parent().unwrap().to_owned();
        project.write("P.lean", &TRICKS.replace("OUTSIDE", outside.to_str().unwrap()));
        let lakefile = project.read("lakefile.toml") + "\n[[lean_lib]]\nname = \"Q\"\n";
        project.write("lakefile.toml", &lakefile);
        for folder in ["home", "verdicts", "tmp", "config/leanwright"] {
            std::fs::create_dir_all(outside.join(folder)).unwrap();
        }
        std::fs::write(outside.join("home/secret"), SECRET).unwrap();
        std::fs::write(outside.join("config/leanwright/config.toml"), "[judge]\ncontrol = false\n").unwrap();
        let cache = embedded::cache_folder().unwrap();
        Self { project, outside, cache }
    }

    /// `p.P.t` with the number of a trick or, for every other one, an honest proof of `Q.u`; each text is another one.
    fn write_attempts(&self, hostile: &[usize], honest: usize) {
        let attempt = |file: &str, line: usize, id: String, replacement: String| {
            let edit = json!({"file": file, "start_line": line, "end_line": line});
            json!({"task_id": "t", "attempt_id": id, "allowed_edit": edit, "replacement": replacement}).to_string()
        };
        let hole = self.project.read("P.lean").lines().count();
        let hostile = hostile.iter().enumerate().map(|(number, kind)| {
            attempt(
                "P.lean",
                hole,
                format!("trick {kind} {number}"),
                format!("  trick{}{kind}", " ".repeat(number + 1)),
            )
        });
        let honest = (0..honest)
            .map(|number| attempt("Q.lean", 2, format!("honest {number}"), format!("  omega{}", " ".repeat(number))));
        let (mut hostile, mut honest) = (hostile.fuse(), honest.fuse());
        let mixed = std::iter::from_fn(|| Some([hostile.next(), honest.next()]))
            .take_while(|pair| pair.iter().any(Option::is_some));
        let lines: Vec<String> = mixed.flatten().flatten().collect();
        std::fs::write(self.outside.join("attempts.jsonl"), lines.join("\n")).unwrap();
    }

    /// Everything of the user's, with sizes, modes and times.
    fn state(&self) -> BTreeMap<PathBuf, (u64, u32, i64, i64)> {
        let folders = [self.project.root.clone(), self.outside.join("home"), self.cache.join("lean-wasm")];
        let entries = folders.iter().flat_map(walkdir::WalkDir::new).map(Result::unwrap);
        let stamp =
            |metadata: std::fs::Metadata| (metadata.len(), metadata.mode(), metadata.mtime(), metadata.mtime_nsec());
        entries.map(|entry| (entry.path().to_owned(), stamp(entry.metadata().unwrap()))).collect()
    }

    /// Judge them, by this program and these words before it.
    fn replay(&self, before: &[&Path], arguments: &[&str]) -> Vec<Value> {
        let words = before.iter().copied().chain([Path::new(env!("CARGO_BIN_EXE_leanwright"))]).collect::<Vec<_>>();
        let out = self.outside.join("results.jsonl");
        let output = Command::new(words[0])
            .args(&words[1..])
            .args(["replay", "../attempts.jsonl", "--out", "../results.jsonl"])
            .args(arguments)
            .current_dir(&self.project.root)
            .envs([("HOME", self.outside.join("home")), ("TMPDIR", self.outside.join("tmp"))])
            .envs([("XDG_CACHE_HOME", self.cache.parent().unwrap()), ("LEANWRIGHT_DECOY", Path::new(SECRET))])
            .env("XDG_CONFIG_HOME", self.outside.join("config"))
            .env("LEANWRIGHT_VERDICTS", self.outside.join("verdicts"))
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{said}");
        assert!(!said.contains(SECRET), "{said}");
        let results = std::fs::read_to_string(out).unwrap();
        assert!(!results.contains(SECRET));
        results.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Judge so many attempts in this tier: the honest ones are accepted, and nothing else happens.
    fn check(&self, hostile: &[usize], honest: usize, tier: &str, before: &[&Path]) {
        self.write_attempts(hostile, honest);
        let state = self.state();
        let results = self.replay(before, &["--sandbox", tier]);
        assert_eq!(results.len(), hostile.len() + honest);
        for result in results {
            let id = result["attempt_id"].as_str().unwrap();
            let kind = id.strip_prefix("trick ").and_then(|rest| rest.split(' ').next()?.parse::<usize>().ok());
            match kind {
                None => assert_eq!(result["accepted"], true, "{result:#}"),
                Some(kind) if HARMLESS.contains(&kind) => {}
                Some(_) => assert_eq!(result["accepted"], false, "{result:#}"),
            }
            assert_eq!(result["verdict"]["sandbox"], tier, "{result:#}");
        }
        let now = self.state();
        let changed: Vec<_> = now.iter().filter(|(path, stamp)| state.get(*path) != Some(*stamp)).collect();
        assert!(changed.is_empty() && now.len() == state.len(), "{changed:#?}");
        assert!(!self.outside.join("beside").exists() && !self.outside.join("verdicts/poison").exists());
        assert_eq!(std::fs::read_dir(self.outside.join("tmp")).unwrap().count(), 0, "a copy is left");
        let left = leanwright_testkit::processes_below(std::process::id());
        assert!(left.is_empty(), "{left:#?}");
    }
}

#[test]
fn hostile_attempts_among_honest_ones_change_nothing() {
    let bench = Bench::new();
    // The one that has to be stopped first, while others are judged beside it.
    let hostile: Vec<usize> = [FOREVER].into_iter().chain(0..KINDS).collect();
    bench.check(&hostile, ATTEMPTS - hostile.len(), "bubblewrap", &[]);
}

/// By rules alone, and on a disk that nobody can write to.
#[test]
fn a_project_that_cannot_be_written_to_is_judged_all_the_same() {
    let bench = Bench::new();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let bubblewrap = find_on_path("bwrap", &path).unwrap();
    let root = bench.project.root.clone();
    let words = ["--dev-bind", "/", "/", "--ro-bind"].map(Path::new);
    let read_only: Vec<&Path> =
        [bubblewrap.as_path()].into_iter().chain(words).chain([root.as_path(), root.as_path()]).collect();
    let hostile: Vec<usize> = (0..KINDS).collect();
    bench.check(&hostile, 4, "landlock", &read_only);
}

/// What the tricks do where nothing confines them: otherwise they would show nothing.
#[test]
fn without_a_sandbox_the_same_attempts_do_harm() {
    let bench = Bench::new();
    bench.write_attempts(&[0, 3], 0);
    let results = bench.replay(&[], &["--sandbox", "off"]);
    assert!(results.iter().all(|result| result["accepted"] == true), "{results:#?}");
    assert!(bench.outside.join("beside").exists() && bench.outside.join("verdicts/poison").exists());
}
