//! Which files a copy of a project has, and what has to be done to bring them up to date. Files are replaced, never written into: who has an old one
//! open keeps it. Nothing is written through a link.

use super::CopyError;
use super::folder::PREFIX;
use super::waiting::{PRODUCTS, Waiting, can_wait, is_needed_at_once, is_product};
use crate::project::Project;
use crate::sources::parallel_map;
use crate::stamp::{Origin, Origins, Stamp};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs::Metadata;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;
use walkdir::DirEntry;

/// Folders that are not copied; copies of our own, where temporary files are kept in the project, are neither.
const LEFT_OUT: [&str; 3] = [".git", "node_modules", "target"];

/// What stands in the original at a path, and in the copy since it was last brought up to date, unless it waits until it is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    Folder,
    File(Stamp),
    /// Where it leads to in the copy; of a file outside of the project what it is there, too.
    Link(PathBuf, Option<Stamp>),
}

impl Kept {
    fn is_same_kind(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

/// The original's files as they were when they were last copied.
#[derive(Default)]
pub struct Files {
    /// By paths relative to the root. As paths they would be compared by components, which takes longer than to ask for their stamps.
    pub(super) kept: BTreeMap<OsString, Kept>,
    /// What of it has not been copied yet.
    pub(super) waiting: Waiting,
    /// Nothing may wait, for a reason that is not in the project.
    pub at_once: bool,
    /// Links that lead out of the project.
    pub left_out: Vec<PathBuf>,
    /// Of the compiled modules that were copied.
    pub origins: Arc<Origins>,
    pub(super) build_folder: PathBuf,
}

/// What differs between the original and the copy.
pub struct Difference {
    /// What is gone, or is of another kind now: folders before what is in them.
    gone: Vec<PathBuf>,
    steps: Vec<Step>,
    /// A file that decides what is built is among it.
    pub in_sources: bool,
    files: Files,
}

/// What is looked at: products are taken over only where a new state of the sources begins, whose modules are then built again or found to be up to date.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    Sources,
    SourcesAndProducts,
}

/// Paths are relative to the root.
enum Step {
    Folder(PathBuf),
    Copy(PathBuf, SystemTime),
    /// Copy it when it is needed.
    Wait(PathBuf),
    Link(PathBuf, PathBuf),
}

impl Files {
    /// Compare the original with what was copied of it to `to`.
    pub fn difference(&self, original: &Project, to: &Path, scope: Scope) -> Result<Difference, CopyError> {
        let from = original.root.as_path();
        let (mut files, mut steps, mut in_sources) = (
            Self {
                origins: Arc::clone(&self.origins),
                build_folder: original.build_folder.clone(),
                waiting: self.waiting.clone(),
                at_once: self.at_once,
                ..Self::default()
            },
            Vec::new(),
            false,
        );
        let mut at_once = self.at_once || is_needed_at_once(original);
        for (entry, metadata) in stamped(original, scope)? {
            let Ok(relative) = entry.path().strip_prefix(from).map(Path::to_path_buf) else { continue };
            let found = if entry.file_type().is_dir() {
                Kept::Folder
            } else if entry.file_type().is_file() {
                let Some(metadata) = metadata else { continue };
                Kept::File(Stamp::of_metadata(&metadata))
            } else if entry.path_is_symlink() {
                let Some(target) = link_target(original, entry.path(), to) else {
                    files.left_out.push(relative);
                    continue;
                };
                // What it leads to within the project has an entry of its own; but what Lake, or a generator, has put among the products is copied once.
                let found = || std::fs::metadata(entry.path()).ok().filter(std::fs::Metadata::is_file);
                let inside = target.strip_prefix(to).ok();
                let generated = inside.is_some_and(|inside| is_product(inside, &original.build_folder));
                let in_packages = inside.is_some_and(|inside| inside.starts_with(".lake/packages"));
                match (generated && !is_product(&relative, &original.build_folder), found()) {
                    (true, Some(file)) => Kept::File(Stamp::of_metadata(&file)),
                    (true, None) if !in_packages => {
                        files.left_out.push(relative);
                        continue;
                    }
                    (_, file) => {
                        // It may stand for a source, or for a folder of them.
                        at_once |= inside.is_some();
                        let outside = file.filter(|_| inside.is_none()).map(|file| Stamp::of_metadata(&file));
                        Kept::Link(target, outside)
                    }
                }
            } else {
                continue;
            };
            let is_new = match self.kept.get(relative.as_os_str()) {
                // Products are copied once: later ones are made in the copy, from the copied sources.
                Some(known) => {
                    let is_product = is_product(&relative, &original.build_folder) && !self.waiting.has(&relative);
                    !(known.is_same_kind(&found) && is_product) && *known != found
                }
                None => true,
            };
            if is_new {
                in_sources |= files.decides(&relative, &found);
                steps.push(match &found {
                    Kept::Folder => Step::Folder(relative.clone()),
                    Kept::File(stamp) => Step::Copy(relative.clone(), stamp.modified()),
                    Kept::Link(target, _) => Step::Link(relative.clone(), target.clone()),
                });
            }
            files.kept.insert(relative.into_os_string(), found);
        }
        let mut gone = Vec::new();
        if at_once {
            let waiting = self.waiting.files.iter().filter_map(|path| match files.kept.get(path) {
                Some(Kept::File(stamp)) => Some(Step::Copy(PathBuf::from(path), stamp.modified())),
                _ => None,
            });
            steps.extend(waiting);
        } else {
            for step in &mut steps {
                if let Step::Copy(path, _) = step
                    && can_wait(original, path, |path| files.has(path))
                {
                    // What is there is of an earlier state.
                    if self.has(path) && !self.waiting.has(path) {
                        gone.push(path.clone());
                    }
                    *step = Step::Wait(std::mem::take(path));
                }
            }
        }
        for (key, known) in &self.kept {
            let path = Path::new(key);
            let is_still_there = files.kept.get(key).is_some_and(|found| found.is_same_kind(known));
            if is_product(path, &original.build_folder) && !files.kept.contains_key(key) {
                // What was built in the copy stays with what was copied of it.
                files.kept.insert(key.clone(), known.clone());
            } else if !is_still_there {
                in_sources |= files.decides(path, known);
                gone.push(path.to_path_buf());
            }
        }
        for path in &gone {
            files.waiting.remove(path);
        }
        if in_sources {
            files.waiting.forget_imports();
        }
        Ok(Difference { gone, steps, in_sources, files })
    }

