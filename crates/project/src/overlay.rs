//! The project's compiled modules with some of them replaced: what a module that imports a patched one sees.

use crate::copy::ProjectCopy;
use crate::module_files::PART_ENDINGS;
use leanwright_lean::ModuleName;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// A folder of links to the project's products.
pub struct Overlay {
    folder: tempfile::TempDir,
    /// `LEAN_PATH` with the folder in the place of the project's own.
    pub lean_path: OsString,
}

impl Overlay {
    /// Lean looks for all modules below a name in the first folder that has the name: so the links are complete.
    pub fn make(copy: &ProjectCopy) -> std::io::Result<Self> {
        let folder = copy.scratch_folder("overlay-")?;
        let products = copy.products();
        for entry in walkdir::WalkDir::new(&products).into_iter().filter_map(Result::ok) {
            let Ok(relative) = entry.path().strip_prefix(&products) else { continue };
            let to = folder.path().join(relative);
            if entry.file_type().is_dir() {
                std::fs::create_dir_all(&to)?;
            } else if is_compiled(entry.path()) {
                std::os::unix::fs::symlink(entry.path(), &to)?;
            }
        }
        let others = std::env::split_paths(&copy.environment.lean_path).filter(|path| *path != products);
        let all = std::iter::once(folder.path().to_path_buf()).chain(others);
        let lean_path = std::env::join_paths(all).map_err(std::io::Error::other)?;
        Ok(Self { folder, lean_path })
    }

    /// Replace a module.
    pub fn put(&self, module: &ModuleName, parts: &[Vec<u8>]) -> std::io::Result<()> {
        let endings = std::iter::once("olean").chain(PART_ENDINGS);
        for (index, ending) in endings.enumerate() {
            let path: PathBuf = self.folder.path().join(module.path(ending));
            if let Some(parent) = path.parent() {
                std::fs::create_dir_all(parent)?;
            }
            // A link would lead to the project's product.
            match std::fs::remove_file(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            if let Some(part) = parts.get(index) {
                std::fs::write(&path, part)?;
            }
        }
        Ok(())
    }
}

fn is_compiled(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    // The code that macros of another module run is beside its `.olean`.
    let is_part = name.contains(".olean") || name.ends_with(".ir") || name.ends_with(".ir.sig");
    is_part && !name.ends_with(".hash") && !name.ends_with(".trace")
}
