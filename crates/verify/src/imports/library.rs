//! Constants of imported modules by need: a module is opened when the first of its constants is asked for, and only that constant is
//! decoded.

use super::error::ImportError;
use super::facts::name_hash;
use super::index::{Index, Record};
use super::open_modules::OpenModules;
use super::summary::AxiomSet;
use leanwright_kernel::{Library, LibraryError};
use leanwright_olean::{Constant, ConstantKind, Details, ExprId, NameId, Store};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where the index of a closure is; what a process of its own needs to open it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexFile {
    pub path: PathBuf,
    pub digest: [u8; 32],
}

/// What a file's imports bring in: see the top of [`super`].
#[derive(Default)]
pub struct Imported {
    pub(super) index: Index,
    modules: OpenModules,
    known: HashMap<NameId, Option<Arc<Constant>>>,
    /// Where constants that were asked for are.
    records: HashMap<NameId, Record>,
}

impl Imported {
    pub fn open(file: &IndexFile) -> Result<Self, ImportError> {
        let index = Index::open(&file.path, &file.digest.into())?;
        let modules = OpenModules::new(index.modules().to_vec());
        Ok(Self { index, modules, known: HashMap::new(), records: HashMap::new() })
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

    fn read(
        &mut self,
        name: NameId,
        store: &mut Store,
        read: fn(&mut OpenModules, u32, u32, &mut Store) -> Result<Constant, ImportError>,
    ) -> Result<Option<Constant>, LibraryError> {
        let Some(record) = self.find(name, store) else { return Ok(None) };
        self.records.insert(name, record);
        let constant = read(&mut self.modules, record.module, record.place, store)
            .map_err(|error| LibraryError(error.to_string()))?;
        if constant.name == name {
            Ok(Some(constant))
        } else {
            Err(LibraryError(format!("`{}` is another constant than the index says", store.name(name))))
        }
    }
}

/// Of each constant what its module has of it; proofs are decoded when they are asked for.
impl Library for Imported {
    fn constant(&mut self, name: NameId, store: &mut Store) -> Result<Option<Arc<Constant>>, LibraryError> {
        if let Some(known) = self.known.get(&name) {
            return Ok(known.clone());
        }
        let constant = self.read(name, store, OpenModules::statement)?.map(without_stand_in).map(Arc::new);
        self.known.insert(name, constant.clone());
        Ok(constant)
    }

    fn proof(&mut self, name: NameId, store: &mut Store) -> Result<Option<ExprId>, LibraryError> {
        Ok(self.read(name, store, OpenModules::constant)?.and_then(|constant| without_stand_in(constant).value))
    }

    /// Of what has been asked for.
    fn is_imported(&mut self, name: NameId) -> bool {
        self.records.contains_key(&name)
    }

    /// Of what has been asked for.
    fn is_leans_own(&mut self, name: NameId) -> bool {
        self.records.get(&name).is_some_and(|record| self.modules.is_shipped(record.module))
    }
}

/// A library that was shipped without proofs has constants whose value is their own type, which no constant can have. They have no value
/// here: theorems, and definitions that cannot be unfolded.
fn without_stand_in(constant: Constant) -> Constant {
    if constant.value != Some(constant.type_) {
        return constant;
    }
    let (kind, details) = match constant.kind {
        ConstantKind::Definition => (ConstantKind::Opaque, Details::Opaque { is_unsafe: false }),
        kind => (kind, constant.details.clone()),
    };
    Constant { kind, details, value: None, ..constant }
}
