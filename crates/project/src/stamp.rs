//! What changes when a file does, and where a copied file came from: so that what was found out by reading the one holds of the other.

use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// A file that has changed as lately as this may change again without looking different: the clock of a file system has steps.
const TOO_YOUNG: Duration = Duration::from_secs(2);

/// Size, device, inode, times. The time of the last change cannot be set back, as the time of the last writing can.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp(u64, u64, u64, [i64; 4]);

impl Stamp {
    /// Of a file, or what a link leads to.
    pub fn of(path: &Path) -> std::io::Result<Self> {
        std::fs::metadata(path).map(|file| Self::of_metadata(&file))
    }

    pub fn of_metadata(file: &Metadata) -> Self {
        Self(file.len(), file.dev(), file.ino(), [file.mtime(), file.mtime_nsec(), file.ctime(), file.ctime_nsec()])
    }

    /// When it was last written to.
    pub fn modified(&self) -> SystemTime {
        let Self(.., [seconds, nanoseconds, ..]) = self;
        let [seconds, nanoseconds] = [seconds, nanoseconds].map(|part| u64::try_from(*part).unwrap_or(0));
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds) + Duration::from_nanos(nanoseconds)
    }

    pub fn is_settled(&self) -> bool {
        let Self(.., [_, _, seconds, _]) = self;
        let changed = SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(*seconds).unwrap_or(0));
        SystemTime::now().duration_since(changed).is_ok_and(|age| age > TOO_YOUNG)
    }
}

/// The file that a file of a copy has its bytes from.
#[derive(Clone, Debug)]
pub struct Origin {
    pub path: PathBuf,
    /// The original's, when it was copied.
    pub stamp: Stamp,
    /// The copy's, since then.
    copied: Stamp,
}

impl Origin {
    /// Of a copy that nobody but us has written to. `stamp` is the original's from before it was copied, and must have been settled then.
    pub fn of(copy: &Path, original: PathBuf, stamp: Stamp) -> Option<Self> {
        Some(Self { path: original, stamp, copied: Stamp::of(copy).ok()? })
    }

    /// Whether the copy is still what was copied.
    pub fn holds(&self, stamp: &Stamp) -> bool {
        self.copied == *stamp
    }
}

/// By the copy's path.
pub type Origins = HashMap<PathBuf, Origin>;
