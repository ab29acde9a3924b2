//! An isolated copy of a project: sources and build products are copied, packages are linked, `.git` stays away.
//!
//! Candidates run in trees of links into the copy, so that nothing that they do by relative paths reaches the original.

use crate::project::{Project, ProjectError};
use leanwright_lean::{Header, ModuleName};
use leanwright_procs::{Finished, Invocation, LakeEnvironment, LakeError, Toolchain};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};
use std::time::{Duration, SystemTime};

#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    #[error("could not copy the project: {0}")]
    Io(#[from] std::io::Error),
    #[error("could not read the project: {0}")]
    Walk(#[from] walkdir::Error),
    #[error(transparent)]
    Lake(#[from] LakeError),
    #[error(transparent)]
    Project(#[from] ProjectError),
    #[error("the imports do not build ({ending}):\n{output}")]
    Imports { ending: String, output: String },
}

/// The longest time that building a file's imports may take: a project may have to be built from nothing.
const BUILD_DEADLINE: Duration = Duration::from_secs(3600);

/// Folders that are not copied.
const LEFT_OUT: [&str; 3] = [".git", "node_modules", "target"];

type Stamp = (u64, Option<SystemTime>);

/// A copy of one project, kept up to date with its original.
pub struct ProjectCopy {
    folder: tempfile::TempDir,
    original: PathBuf,
    pub project: Project,
    pub environment: LakeEnvironment,
    pub toolchain: Toolchain,
    stamps: BTreeMap<PathBuf, Stamp>,
    /// Modules whose products are those of the copied sources.
    built: BTreeSet<ModuleName>,
    runs: u64,
    /// Links that lead out of the project.
    left_out: Vec<PathBuf>,
}

/// A folder in which one candidate is compiled.
pub struct Tree {
    /// The project's root as the candidate sees it.
    pub root: PathBuf,
    /// An empty folder for what is compiled.
    pub output: PathBuf,
    folder: PathBuf,
}

impl Drop for Tree {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl ProjectCopy {
    pub async fn make(original: &Project, toolchain: &Toolchain) -> Result<Self, CopyError> {
        remove_stale_copies();
        let prefix = format!("{PREFIX}{}-", std::process::id());
        let folder = tempfile::Builder::new().prefix(&prefix).tempdir()?;
        let root = root_within(&std::fs::canonicalize(folder.path())?, &original.path_packages);
        std::fs::create_dir_all(&root)?;
        let mut stamps = BTreeMap::new();
        link_path_packages(original, &root)?;
        let (_, left_out) = copy_changed(original, &root, &mut stamps)?;
        link_packages(&original.root, &root)?;
        let environment = toolchain.environment(&root).await?;
        let project = original.copied_to(root);
        let (original, toolchain) = (original.root.clone(), toolchain.clone());
        let built = BTreeSet::new();
        Ok(Self { folder, original, project, environment, toolchain, stamps, built, runs: 0, left_out })
    }

    /// Names the state of the copied sources: the same as long as nothing in them changes.
    pub fn state_digest(&self) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new();
        for (path, stamp) in self.stamps.iter().filter(|(path, _)| is_source(path)) {
            hasher.update(path.as_os_str().as_encoded_bytes()).update(format!("\0{stamp:?}\0").as_bytes());
        }
        hasher.finalize()
    }

    /// The folders in which imports are looked for, the toolchain's own library last: `LEAN_PATH` leaves it out.
    pub async fn import_folders(&mut self) -> Vec<PathBuf> {
        let mut folders: Vec<PathBuf> = std::env::split_paths(&self.environment.lean_path).collect();
        if self.environment.library.is_none() {
            let run = Invocation::new(&self.environment.lean, &self.project.root).args(["--print-prefix"]);
            if let Some(prefix) = run.run().await.ok().filter(Finished::success) {
                let prefix = String::from_utf8_lossy(&prefix.stdout).trim().to_owned();
                self.environment.library = Some(Path::new(&prefix).join("lib/lean"));
            }
        }
        folders.extend(self.environment.library.clone());
        folders
    }

    /// The folder of the project's own compiled modules.
    pub fn products(&self) -> PathBuf {
        let build = self.project.root.join(".lake/build");
        let mut folders = std::env::split_paths(&self.environment.lean_path);
        folders.find(|folder| folder.starts_with(&build)).unwrap_or_else(|| build.join("lib/lean"))
    }

    /// A folder for something that lasts as long as its value, and at most as long as the copy.
    pub fn scratch_folder(&self, prefix: &str) -> std::io::Result<tempfile::TempDir> {
        tempfile::Builder::new().prefix(prefix).tempdir_in(self.folder.path())
    }

    /// Copy what has changed in the original since.
    pub fn refresh(&mut self) -> Result<bool, CopyError> {
        let original = self.project.copied_to(self.original.clone());
        let (changed, left_out) = copy_changed(&original, &self.project.root, &mut self.stamps)?;
        self.left_out = left_out;
        if changed {
            self.built.clear();
            // Its configuration may have changed, too.
            self.project = Project::at(&self.original)?.copied_to(self.project.root.clone());
        }
        Ok(changed)
    }

    /// What a verdict says of links that were not followed.
    pub fn left_out_note(&self) -> Option<String> {
        let shown: Vec<String> = self.left_out.iter().take(3).map(|path| path.display().to_string()).collect();
        let note =
            || format!("{} links lead out of the project and were left out: {}", self.left_out.len(), shown.join(", "));
        (!shown.is_empty()).then(note)
    }

    /// Build the modules of this project that a text imports, in the copy.
    pub async fn build_imports(&mut self, text: &str) -> Result<(), CopyError> {
        let header = Header::of(text);
        self.build(header.imports.iter().map(|import| ModuleName::parse(&import.module))).await
    }

    /// Build modules in the copy; those that are not this project's are left out.
    pub async fn build(&mut self, modules: impl Iterator<Item = ModuleName>) -> Result<(), CopyError> {
        let missing: BTreeSet<ModuleName> =
            modules.filter(|module| self.project.source_of(module).is_some() && !self.built.contains(module)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let arguments = std::iter::once("build".to_owned()).chain(missing.iter().map(|module| format!("+{module}")));
        let run = Invocation::new(&self.toolchain.lake, &self.project.root).args(arguments).deadline(BUILD_DEADLINE);
        let run = run.supervisor(self.toolchain.supervisor.as_deref());
        let finished = run.run().await.map_err(LakeError::Run)?;
        if !finished.success() {
            return Err(CopyError::Imports { ending: finished.ending(), output: finished.text() });
        }
        self.built.extend(missing);
        Ok(())
    }

    /// A tree in which `file` (relative to the root) has this text and everything else is the copy's.
    pub fn tree(&mut self, file: &Path, text: &str) -> Result<Tree, CopyError> {
        self.runs += 1;
        let folder = self.folder.path().join(format!("run-{}", self.runs));
        let tree = Tree { root: folder.join("project"), output: folder.join("output"), folder };
        std::fs::create_dir_all(&tree.root)?;
        std::fs::create_dir(&tree.output)?;
        // Along the path to the file the folders are real; beside it everything is a link.
        let (mut from, mut to) = (self.project.root.clone(), tree.root.clone());
        let parents: Vec<_> = file.parent().into_iter().flat_map(Path::components).collect();
        for part in parents.iter().map(Some).chain([None]) {
            let next = part.map_or(file.file_name().unwrap_or_default(), |part| part.as_os_str());
            for entry in std::fs::read_dir(&from).into_iter().flatten() {
                let entry = entry?;
                if entry.file_name() != next {
                    std::os::unix::fs::symlink(entry.path(), to.join(entry.file_name()))?;
                }
            }
            if part.is_some() {
                from.push(next);
                to.push(next);
                std::fs::create_dir(&to)?;
            }
        }
        std::fs::write(tree.root.join(file), text)?;
        Ok(tree)
    }
}

/// How the folders of copies are called: this, the process, and something random.
const PREFIX: &str = "leanwright-copy-";

/// Remove the copies of processes that were killed and could not do it themselves.
fn remove_stale_copies() {
    for entry in std::fs::read_dir(std::env::temp_dir()).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let owner = name.to_str().and_then(|name| name.strip_prefix(PREFIX)?.split('-').next()?.parse().ok());
        if owner.is_some_and(|owner| !leanwright_procs::group::is_running(owner)) {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

/// Whether a file decides what is built. Records, logs and swap files beside the sources come and go all the time; a file
/// that a source reads while it is compiled is copied all the same, and an old baseline can only lead to a refusal.
fn is_source(relative: &Path) -> bool {
    const NAMES: [&str; 2] = ["lean-toolchain", "lake-manifest.json"];
    let named = relative.file_name().and_then(|name| name.to_str()).is_some_and(|name| NAMES.contains(&name));
    let typed = relative.extension().is_some_and(|extension| extension == "lean" || extension == "toml");
    !relative.starts_with(".lake") && (named || typed)
}

/// Copy the files whose size or time differs from the stamps, and remove those that are gone.
fn copy_changed(
    original: &Project,
    to: &Path,
    stamps: &mut BTreeMap<PathBuf, Stamp>,
) -> Result<(bool, Vec<PathBuf>), CopyError> {
    let from = original.root.as_path();
    let (mut seen, mut left_out) = (BTreeMap::new(), Vec::new());
    let mut changed = false;
    let packages = Path::new(".lake/packages");
    let entries = walkdir::WalkDir::new(from).into_iter().filter_entry(|entry| {
        let left_out = entry.file_name().to_str().is_some_and(|name| LEFT_OUT.contains(&name));
        !(entry.depth() > 0 && left_out) && entry.path().strip_prefix(from).is_ok_and(|path| path != packages)
    });
    for entry in entries {
        let entry = entry?;
        let Ok(relative) = entry.path().strip_prefix(from) else { continue };
        if entry.file_type().is_dir() {
            std::fs::create_dir_all(to.join(relative))?;
        } else if entry.file_type().is_file() {
            let metadata = entry.metadata()?;
            let stamp = (metadata.len(), metadata.modified().ok());
            // Products are copied once: later ones are made in the copy, from the copied sources.
            let product = relative.starts_with(".lake");
            if stamps.get(relative).is_none_or(|old| !product && *old != stamp) {
                std::fs::copy(entry.path(), to.join(relative))?;
                // Lake compares times: a product must not look older than its source.
                if let Some(time) = stamp.1 {
                    std::fs::File::options().append(true).open(to.join(relative))?.set_modified(time)?;
                }
                changed |= is_source(relative);
            }
            seen.insert(relative.to_path_buf(), stamp);
        } else if entry.path_is_symlink() {
            match link_target(original, entry.path(), to) {
                Some(target) => {
                    let known = stamps.contains_key(relative);
                    if !known || std::fs::read_link(to.join(relative)).ok().as_ref() != Some(&target) {
                        let _ = std::fs::remove_file(to.join(relative));
                        std::os::unix::fs::symlink(target, to.join(relative))?;
                        changed |= is_source(relative);
                    }
                    // What it leads to has a stamp of its own, or is a package's.
                    seen.insert(relative.to_path_buf(), (0, None));
                }
                None => left_out.push(relative.to_path_buf()),
            }
        }
    }
    for gone in stamps.keys().filter(|path| !seen.contains_key(*path)) {
        let _ = std::fs::remove_file(to.join(gone));
        changed |= is_source(gone);
    }
    *stamps = seen;
    Ok((changed, left_out))
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
fn root_within(folder: &Path, packages: &[PathBuf]) -> PathBuf {
    let up = |path: &PathBuf| path.components().filter(|part| matches!(part, Component::ParentDir)).count();
    let depth = packages.iter().filter(|path| path.is_relative()).map(up).max().unwrap_or(0);
    (0..depth).fold(folder.to_path_buf(), |folder, _| folder.join("up")).join("project")
}

/// Packages that are named by a path relative to the project: a link stands where the copy looks for them.
fn link_path_packages(original: &Project, root: &Path) -> Result<(), CopyError> {
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
fn link_packages(from: &Path, to: &Path) -> Result<(), CopyError> {
    let packages = from.join(".lake/packages");
    if packages.is_dir() {
        std::fs::create_dir_all(to.join(".lake"))?;
        std::os::unix::fs::symlink(packages, to.join(".lake/packages"))?;
    }
    Ok(())
}
