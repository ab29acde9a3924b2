//! The constants of a whole closure in one file, sorted by the hashes of their names: a new process opens it in some milliseconds, and
//! reads nothing else of the modules until a constant is asked for.

use super::closure::ImportedModule;
use super::error::ImportError;
use super::facts::NameHash;
use super::open_modules::{IndexedModule, OpenModules};
use super::summary::{AxiomSet, Summary};
use super::summary_store::{kind_byte, kind_of, split_head, with_head};
use crate::gate::DeclaredSyntax;
use leanwright_olean::{Constant, ConstantKind, Name, Store};
use leanwright_project::{read_sealed, write_sealed};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

/// A record: the name's hash, the module, the place among the module's constants, the place of the set of axioms, the kind.
const RECORD: usize = 16 + 4 + 4 + 4 + 1;

/// What stands in front of the records.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Head {
    modules: Vec<IndexedModule>,
    sets: Vec<AxiomSet>,
    proofs_missing: Vec<String>,
    syntax: DeclaredSyntax,
    reads: Vec<String>,
}

/// One constant of a closure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    pub hash: NameHash,
    pub module: u32,
    pub place: u32,
    pub set: u32,
    pub kind: ConstantKind,
}

/// An index that has been opened.
#[derive(Debug, Default)]
pub struct Index {
    head: Head,
    bytes: Vec<u8>,
    /// Where the records begin.
    start: usize,
}

/// Put the summaries of a closure together and write them. Returns the digest of the file's content.
pub fn write_index(
    path: &Path,
    closure: &[ImportedModule],
    summaries: &[Arc<Summary>],
    (proofs_missing, reads): (Vec<String>, Vec<String>),
) -> Result<blake3::Hash, ImportError> {
    let modules = closure.iter().map(|module| IndexedModule {
        name: module.name.to_string(),
        path: module.path.clone(),
        digest: *module.digest.as_bytes(),
        shipped: module.shipped,
    });
    let mut head =
        Head { modules: modules.collect(), sets: Vec::new(), proofs_missing, reads, syntax: DeclaredSyntax::default() };
    for summary in summaries {
        head.syntax.extend(&summary.syntax);
    }
    let mut places: HashMap<&AxiomSet, u32> = HashMap::new();
    let mut records = Vec::new();
    for (module, summary) in (0..).zip(summaries) {
        let sets = summary.sets.iter().map(|axioms| {
            let next = u32::try_from(places.len()).unwrap_or(u32::MAX);
            *places.entry(axioms).or_insert_with(|| {
                head.sets.push(axioms.clone());
                next
            })
        });
        let sets: Vec<u32> = sets.collect();
        for (place, (hash, kind, set)) in (0..).zip(&summary.constants) {
            let set = sets.get(*set as usize).copied().ok_or(ImportError::Damaged("a summary"))?;
            records.push(Record { hash: *hash, module, place, set, kind: *kind });
        }
    }
    records.sort_unstable_by_key(|record| (record.hash, record.module));
    let records = without_twins(records, &mut head, closure)?;
    let mut bytes = with_head(&head).map_err(ImportError::NotWritten)?;
    for Record { hash, module, place, set, kind } in records {
        bytes.extend_from_slice(&hash);
        for number in [module, place, set] {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        bytes.push(kind_byte(kind));
    }
    write_sealed(path, &bytes).map_err(ImportError::NotWritten)
}

/// Lean lets several modules declare one constant if they prove the same statement by it: `congr_simp` and its like. They become one,
/// which rests on all axioms of any. Anything else that is there twice is refused.
fn without_twins(
    records: Vec<Record>,
    head: &mut Head,
    closure: &[ImportedModule],
) -> Result<Vec<Record>, ImportError> {
    let mut single: Vec<Record> = Vec::with_capacity(records.len());
    let (mut modules, mut store) = (OpenModules::new(head.modules.clone()), Store::new());
    for record in records {
        let Some(last) = single.last_mut().filter(|last| last.hash == record.hash) else {
            single.push(record);
            continue;
        };
        let mut read = |record: &Record| modules.constant(record.module, record.place, &mut store);
        let (one, other) = (read(last)?, read(&record)?);
        if !proves_the_same(&one, &other) {
            let name = |record: &Record| closure.get(record.module as usize).map(|module| module.name.clone());
            let [one_module, other_module] = [name(last), name(&record)].map(|name| name.unwrap_or(Name(Vec::new())));
            let constant = store.name(one.name);
            return Err(ImportError::Contradiction { constant, one: one_module, other: other_module });
        }
        if last.set != record.set {
            let mut axioms = head.sets.get(last.set as usize).cloned().unwrap_or_default();
            axioms.add(head.sets.get(record.set as usize).ok_or(ImportError::Damaged("a summary"))?);
            last.set = u32::try_from(head.sets.len()).unwrap_or(u32::MAX);
            head.sets.push(axioms);
        }
    }
    Ok(single)
}

/// Equal, or theorems (or what stands in for theorems without proof) with the same statement.
/// Source: `Lean.subsumesInfo` (`src/Lean/Environment.lean`).
fn proves_the_same(one: &Constant, other: &Constant) -> bool {
    let is_proof =
        |constant: &Constant| constant.kind == ConstantKind::Theorem || constant.value == Some(constant.type_);
    let same_statement = one.name == other.name && one.level_params == other.level_params && one.type_ == other.type_;
    same_statement && (one == other || (is_proof(one) && is_proof(other)))
}

impl Index {
    /// What begins the commands that the modules declare.
    pub fn syntax(&self) -> &DeclaredSyntax {
        &self.head.syntax
    }

    /// Open an index that is as it was written by whoever named its digest.
    pub fn open(path: &Path, digest: &blake3::Hash) -> Result<Self, ImportError> {
        let bytes = read_sealed(path, Some(digest)).map_err(ImportError::Index)?;
        let (head, records) = split_head(&bytes).ok_or(ImportError::Damaged("the head of an index"))?;
        let head = serde_json::from_slice(head).map_err(|_| ImportError::Damaged("the head of an index"))?;
        let start = bytes.len() - records.len();
        Ok(Self { head, bytes, start })
    }

    pub fn modules(&self) -> &[IndexedModule] {
        &self.head.modules
    }

    /// The roots of the libraries that were shipped without proofs.
    pub fn proofs_missing(&self) -> &[String] {
        &self.head.proofs_missing
    }

    /// Modules that can read files or the environment when a text uses them.
    pub fn reads(&self) -> &[String] {
        &self.head.reads
    }

    pub fn find(&self, hash: &NameHash) -> Option<Record> {
        let (records, _) = self.bytes.get(self.start..)?.as_chunks::<RECORD>();
        let place = records.binary_search_by(|record| record.first_chunk::<16>().cmp(&Some(hash))).ok()?;
        read_record(records.get(place)?)
    }

    /// What a constant rests on.
    pub fn axioms(&self, record: &Record) -> Option<&AxiomSet> {
        self.head.sets.get(record.set as usize)
    }

    /// How many constants there are.
    #[cfg(test)]
    pub fn len(&self) -> usize {
        (self.bytes.len() - self.start) / RECORD
    }
}

fn read_record(record: &[u8; RECORD]) -> Option<Record> {
    let (hash, rest) = record.split_first_chunk::<16>()?;
    let (numbers, rest) = rest.split_first_chunk::<12>()?;
    let ([module, place, set], _) = numbers.as_chunks::<4>() else { return None };
    let [module, place, set] = [module, place, set].map(|number| u32::from_le_bytes(*number));
    Some(Record { hash: *hash, module, place, set, kind: kind_of(*rest.first()?)? })
}
