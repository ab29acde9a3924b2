//! Verdicts on disk, under a digest of everything that they depend on. Several processes may use one store at once: an entry is
//! written elsewhere and then moved into place. An entry that is damaged is reported and judged anew, never believed.
//!
//! A store is as trustworthy as the user's own cache folder: without a sandbox, a candidate that runs could write there.

use crate::judgement::Judgement;
use leanwright_contract::{Verdict, VerdictState};
use leanwright_lean::dialect::CompilerMessage;
use serde::{Deserialize, Serialize};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

/// Changes with the form of the entries and with what the guards do.
pub const FORMAT: u32 = 3;

/// Entries that are written between two looks at the store's size.
const WRITES_PER_SWEEP: usize = 64;

/// A folder with verdicts.
#[derive(Debug)]
pub struct VerdictStore {
    folder: PathBuf,
    /// Bytes that it may take.
    cap: u64,
    writes: AtomicUsize,
}

/// What a store has under a key.
#[derive(Debug)]
pub enum Recalled {
    Nothing,
    Verdict(Box<Judgement>),
    /// There is an entry, and it is not what was written; says why.
    Damaged(String),
}

/// What a sweep did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sweep {
    pub entries: usize,
    pub bytes: u64,
    pub removed: usize,
    pub damaged: usize,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    format: u32,
    key: String,
    verdict: Verdict,
    compiled: Option<bool>,
    messages: Vec<CompilerMessage>,
    new_errors: usize,
}

impl VerdictStore {
    pub fn open(folder: PathBuf, cap: u64) -> std::io::Result<Self> {
        std::fs::create_dir_all(&folder)?;
        Ok(Self { folder, cap, writes: AtomicUsize::new(0) })
    }

    fn path(&self, key: &blake3::Hash) -> PathBuf {
        let hex = key.to_hex();
        self.folder.join(hex.get(..2).unwrap_or_default()).join(hex.as_str())
    }

    /// What is known under a key.
    pub fn recall(&self, key: &blake3::Hash) -> Recalled {
        let bytes = match std::fs::read(self.path(key)) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Recalled::Nothing,
            Err(error) => return Recalled::Damaged(error.to_string()),
        };
        match read_entry(&bytes) {
            Ok(entry) if entry.key != key.to_hex().as_str() => {
                Recalled::Damaged("it is the entry of another".to_owned())
            }
            Ok(Entry { verdict, compiled, messages, new_errors, .. }) => {
                let elapsed = Duration::ZERO;
                Recalled::Verdict(Box::new(Judgement {
                    verdict,
                    compiled,
                    messages,
                    new_errors,
                    elapsed,
                    stamps: Arc::default(),
                    end: None,
                    holds_alone: true,
                }))
            }
            Err(why) => Recalled::Damaged(why),
        }
    }

    /// Keep a judgement that would come out the same again. A time-out or a failure of ours is none.
    pub fn keep(&self, key: &blake3::Hash, judgement: &Judgement) -> std::io::Result<()> {
        let lasting = match &judgement.verdict.state {
            VerdictState::Accepted | VerdictState::Rejected { .. } => true,
            VerdictState::Failed { .. } => judgement.messages.iter().any(CompilerMessage::is_error),
            VerdictState::Unknown { .. } => false,
        };
        if !lasting {
            return Ok(());
        }
        let entry = Entry {
            format: FORMAT,
            key: key.to_hex().to_string(),
            verdict: judgement.verdict.clone(),
            compiled: judgement.compiled,
            messages: judgement.messages.clone(),
            new_errors: judgement.new_errors,
        };
        let body = serde_json::to_vec(&entry)?;
        let path = self.path(key);
        let parent = path.parent().unwrap_or(&self.folder);
        std::fs::create_dir_all(parent)?;
        let mut file = tempfile::NamedTempFile::new_in(parent)?;
        writeln!(file, "{}", blake3::hash(&body).to_hex())?;
        file.write_all(&body)?;
        file.persist(&path).map_err(|error| error.error)?;
        if self.writes.fetch_add(1, Ordering::Relaxed) % WRITES_PER_SWEEP == WRITES_PER_SWEEP - 1 {
            self.sweep(self.cap)?;
        }
        Ok(())
    }

    /// Remove damaged entries, what an interrupted write has left, and the oldest entries until `cap` bytes are left.
    pub fn sweep(&self, cap: u64) -> std::io::Result<Sweep> {
        let mut sweep = Sweep::default();
        let mut entries: Vec<(SystemTime, u64, PathBuf)> = Vec::new();
        for entry in walkdir::WalkDir::new(&self.folder).min_depth(2).into_iter().filter_map(Result::ok) {
            let Some((metadata, written)) = entry
                .metadata()
                .ok()
                .filter(std::fs::Metadata::is_file)
                .and_then(|one| Some((one.clone(), one.modified().ok()?)))
            else {
                continue;
            };
            if !is_entry(entry.path()) {
                // What an interrupted write has left; a young one may still be written.
                if SystemTime::now().duration_since(written).is_ok_and(|age| age > LONGEST_WRITE) {
                    remove(entry.path())?;
                }
                continue;
            }
            if std::fs::read(entry.path()).is_ok_and(|bytes| read_entry(&bytes).is_err()) {
                sweep.damaged += 1;
                remove(entry.path())?;
            } else {
                entries.push((written, metadata.len(), entry.into_path()));
            }
        }
        entries.sort_unstable();
        sweep.entries = entries.len();
        sweep.bytes = entries.iter().map(|(_, size, _)| size).sum();
        for (_, size, path) in entries {
            if sweep.bytes <= cap {
                break;
            }
            remove(&path)?;
            sweep.bytes -= size;
            sweep.entries -= 1;
            sweep.removed += 1;
        }
        Ok(sweep)
    }
}

