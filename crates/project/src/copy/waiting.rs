//! What of a project can wait until it is needed: its sources, and what they were compiled to. A project may have ten thousand of them; a judgement needs those
//! that its file imports.

use crate::project::Project;
use leanwright_lean::{ModuleName, word_that_reads};
use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::path::{Component, Path, PathBuf};

/// Where Lake puts what a module is compiled to, below the build folder.
const COMPILED: [&str; 3] = ["lib/lean", "lib", "ir"];

/// What is needed next.
pub enum Needed {
    /// These, and what they import.
    Modules(Vec<ModuleName>),
    Sources,
    Everything,
}

/// Paths are relative to the root.
#[derive(Clone, Default)]
pub struct Waiting {
    pub files: BTreeSet<OsString>,
    /// Modules of which nothing waits any more, nor of what they import.
    pub arrived: BTreeSet<ModuleName>,
}

impl Waiting {
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    pub fn has(&self, path: &Path) -> bool {
        self.files.contains(path.as_os_str())
    }

    pub fn insert(&mut self, path: PathBuf) {
        self.files.insert(path.into_os_string());
    }

    pub fn remove(&mut self, path: &Path) {
        self.files.remove(path.as_os_str());
    }

    /// A source has changed, and may import something else.
    pub fn forget_imports(&mut self) {
        self.arrived.clear();
    }

    /// What a module was compiled to.
    pub fn products<'a>(
        &'a self,
        build_folder: &'a Path,
        module: &'a ModuleName,
    ) -> impl Iterator<Item = PathBuf> + 'a {
        COMPILED.iter().flat_map(move |folder| {
            // With the dot behind it.
            let beginning = build_folder.join(folder).join(module.path("")).into_os_string();
            let all = self.files.range(beginning.clone()..);
            all.take_while(move |path| path.as_encoded_bytes().starts_with(beginning.as_encoded_bytes()))
                .map(PathBuf::from)
        })
    }
}

/// Whether all of a project is copied at once: where what one file needs cannot be seen from its imports. A package may have a tactic that looks for files.
pub fn is_needed_at_once(original: &Project) -> bool {
    let program = std::fs::read_to_string(original.root.join("lakefile.lean"));
    let has_packages =
        std::fs::read_dir(original.root.join(".lake/packages")).is_ok_and(|mut all| all.next().is_some());
    let leads_up = |folder: &PathBuf| folder.components().any(|part| part == Component::ParentDir);
    original.source_folders.iter().any(leads_up)
        || has_packages
        || !original.path_packages.is_empty()
        || program.is_ok_and(|text| word_that_reads(&text).is_some())
}

/// Whether a file of the original waits until it is needed. `has` says whether there is a file at a path relative to the root.
pub fn can_wait(original: &Project, path: &Path, has: impl Fn(&Path) -> bool) -> bool {
    if !is_product(path, &original.build_folder) {
        return path.extension() == Some(OsStr::new("lean")) && path != Path::new("lakefile.lean");
    }
    let below = path.strip_prefix(&original.build_folder).ok();
    let below = below.and_then(|below| COMPILED.iter().find_map(|folder| below.strip_prefix(folder).ok()));
    let source = below.and_then(|below| {
        let stem = below.file_name()?.to_str()?.split('.').next()?;
        Some(below.with_file_name(format!("{stem}.lean")))
    });
    // What has no source of its own nobody would ask for.
    source.is_some_and(|source| original.source_folders.iter().any(|folder| has(&folder.join(&source))))
}

/// Where Lake puts what it makes, of a package below the project as well, and packages.
pub const PRODUCTS: &str = ".lake";

/// Whether a file is one that Lake makes.
pub fn is_product(path: &Path, build_folder: &Path) -> bool {
    path.components().any(|part| part.as_os_str() == PRODUCTS) || path.starts_with(build_folder)
}
