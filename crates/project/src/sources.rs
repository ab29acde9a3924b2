//! The Lean files of a project on disk: found in order, read side by side. Build products are never among them.

use crate::project::Project;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// A file or folder that could not be read.
#[derive(Debug, thiserror::Error)]
#[error("could not read {path}: {source}")]
pub struct SourceError {
    pub path: PathBuf,
    pub source: std::io::Error,
}

/// The `.lean` files at or below `path`, by name. Without `recursive` only those directly in the folder. What `excluded`
/// says of a path below `path` leaves it out.
pub fn lean_files(path: &Path, recursive: bool, excluded: impl Fn(&Path) -> bool) -> Result<Vec<PathBuf>, SourceError> {
    if path.is_file() {
        return Ok(vec![path.to_path_buf()]);
    }
    let depth = if recursive { usize::MAX } else { 1 };
    let walk = walkdir::WalkDir::new(path).max_depth(depth).sort_by_file_name().into_iter();
    let mut files = Vec::new();
    for entry in walk.filter_entry(|entry| entry.file_name() != ".lake" && entry.file_name() != ".git") {
        let entry = entry.map_err(|error| SourceError { path: path.to_path_buf(), source: error.into() })?;
        let is_file = entry.file_type().is_file() || (entry.path_is_symlink() && entry.path().is_file());
        let path = entry.into_path();
        if is_file && path.extension().is_some_and(|extension| extension == "lean") && !excluded(&path) {
            files.push(path);
        }
    }
    Ok(files)
}

/// Do something with the name and the text of every module of a project. What cannot be read is left out.
pub fn with_modules<R: Send>(project: &Project, work: impl Fn(&str, &str) -> R + Sync) -> Vec<R> {
    let files = lean_files(&project.root, true, |_| false).unwrap_or_default();
    let results = parallel_map(&files, |path| {
        let source = std::fs::read_to_string(path).ok()?;
        let (module, _) = project.module_of(project.relative(path)?).ok()?;
        Some(work(&module.to_string(), &source))
    });
    results.into_iter().flatten().collect()
}

/// How many elements a core takes at once, at most: with each one alone the cores would get into each other's way.
const AT_A_TIME: usize = 16;

/// Do something with every element, on all cores; the results are in the order of the elements.
pub fn parallel_map<T: Sync, R: Send>(elements: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from).min(elements.len());
    let at_a_time = (elements.len() / (cores.max(1) * 8)).clamp(1, AT_A_TIME);
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut done = Vec::new();
        loop {
            let first = next.fetch_add(at_a_time, Ordering::Relaxed);
            let Some(some) = elements.get(first..elements.len().min(first + at_a_time)) else { return done };
            done.push((first, some.iter().map(&work).collect::<Vec<_>>()));
            if some.is_empty() {
                return done;
            }
        }
    };
    let mut all = std::thread::scope(|scope| {
        let helpers: Vec<_> = (1..cores).map(|_| scope.spawn(worker)).collect();
        let mut all = worker();
        for helper in helpers {
            match helper.join() {
                Ok(done) => all.extend(done),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        all
    });
    all.sort_by_key(|(index, _)| *index);
    all.into_iter().flat_map(|(_, results)| results).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_found_in_order_without_build_products() {
        let folder = tempfile::tempdir().unwrap();
        for path in ["B.lean", "A/C.lean", "A/x.txt", ".lake/D.lean", "A/.git/E.lean", "Z/Skip.lean"] {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        let names = |recursive| -> Vec<String> {
            let files = lean_files(folder.path(), recursive, |path| path.ends_with("Z/Skip.lean")).unwrap();
            files.iter().map(|file| file.strip_prefix(folder.path()).unwrap().display().to_string()).collect()
        };
        assert_eq!(names(true), ["A/C.lean", "B.lean"]);
        assert_eq!(names(false), ["B.lean"]);
        assert!(lean_files(&folder.path().join("missing"), true, |_| false).is_err());
    }

    #[test]
    fn results_keep_their_order() {
        let numbers: Vec<u32> = (0..1000).collect();
        assert_eq!(parallel_map(&numbers, |number| number * 2), (0..2000).step_by(2).collect::<Vec<_>>());
        assert_eq!(parallel_map(&[] as &[u32], |number| *number), Vec::<u32>::new());
    }
}