/// Writing an entry takes milliseconds.
const LONGEST_WRITE: Duration = Duration::from_secs(3600);

/// Another process may have removed it.
fn remove(path: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// A file of another name is one that is being written.
fn is_entry(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn read_entry(bytes: &[u8]) -> Result<Entry, String> {
    let split = bytes.iter().position(|byte| *byte == b'\n').ok_or("it has no first line")?;
    let (digest, body) = bytes.split_at(split);
    let body = body.get(1..).unwrap_or_default();
    if blake3::hash(body).to_hex().as_bytes() != digest {
        return Err("its digest does not fit".to_owned());
    }
    let entry: Entry = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    if entry.format != FORMAT {
        return Err(format!("it has format {}", entry.format));
    }
    Ok(entry)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::candidate::Candidate;

    fn judgement(note: &str) -> Judgement {
        let (before, replacement) = ("theorem t : x := sorry".to_owned(), "y".to_owned());
        let candidate = Candidate { root: "/p".into(), file: "A.lean".into(), before, span: 17..22, replacement };
        let mut judgement = Judgement::unknown(&candidate, "");
        judgement.verdict.state = VerdictState::Accepted;
        judgement.verdict.notes.push(note.to_owned());
        judgement
    }

    #[test]
    fn several_writers_never_leave_half_an_entry() {
        let folder = tempfile::tempdir().unwrap();
        let key = blake3::hash(b"key");
        std::thread::scope(|scope| {
            for writer in 0..4 {
                let folder = folder.path().to_path_buf();
                scope.spawn(move || {
                    // Each as if it were a process of its own.
                    let store = VerdictStore::open(folder, 1 << 20).unwrap();
                    for _ in 0..100 {
                        store.keep(&key, &judgement(&"long ".repeat(writer * 1000))).unwrap();
                        match store.recall(&key) {
                            Recalled::Verdict(found) => assert_eq!(found.verdict.notes.len(), 1),
                            other => panic!("{other:?}"),
                        }
                    }
                });
            }
        });
    }

    #[test]
    fn what_may_come_out_otherwise_is_not_kept_and_the_oldest_go_first() {
        let folder = tempfile::tempdir().unwrap();
        let store = VerdictStore::open(folder.path().to_path_buf(), 1 << 20).unwrap();
        let keys: Vec<blake3::Hash> = (0..3_u8).map(|key| blake3::hash(&[key])).collect();
        let mut unknown = judgement("");
        unknown.verdict.state = VerdictState::Unknown { why: "no time".to_owned() };
        let mut timed_out = judgement("");
        timed_out.verdict.state = VerdictState::Failed { error: "Lean was stopped after 60 s".to_owned() };
        for lost in [unknown, timed_out] {
            store.keep(&keys[0], &lost).unwrap();
            assert!(matches!(store.recall(&keys[0]), Recalled::Nothing));
        }
        let mut size = 0;
        for (age, key) in keys.iter().enumerate() {
            store.keep(key, &judgement("")).unwrap();
            let file = std::fs::File::options().append(true).open(store.path(key)).unwrap();
            file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(age as u64)).unwrap();
            size = file.metadata().unwrap().len();
        }
        let swept = store.sweep(2 * size).unwrap();
        assert_eq!((swept.entries, swept.removed, swept.bytes), (2, 1, 2 * size));
        assert!(matches!(store.recall(&keys[0]), Recalled::Nothing));
        assert!(matches!(store.recall(&keys[2]), Recalled::Verdict(_)));
        // An entry under another's name is not that one's.
        std::fs::copy(store.path(&keys[1]), store.path(&keys[2])).unwrap();
        assert!(matches!(store.recall(&keys[2]), Recalled::Damaged(_)));
    }
}