    fn has_below(&self, folder: &Path) -> bool {
        let inside = folder.join("").into_os_string();
        let first = self.kept.range(inside.clone()..).next();
        first.is_some_and(|(path, _)| path.as_encoded_bytes().starts_with(inside.as_encoded_bytes()))
    }

    /// Whether there is a file, or a link, at a path relative to the root.
    pub(super) fn has(&self, path: &Path) -> bool {
        self.kept.get(path.as_os_str()).is_some_and(|kept| !matches!(kept, Kept::Folder))
    }

    /// Names the state of the sources: the same as long as nothing in them changes.
    pub fn state(&self) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new();
        for (path, kept) in self.kept.iter().filter(|(path, kept)| self.decides(Path::new(path), kept)) {
            hasher.update(path.as_encoded_bytes()).update(format!("\0{kept:?}\0").as_bytes());
        }
        hasher.finalize()
    }

    /// Whether an entry decides what is built; where a link leads to may. Records, logs and swap files beside the sources come and go all the time; a file
    /// that a source reads while it is compiled is copied all the same, and an old baseline can only lead to a refusal.
    fn decides(&self, relative: &Path, kept: &Kept) -> bool {
        const NAMES: [&str; 2] = ["lean-toolchain", "lake-manifest.json"];
        let named = relative.file_name().and_then(|name| name.to_str()).is_some_and(|name| NAMES.contains(&name));
        let typed = relative.extension().is_some_and(|extension| extension == "lean" || extension == "toml");
        !is_product(relative, &self.build_folder)
            && match kept {
                Kept::Folder => false,
                Kept::File(..) => named || typed,
                Kept::Link(..) => true,
            }
    }
}

