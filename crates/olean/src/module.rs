//! A module's data: its imports, its constants, its entries, all read at once.
//!
//! Source: `Lean.ModuleData` (`src/Lean/Environment.lean`).

use crate::constant::{Constant, ConstantKind, Values, read_constant};
use crate::digest::Digests;
use crate::entries::Entry;
use crate::file::Olean;
use crate::name::{Name, NameId};
use crate::region::{Error, Header, Object, Region};
use crate::store::Store;
use crate::term::Decoder;
use std::collections::BTreeMap;

/// Fields of `Lean.ModuleData`.
const IMPORTS: usize = 0;
pub(crate) const CONSTANTS: usize = 2;
pub(crate) const ENTRIES: usize = 4;

/// A module that has been read.
pub struct Module {
    pub header: Header,
    /// Bits of a pointer: 32 or 64.
    pub bits: usize,
    pub imports: Vec<Name>,
    pub constants: BTreeMap<NameId, Constant>,
    /// The declarations' source ranges, where the file has them.
    pub ranges: Vec<(NameId, crate::DeclarationRange)>,
    /// What extensions keep in it, by the extension's name.
    pub entries: BTreeMap<NameId, Vec<Entry>>,
}

impl Module {
    /// A digest of all constants, which depends neither on the store nor on the order in which Lean has written them.
    pub fn digest(&self, store: &Store) -> blake3::Hash {
        let mut digests = Digests::new(store);
        let mut lines: Vec<[blake3::Hash; 2]> = Vec::with_capacity(self.constants.len());
        for constant in self.constants.values() {
            let mut hasher = blake3::Hasher::new();
            hasher.update(constant.kind.word().as_bytes()).update(&constant.flags);
            for name in constant.level_params.iter().chain([&NameId::ANONYMOUS]).chain(&constant.related) {
                hasher.update(digests.name(*name).as_bytes());
            }
            for term in constant.terms() {
                hasher.update(digests.term(term).as_bytes());
            }
            lines.push([digests.name(constant.name), hasher.finalize()]);
        }
        lines.sort_unstable_by_key(|[name, _]| *name.as_bytes());
        let mut hasher = blake3::Hasher::new();
        for digest in lines.iter().flatten() {
            hasher.update(digest.as_bytes());
        }
        hasher.finalize()
    }

    /// Read a module's bytes into a store.
    pub fn read(olean: &Olean, store: &mut Store) -> Result<Self, Error> {
        let (region, header) = Region::open(olean)?;
        let root = region.object(region.root()?)?;
        let mut decoder = Decoder::new(region, store);
        let mut constants = BTreeMap::new();
        for pointer in region.array(root.field(CONSTANTS)?)? {
            let constant = read_constant(&mut decoder, pointer, Values::All)?;
            if constants.insert(constant.name, constant).is_some() {
                return Err(root.damaged("a constant is declared twice"));
            }
        }
        let ranges = crate::ranges::declaration_ranges(&mut decoder, root.field(ENTRIES)?)?;
        let entries = crate::entries::extension_entries(&mut decoder, root.field(ENTRIES)?, None)?;
        Ok(Self { header, bits: region.word_size() * 8, imports: import_names(olean)?, constants, ranges, entries })
    }
}

/// The modules that a compiled module imports, without reading anything else of it.
pub fn import_names(olean: &Olean) -> Result<Vec<Name>, Error> {
    let (region, _) = Region::open(olean)?;
    let root = region.object(region.root()?)?;
    let mut store = Store::new();
    let mut decoder = Decoder::new(region, &mut store);
    let mut names = Vec::new();
    for import in region.array(root.field(IMPORTS)?)? {
        names.push(decoder.name(region.object(import)?.field(0)?)?);
    }
    written_out(names, &store, &root, region.len())
}

/// Names outside of the store: one that is there often is written out as often, so that there may not be too many of them.
fn written_out(names: Vec<NameId>, store: &Store, root: &Object<'_>, size: usize) -> Result<Vec<Name>, Error> {
    let (mut written, mut components) = (Vec::with_capacity(names.len()), 0);
    for name in names {
        let name = store.name(name);
        components += name.0.len();
        if components > size / 2 {
            return Err(root.damaged("the same names too often"));
        }
        written.push(name);
    }
    Ok(written)
}

/// The names of the axioms that a compiled module declares, without reading anything else of it.
pub fn axiom_names(olean: &Olean) -> Result<Vec<Name>, Error> {
    let (region, _) = Region::open(olean)?;
    let root = region.object(region.root()?)?;
    let mut store = Store::new();
    let mut decoder = Decoder::new(region, &mut store);
    let mut names = Vec::new();
    for pointer in region.array(root.field(CONSTANTS)?)? {
        let info = region.object(pointer)?;
        if ConstantKind::of(info.tag) == Some(ConstantKind::Axiom) {
            let base = region.object(region.object(info.field(0)?)?.field(0)?)?;
            names.push(decoder.name(base.field(0)?)?);
        }
    }
    written_out(names, &store, &root, region.len())
}
