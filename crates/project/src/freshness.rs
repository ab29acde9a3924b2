//! Whether what a text imports is still what it was when its candidate was judged: stamps, no contents.
//!
//! A look costs one question to the file system per file.

use crate::project::Project;
use crate::stamp::Stamp;
use leanwright_lean::{Header, ModuleName};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Files in a project's root that decide how it is built.
pub const CONFIGURATION: [&str; 4] = ["lakefile.toml", "lakefile.lean", "lean-toolchain", "lake-manifest.json"];

/// Where Lake puts compiled modules, below a package's root.
const PRODUCTS: [&str; 2] = [".lake/build/lib/lean", ".lake/build/lib"];

/// The state of everything that a text imports, at one moment.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct ImportStamps {
    /// `None` for a file that is not there.
    files: BTreeMap<PathBuf, Option<Stamp>>,
}

impl ImportStamps {
    /// Look at what `text`, a file of the project at `root`, imports: the sources of the project's modules, directly imported
    /// or not, and of packages given by path; their compiled modules; of other packages the compiled modules that are
    /// imported directly, which Lake writes again when something below them changes.
    pub fn of(root: &Path, text: &str) -> Self {
        let mut stamps = Self { files: BTreeMap::new() };
        let (sources, packages) = roots(root);
        for folder in sources.iter().map(|project| project.root.as_path()).chain(packages.iter().map(PathBuf::as_path))
        {
            for name in CONFIGURATION {
                stamps.look(folder.join(name));
            }
        }
        let mut seen = BTreeSet::new();
        let mut waiting = imports_of(text);
        while let Some(module) = waiting.pop() {
            if seen.contains(&module) {
                continue;
            }
            match sources.iter().find_map(|project| Some((project, stamps.look_at_source(project, &module)?))) {
                Some((project, source)) => {
                    stamps.look_at_product(&project.root, &module);
                    waiting.extend(std::fs::read_to_string(source).map(|text| imports_of(&text)).unwrap_or_default());
                }
                None => {
                    for package in sources.iter().map(|project| &project.root).chain(&packages) {
                        stamps.look_at_product(package, &module);
                    }
                }
            }
            seen.insert(module);
        }
        stamps
    }

    /// Only what is not below the project's root, or is a package's.
    pub fn of_packages(&self, root: &Path) -> Self {
        let packages = root.join(".lake/packages");
        let root = std::fs::canonicalize(root).unwrap_or_else(|_| root.to_path_buf());
        // `root/../x` begins with the root and is not below it, and a link below it may lead into a package. What is not there has no other name.
        let is_below = |path: &Path| {
            let real = path.ancestors().find_map(|folder| std::fs::canonicalize(folder).ok());
            real.is_some_and(|real| real.starts_with(&root))
        };
        let files = self.files.iter().filter(|(path, _)| !is_below(path) || path.starts_with(&packages));
        Self { files: files.map(|(path, stamp)| (path.clone(), stamp.clone())).collect() }
    }

    /// Take others in; where a file is in both, what was seen first counts.
    pub fn extend(&mut self, other: Self) {
        for (path, stamp) in other.files {
            self.files.entry(path).or_insert(stamp);
        }
    }

    /// Whether everything is as it was.
    pub fn hold(&self) -> bool {
        self.files.iter().all(|(path, stamp)| Stamp::of(path).ok() == *stamp)
    }

    /// The module's source, if the project has it. Files that are not there are remembered, too: they may come, and stand
    /// before the one that is imported now.
    fn look_at_source(&mut self, project: &Project, module: &ModuleName) -> Option<PathBuf> {
        let folders = project.source_folders.iter();
        let mut candidates = folders.map(|folder| project.root.join(folder).join(module.path("lean")));
        candidates.find(|path| self.look(path.clone()))
    }

    fn look_at_product(&mut self, package: &Path, module: &ModuleName) {
        for folder in PRODUCTS {
            self.look(package.join(folder).join(module.path("olean")));
        }
    }

    /// Returns whether the file is there.
    fn look(&mut self, path: PathBuf) -> bool {
        let stamp = Stamp::of(&path).ok();
        let is_there = stamp.is_some();
        self.files.insert(path, stamp);
        is_there
    }
}

fn imports_of(text: &str) -> Vec<ModuleName> {
    Header::of(text).imports.iter().map(|import| ModuleName::parse(&import.module)).collect()
}