impl Difference {
    /// Bring the copy up to date. A link in the copy is never gone through: what it leads to may be the user's.
    pub fn apply(mut self, from: &Path, to: &Path) -> Result<Files, CopyError> {
        let mut copied = Vec::new();
        for at in self.gone {
            clear(&to.join(at))?;
        }
        for step in self.steps {
            match step {
                // One that has something in it is made with the first file that is needed.
                Step::Folder(at) if self.files.has_below(&at) => {}
                Step::Folder(at) => std::fs::create_dir_all(to.join(at))?,
                Step::Wait(at) => self.files.waiting.insert(at),
                Step::Copy(at, modified) => {
                    let (from, to) = (from.join(&at), to.join(&at));
                    if is_product(&at, &self.files.build_folder) {
                        let stamp = Stamp::of(&from)?;
                        let is_settled = stamp.is_settled();
                        replace_file(&from, &to, modified)?;
                        copied.push(CopiedProduct { from, to, stamp, is_settled });
                    } else {
                        replace_file(&from, &to, modified)?;
                    }
                    self.files.waiting.remove(&at);
                }
                Step::Link(at, target) => {
                    clear(&to.join(&at))?;
                    std::fs::create_dir_all(to.join(&at).parent().unwrap_or(to))?;
                    std::os::unix::fs::symlink(target, to.join(at))?;
                }
            }
        }
        self.files.take_over(copied)?;
        Ok(self.files)
    }
}

impl Files {
    /// Products that have just been copied count if they are whole.
    pub(super) fn take_over(&mut self, copied: Vec<CopiedProduct>) -> std::io::Result<()> {
        let whole = without_torn(copied)?;
        if !whole.is_empty() {
            let settled = whole.into_iter().filter(|product| product.is_settled);
            let origins = settled.filter_map(|CopiedProduct { from, to, stamp, .. }| {
                let origin = Origin::of(&to, from, stamp)?;
                Some((to, origin))
            });
            Arc::make_mut(&mut self.origins).extend(origins);
        }
        Ok(())
    }
}

/// What there is in the original, and of files what they are: those are asked for on all cores.
fn stamped(original: &Project, scope: Scope) -> Result<Vec<(DirEntry, Option<Metadata>)>, CopyError> {
    let from = original.root.as_path();
    let is_out_of_scope = |entry: &DirEntry| match (scope, entry.path().strip_prefix(from)) {
        // Nothing below them is met then.
        (Scope::Sources, Ok(path)) => entry.file_name() == PRODUCTS || path == original.build_folder,
        (Scope::SourcesAndProducts, Ok(path)) => path == Path::new(".lake/packages"),
        (_, Err(_)) => true,
    };
    let entries = walkdir::WalkDir::new(from).into_iter().filter_entry(|entry| {
        let is_left_out = |name: &str| LEFT_OUT.contains(&name) || name.starts_with(PREFIX);
        // A folder of modules may be called like Cargo's.
        let is_module = entry.file_name() == "target" && entry.depth() > 1;
        let left_out = !is_module && entry.file_name().to_str().is_some_and(is_left_out);
        !(entry.depth() > 0 && (left_out || is_out_of_scope(entry)))
    });
    // Somebody builds, or an editor saves: what is gone by now is not there. Without its root there is no project.
    let there = |entry: &Result<DirEntry, walkdir::Error>| match entry {
        Ok(_) => true,
        Err(error) => error.depth() == 0 || !error.io_error().is_some_and(is_gone),
    };
    let entries = entries.filter(there).collect::<Result<Vec<DirEntry>, _>>()?;
    let metadata = parallel_map(&entries, |entry| entry.file_type().is_file().then(|| entry.metadata()).transpose());
    let stamped = entries.into_iter().zip(metadata).map(|(entry, metadata)| match metadata {
        Ok(metadata) => Ok((entry, metadata)),
        Err(error) if error.io_error().is_some_and(is_gone) => Ok((entry, None)),
        Err(error) => Err(error.into()),
    });
    stamped.collect()
}

