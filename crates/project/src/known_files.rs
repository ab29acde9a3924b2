//! What is known of compiled modules that have been read before, as long as their files do not change: on disk, so that a new process
//! need not read a whole library again, nor what its copy of a project has from a build that was there before.

use crate::module_files::{digest_of, part_paths, read_parts};
use crate::sealed::{read_sealed, write_sealed};
use crate::stamp::{Origins, Stamp};
use leanwright_olean::{Name, Olean, import_names};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Files that are remembered at most.
const MAX_FILES: usize = 50_000;

/// Bytes of modules that have just been read and are kept, since they will be decoded next.
const MAX_KEPT: usize = 64 << 20;

/// A compiled module's file.
#[derive(Debug, Serialize, Deserialize)]
pub struct Known {
    stamps: Vec<Stamp>,
    digest: [u8; 32],
    pub imports: Vec<Name>,
}

impl Known {
    /// A digest of the bytes of all parts.
    pub fn digest(&self) -> blake3::Hash {
        self.digest.into()
    }
}

/// The files that are known.
#[derive(Default)]
pub struct KnownFiles {
    files: HashMap<PathBuf, Arc<Known>>,
    changed: bool,
    just_read: HashMap<blake3::Hash, Olean>,
    /// Bytes in `just_read`.
    kept: usize,
}

impl KnownFiles {
    /// What another process has found out; nothing if that is damaged.
    pub fn load(path: &Path) -> Self {
        let read = || serde_json::from_slice::<Vec<(PathBuf, Known)>>(&read_sealed(path, None).ok()?).ok();
        let files = read().unwrap_or_default().into_iter().map(|(path, known)| (path, Arc::new(known))).collect();
        Self { files, ..Self::default() }
    }

    pub fn save(&mut self, path: &Path) -> std::io::Result<()> {
        if !std::mem::take(&mut self.changed) {
            return Ok(());
        }
        // Another process may have found out something meanwhile.
        for (module, known) in Self::load(path).files {
            self.files.entry(module).or_insert(known);
        }
        if self.files.len() > MAX_FILES {
            self.files.retain(|path, _| path.exists());
        }
        let settled = self.files.iter().filter(|(_, known)| known.stamps.iter().all(Stamp::is_settled));
        let all: Vec<(&PathBuf, &Known)> = settled.take(MAX_FILES).map(|(path, known)| (path, &**known)).collect();
        write_sealed(path, &serde_json::to_vec(&all)?).map(drop)
    }

    /// A compiled module; it is read only if neither it nor what it was copied from is known as it is now. `is_kept` says whether what is read then is
    /// kept for `take_just_read`: a library is too large for that.
    /// Its stamps are those of the files themselves, parts in their order.
    pub fn get(&mut self, path: &Path, origins: &Origins, is_kept: bool) -> std::io::Result<(Arc<Known>, Vec<Stamp>)> {
        let parts = part_paths(path);
        let stamps_now = || parts.iter().map(|part| Stamp::of(part)).collect::<std::io::Result<Vec<Stamp>>>();
        let stamps = stamps_now()?;
        let of_origins = parts.iter().zip(&stamps).map(|(part, stamp)| {
            let origin = origins.get(part).filter(|origin| origin.holds(stamp))?;
            Some(origin.stamp.clone())
        });
        let origin = of_origins.collect::<Option<Vec<Stamp>>>().zip(origins.get(path));
        let (path, looked_up) = match &origin {
            Some((stamps, origin)) => (origin.path.as_path(), stamps),
            None => (path, &stamps),
        };
        if let Some(known) = self.files.get(path).filter(|known| known.stamps == *looked_up) {
            return Ok((Arc::clone(known), stamps));
        }
        let read = read_parts(parts.first().map_or(path, PathBuf::as_path))?;
        let digest = digest_of(&read);
        let module = Olean::of_parts(read);
        let imports = import_names(&module).map_err(std::io::Error::other)?;
        let known = Arc::new(Known { stamps: looked_up.clone(), digest: *digest.as_bytes(), imports });
        // What changed while it was read is not known, whatever it was copied from.
        if looked_up.iter().all(Stamp::is_settled) && stamps_now()? == stamps {
            self.files.insert(path.to_path_buf(), Arc::clone(&known));
            self.changed = true;
        }
        let size = module.bytes().len();
        if is_kept && self.kept + size <= MAX_KEPT && self.just_read.insert(digest, module).is_none() {
            self.kept += size;
        }
        Ok((known, stamps))
    }

    /// The modules that have been read since the last call, by their digests, as far as there was room for them.
    pub fn take_just_read(&mut self) -> HashMap<blake3::Hash, Olean> {
        self.kept = 0;
        std::mem::take(&mut self.just_read)
    }
}