/// The projects whose sources count: the one at `root` and packages given by path. And the folders of other packages.
fn roots(root: &Path) -> (Vec<Project>, Vec<PathBuf>) {
    let project = Project::at(root).unwrap_or_else(|_| Project::unread(root.to_path_buf()));
    let by_path: Vec<PathBuf> = project.path_packages.iter().map(|folder| root.join(folder)).collect();
    let sources = std::iter::once(root.to_path_buf()).chain(by_path);
    // A project that cannot be read has no sources that Lean could import either; its configuration is looked at all the same.
    let sources = sources.map(|root| Project::at(&root).unwrap_or_else(|_| Project::unread(root)));
    let packages = std::fs::read_dir(root.join(".lake/packages")).into_iter().flatten().flatten();
    (sources.collect(), packages.map(|entry| entry.path()).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    /// Write a file (`None` removes it) after a look at what `import P.A` and `import M` bring in; do the stamps hold?
    fn check(path: &str, content: Option<&str>, expected: bool) {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("p");
        let write = |path: &str, content: &str| {
            let path = root.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        };
        write("lakefile.toml", "name = \"p\"\n[[lean_lib]]\nname = \"P\"\nsrcDir = \"src\"\n");
        write("lake-manifest.json", r#"{"packages": [{"type": "path", "dir": "../x"}]}"#);
        write("src/P/A.lean", "import P.B");
        write("src/P/B.lean", "import X");
        write("src/P/Other.lean", "");
        write("../x/lakefile.toml", "name = \"x\"\n");
        write("../x/X.lean", "");
        write(".lake/build/lib/lean/P/B.olean", "b");
        write(".lake/packages/m/.lake/build/lib/lean/M.olean", "m");
        let stamps = ImportStamps::of(&root, "import P.A\nimport M\n");
        assert!(stamps.hold(), "nothing has changed");
        assert_eq!(stamps, ImportStamps::of(&root, "import P.A\nimport M\n"));
        match content {
            Some(content) => write(path, content),
            None => std::fs::remove_file(root.join(path)).unwrap(),
        }
        assert_eq!(stamps.hold(), expected, "{path}");
    }

    #[test]
    fn what_a_text_imports_is_looked_at_and_nothing_else() {
        check("src/P/A.lean", Some("import P.B -- changed"), false);
        check("src/P/B.lean", Some("import X -- changed"), false);
        check("../x/X.lean", Some("-- changed"), false);
        check("P/A.lean", Some("-- another file of that module's name"), false);
        check(".lake/build/lib/lean/P/B.olean", Some("changed"), false);
        check(".lake/build/lib/lean/P/B.olean", None, false);
        check(".lake/packages/m/.lake/build/lib/lean/M.olean", Some("changed"), false);
        check("lean-toolchain", Some("new"), false);
        check("lake-manifest.json", Some("{}"), false);
        check("src/P/Other.lean", Some("-- nobody imports it"), true);
        check("README.md", Some("changed"), true);
    }

    #[test]
    fn a_file_of_the_same_size_and_time_is_another_one() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for (path, text) in [("lakefile.toml", "name = \"p\"\n"), ("A.lean", "-- a"), ("B.lean", "-- b")] {
            std::fs::write(root.join(path), text).unwrap();
        }
        let time = std::fs::metadata(root.join("A.lean")).unwrap().modified().unwrap();
        std::fs::File::options().append(true).open(root.join("B.lean")).unwrap().set_modified(time).unwrap();
        let stamps = ImportStamps::of(root, "import A\n");
        std::fs::rename(root.join("B.lean"), root.join("A.lean")).unwrap();
        assert!(!stamps.hold());
    }

    #[test]
    fn a_package_that_only_the_lakefile_names_counts() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("p");
        std::fs::create_dir_all(&root).unwrap();
        std::fs::create_dir_all(folder.path().join("x")).unwrap();
        std::fs::write(root.join("lakefile.toml"), "name = \"p\"\n[[require]]\nname = \"x\"\npath = \"../x\"\n")
            .unwrap();
        std::fs::write(folder.path().join("x/lakefile.toml"), "name = \"x\"\n").unwrap();
        std::fs::write(folder.path().join("x/X.lean"), "").unwrap();
        let stamps = ImportStamps::of(&root, "import X\n");
        std::fs::write(folder.path().join("x/X.lean"), "-- changed").unwrap();
        assert!(!stamps.hold());
    }
}
