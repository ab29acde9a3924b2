//! For tests only: small Lean projects in folders of their own, and the Lean that they are tested on.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    reason = "tests"
)]

pub mod export;
mod modules;
pub mod mutations;

pub use modules::Modules;

mod processes;
pub mod prompt_lean;
mod session;

pub use processes::{Process, processes_below};

pub use session::{EditorSession, PATIENCE, edit_of};

use leanwright_procs::{Launcher, Toolchain};
use std::path::{Path, PathBuf};

/// The Lean of the test run. There is no test without one: `cargo xtask test` provides it.
pub fn lean() -> Toolchain {
    Toolchain::find().expect("a Lean to test on: run the tests by `cargo xtask test`")
}

/// The same, with the program that confines candidates; for tests, not for programs of this crate.
pub fn confining_lean() -> Toolchain {
    Toolchain { launcher: Launcher::helped_by(program("leanwright")), ..lean() }
}

/// The native Lean server of the test run, from `fixtures/lean-native`; `cargo xtask test` installs it.
pub fn native_lean() -> PathBuf {
    let lean = leanwright_procs::embedded::cache_folder().expect("a cache folder").join("lean-native/bin/lean");
    assert!(lean.is_file(), "{} is missing: run the tests by `cargo xtask test`", lean.display());
    lean
}

/// The folder with the editors that nobody here wrote; `cargo xtask test` installs them.
pub fn peers() -> PathBuf {
    let peers = leanwright_procs::embedded::cache_folder().expect("a cache folder").join("peers");
    assert!(peers.join("complete").is_file(), "{} is missing: run the tests by `cargo xtask test`", peers.display());
    peers
}

/// VS Code as a web server; `cargo xtask test` installs it.
pub fn code_server() -> PathBuf {
    let folder = leanwright_procs::embedded::cache_folder().expect("a cache folder").join("code-server");
    assert!(folder.join("complete").is_file(), "{} is missing: run the tests by `cargo xtask test`", folder.display());
    folder
}

/// A Chromium on this machine; `cargo xtask test` installs one where it can.
pub fn browser() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let mut all = std::env::split_paths(&path).flat_map(|folder| names.map(|name| folder.join(name)));
    all.find(|program| program.is_file()).expect("a Chromium on PATH: run the tests by `cargo xtask test`")
}

/// Lean sources that nobody here wrote, from `fixtures/corpus`; `cargo xtask test` installs them.
pub fn corpus() -> Vec<(PathBuf, String)> {
    let root = leanwright_procs::embedded::cache_folder().expect("a cache folder").join("corpus");
    assert!(root.join("complete").is_file(), "{} is missing: run the tests by `cargo xtask test`", root.display());
    let mut folders = vec![root];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
            if entry.is_dir() {
                folders.push(entry);
            } else if entry.extension().is_some_and(|extension| extension == "lean") {
                let source = std::fs::read_to_string(&entry).expect("a file");
                // Lean 3: another language.
                if !source.lines().any(|line| line.trim() == "begin") {
                    files.push((entry, source));
                }
            }
        }
    }
    files.sort();
    files
}

/// A program of this crate, beside the test that runs; `cargo xtask test` builds it.
pub fn program(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("the test's own path");
    let program = test.ancestors().nth(2).expect("the target folder").join(name);
    assert!(program.is_file(), "{} is missing: run the tests by `cargo xtask test`", program.display());
    program
}

/// A folder with one program, a shell script.
pub fn script(folder: &Path, name: &str, body: &str) -> PathBuf {
    std::fs::create_dir_all(folder).expect("the folder");
    let path = folder.join(name);
    std::fs::write(&path, format!("#!/bin/sh\n{body}\n")).expect("the script");
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("its mode");
    path
}

/// A Lake project in a temporary folder, with one library `P`.
pub struct LeanProject {
    _folder: tempfile::TempDir,
    pub root: PathBuf,
}

impl LeanProject {
    /// `files` are pairs of paths below the root and contents; a lakefile is added.
    pub fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let root = std::fs::canonicalize(folder.path()).expect("its path").join("p");
        std::fs::create_dir(&root).expect("the root");
        let project = Self { _folder: folder, root };
        project.write("lakefile.toml", "name = \"p\"\n\n[[lean_lib]]\nname = \"P\"\n");
        project.write("lean-toolchain", "leanprover/lean4:v4.28.0\n");
        for (path, content) in files {
            project.write(path, content);
        }
        project
    }

    /// A copy of `fixtures/projects/NAME`.
    pub fn fixture(name: &str) -> Self {
        let project = Self::new(&[]);
        copy(&fixtures().join("projects").join(name), &project.root);
        project
    }

    pub fn write(&self, path: &str, content: &str) {
        let path = self.root.join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("the folder");
        std::fs::write(path, content).expect("the file");
    }

    pub fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.root.join(path)).expect("the file")
    }
}

/// The folder `fixtures`.
pub fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures")
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("the folder");
    for entry in std::fs::read_dir(from).expect("the fixture") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.file_name() == ".lake" {
            continue;
        }
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("a copy");
        }
    }
}

/// A text with the place of `marker` in it: byte span of the first occurrence.
pub fn span_of(text: &str, marker: &str) -> std::ops::Range<usize> {
    let start = text.find(marker).unwrap_or_else(|| panic!("no {marker:?} in the text"));
    start..start + marker.len()
}
