//! An isolated copy of a project: sources and build products are copied when they are needed, packages are linked, `.git` stays away.
//!
//! Candidates run in trees of links into the copy, so that nothing that they do by relative paths reaches the original.

mod bring;
mod files;
mod folder;
mod waiting;

use crate::freshness::{CONFIGURATION, ImportStamps};
use crate::project::{Project, ProjectError};
use crate::stamp::Origins;
use files::{Files, Scope};
use folder::{CopyFolder, OUTPUT, RUN};
use leanwright_lean::{Header, ModuleName, word_that_reads};
use leanwright_procs::leftovers::empty;
use leanwright_procs::{Finished, LakeEnvironment, LakeError, Toolchain, Trust, View};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use tokio::sync::{Mutex, OwnedRwLockReadGuard, RwLock};
use waiting::Needed;

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
    #[error("`{}` has changed since the judgement began", .0.display())]
    Changed(PathBuf),
    #[error("the imports do not build ({ending}):\n{output}")]
    Imports { ending: String, output: String },
    #[error("whether the imports build is not known: lake {ending}:\n{output}")]
    Stopped { ending: String, output: String },
}

/// The longest time that building a file's imports may take: a project may have to be built from nothing.
const BUILD_DEADLINE: Duration = Duration::from_secs(3600);

/// One state of a project, as long as somebody holds it: the copy's sources stay what they are, and what was built of them.
pub type Snapshot = Arc<OwnedRwLockReadGuard<ProjectCopy>>;

/// A copy that a judge keeps for all candidates of a project.
pub type SharedCopy = Arc<RwLock<ProjectCopy>>;

/// A copy of one project, kept up to date with its original.
pub struct ProjectCopy {
    folder: CopyFolder,
    original: PathBuf,
    pub project: Project,
    pub environment: LakeEnvironment,
    pub toolchain: Toolchain,
    /// Counts the states of the copied sources, from 1.
    pub generation: u64,
    /// Names the generation's state: the same as long as nothing in the sources and packages changes.
    pub state: blake3::Hash,
    /// The original's files that say which Lean and which packages there are, as they were.
    configuration: Vec<Option<Vec<u8>>>,
    files: Arc<std::sync::Mutex<Files>>,
    /// What the judged texts import of packages, as it was when this generation first had to do with it: what is built here was built from that.
    packages: std::sync::Mutex<ImportStamps>,
    /// Modules whose products are those of the copied sources. Building more of them changes none of these.
    built: Mutex<BTreeSet<ModuleName>>,
    runs: AtomicU64,
}

/// The files of a copy as it is made, before Lake is asked about them.
pub struct CopiedFiles {
    folder: CopyFolder,
    original: Project,
    configuration: Vec<Option<Vec<u8>>>,
    root: PathBuf,
    files: Files,
}

impl CopiedFiles {
    pub fn of(root: &Path) -> Result<Self, CopyError> {
        // Before anything else: what changes from here on is found by the next look.
        let configuration = configuration(root);
        let original = Project::at(root)?;
        let folder = CopyFolder::make()?;
        let root = files::root_within(folder.path(), &original.path_packages);
        std::fs::create_dir_all(&root)?;
        files::link_path_packages(&original, &root)?;
        let files =
            Files::default().difference(&original, &root, Scope::SourcesAndProducts)?.apply(&original.root, &root)?;
        files::link_packages(&original.root, &root)?;
        Ok(Self { folder, original, configuration, root, files })
    }

