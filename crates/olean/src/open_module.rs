//! A compiled module that stays open: its constants are decoded one by one, when they are needed. It never reads a constant twice.

use crate::constant::{Constant, Values, read_constant};
use crate::entries::{Entry, extension_entries};
use crate::file::Olean;
use crate::module::{CONSTANTS, ENTRIES, import_names};
use crate::name::{Name, NameId};
use crate::region::{Error, Pointer, Region};
use crate::store::Store;
use crate::term::{Decoder, Memo};

/// A module whose constants are decoded by need.
///
/// What has been decoded is remembered as ids of the store that it was decoded into: always give the same store.
pub struct OpenModule {
    olean: Olean,
    constants: Vec<Pointer>,
    memo: Memo,
}

impl OpenModule {
    /// Check the file's header, and find its constants.
    pub fn open(olean: Olean) -> Result<Self, Error> {
        let (region, _) = Region::open(&olean)?;
        let root = region.object(region.root()?)?;
        let constants = region.array(root.field(CONSTANTS)?)?.collect();
        Ok(Self { olean, constants, memo: Memo::default() })
    }

    /// Whether it is a module of the module system, whose first part has neither proofs nor hidden definitions.
    /// Source: `Lean.ModuleData.isModule`, a byte that older versions do not have.
    pub fn is_of_the_module_system(&self) -> Result<bool, Error> {
        let (region, _) = Region::open(&self.olean)?;
        Ok(region.shape(region.root()?)?.data.first() == Some(&1))
    }

    /// The modules that it imports.
    pub fn imports(&self) -> Result<Vec<Name>, Error> {
        import_names(&self.olean)
    }

    /// What one extension keeps in it.
    pub fn entries(&mut self, extension: &Name, store: &mut Store) -> Result<Vec<Entry>, Error> {
        self.decode(store, |decoder| {
            let region = decoder.region;
            let entries = region.object(region.root()?)?.field(ENTRIES)?;
            let extension = decoder.store.intern_name(extension);
            Ok(extension_entries(decoder, entries, Some(extension))?.remove(&extension).unwrap_or_default())
        })
    }

    /// The names of its constants, in the order of the file. The places in the list are the indices for `constant`.
    pub fn constant_names(&mut self, store: &mut Store) -> Result<Vec<NameId>, Error> {
        let constants = std::mem::take(&mut self.constants);
        let names = self.decode(store, |decoder| {
            let mut names = Vec::with_capacity(constants.len());
            for pointer in &constants {
                let region = decoder.region;
                let base = region.object(region.object(region.object(*pointer)?.field(0)?)?.field(0)?)?;
                names.push(decoder.name(base.field(0)?)?);
            }
            Ok(names)
        });
        self.constants = constants;
        names
    }

    /// A constant with everything that the file has of it.
    pub fn constant(&mut self, index: usize, store: &mut Store) -> Result<Constant, Error> {
        self.read(index, Values::All, store)
    }

    /// A constant without the proof, if it is a theorem: proofs are most of a file, and little depends on them.
    pub fn statement(&mut self, index: usize, store: &mut Store) -> Result<Constant, Error> {
        self.read(index, Values::NoProofs, store)
    }

    fn read(&mut self, index: usize, values: Values, store: &mut Store) -> Result<Constant, Error> {
        let pointer = self.constants.get(index).copied();
        let pointer = pointer.ok_or(Error::Damaged { at: 0, what: "fewer constants than were asked for" })?;
        self.decode(store, |decoder| read_constant(decoder, pointer, values))
    }

    /// Decode something, and keep what was decoded, also what was before an error.
    fn decode<T>(
        &mut self,
        store: &mut Store,
        read: impl FnOnce(&mut Decoder<'_, '_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let (region, _) = Region::open(&self.olean)?;
        let mut decoder = Decoder::resume(region, store, std::mem::take(&mut self.memo));
        let result = read(&mut decoder);
        self.memo = decoder.into_memo();
        result
    }
}
