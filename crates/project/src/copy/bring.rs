//! Copies what is needed. What has changed since the copy's state began is never taken for that state: a source is an error, and a product is made anew.

use super::CopyError;
use super::files::{CopiedProduct, Files, Kept, is_gone, replace_file};
use super::waiting::{Needed, is_product};
use crate::project::Project;
use crate::stamp::Stamp;
use leanwright_lean::{Header, ModuleName, word_that_reads};
use std::path::{Path, PathBuf};

impl Files {
    /// Copy what is needed.
    pub fn bring(&mut self, needed: Needed, original: &Project, to: &Path) -> Result<(), CopyError> {
        let all = |files: &Self| files.waiting.files.iter().map(PathBuf::from).collect();
        match needed {
            Needed::Modules(modules) => {
                let brought = self.bring_modules(modules, original, to);
                if brought.is_err() {
                    self.waiting.forget_imports();
                }
                brought
            }
            Needed::Everything => self.bring_files(all(self), &original.root, to),
            Needed::Sources => {
                let mut sources: Vec<PathBuf> = all(self);
                sources.retain(|path| !is_product(path, &original.build_folder));
                self.bring_files(sources, &original.root, to)
            }
        }
    }

    fn bring_modules(&mut self, mut left: Vec<ModuleName>, original: &Project, to: &Path) -> Result<(), CopyError> {
        let mut products = Vec::new();
        while let Some(module) = left.pop() {
            if self.waiting.is_empty() || self.waiting.arrived.contains(&module) {
                continue;
            }
            // Which of several Lake takes, it decides.
            let sources = original.source_folders.iter().map(|folder| folder.join(module.path("lean")));
            let sources: Vec<PathBuf> = sources.filter(|path| self.has(path)).collect();
            for source in sources {
                let path = to.join(&source);
                self.bring_files(vec![source], &original.root, to)?;
                let text = String::from_utf8_lossy(&std::fs::read(path)?).into_owned();
                if word_that_reads(&text).is_some() {
                    return self.bring(Needed::Everything, original, to);
                }
                left.extend(Header::of(&text).imports.iter().map(|import| ModuleName::parse(&import.module)));
            }
            products.extend(self.waiting.products(&original.build_folder, &module));
            self.waiting.arrived.insert(module);
        }
        self.bring_files(products, &original.root, to)
    }

    /// What was copied before something could not be counts like the rest: without its trace, which Lake writes last, a module is made anew.
    fn bring_files(&mut self, paths: Vec<PathBuf>, from: &Path, to: &Path) -> Result<(), CopyError> {
        let mut products = Vec::new();
        let copied = self.copy_files(paths, from, to, &mut products);
        self.take_over(products)?;
        copied
    }

