//! Compiled modules that are opened when the first of their constants is asked for. What is opened must be what it was when it was read first.

use super::error::ImportError;
use leanwright_olean::{Constant, Olean, OpenModule, Store};
use leanwright_project::{digest_of, read_parts};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::path::PathBuf;

/// A module, as far as it takes to open it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct IndexedModule {
    pub name: String,
    pub path: PathBuf,
    pub digest: [u8; 32],
    /// Whether it came with the toolchain.
    pub shipped: bool,
}

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
    pub fn constant(&mut self, module: u32, place: u32, store: &mut Store) -> Result<Constant, ImportError> {
        self.read(module, |open| open.constant(place as usize, store))
    }

    /// The same without the proof, if it is a theorem.
    pub fn statement(&mut self, module: u32, place: u32, store: &mut Store) -> Result<Constant, ImportError> {
        self.read(module, |open| open.statement(place as usize, store))
    }

    pub fn is_shipped(&self, module: u32) -> bool {
        self.modules.get(module as usize).is_some_and(|module| module.shipped)
    }

    fn read<T>(
        &mut self,
        module: u32,
        read: impl FnOnce(&mut OpenModule) -> Result<T, leanwright_olean::Error>,
    ) -> Result<T, ImportError> {
        let indexed =
            self.modules.get(module as usize).ok_or(ImportError::Damaged("a module that is not in the closure"))?;
        let open = match self.open.entry(module) {
            Entry::Occupied(open) => open.into_mut(),
            Entry::Vacant(vacant) => {
                let parts = read_parts(&indexed.path).map_err(ImportError::unreadable(&indexed.name))?;
                if *digest_of(&parts).as_bytes() != indexed.digest {
                    return Err(ImportError::Changed(indexed.name.clone()));
                }
                let open = OpenModule::open(Olean::of_parts(parts));
                vacant.insert(open.map_err(ImportError::malformed(&indexed.name))?)
            }
        };
        read(open).map_err(ImportError::malformed(&indexed.name))
    }
}
