//! Compiled modules on disk: where an import leads to, and the bytes that are there. Nothing of them is understood here.

use leanwright_olean::{Component, Name};
use std::io::{Error, ErrorKind, Read};
use std::path::{Path, PathBuf};

/// The endings that Lean gives the further parts of a module of the module system.
pub const PART_ENDINGS: [&str; 2] = ["olean.server", "olean.private"];

/// The most bytes that a compiled module's parts may have together: reading takes a multiple of them.
pub const MAX_MODULE: u64 = 512 << 20;

/// The bytes of a compiled module's file and of the parts that lie beside it. A module that is too large is an error.
pub fn read_parts(path: &Path) -> std::io::Result<Vec<Vec<u8>>> {
    tracing::trace!(path = %path.display(), "a compiled module is read");
    let mut left = MAX_MODULE;
    part_paths(path).iter().map(|path| read_part(path, &mut left)).collect()
}

/// The file, and the parts beside it.
pub fn part_paths(path: &Path) -> Vec<PathBuf> {
    let mut paths = vec![path.to_path_buf()];
    if path.extension().is_some_and(|extension| extension == "olean") {
        let further = PART_ENDINGS.map(|ending| path.with_extension(ending));
        paths.extend(further.into_iter().filter(|further| further.is_file()));
    }
    paths
}

/// The bytes that a module's parts have together, as far as they are read at all.
pub fn module_size(path: &Path) -> u64 {
    let sizes = part_paths(path).into_iter().map(|path| std::fs::metadata(path).map_or(0, |file| file.len()));
    sizes.sum::<u64>().min(MAX_MODULE)
}

fn read_part(path: &Path, left: &mut u64) -> std::io::Result<Vec<u8>> {
    let file = std::fs::File::open(path)?;
    let mut bytes = Vec::with_capacity(usize::try_from(file.metadata()?.len().min(*left)).unwrap_or(0));
    let length = file.take(*left + 1).read_to_end(&mut bytes)? as u64;
    *left = left.checked_sub(length).ok_or_else(|| {
        let limit = MAX_MODULE >> 20;
        Error::new(ErrorKind::FileTooLarge, format!("a compiled module of more than {limit} MiB is not read"))
    })?;
    Ok(bytes)
}

/// A digest of a module's parts.
pub fn digest_of(parts: &[Vec<u8>]) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes()).update(part);
    }
    hasher.finalize()
}

/// The file that Lean reads for an import. All modules below a name are looked for in the first folder that has the name.
/// Source: `Lean.SearchPath.findWithExt` (`src/Lean/Util/Path.lean`).
pub fn find(module: &Name, folders: &[PathBuf]) -> Option<PathBuf> {
    let mut relative = PathBuf::new();
    for part in &module.0 {
        match part {
            Component::Text(text) if !text.contains(['/', '\0']) && !matches!(&**text, "" | "." | "..") => {
                relative.push(&**text);
            }
            _ => return None,
        }
    }
    let root = relative.iter().next()?.to_owned();
    let has_root = |folder: &&PathBuf| {
        let mut file = folder.join(&root);
        let is_folder = file.is_dir();
        file.as_mut_os_string().push(".olean");
        is_folder || file.exists()
    };
    relative.as_mut_os_string().push(".olean");
    folders.iter().find(has_root).map(|folder| folder.join(relative)).filter(|path| path.is_file())
}
