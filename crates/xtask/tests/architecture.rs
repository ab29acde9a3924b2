//! The dependencies between the crates are those of the table in `crates/README.md`, and files keep their size.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::disallowed_methods, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

fn root() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The rows `| crate | may use ours | …` of the table.
fn documented() -> BTreeMap<String, BTreeSet<String>> {
    let text = std::fs::read_to_string(root().join("crates/README.md")).unwrap();
    let table = text.split("<!-- arrows -->").nth(1).expect("the table between `<!-- arrows -->` marks");
    let rows = table.lines().filter(|line| line.starts_with("| ")).skip(1);
    rows.map(|row| {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let uses = cells.get(2).unwrap().split(", ").filter(|name| *name != "–").map(str::to_owned).collect();
        ((*cells.get(1).unwrap()).to_owned(), uses)
    })
    .collect()
}

#[test]
fn every_arrow_is_in_the_table() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--locked"])
        .current_dir(root())
        .output()
        .unwrap();
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let short = |name: &str| name.trim_start_matches("leanwright-").to_owned();
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for package in metadata["packages"].as_array().unwrap() {
        let uses = found.entry(short(package["name"].as_str().unwrap())).or_default();
        for dependency in package["dependencies"].as_array().unwrap() {
            let name = dependency["name"].as_str().unwrap();
            if name.starts_with("leanwright-") && dependency["kind"].is_null() {
                uses.insert(short(name));
            }
        }
    }
    assert_eq!(found, documented(), "left: Cargo.toml files; right: crates/README.md");
}

/// Median under 200 lines, soft limit 600, hard limit 1,000; every file says in its first lines what it is.
#[test]
fn files_are_small_and_say_what_they_are() {
    let mut sizes = Vec::new();
    for entry in walk(&root().join("crates")) {
        let text = std::fs::read_to_string(&entry).unwrap();
        let lines = text.lines().count();
        assert!(lines <= 600, "{} has {lines} lines", entry.display());
        assert!(text.starts_with("//!"), "{} does not say what it is", entry.display());
        sizes.push(lines);
    }
    sizes.sort_unstable();
    let median = sizes.get(sizes.len() / 2).copied().unwrap();
    assert!(median < 200, "the median file has {median} lines");
}

/// What a file of a crate uses of other files of it, by module paths: `imports` → {`imports::index`}. What stands behind `#[cfg(test)]` does not count.
fn uses_within(folder: &Path) -> BTreeMap<String, BTreeSet<String>> {
    let module = |file: &Path| {
        let path = file.strip_prefix(folder).unwrap().with_extension("");
        path.iter().map(|part| part.to_str().unwrap()).collect::<Vec<_>>().join("::")
    };
    let files: BTreeMap<String, std::path::PathBuf> =
        walk(folder).into_iter().map(|file| (module(&file), file)).collect();
    let longest_known = |path: &str| {
        let parts: Vec<&str> = path.split("::").collect();
        (1..=parts.len())
            .rev()
            .map(|count| parts.get(..count).unwrap().join("::"))
            .find(|path| files.contains_key(path))
    };
    let mut all = BTreeMap::new();
    for (module, file) in files.iter().filter(|(module, _)| *module != "lib") {
        let text = std::fs::read_to_string(file).unwrap();
        let text = text.split("#[cfg(test)]").next().unwrap();
        let above = module.rsplit_once("::").map_or("", |(above, _)| above);
        let written = |prefix: &str, base: &str| {
            let mut found = Vec::new();
            for behind in text.split(prefix).skip(1) {
                let path: String =
                    behind.chars().take_while(|c| c.is_alphanumeric() || matches!(c, '_' | ':')).collect();
                found.push(if base.is_empty() { path } else { format!("{base}::{path}") });
            }
            found
        };
        let paths = written("crate::", "").into_iter().chain(written("super::", above));
        let used = paths.filter_map(|path| longest_known(&path)).filter(|used| used != module).collect();
        all.insert(module.clone(), used);
    }
    all
}

/// Files that use each other in a circle can only be understood together.
#[test]
fn no_file_of_the_server_or_the_judge_is_in_a_circle() {
    for name in ["server", "verify", "project"] {
        let mut left = uses_within(&root().join("crates").join(name).join("src"));
        assert!(left.values().any(|used| !used.is_empty()), "{name}: the reader of paths finds nothing");
        // Take away what uses nothing that is left: what stays is in a circle, or above one.
        loop {
            let names: BTreeSet<String> = left.keys().cloned().collect();
            let before = left.len();
            left.retain(|_, used| !used.is_disjoint(&names));
            if left.len() == before {
                break;
            }
        }
        assert!(left.is_empty(), "{name}: {left:#?}");
    }
}

/// A promise of `docs/proxy-contract.md` is held by a test with its number, or by one that it names.
#[test]
fn every_promise_of_the_proxy_has_a_test() {
    let tests: String =
        walk(&root().join("crates")).iter().map(|file| std::fs::read_to_string(file).unwrap()).collect();
    let mut numbered = BTreeSet::new();
    for name in tests.split("fn contract_").skip(1) {
        let numbers = name.split('_').take_while(|part| *part == "and" || part.parse::<u32>().is_ok());
        numbered.extend(numbers.filter_map(|part| part.parse::<u32>().ok()));
    }
    let text = std::fs::read_to_string(root().join("docs/proxy-contract.md")).unwrap();
    let promises = text.lines().filter_map(|line| {
        line.split_once(". ").and_then(|(number, promise)| Some((number.parse::<u32>().ok()?, promise)))
    });
    let mut last = 0;
    for (number, promise) in promises {
        assert_eq!(number, last + 1);
        last = number;
        let named = promise.rsplit_once("(`").and_then(|(_, name)| name.split_once('`')).map(|(name, _)| name);
        let is_named = named
            .is_some_and(|name| tests.contains(&format!("fn {name}(")) || root().join("crates").join(name).is_file());
        assert!(numbered.contains(&number) || is_named, "no test holds promise {number}");
    }
    assert_eq!(last, 50);
}

/// A name is a test's, or a theme's of the attacks, in a file or folder of that name.
#[test]
fn every_promise_of_security_has_its_tests() {
    let files = walk(&root().join("crates"));
    let text = std::fs::read_to_string(root().join("SECURITY.md")).unwrap();
    let promises: Vec<&str> = text.lines().filter(|line| line.starts_with("| ") && line.contains("::")).collect();
    assert_eq!(promises.len(), 10);
    for name in promises.iter().flat_map(|line| line.split('`')).filter(|word| word.contains("::")) {
        let (place, test) = name.split_once("::").unwrap();
        let is_there = |file: &&std::path::PathBuf| {
            file.file_stem().is_some_and(|stem| stem == place)
                || file.parent().is_some_and(|folder| folder.ends_with(place))
        };
        let has = |file: &std::path::PathBuf| {
            let text = std::fs::read_to_string(file).unwrap();
            let themes = text.lines().find(|line| line.trim_start().starts_with("themes {")).unwrap_or_default();
            text.contains(&format!("fn {test}()"))
                || text.contains(&format!("    {test} [\n"))
                || text.contains(&format!("    {test} [\""))
                || themes.split(' ').any(|theme| theme == test)
        };
        assert!(files.iter().filter(is_there).any(has), "there is no test {name}");
    }
}

fn walk(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(walk(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}
