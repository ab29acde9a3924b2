//! Which files a copy of a project has, and what has to be done to bring them up to date. Files are replaced, never written into: who has an old one
//! open keeps it.

use super::CopyError;
use crate::project::Project;
use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::time::SystemTime;

/// Folders that are not copied.
const LEFT_OUT: [&str; 3] = [".git", "node_modules", "target"];

/// Size and time of a file of the original; of a link nothing.
type Stamp = (u64, Option<SystemTime>);

/// The original's files as they were when they were last copied.
#[derive(Default)]
pub struct Files {
    stamps: BTreeMap<PathBuf, Stamp>,
    /// Links that lead out of the project.
    pub left_out: Vec<PathBuf>,
}

/// What differs between the original and the copy.
pub struct Difference {
    steps: Vec<Step>,
    /// A file that decides what is built is among it.
    pub in_sources: bool,
    files: Files,
}

/// Paths are relative to the root.
enum Step {
    Folder(PathBuf),
    Copy(PathBuf, Option<SystemTime>),
    Link { at: PathBuf, target: PathBuf },
    Remove(PathBuf),
}

impl Files {
    /// Compare the original with what was copied of it to `to`.
    pub fn difference(&self, original: &Project, to: &Path) -> Result<Difference, CopyError> {
        let from = original.root.as_path();
        let (mut files, mut steps, mut in_sources) = (Self::default(), Vec::new(), false);
        let packages = Path::new(".lake/packages");
        let entries = walkdir::WalkDir::new(from).into_iter().filter_entry(|entry| {
            let left_out = entry.file_name().to_str().is_some_and(|name| LEFT_OUT.contains(&name));
            !(entry.depth() > 0 && left_out) && entry.path().strip_prefix(from).is_ok_and(|path| path != packages)
        });
        for entry in entries {
            let entry = match entry {
                Ok(entry) => entry,
                // Somebody builds, or an editor saves: what is gone by now is not there. Without its root there is no project.
                Err(error) if error.depth() > 0 && error.io_error().is_some_and(is_gone) => continue,
                Err(error) => return Err(error.into()),
            };
            let Ok(relative) = entry.path().strip_prefix(from) else { continue };
            let known = self.stamps.get(relative);
            let (step, stamp) = if entry.file_type().is_dir() {
                if !to.join(relative).is_dir() {
                    steps.push(Step::Folder(relative.to_path_buf()));
                }
                continue;
            } else if entry.file_type().is_file() {
                let metadata = match entry.metadata() {
                    Ok(metadata) => metadata,
                    Err(error) if error.io_error().is_some_and(is_gone) => continue,
                    Err(error) => return Err(error.into()),
                };
                let stamp = (metadata.len(), metadata.modified().ok());
                // Products are copied once: later ones are made in the copy, from the copied sources.
                let product = relative.starts_with(".lake");
                let is_new = known.is_none_or(|old| !product && *old != stamp);
                (is_new.then(|| Step::Copy(relative.to_path_buf(), stamp.1)), stamp)
            } else if entry.path_is_symlink() {
                let Some(target) = link_target(original, entry.path(), to) else {
                    files.left_out.push(relative.to_path_buf());
                    continue;
                };
                let is_there = std::fs::read_link(to.join(relative)).ok().as_ref() == Some(&target);
                let is_new = known.is_none() || !is_there;
                // What it leads to has a stamp of its own, or is a package's.
                (is_new.then(|| Step::Link { at: relative.to_path_buf(), target }), (0, None))
            } else {
                continue;
            };
            in_sources |= step.is_some() && is_source(relative);
            steps.extend(step);
            files.stamps.insert(relative.to_path_buf(), stamp);
        }
        for gone in self.stamps.keys().filter(|path| !files.stamps.contains_key(*path)) {
            in_sources |= is_source(gone);
            steps.push(Step::Remove(gone.clone()));
        }
        Ok(Difference { steps, in_sources, files })
    }

    /// Names the state of the sources: the same as long as nothing in them changes.
    pub fn state(&self) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new();
        for (path, stamp) in self.stamps.iter().filter(|(path, _)| is_source(path)) {
            hasher.update(path.as_os_str().as_encoded_bytes()).update(format!("\0{stamp:?}\0").as_bytes());
        }
        hasher.finalize()
    }
}

impl Difference {
    /// Bring the copy up to date.
    pub fn apply(self, from: &Path, to: &Path) -> Result<Files, CopyError> {
        for step in self.steps {
            match step {
                Step::Folder(at) => std::fs::create_dir_all(to.join(at))?,
                Step::Copy(at, modified) => replace_file(&from.join(&at), &to.join(&at), modified)?,
                Step::Link { at, target } => {
                    let _ = std::fs::remove_file(to.join(&at));
                    std::os::unix::fs::symlink(target, to.join(at))?;
                }
                Step::Remove(at) => drop(std::fs::remove_file(to.join(at))),
            }
        }
        Ok(self.files)
    }
}

fn is_gone(error: &std::io::Error) -> bool {
    error.kind() == std::io::ErrorKind::NotFound
}

/// Copy a file with its time: Lake compares times, and a product must not look older than its source.
fn replace_file(from: &Path, to: &Path, modified: Option<SystemTime>) -> std::io::Result<()> {
    let folder = to.parent().unwrap_or(to);
    let fresh = tempfile::NamedTempFile::new_in(folder)?.into_temp_path();
    std::fs::copy(from, &fresh)?;
    if let Some(time) = modified {
        std::fs::File::options().append(true).open(&fresh)?.set_modified(time)?;
    }
    fresh.persist(to)?;
    Ok(())
}

/// Whether a file decides what is built. Records, logs and swap files beside the sources come and go all the time; a file
/// that a source reads while it is compiled is copied all the same, and an old baseline can only lead to a refusal.
fn is_source(relative: &Path) -> bool {
    const NAMES: [&str; 2] = ["lean-toolchain", "lake-manifest.json"];
    let named = relative.file_name().and_then(|name| name.to_str()).is_some_and(|name| NAMES.contains(&name));
    let typed = relative.extension().is_some_and(|extension| extension == "lean" || extension == "toml");
    !relative.starts_with(".lake") && (named || typed)
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
