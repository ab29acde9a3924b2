//! A module's data: its imports and its constants.
//!
//! Source: `Lean.ModuleData`, `Lean.ConstantInfo` (`src/Lean/Environment.lean`, `src/Lean/Declaration.lean`).

use crate::digest::Digests;
use crate::entries::Entry;
use crate::file::Olean;
use crate::name::{Name, NameId};
use crate::region::{Error, Header, Object, Pointer, Region};
use crate::store::{ExprId, Store};
use crate::term::Decoder;
use std::collections::BTreeMap;

/// Fields of `Lean.ModuleData`.
const IMPORTS: usize = 0;
const CONSTANTS: usize = 2;
const ENTRIES: usize = 4;

/// What a constant is, in the order of `Lean.ConstantInfo`'s constructors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ConstantKind {
    Axiom,
    Definition,
    Theorem,
    Opaque,
    Quotient,
    Inductive,
    Constructor,
    Recursor,
}

impl ConstantKind {
    fn of(tag: u8) -> Option<Self> {
        Some(match tag {
            0 => Self::Axiom,
            1 => Self::Definition,
            2 => Self::Theorem,
            3 => Self::Opaque,
            4 => Self::Quotient,
            5 => Self::Inductive,
            6 => Self::Constructor,
            7 => Self::Recursor,
            _ => return None,
        })
    }

    /// How many flags `Lean.ConstantInfo` has for it, a byte each: safety, or `isUnsafe` and what stands beside it.
    fn flag_count(self) -> usize {
        match self {
            Self::Axiom | Self::Definition | Self::Opaque | Self::Constructor => 1,
            Self::Recursor => 2,
            Self::Inductive => 3,
            Self::Theorem | Self::Quotient => 0,
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            Self::Axiom => "axiom",
            Self::Definition => "definition",
            Self::Theorem => "theorem",
            Self::Opaque => "opaque",
            Self::Quotient => "quotient",
            Self::Inductive => "inductive",
            Self::Constructor => "constructor",
            Self::Recursor => "recursor",
        }
    }
}

/// One constant of a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constant {
    pub name: NameId,
    pub kind: ConstantKind,
    pub level_params: Vec<NameId>,
    pub type_: ExprId,
    /// The value or proof, where there is one.
    pub value: Option<ExprId>,
    /// The right-hand sides of a recursor's rules.
    pub rules: Vec<ExprId>,
    /// What its declaration says of it in bytes: whether it is unsafe or partial, recursive, reflexive.
    pub flags: Vec<u8>,
    /// Other constants that belong to it: an inductive type's constructors, a constructor's type.
    pub related: Vec<NameId>,
}

impl Constant {
    /// Its type, its value and its rules.
    pub fn terms(&self) -> impl Iterator<Item = ExprId> {
        std::iter::once(self.type_).chain(self.value).chain(self.rules.iter().copied())
    }

    /// Every constant that it mentions.
    pub fn mentions(&self, store: &Store) -> Vec<NameId> {
        let mut names = store.constants_of(self.type_);
        for term in self.value.iter().chain(&self.rules) {
            names.extend(store.constants_of(*term));
        }
        names.extend(&self.related);
        names
    }
}

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
            let constant = read_constant(&mut decoder, pointer)?;
            if constants.insert(constant.name, constant).is_some() {
                return Err(root.damaged("a constant is declared twice"));
            }
        }
        let ranges = crate::ranges::declaration_ranges(&mut decoder, root.field(ENTRIES)?)?;
        let entries = crate::entries::extension_entries(&mut decoder, root.field(ENTRIES)?)?;
        Ok(Self { header, bits: region.word_size() * 8, imports: import_names(olean)?, constants, ranges, entries })
    }
}

fn read_constant(decoder: &mut Decoder<'_, '_>, pointer: Pointer) -> Result<Constant, Error> {
    let region = decoder.region;
    let info = region.object(pointer)?;
    let kind = ConstantKind::of(info.tag).ok_or(info.damaged("a constant was expected"))?;
    let body = region.object(info.field(0)?)?;
    let base = region.object(body.field(0)?)?;
    let mut constant = Constant {
        name: decoder.name(base.field(0)?)?,
        kind,
        level_params: decoder.names(base.field(1)?)?,
        type_: decoder.expr(base.field(2)?)?,
        value: None,
        rules: Vec::new(),
        flags: (0..kind.flag_count()).map(|index| body.scalar_byte(index)).collect::<Result<_, _>>()?,
        related: Vec::new(),
    };
    match kind {
        ConstantKind::Definition | ConstantKind::Theorem | ConstantKind::Opaque => {
            constant.value = Some(decoder.expr(body.field(1)?)?);
        }
        ConstantKind::Inductive => {
            // toConstantVal, numParams, numIndices, all, ctors, numNested
            constant.related = decoder.names(body.field(3)?)?;
            constant.related.extend(decoder.names(body.field(4)?)?);
        }
        ConstantKind::Constructor => constant.related = vec![decoder.name(body.field(1)?)?],
        ConstantKind::Recursor => {
            // toConstantVal, all, numParams, numIndices, numMotives, numMinors, rules
            for rule in decoder.list(body.field(6)?)? {
                constant.rules.push(decoder.expr(rule_right_hand_side(&region.object(rule)?)?)?);
            }
        }
        ConstantKind::Axiom | ConstantKind::Quotient => {}
    }
    Ok(constant)
}

fn rule_right_hand_side(rule: &Object<'_>) -> Result<Pointer, Error> {
    rule.field(2)
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
