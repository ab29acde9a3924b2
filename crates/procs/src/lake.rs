//! Which Lean is used: the user's `lake` from PATH, or the embedded one; and what `lake env` says about a project.

use crate::command::RunError;
use crate::embedded;
use crate::launcher::{Launcher, Trust};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where a toolchain comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToolchainSource {
    /// The first `lake` on PATH that is not ourselves.
    Path,
    /// The one that `leanwright toolchain install` put into the cache folder.
    Embedded,
}

/// A `lake` that can be run.
#[derive(Clone, Debug)]
pub struct Toolchain {
    pub lake: PathBuf,
    pub source: ToolchainSource,
    pub launcher: Launcher,
}

#[derive(Debug, thiserror::Error)]
pub enum LakeError {
    #[error(
        "no `lake` on PATH, and the embedded Lean is not installed.\n\
         Install Lean with elan, or run `leanwright toolchain install` (needs node 18 or newer, npm and tar)"
    )]
    NoLean,
    #[error(transparent)]
    Run(#[from] RunError),
    #[error("`{command}` failed ({ending}):\n{output}")]
    Failed { command: String, ending: String, output: String },
}

impl Toolchain {
    /// The user's `lake` if there is one, else the embedded one if it is installed.
    pub fn find() -> Result<Self, LakeError> {
        if let Some(lake) = find_on_path("lake", &std::env::var_os("PATH").unwrap_or_default()) {
            return Ok(Self { lake, source: ToolchainSource::Path, launcher: Launcher::default() });
        }
        Self::embedded().ok_or(LakeError::NoLean)
    }

    /// The embedded one, if it is installed.
    pub fn embedded() -> Option<Self> {
        let lake = embedded::folder().ok()?.join("bin/lake");
        lake.is_file().then_some(Self { lake, source: ToolchainSource::Embedded, launcher: Launcher::default() })
    }

    /// In one line, for a person.
    pub fn describe(&self) -> String {
        match self.source {
            ToolchainSource::Path => format!("lake from PATH: {}", self.lake.display()),
            ToolchainSource::Embedded => format!("the embedded Lean: {}", self.lake.display()),
        }
    }

    /// What `lake env` sets for the project at `root`. Starts `lake` once, and Lean once for its version.
    pub async fn environment(&self, root: &Path) -> Result<LakeEnvironment, LakeError> {
        let printed = self.launcher.run(Trust::User, &self.lake, root).args(["env", "printenv"]).run().await?;
        let printed =
            if printed.success() { String::from_utf8_lossy(&printed.stdout).into_owned() } else { String::new() };
        // Lake's own variables come last where they are there twice.
        let value = |key: &str| printed.lines().rev().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
        let path = value("PATH").map_or_else(|| std::env::var_os("PATH").unwrap_or_default(), OsString::from);
        let sysroot = value("LEAN_SYSROOT").map(PathBuf::from);
        // `lake env` puts the toolchain first; elan's shim is not it.
        let lean = match sysroot.as_ref().map(|prefix| prefix.join("bin/lean")) {
            Some(lean) if lean.is_file() => lean,
            _ => find_on_path("lean", &path).ok_or(LakeError::NoLean)?,
        };
        let version = self.launcher.run(Trust::User, &lean, root).args(["--version"]);
        let version = version.deadline(Duration::from_secs(60)).run().await?;
        let Some(version) = version.success().then(|| first_line(&version.stdout)).flatten() else {
            return Err(LakeError::Failed {
                command: format!("{} --version", lean.display()),
                ending: version.ending(),
                output: version.text(),
            });
        };
        let lean_path = value("LEAN_PATH").unwrap_or_default().to_owned();
        let library = sysroot.map(|prefix| prefix.join("lib/lean")).filter(|folder| folder.is_dir());
        Ok(LakeEnvironment { lean, lean_path, library, path, version })
    }
}

/// What is needed to run `lean` on a file of a project without `lake`.
#[derive(Clone, Debug)]
pub struct LakeEnvironment {
    pub lean: PathBuf,
    /// Folders with compiled modules, separated by `:`.
    pub lean_path: String,
    /// The folder of the toolchain's own compiled modules, which `LEAN_PATH` leaves out.
    pub library: Option<PathBuf>,
    pub path: OsString,
    /// What `lean --version` prints.
    pub version: String,
}

impl LakeEnvironment {
    /// Name all files and folders as they are without links: in a sandbox there may be nothing but the one that a link leads to. What is relative is so to `root`.
    pub fn make_canonical(&mut self, root: &Path) {
        let canonical = |path: &Path| canonical(&root.join(path));
        self.lean = canonical(&self.lean);
        self.library = self.library.as_deref().map(canonical);
        let folders = std::env::split_paths(&self.lean_path).filter(|folder| !folder.as_os_str().is_empty());
        let folders = std::env::join_paths(folders.map(|folder| canonical(&folder)));
        if let Some(folders) = folders.ok().and_then(|folders| folders.into_string().ok()) {
            self.lean_path = folders;
        }
    }

    /// What has to be there for `lean` to run: the toolchain's folder. If that were the user's home folder, or what that is in, `lean` itself and its library.
    pub fn toolchain_files(&self) -> Vec<PathBuf> {
        let home = std::env::var_os("HOME").and_then(|home| std::fs::canonicalize(home).ok());
        let folder = self.lean.parent().and_then(Path::parent);
        let folder = folder.filter(|folder| folder.parent().is_some());
        let folder = folder.filter(|folder| !home.is_some_and(|home| home.starts_with(folder)));
        [folder.unwrap_or(&self.lean)].into_iter().chain(self.library.as_deref()).map(Path::to_owned).collect()
    }
}

/// A path without links, also if the last folders are not there yet.
fn canonical(path: &Path) -> PathBuf {
    match (std::fs::canonicalize(path), path.parent(), path.file_name()) {
        (Ok(found), _, _) => found,
        (Err(_), Some(folder), Some(name)) => canonical(folder).join(name),
        _ => path.to_owned(),
    }
}

fn first_line(output: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(output);
    text.lines().next().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty())
}

/// The first executable file of that name on a search path that is not this program itself under another name.
pub fn find_on_path(name: &str, path: &OsStr) -> Option<PathBuf> {
    let own = std::env::current_exe().and_then(std::fs::canonicalize).ok();
    let is_self = |candidate: &Path| {
        let candidate = std::fs::canonicalize(candidate).ok();
        // A copy of this program under the name `lake` is this program as well.
        candidate.is_some() && (candidate == own || same_content(candidate.as_deref(), own.as_deref()))
    };
    // What is relative is below the project: that must not choose what is run.
    let folders = std::env::split_paths(path).filter(|folder| folder.is_absolute());
    folders.map(|folder| folder.join(name)).find(|candidate| {
        use std::os::unix::fs::PermissionsExt;
        let executable = std::fs::metadata(candidate)
            .is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0);
        executable && !is_self(candidate)
    })
}

fn same_content(one: Option<&Path>, other: Option<&Path>) -> bool {
    let (Some(one), Some(other)) = (one, other) else { return false };
    let length = |path: &Path| std::fs::metadata(path).map(|metadata| metadata.len()).ok();
    length(one) == length(other) && std::fs::read(one).ok() == std::fs::read(other).ok()
}