    fn copy_files(
        &mut self,
        paths: Vec<PathBuf>,
        from: &Path,
        to: &Path,
        products: &mut Vec<CopiedProduct>,
    ) -> Result<(), CopyError> {
        for path in paths {
            let Some(Kept::File(stamp)) = self.kept.get(path.as_os_str()).filter(|_| self.waiting.has(&path)).cloned()
            else {
                continue;
            };
            let (source, copy) = (from.join(&path), to.join(&path));
            let copied = replace_file(&source, &copy, stamp.modified());
            if is_product(&path, &self.build_folder) {
                copied.or_else(|error| if is_gone(&error) { Ok(()) } else { Err(error) })?;
                let is_settled = stamp.is_settled();
                products.push(CopiedProduct { from: source, to: copy, stamp, is_settled });
            } else if copied.is_err() || !Stamp::of(&source).is_ok_and(|now| now == stamp) {
                let _ = std::fs::remove_file(&copy);
                copied.or_else(|error| if is_gone(&error) { Ok(()) } else { Err(error) })?;
                return Err(CopyError::Changed(path));
            }
            self.waiting.remove(&path);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::copy::files::Scope;

    const PROJECT: [(&str, &str); 9] = [
        ("lakefile.toml", "name = \"p\"\n[[lean_lib]]\nname = \"P\"\nsrcDir = \"src\"\n"),
        ("src/P/A.lean", "import P.B\n"),
        ("src/P/B.lean", "theorem b : True := trivial\n"),
        ("src/P/Other.lean", "theorem o : True := trivial\n"),
        ("notes.txt", "read by whom it may"),
        (".lake/build/lib/lean/P/A.olean", "a"),
        (".lake/build/lib/lean/P/B.olean", "b"),
        (".lake/build/ir/P/B.c", "b"),
        (".lake/build/lib/lean/Gone.olean", "of no source"),
    ];

    /// A copy of a project, as it is before anything is needed.
    struct Copy {
        original: Project,
        to: PathBuf,
        files: Files,
        _folder: tempfile::TempDir,
    }

    impl Copy {
        fn of(more: &[(&str, &str)]) -> Self {
            let folder = tempfile::tempdir().unwrap();
            let (root, to) = (folder.path().join("p"), folder.path().join("copy"));
            for (path, text) in PROJECT.iter().chain(more) {
                write(&root.join(path), text);
            }
            std::fs::create_dir(&to).unwrap();
            let original = Project::at(&std::fs::canonicalize(root).unwrap()).unwrap();
            let files = Files::default().difference(&original, &to, Scope::SourcesAndProducts).unwrap();
            let files = files.apply(&original.root, &to).unwrap();
            Self { original, to, files, _folder: folder }
        }

        fn bring(&mut self, module: &str) -> Result<(), CopyError> {
            self.files.bring(Needed::Modules(vec![ModuleName::parse(module)]), &self.original, &self.to)
        }

        fn there(&self) -> Vec<String> {
            let files = walkdir::WalkDir::new(&self.to).sort_by_file_name().into_iter().map(Result::unwrap);
            let files = files.filter(|entry| entry.file_type().is_file());
            files.map(|file| file.path().strip_prefix(&self.to).unwrap().to_str().unwrap().to_owned()).collect()
        }
    }

    fn write(path: &Path, text: &str) {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    const ALWAYS: [&str; 3] = [".lake/build/lib/lean/Gone.olean", "lakefile.toml", "notes.txt"];

    #[test]
    fn only_what_is_imported_is_copied() {
        let mut copy = Copy::of(&[]);
        assert_eq!(copy.there(), ALWAYS);
        copy.bring("P.B").unwrap();
        let b = [".lake/build/ir/P/B.c", ".lake/build/lib/lean/P/B.olean", "src/P/B.lean"];
        let expected = |more: &[&str]| {
            let mut all: Vec<&str> = ALWAYS.iter().chain(&b).chain(more).copied().collect();
            all.sort_unstable();
            all.into_iter().map(str::to_owned).collect::<Vec<_>>()
        };
        let there = |copy: &Copy| {
            let mut there = copy.there();
            there.sort_unstable();
            there
        };
        assert_eq!(there(&copy), expected(&[]));
        copy.bring("P.A").unwrap();
        let a = [".lake/build/lib/lean/P/A.olean", "src/P/A.lean"];
        assert_eq!(there(&copy), expected(&a));
        copy.files.bring(Needed::Sources, &copy.original, &copy.to).unwrap();
        assert_eq!(there(&copy), expected(&[a[0], a[1], "src/P/Other.lean"]));
        assert!(copy.files.waiting.is_empty());
    }

    #[test]
    fn what_has_changed_since_is_not_taken() {
        let mut copy = Copy::of(&[]);
        write(&copy.original.root.join(".lake/build/lib/lean/P/B.olean"), "built again");
        copy.bring("P.B").unwrap();
        assert!(copy.to.join("src/P/B.lean").exists() && !copy.to.join(".lake/build/lib/lean/P/B.olean").exists());
        write(&copy.original.root.join("src/P/A.lean"), "import P.Other\n");
        assert!(matches!(copy.bring("P.A"), Err(CopyError::Changed(path)) if path == Path::new("src/P/A.lean")));
        assert!(!copy.to.join("src/P/A.lean").exists());
        // In the next state it is what it is then, and so is what it imports.
        let next = copy.files.difference(&copy.original, &copy.to, Scope::SourcesAndProducts).unwrap();
        assert!(next.in_sources);
        copy.files = next.apply(&copy.original.root, &copy.to).unwrap();
        copy.bring("P.A").unwrap();
        assert_eq!(std::fs::read_to_string(copy.to.join("src/P/A.lean")).unwrap(), "import P.Other\n");
        assert!(copy.to.join("src/P/Other.lean").exists());
    }

    #[test]
    fn a_source_that_changes_after_it_was_copied_waits_again() {
        let mut copy = Copy::of(&[]);
        copy.bring("P.A").unwrap();
        write(&copy.original.root.join("src/P/B.lean"), "import P.Other\n");
        let next = copy.files.difference(&copy.original, &copy.to, Scope::SourcesAndProducts).unwrap();
        copy.files = next.apply(&copy.original.root, &copy.to).unwrap();
        assert!(!copy.to.join("src/P/B.lean").exists());
        copy.bring("P.A").unwrap();
        assert_eq!(std::fs::read_to_string(copy.to.join("src/P/B.lean")).unwrap(), "import P.Other\n");
        assert!(copy.to.join("src/P/Other.lean").exists());
    }

    #[test]
    fn where_imports_do_not_say_it_everything_is_copied() {
        for more in [
            ("lakefile.lean", "import Lake\nopen Lake DSL\n#eval show IO Unit from do let _ ← IO.FS.readFile \"x\"\n"),
            ("lake-manifest.json", "{\"packages\": [{\"type\": \"path\", \"dir\": \"sub\"}]}"),
            (".lake/packages/batteries/Batteries.lean", ""),
        ] {
            let copy = Copy::of(&[more]);
            assert!(copy.files.waiting.is_empty() && copy.to.join("src/P/Other.lean").exists(), "{more:?}");
        }
        // A tactic of the project's may look for files by other names than those of the library.
        let elaborator = "import Lean\nelab \"is_there\" : term => do if ← (\"P\" / \"Other.lean\").pathExists then return mkNatLit 1\n";
        let mut copy = Copy::of(&[("src/P/D.lean", elaborator), ("src/P/E.lean", "import P.D\n")]);
        assert!(!copy.to.join("src/P/Other.lean").exists());
        copy.bring("P.E").unwrap();
        assert!(copy.to.join("src/P/Other.lean").exists());
        let mut copy = Copy::of(&[("src/P/C.lean", "def text := include_str \"Other.lean\"\n")]);
        assert!(!copy.to.join("src/P/Other.lean").exists());
        copy.bring("P.C").unwrap();
        assert!(copy.to.join("src/P/Other.lean").exists());
        // A link to a source: whoever asks for one of the two needs the other.
        std::os::unix::fs::symlink("B.lean", copy.original.root.join("src/P/Link.lean")).unwrap();
        let mut copy = Copy { files: Files::default(), ..copy };
        let files = copy.files.difference(&copy.original, &copy.to, Scope::Sources).unwrap();
        copy.files = files.apply(&copy.original.root, &copy.to).unwrap();
        assert!(copy.files.waiting.is_empty());
    }
}
