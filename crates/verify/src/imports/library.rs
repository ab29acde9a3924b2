//! Constants of imported modules by need: a module is opened when the first of its constants is asked for, and only that constant is
//! decoded. What is opened must be what the index was made of.

use super::facts::name_hash;
use super::files::{digest_of, read_parts};
use super::index::{Index, IndexedModule, Record};
use super::summary::AxiomSet;
use leanwright_olean::{Constant, ConstantKind, NameId, Olean, OpenModule, Store};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Modules of a closure, each opened when it is needed.
#[derive(Default)]
pub struct OpenModules {
    modules: Vec<IndexedModule>,
    open: HashMap<u32, OpenModule>,
}

impl OpenModules {
    pub fn new(modules: Vec<IndexedModule>) -> Self {
        Self { modules, open: HashMap::new() }
    }

    /// A constant by its place in its module. Always give the same store.
    pub fn constant(&mut self, module: u32, place: u32, store: &mut Store) -> Result<Constant, String> {
        let indexed = self.modules.get(module as usize).ok_or("a module that is not in the closure")?;
        let failed = |error: &dyn std::fmt::Display| format!("`{}`: {error}", indexed.name);
        let open = match self.open.entry(module) {
            std::collections::hash_map::Entry::Occupied(open) => open.into_mut(),
            std::collections::hash_map::Entry::Vacant(vacant) => {
                let parts = read_parts(&indexed.path).map_err(|error| failed(&error))?;
                if *digest_of(&parts).as_bytes() != indexed.digest {
                    return Err(failed(&"its file has changed since it was read first"));
                }
                let open = OpenModule::open(Olean::of_parts(parts)).map_err(|error| failed(&error))?;
                vacant.insert(open)
            }
        };
        open.constant(place as usize, store).map_err(|error| failed(&error))
    }
}

/// Where the index of a closure is; what a process of its own needs to open it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexFile {
    pub path: PathBuf,
    pub digest: [u8; 32],
}

/// What a file's imports bring in: see the top of [`super`].
#[derive(Default)]
pub struct Imported {
    index: Index,
    modules: OpenModules,
    known: HashMap<NameId, Option<Arc<Constant>>>,
}

impl Imported {
    pub fn open(file: &IndexFile) -> Result<Self, String> {
        let index = Index::open(&file.path, &file.digest.into())?;
        let modules = OpenModules::new(index.modules().to_vec());
        Ok(Self { index, modules, known: HashMap::new() })
    }

    fn find(&self, name: NameId, store: &Store) -> Option<Record> {
        self.index.find(&name_hash(&store.name(name).digest()))
    }

    /// The axioms that an imported constant rests on, directly or through others, `sorryAx` among them; `None` if no imported module
    /// declares it. Of a library that was shipped without proofs: those that the statements rest on. Nothing is decoded.
    pub fn axioms(&self, name: NameId, store: &Store) -> Option<&AxiomSet> {
        self.index.axioms(&self.find(name, store)?)
    }

    /// What an imported constant is. Nothing is decoded.
    pub fn kind(&self, name: NameId, store: &Store) -> Option<ConstantKind> {
        self.find(name, store).map(|record| record.kind)
    }

    /// Whether an imported constant comes from a module in this folder.
    pub fn is_below(&self, name: NameId, store: &Store, folder: &Path) -> bool {
        let record = self.find(name, store);
        let module = record.and_then(|record| self.index.modules().get(record.module as usize));
        module.is_some_and(|module| module.path.starts_with(folder))
    }

    /// Whether an imported constant comes from the toolchain's own library.
    pub fn is_shipped(&self, name: NameId, store: &Store) -> bool {
        let record = self.find(name, store);
        record.and_then(|record| self.index.modules().get(record.module as usize)).is_some_and(|module| module.shipped)
    }

    /// The roots of the libraries that were shipped without proofs.
    pub fn proofs_missing(&self) -> &[String] {
        self.index.proofs_missing()
    }

    /// How many constants are imported.
    pub fn len(&self) -> usize {
        self.index.len()
    }

    /// An imported constant with everything that its module has of it. Always give the same store.
    pub fn constant(&mut self, name: NameId, store: &mut Store) -> Result<Option<Arc<Constant>>, String> {
        if let Some(known) = self.known.get(&name) {
            return Ok(known.clone());
        }
        let constant = match self.find(name, store) {
            None => None,
            Some(record) => {
                let constant = self.modules.constant(record.module, record.place, store)?;
                if constant.name != name {
                    return Err(format!("`{}` is another constant than the index says", store.name(name)));
                }
                Some(Arc::new(constant))
            }
        };
        self.known.insert(name, constant.clone());
        Ok(constant)
    }
}