/// A product as it was copied.
pub(super) struct CopiedProduct {
    pub from: PathBuf,
    pub to: PathBuf,
    /// The original's, before it was copied, and whether it was settled then.
    pub stamp: Stamp,
    pub is_settled: bool,
}

/// Somebody built while the products were copied: of a module some files may be of before and some of after that, and Lake would take them for one. They are
/// made anew in the copy. Returns the others.
fn without_torn(copied: Vec<CopiedProduct>) -> std::io::Result<Vec<CopiedProduct>> {
    let module = |path: &Path| {
        path.with_file_name(path.file_name().and_then(|name| name.to_str()?.split('.').next()).unwrap_or_default())
    };
    let has_changed = |product: &&CopiedProduct| !Stamp::of(&product.from).is_ok_and(|stamp| stamp == product.stamp);
    let torn: BTreeSet<PathBuf> = copied.iter().filter(has_changed).map(|product| module(&product.to)).collect();
    let (torn, whole): (Vec<_>, Vec<_>) = copied.into_iter().partition(|product| torn.contains(&module(&product.to)));
    for product in torn {
        clear(&product.to)?;
    }
    Ok(whole)
}

/// Remove whatever stands at a path, if anything does.
fn clear(path: &Path) -> std::io::Result<()> {
    let removed = match path.symlink_metadata() {
        Ok(found) if found.is_dir() => std::fs::remove_dir_all(path),
        Ok(_) => std::fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        // Its folder may have become a file.
        Err(error) if is_gone(&error) || error.kind() == std::io::ErrorKind::NotADirectory => Ok(()),
        removed => removed,
    }
}

pub(super) fn is_gone(error: &std::io::Error) -> bool {
    error.kind() == std::io::ErrorKind::NotFound
}

/// Copy a file with its time: Lake compares times, and a product must not look older than its source.
pub(super) fn replace_file(from: &Path, to: &Path, modified: SystemTime) -> std::io::Result<()> {
    let folder = to.parent().unwrap_or(to);
    std::fs::create_dir_all(folder)?;
    // Open before it gets the other's mode, which may forbid that.
    let (fresh, path) = tempfile::NamedTempFile::new_in(folder)?.into_parts();
    std::fs::copy(from, &path)?;
    fresh.set_modified(modified)?;
    path.persist(to)?;
    Ok(())
}

/// Where a link leads in the copy: to the copy of a file of the project, or to a package, which is not copied. `None` if it leads
/// anywhere else, where nothing of the project's is, or to nothing.
fn link_target(original: &Project, link: &Path, to: &Path) -> Option<PathBuf> {
    let target = std::fs::canonicalize(link).ok()?;
    let root = std::fs::canonicalize(&original.root).ok()?;
    if let Ok(inside) = target.strip_prefix(&root) {
        let hidden = inside.components().any(|part| LEFT_OUT.iter().any(|name| part.as_os_str() == *name));
        return (!hidden).then(|| to.join(inside));
    }
    let packages = original.path_packages.iter().map(|folder| original.root.join(folder));
    let mut packages =
        packages.chain([original.root.join(".lake/packages")]).filter_map(|path| std::fs::canonicalize(path).ok());
    packages.any(|package| target.starts_with(package)).then_some(target)
}

/// The folder of the copy, deep enough that `../x` from it stays within `folder`.
pub fn root_within(folder: &Path, packages: &[PathBuf]) -> PathBuf {
    let up = |path: &PathBuf| path.components().filter(|part| matches!(part, Component::ParentDir)).count();
    let depth = packages.iter().filter(|path| path.is_relative()).map(up).max().unwrap_or(0);
    (0..depth).fold(folder.to_path_buf(), |folder, _| folder.join("up")).join("project")
}

