//! Summaries of modules on disk, each under the key of its module. One that is damaged, or of another form, is made again.

use super::facts::NameHash;
use super::summary::{AxiomSet, Summary};
use crate::gate::DeclaredSyntax;
use leanwright_olean::ConstantKind;
use leanwright_project::{read_sealed, write_sealed};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Changes with the form of the files and with what a summary says.
pub const FORMAT: u32 = 17;

/// A record: the name's hash, the kind, the place of the set.
const RECORD: usize = 16 + 1 + 4;

#[derive(Serialize, Deserialize)]
struct Head {
    key: [u8; 32],
    proofs_missing: bool,
    reads: bool,
    sets: Vec<AxiomSet>,
    syntax: DeclaredSyntax,
}

/// A folder of summaries.
pub struct SummaryStore {
    folder: PathBuf,
}

impl SummaryStore {
    /// The summaries below a folder.
    pub fn below(folder: &Path) -> Self {
        Self { folder: folder.join(format!("modules-{FORMAT}")) }
    }

    fn path(&self, key: &blake3::Hash) -> PathBuf {
        let hex = key.to_hex();
        self.folder.join(hex.get(..2).unwrap_or_default()).join(hex.as_str())
    }

    pub fn recall(&self, key: &blake3::Hash) -> Option<Summary> {
        let bytes = read_sealed(&self.path(key), None).ok()?;
        let (head, records) = split_head(&bytes)?;
        let Head { key: found, proofs_missing, reads, sets, syntax } = serde_json::from_slice(head).ok()?;
        let constants = records.chunks(RECORD).map(|record| read_record(record, sets.len()));
        let constants = constants.collect::<Option<_>>()?;
        (found == *key.as_bytes()).then_some(Summary { constants, sets, proofs_missing, reads, syntax })
    }

    pub fn keep(&self, key: &blake3::Hash, summary: &Summary) -> std::io::Result<()> {
        let head = Head {
            key: *key.as_bytes(),
            proofs_missing: summary.proofs_missing,
            reads: summary.reads,
            sets: summary.sets.clone(),
            syntax: summary.syntax.clone(),
        };
        let mut bytes = with_head(&head)?;
        for (hash, kind, set) in &summary.constants {
            bytes.extend_from_slice(hash);
            bytes.push(kind_byte(*kind));
            bytes.extend_from_slice(&set.to_le_bytes());
        }
        write_sealed(&self.path(key), &bytes).map(drop)
    }
}

fn read_record(record: &[u8], sets: usize) -> Option<(NameHash, ConstantKind, u32)> {
    let (hash, rest) = record.split_first_chunk::<16>()?;
    let ([kind], set) = rest.split_first_chunk::<1>()?;
    let set = u32::from_le_bytes(set.try_into().ok()?);
    ((set as usize) < sets).then_some((*hash, kind_of(*kind)?, set))
}

/// JSON behind its length: what has no fixed size.
pub fn with_head(head: &impl Serialize) -> std::io::Result<Vec<u8>> {
    let head = serde_json::to_vec(head)?;
    let mut bytes = (head.len() as u64).to_le_bytes().to_vec();
    bytes.extend_from_slice(&head);
    Ok(bytes)
}

/// The JSON in front, and what follows it.
pub fn split_head(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<8>()?;
    rest.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)
}

const KINDS: [ConstantKind; 8] = [
    ConstantKind::Axiom,
    ConstantKind::Definition,
    ConstantKind::Theorem,
    ConstantKind::Opaque,
    ConstantKind::Quotient,
    ConstantKind::Inductive,
    ConstantKind::Constructor,
    ConstantKind::Recursor,
];

pub fn kind_byte(kind: ConstantKind) -> u8 {
    KINDS.iter().position(|one| *one == kind).and_then(|place| u8::try_from(place).ok()).unwrap_or(u8::MAX)
}

pub fn kind_of(byte: u8) -> Option<ConstantKind> {
    KINDS.get(usize::from(byte)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use leanwright_olean::Name;

    #[test]
    fn a_summary_is_what_was_written_or_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let store = SummaryStore::below(folder.path());
        let axiom = AxiomSet { names: [Name::from_texts(["a", "b"])].into(), more: true };
        let constants = vec![([1; 16], ConstantKind::Axiom, 0), ([2; 16], ConstantKind::Recursor, 1)];
        let summary = Summary {
            constants,
            sets: vec![axiom, AxiomSet::default()],
            proofs_missing: true,
            reads: true,
            syntax: DeclaredSyntax::default(),
        };
        let keys = [1_u8, 2].map(|key| blake3::hash(&[key]));
        store.keep(&keys[0], &summary).unwrap();
        assert_eq!(store.recall(&keys[0]), Some(summary));
        assert_eq!(store.recall(&keys[1]), None);
        // Another's entry, and one of which a bit has changed.
        std::fs::create_dir_all(store.path(&keys[1]).parent().unwrap()).unwrap();
        std::fs::copy(store.path(&keys[0]), store.path(&keys[1])).unwrap();
        assert_eq!(store.recall(&keys[1]), None);
        let mut bytes = std::fs::read(store.path(&keys[0])).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        std::fs::write(store.path(&keys[0]), bytes).unwrap();
        assert_eq!(store.recall(&keys[0]), None);
    }
}