    /// Copy everything at once.
    pub fn whole(&mut self) -> Result<(), CopyError> {
        self.files.bring(Needed::Everything, &self.original, &self.root)
    }
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
        empty(&self.output);
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl ProjectCopy {
    /// Copy the project at `root`.
    pub async fn make(root: &Path, toolchain: &Toolchain) -> Result<Self, CopyError> {
        let original = root.to_path_buf();
        let copied = tokio::task::spawn_blocking(move || CopiedFiles::of(&original)).await;
        let CopiedFiles { configuration, original, folder, root, mut files } =
            copied.map_err(std::io::Error::other)??;
        let mut environment = toolchain.environment(&root).await?;
        if environment.library.is_none() {
            let run = toolchain.launcher.run(Trust::User, &environment.lean, &root).args(["--print-prefix"]);
            if let Some(prefix) = run.run().await.ok().filter(Finished::success) {
                let prefix = String::from_utf8_lossy(&prefix.stdout).trim().to_owned();
                environment.library = Some(Path::new(&prefix).join("lib/lean"));
                // What was on PATH may be a shim.
                let lean = Path::new(&prefix).join("bin/lean");
                if lean.is_file() {
                    environment.lean = lean;
                }
            }
        }
        environment.make_canonical(&root);
        // Modules from elsewhere may have a tactic that looks for files, as those of packages may.
        let build = root.join(&original.build_folder);
        let mut folders = std::env::split_paths(&environment.lean_path);
        if folders.any(|folder| !folder.starts_with(&build) && environment.library.as_ref() != Some(&folder)) {
            files.at_once = true;
            let (to, project) = (root.clone(), original.clone());
            let brought =
                tokio::task::spawn_blocking(move || files.bring(Needed::Everything, &project, &to).map(|()| files));
            files = brought.await.map_err(std::io::Error::other)??;
        }
        Ok(Self {
            folder,
            original: original.root.clone(),
            project: original.copied_to(root),
            environment,
            toolchain: toolchain.clone(),
            generation: 1,
            state: files.state(),
            configuration,
            files: Arc::new(std::sync::Mutex::new(files)),
            packages: std::sync::Mutex::default(),
            built: Mutex::default(),
            runs: AtomicU64::new(0),
        })
    }

    /// The copy as the original is now. Who holds an earlier state is not disturbed: a new one is made when nobody does any more.
    pub async fn snapshot(copy: SharedCopy) -> Result<Snapshot, CopyError> {
        let reader = Arc::clone(&copy).read_owned().await;
        let looked = tokio::task::spawn_blocking(move || (reader.catch_up(), reader));
        if let (Ok(true), reader) = looked.await.map_err(std::io::Error::other)? {
            return Ok(Arc::new(reader));
        }
        let mut writer = copy.write_owned().await;
        if configuration(&writer.original) != writer.configuration || !writer.project.root.is_dir() {
            // Another Lean, or other packages: nothing of the old copy can be kept. Or somebody has removed it.
            let fresh = Self::make(&writer.original, &writer.toolchain).await?;
            let (generation, state) = (writer.generation + 1, fresh.state);
            *writer = Self { generation, state: next_state(state, generation), ..fresh };
            return Ok(Arc::new(writer.downgrade()));
        }
        let refreshed = tokio::task::spawn_blocking(move || (writer.refresh(), writer));
        let (refreshed, writer) = refreshed.await.map_err(std::io::Error::other)?;
        refreshed?;
        Ok(Arc::new(writer.downgrade()))
    }

    /// The folders in which imports are looked for, the toolchain's own library last: `LEAN_PATH` leaves it out.
    pub fn import_folders(&self) -> Vec<PathBuf> {
        let mut folders: Vec<PathBuf> = std::env::split_paths(&self.environment.lean_path).collect();
        folders.extend(self.environment.library.clone());
        folders
    }

    /// The folder of the project's own compiled modules.
    pub fn products(&self) -> PathBuf {
        let build = self.project.root.join(&self.project.build_folder);
        let mut folders = std::env::split_paths(&self.environment.lean_path);
        folders.find(|folder| folder.starts_with(&build)).unwrap_or_else(|| build.join("lib/lean"))
    }

    /// Where the compiled modules that were copied came from.
    pub fn origins(&self) -> Arc<Origins> {
        Arc::clone(&self.files.lock().unwrap_or_else(PoisonError::into_inner).origins)
    }

    /// A folder for something that lasts as long as its value, and at most as long as the copy.
    pub fn scratch_folder(&self, prefix: &str) -> std::io::Result<tempfile::TempDir> {
        tempfile::Builder::new().prefix(prefix).tempdir_in(self.folder.path())
    }

    /// Whether the original's sources, and the packages, are what this generation was made of.
    pub fn is_current(&self) -> bool {
        self.catch_up().is_ok_and(|is_current| is_current)
    }

    /// The first of these modules, which are the project's own, that has no source in the copy which is brought up to date: what it was compiled to says nothing then.
    pub fn without_source<'a>(&self, mut modules: impl Iterator<Item = &'a ModuleName>) -> Option<&'a ModuleName> {
        let has_source = |module: &ModuleName| {
            let source = self.project.source_of(module);
            source.is_some_and(|source| !waiting::is_product(&source, &self.project.build_folder))
        };
        modules.find(|module| !has_source(module))
    }

    /// Whether the sources are the original's, and the packages what they were. Other files, which decide nothing, are brought up to date.
    fn catch_up(&self) -> Result<bool, CopyError> {
        let packages_hold = self.packages.lock().unwrap_or_else(PoisonError::into_inner).hold();
        if !packages_hold || configuration(&self.original) != self.configuration || !self.project.root.is_dir() {
            return Ok(false);
        }
        let original = self.project.copied_to(self.original.clone());
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        let difference = files.difference(&original, &self.project.root, Scope::Sources)?;
        if difference.in_sources {
            return Ok(false);
        }
        *files = difference.apply(&self.original, &self.project.root)?;
        Ok(true)
    }

    /// Copy what has changed in the original since, and begin a new generation if it is a source or a package.
    fn refresh(&mut self) -> Result<(), CopyError> {
        if self.catch_up()? {
            return Ok(());
        }
        let original = self.project.copied_to(self.original.clone());
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        // From here on it is another state, also if not everything can be copied.
        self.generation += 1;
        self.state = next_state(self.state, self.generation);
        self.built.get_mut().clear();
        *self.packages.get_mut().unwrap_or_else(PoisonError::into_inner) = ImportStamps::default();
        let difference = files.difference(&original, &self.project.root, Scope::SourcesAndProducts)?;
        *files = difference.apply(&self.original, &self.project.root)?;
        self.state = next_state(files.state(), self.generation);
        Ok(())
    }

    /// What a verdict says of links that were not followed.
    pub fn left_out_note(&self) -> Option<String> {
        let files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        let shown: Vec<String> = files.left_out.iter().take(3).map(|path| path.display().to_string()).collect();
        let count = files.left_out.len();
        let note = || format!("{count} links lead out of the project and were left out: {}", shown.join(", "));
        (!shown.is_empty()).then(note)
    }

    /// Build the modules of this project that a text imports, in the copy. `seen` is what the text imports as it was before this: what changes from there on is
    /// found by the next look.
    pub async fn build_imports(&self, text: &str, seen: &ImportStamps) -> Result<(), CopyError> {
        self.packages.lock().unwrap_or_else(PoisonError::into_inner).extend(seen.of_packages(&self.original));
        let header = Header::of(text);
        self.build(header.imports.iter().map(|import| ModuleName::parse(&import.module))).await
    }

    /// Build modules that no judged text imports, in the copy. What they import of packages counts from now on.
    pub async fn build_others(&self, modules: BTreeSet<ModuleName>) -> Result<(), CopyError> {
        let text: String = modules.iter().map(|module| format!("import {module}\n")).collect();
        let root = self.original.clone();
        let seen = tokio::task::spawn_blocking(move || ImportStamps::of(&root, &text).of_packages(&root)).await;
        self.packages.lock().unwrap_or_else(PoisonError::into_inner).extend(seen.map_err(std::io::Error::other)?);
        self.build(modules.into_iter()).await
    }

    /// Those that are neither this project's nor of a package that is given by a path are left out.
    async fn build(&self, modules: impl Iterator<Item = ModuleName>) -> Result<(), CopyError> {
        let mut built = self.built.lock().await;
        let wanted: Vec<ModuleName> = modules.filter(|module| !built.contains(module)).collect();
        self.bring(Needed::Modules(wanted.clone())).await?;
        let packages: Vec<Project> = self.project.packages_at_paths().collect();
        let is_built_here = |module: &ModuleName| {
            let mut all = std::iter::once(&self.project).chain(&packages);
            all.any(|package| package.source_of(module).is_some())
        };
        let missing: BTreeSet<ModuleName> = wanted.into_iter().filter(is_built_here).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let mut answer = self.lake_build(&missing).await;
        if answer.is_err() && self.bring(Needed::Everything).await? {
            // It may need what its imports do not name.
            answer = self.lake_build(&missing).await;
        }
        answer?;
        built.extend(missing);
        Ok(())
    }

    async fn lake_build(&self, modules: &BTreeSet<ModuleName>) -> Result<(), CopyError> {
        let arguments = std::iter::once("build".to_owned()).chain(modules.iter().map(|module| format!("+{module}")));
        let run = self.toolchain.launcher.run(Trust::User, &self.toolchain.lake, &self.project.root);
        let finished = run.args(arguments).deadline(BUILD_DEADLINE).run().await.map_err(LakeError::Run)?;
        if finished.success() {
            return Ok(());
        }
        let (ending, output) = (finished.ending(), finished.text());
        // Stopped or killed, it has said nothing; a supervisor gives 128 and the signal.
        let has_answered = finished.status().and_then(|status| status.code()).is_some_and(|code| code < 126);
        Err(if has_answered && !finished.held_open {
            CopyError::Imports { ending, output }
        } else {
            CopyError::Stopped { ending, output }
        })
    }

    /// Copy the sources of all modules.
    pub async fn bring_sources(&self) -> Result<(), CopyError> {
        self.bring(Needed::Sources).await.map(drop)
    }

    /// Copy all that has waited: what is compiled may look for it.
    pub async fn bring_everything(&self) -> Result<(), CopyError> {
        self.bring(Needed::Everything).await.map(drop)
    }

    /// Copy what has waited until it is needed. Returns whether anything had.
    async fn bring(&self, needed: Needed) -> Result<bool, CopyError> {
        let (files, to) = (Arc::clone(&self.files), self.project.root.clone());
        let original = self.project.copied_to(self.original.clone());
        let brought = tokio::task::spawn_blocking(move || {
            let mut files = files.lock().unwrap_or_else(PoisonError::into_inner);
            let has_waited = !files.waiting.is_empty();
            files.bring(needed, &original, &to).map(|()| has_waited)
        });
        brought.await.map_err(std::io::Error::other)?
    }

    /// What compiling in a tree, or reading what was compiled, has to see: the copy, the toolchain and the compiled modules of packages. It writes to `output` only, a folder
    /// of the tree's.
    pub fn view(&self, output: Option<&Path>) -> View {
        let modules = std::env::split_paths(&self.environment.lean_path).filter(|folder| folder.is_dir());
        let toolchain = self.environment.toolchain_files();
        let read = modules.chain(toolchain).chain([self.folder.path().to_owned()]).collect();
        View { read, write: output.map(Path::to_owned), ..View::default() }
    }

    /// A tree in which `file` (relative to the root) has this text and everything else is the copy's.
    pub fn tree(&self, file: &Path, text: &str) -> Result<Tree, CopyError> {
        if word_that_reads(text).is_some() {
            let original = self.project.copied_to(self.original.clone());
            let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
            files.bring(Needed::Everything, &original, &self.project.root)?;
        }
        let run = self.runs.fetch_add(1, Ordering::Relaxed);
        let folder = self.folder.path().join(format!("{RUN}{run}"));
        let tree = Tree { root: folder.join("project"), output: folder.join(OUTPUT), folder };
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

/// Names a generation, of sources or packages that may be as they were before.
fn next_state(sources: blake3::Hash, generation: u64) -> blake3::Hash {
    let mut state = blake3::Hasher::new();
    state.update(sources.as_bytes()).update(&generation.to_le_bytes()).finalize()
}

/// The files in a project's root, and in those of packages at a path, that decide how it is built.
fn configuration(root: &Path) -> Vec<Option<Vec<u8>>> {
    let packages = Project::at(root).map(|project| project.path_packages).unwrap_or_default();
    let roots = std::iter::once(root.to_owned()).chain(packages.iter().map(|package| root.join(package)));
    roots.flat_map(|root| CONFIGURATION.map(|name| std::fs::read(root.join(name)).ok())).collect()
}