/// Packages that are named by a path relative to the project: a link stands where the copy looks for them.
pub fn link_path_packages(original: &Project, root: &Path) -> Result<(), CopyError> {
    for package in original.path_packages.iter().filter(|path| path.is_relative()) {
        let mut link = root.to_path_buf();
        for part in package.components() {
            match part {
                Component::ParentDir => drop(link.pop()),
                Component::Normal(part) => link.push(part),
                _ => {}
            }
        }
        let Ok(target) = std::fs::canonicalize(original.root.join(package)) else { continue };
        // What lies inside the project is copied with it, and what lies above it is not a package beside it.
        if link.starts_with(root) || root.starts_with(&link) || link.symlink_metadata().is_ok() {
            continue;
        }
        if let Some(parent) = link.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::os::unix::fs::symlink(target, link)?;
    }
    Ok(())
}

/// Packages may have gigabytes: the copy has a link to them.
pub fn link_packages(from: &Path, to: &Path) -> Result<(), CopyError> {
    let packages = from.join(".lake/packages");
    if packages.is_dir() {
        std::fs::create_dir_all(to.join(".lake"))?;
        std::os::unix::fs::symlink(packages, to.join(".lake/packages"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::super::waiting::Needed;
    use super::*;
    use std::os::unix::fs::symlink;

    /// Make a project, copy it, change it, bring the copy up to date: the copy has what the project has. `lib/` lies beside the project.
    fn check(make: impl Fn(&Path), change: impl Fn(&Path), expected: &[(&str, &str)]) {
        let folder = tempfile::tempdir().unwrap();
        let folder = std::fs::canonicalize(folder.path()).unwrap();
        let (root, copy) = (folder.join("p"), folder.join("copy"));
        for (path, text) in [
            ("p/lakefile.toml", "name = \"p\"\n"),
            ("p/lake-manifest.json", MANIFEST),
            ("lib/lakefile.toml", "name = \"l\"\n"),
            ("lib/A.lean", "-- the user's"),
        ] {
            write(&folder.join(path), text);
        }
        make(&root);
        std::fs::create_dir(&copy).unwrap();
        let update = |files: &Files| {
            let project = Project::at(&root).unwrap();
            let mut files = files.difference(&project, &copy, Scope::Sources).unwrap().apply(&root, &copy).unwrap();
            files.bring(Needed::Everything, &project, &copy).unwrap();
            files
        };
        let files = update(&Files::default());
        change(&root);
        let again = update(&files);
        for (path, text) in expected {
            assert_eq!(std::fs::read_to_string(copy.join(path)).unwrap(), *text, "{path}");
        }
        assert_eq!(std::fs::read_to_string(folder.join("lib/A.lean")).unwrap(), "-- the user's");
        let nothing = again.difference(&Project::at(&root).unwrap(), &copy, Scope::Sources).unwrap();
        assert!(nothing.gone.is_empty() && nothing.steps.is_empty());
    }

    const MANIFEST: &str = r#"{"packages": [{"type": "path", "dir": "../lib"}]}"#;

    fn write(path: &Path, text: &str) {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// What the copy's own Lake has made stays, whoever builds in the original meanwhile.
    #[test]
    fn products_are_copied_once_wherever_they_lie() {
        for (lakefile, product) in [
            ("name = \"p\"\n", ".lake/build/lib/lean/A.olean"),
            ("name = \"p\"\nbuildDir = \"out\"\n", "out/lib/lean/A.olean"),
            ("name = \"p\"\nbuildDir = \"./out\"\n", "out/lib/lean/A.olean"),
            ("name = \"p\"\nbuildDir = \".\"\n", ".lake/build/lib/lean/A.olean"),
            ("name = \"p\"\n", "sub/.lake/build/lib/lean/A.olean"),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let (root, copy) = (folder.path().join("p"), folder.path().join("copy"));
            std::fs::create_dir(&copy).unwrap();
            write(&root.join("lakefile.toml"), lakefile);
            write(&root.join(product), "1");
            let project = Project::at(&root).unwrap();
            let update = |files: &Files, scope| {
                let difference = files.difference(&project, &copy, scope).unwrap();
                (difference.in_sources, difference.apply(&root, &copy).unwrap())
            };
            let (_, files) = update(&Files::default(), Scope::SourcesAndProducts);
            assert_eq!(std::fs::read_to_string(copy.join(product)).unwrap(), "1", "{product}");
            std::fs::write(copy.join(product), "2, made in the copy").unwrap();
            write(&root.join(product), "1 again");
            for scope in [Scope::Sources, Scope::SourcesAndProducts] {
                let (in_sources, _) = update(&files, scope);
                assert!(!in_sources);
                assert_eq!(std::fs::read_to_string(copy.join(product)).unwrap(), "2, made in the copy", "{product}");
            }
        }
    }

    /// A build in the original writes the module again, and then its trace, which is copied as well.
    #[test]
    fn a_module_that_is_written_while_it_is_copied_is_made_anew() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("p"), folder.path().join("copy"));
        let copy = |name: &str| {
            write(&from.join(name), "1");
            write(&to.join(name), "1");
            let (from, to) = (from.join(name), to.join(name));
            CopiedProduct { stamp: Stamp::of(&from).unwrap(), from, to, is_settled: false }
        };
        let copied = ["A.olean", "A.trace", "B.olean", "B.trace"].map(copy);
        write(&from.join("A.olean"), "of another size");
        let whole = without_torn(copied.into()).unwrap();
        assert_eq!(whole.len(), 2);
        let left = ["A.olean", "A.trace", "B.olean", "B.trace"].map(|name| to.join(name).exists());
        assert_eq!(left, [false, false, true, true]);
    }

    #[test]
    fn what_becomes_of_another_kind_is_replaced() {
        // A link into a package becomes a folder.
        check(
            |root| symlink(root.join("../lib"), root.join("vendor")).unwrap(),
            |root| {
                std::fs::remove_file(root.join("vendor")).unwrap();
                write(&root.join("vendor/A.lean"), "-- mine");
            },
            &[("vendor/A.lean", "-- mine")],
        );
        // A link to a folder of the project does.
        check(
            |root| {
                write(&root.join("src/A.lean"), "-- one");
                symlink(root.join("src"), root.join("src2")).unwrap();
            },
            |root| {
                std::fs::remove_file(root.join("src2")).unwrap();
                write(&root.join("src2/A.lean"), "-- two");
            },
            &[("src/A.lean", "-- one"), ("src2/A.lean", "-- two")],
        );
        // What a link leads to among the products is no product.
        check(
            |root| {
                write(&root.join(".lake/made/A.lean"), "-- one");
                write(&root.join("src/B.lean"), "");
                symlink("../.lake/made/A.lean", root.join("src/A.lean")).unwrap();
            },
            |root| write(&root.join(".lake/made/A.lean"), "-- two"),
            &[("src/A.lean", "-- two")],
        );
        // A file becomes a folder, and the other way round.
        check(
            |root| {
                write(&root.join("a"), "file");
                write(&root.join("b/c/d.lean"), "-- deep");
            },
            |root| {
                std::fs::remove_file(root.join("a")).unwrap();
                write(&root.join("a/x.lean"), "-- x");
                std::fs::remove_dir_all(root.join("b")).unwrap();
                write(&root.join("b"), "file");
            },
            &[("a/x.lean", "-- x"), ("b", "file")],
        );
        // A folder becomes a link.
        check(
            |root| write(&root.join("vendor/A.lean"), "-- mine"),
            |root| {
                std::fs::remove_dir_all(root.join("vendor")).unwrap();
                symlink(root.join("../lib"), root.join("vendor")).unwrap();
            },
            &[("vendor/A.lean", "-- the user's")],
        );
    }
}
