//! What is known of compiled modules that have been read before, as long as their files do not change: on disk, so that a new process
//! need not read a whole library again.

use crate::module_files::{digest_of, part_paths, read_parts};
use crate::sealed::{read_sealed, write_sealed};
use leanwright_olean::{Name, Olean, import_names};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// Files that are remembered at most.
const MAX_FILES: usize = 50_000;

/// A file that has changed as lately as this may change again without looking different: the clock of a file system has steps.
const TOO_YOUNG: Duration = Duration::from_secs(2);

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

/// What changes when a part's file does. The time of the last change cannot be set back, as the time of the last writing can.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Stamp(u64, u64, u64, [i64; 4]);

impl Stamp {
    fn of(path: &Path) -> std::io::Result<Self> {
        let file = std::fs::metadata(path)?;
        Ok(Self(file.len(), file.dev(), file.ino(), [file.mtime(), file.mtime_nsec(), file.ctime(), file.ctime_nsec()]))
    }

    fn is_settled(&self) -> bool {
        let Self(.., [_, _, seconds, _]) = self;
        let changed = SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(*seconds).unwrap_or(0));
        SystemTime::now().duration_since(changed).is_ok_and(|age| age > TOO_YOUNG)
    }
}

/// The files that are known.
#[derive(Default)]
pub struct KnownFiles {
    files: HashMap<PathBuf, Arc<Known>>,
    changed: bool,
}

impl KnownFiles {
    /// What another process has found out; nothing if that is damaged.
    pub fn load(path: &Path) -> Self {
        let read = || serde_json::from_slice::<Vec<(PathBuf, Known)>>(&read_sealed(path, None).ok()?).ok();
        let files = read().unwrap_or_default().into_iter().map(|(path, known)| (path, Arc::new(known))).collect();
        Self { files, changed: false }
    }

    pub fn save(&mut self, path: &Path) -> std::io::Result<()> {
        if !std::mem::take(&mut self.changed) {
            return Ok(());
        }
        if self.files.len() > MAX_FILES {
            self.files.retain(|path, _| path.exists());
        }
        let settled = self.files.iter().filter(|(_, known)| known.stamps.iter().all(Stamp::is_settled));
        let all: Vec<(&PathBuf, &Known)> = settled.take(MAX_FILES).map(|(path, known)| (path, &**known)).collect();
        write_sealed(path, &serde_json::to_vec(&all)?).map(drop)
    }

    /// A compiled module; it is read only if it is not known as it is now.
    pub fn get(&mut self, path: &Path) -> Result<Arc<Known>, String> {
        let stamps: Vec<Stamp> = part_paths(path)
            .iter()
            .map(|part| Stamp::of(part))
            .collect::<Result<_, _>>()
            .map_err(|error| error.to_string())?;
        if let Some(known) = self.files.get(path).filter(|known| known.stamps == stamps) {
            return Ok(Arc::clone(known));
        }
        let parts = read_parts(path).map_err(|error| error.to_string())?;
        let digest = *digest_of(&parts).as_bytes();
        let imports = import_names(&Olean::of_parts(parts)).map_err(|error| error.to_string())?;
        let known = Arc::new(Known { stamps, digest, imports });
        if known.stamps.iter().all(Stamp::is_settled) {
            self.files.insert(path.to_path_buf(), Arc::clone(&known));
            self.changed = true;
        }
        Ok(known)
    }
}
