//! What one compiled module says of its constants, read on its own: their kinds, and which names they mention.

use super::closure::ImportedModule;
use super::error::ImportError;
use crate::gate::{DeclaredSyntax, parsers};
use crate::reads::{constant_reads, literal_reads};
use leanwright_olean::{Constant, ConstantKind, Digests, ExprNode, Name, NameId, Olean, OpenModule, Store};
use leanwright_project::{digest_of, read_parts};
use std::collections::{BTreeSet, HashMap};

/// The first half of a name's digest.
pub type NameHash = [u8; 16];

pub fn name_hash(digest: &blake3::Hash) -> NameHash {
    let [hash, _] = digest.as_bytes().as_chunks().0 else { return NameHash::default() };
    *hash
}

/// What a module says of its constants.
#[derive(Debug, Default)]
pub struct Facts {
    /// In the order of the file.
    pub constants: Vec<ConstantFacts>,
    /// The names that they mention, each once.
    pub mentioned: Vec<NameHash>,
    /// The axioms that it declares, by the places of the constants.
    pub axioms: HashMap<usize, Name>,
    /// Whether theorems or definitions were shipped without what proves them.
    pub proofs_missing: bool,
    /// What begins the commands that it declares.
    pub syntax: DeclaredSyntax,
    /// It mentions something that reads files or the environment: see `reads`.
    pub reads: bool,
}

#[derive(Debug)]
pub struct ConstantFacts {
    pub hash: NameHash,
    pub kind: ConstantKind,
    /// Places in `mentioned`.
    pub mentions: Vec<u32>,
}

/// The safe axioms that Lean's own library declares, by all versions up to 4.35. What else a library without proofs shows as an axiom is a
/// theorem or a hidden definition.
const AXIOMS_OF_LEAN: [&[&str]; 8] = [
    &["propext"],
    &["Classical", "choice"],
    &["Quot", "sound"],
    &["sorryAx"],
    &["Lean", "ofReduceBool"],
    &["Lean", "ofReduceNat"],
    &["Lean", "trustCompiler"],
    &["Lean", "Grind", "axiomPlaceholder"],
];

impl Facts {
    /// Of a module of a closure. It is read if it has not just been.
    pub fn of(module: &ImportedModule, just_read: Option<Olean>) -> Result<Self, ImportError> {
        let olean = match just_read {
            Some(olean) => olean,
            None => {
                let parts = read_parts(&module.path).map_err(ImportError::unreadable(&module.name))?;
                if digest_of(&parts) != module.digest {
                    return Err(ImportError::Changed(module.name.to_string()));
                }
                Olean::of_parts(parts)
            }
        };
        Self::decode(olean, module.shipped).map_err(ImportError::malformed(&module.name))
    }

    fn decode(olean: Olean, shipped: bool) -> Result<Self, leanwright_olean::Error> {
        let alone = olean.is_one_file();
        let mut open = OpenModule::open(olean)?;
        let public_part = shipped && alone && open.is_of_the_module_system()?;
        let mut store = Store::new();
        let names = open.constant_names(&mut store)?;
        let mut facts = Self::default();
        let mut places: HashMap<NameId, u32> = HashMap::new();
        let mut read = Vec::with_capacity(names.len());
        let entries = open.entries(&parsers(), &mut store)?;
        let named: BTreeSet<NameId> = entries.iter().flat_map(|entry| entry.names.iter().copied()).collect();
        let mut parsers: HashMap<NameId, Constant> = HashMap::new();
        for index in 0..names.len() {
            let constant = open.constant(index, &mut store)?;
            let mentions: BTreeSet<NameId> = constant.mentions(&store).into_iter().collect();
            if !shipped && !facts.reads {
                facts.reads = mentions.iter().any(|name| constant_reads(&store.name(*name)));
                store.visit_all(constant.terms(), |_, node| {
                    facts.reads |= matches!(node, ExprNode::Text(text) if literal_reads(text));
                });
            }
            let mentions = mentions.into_iter().map(|name| {
                let next = u32::try_from(places.len()).unwrap_or(u32::MAX);
                *places.entry(name).or_insert(next)
            });
            if named.contains(&constant.name) {
                parsers.insert(constant.name, constant.clone());
            }
            read.push((constant.name, constant.kind, mentions.collect::<Vec<u32>>()));
            match standing(&constant, &store, shipped, public_part) {
                Standing::Itself => {}
                Standing::Axiom => drop(facts.axioms.insert(index, store.name(constant.name))),
                Standing::WithoutProof => facts.proofs_missing = true,
            }
        }
        facts.syntax = DeclaredSyntax::of(&entries, &store, |name| parsers.get(&name));
        let mut digests = Digests::new(&store);
        let hash = |name, digests: &mut Digests<'_>| name_hash(&digests.name(name));
        let mut ordered: Vec<(u32, NameId)> = places.into_iter().map(|(name, place)| (place, name)).collect();
        ordered.sort_unstable();
        facts.mentioned = ordered.into_iter().map(|(_, name)| hash(name, &mut digests)).collect();
        facts.constants = read
            .into_iter()
            .map(|(name, kind, mentions)| ConstantFacts { hash: hash(name, &mut digests), kind, mentions })
            .collect();
        Ok(facts)
    }
}

enum Standing {
    /// It rests on what it mentions.
    Itself,
    /// It rests on itself.
    Axiom,
    /// The library was shipped without its proof or value: what it rests on beside its type is not known.
    WithoutProof,
}

/// A library can be shipped without proofs in two ways. The first part of a module of the module system shows what it hides as axioms;
/// the package of the embedded Lean, as constants whose value is their own type, which no constant can have. Only of the toolchain's
/// own library such a constant is believed to be proved: anywhere else it counts as an axiom. What is unsafe proves nothing anywhere.
fn standing(constant: &Constant, store: &Store, shipped: bool, public_part: bool) -> Standing {
    let stands_in = constant.value == Some(constant.type_);
    let hidden =
        stands_in || (public_part && constant.kind == ConstantKind::Axiom && !is_leans(&store.name(constant.name)));
    match (hidden, constant.kind) {
        (true, _) if shipped && !constant.is_unsafe() => Standing::WithoutProof,
        (true, _) | (false, ConstantKind::Axiom) => Standing::Axiom,
        _ => Standing::Itself,
    }
}

fn is_leans(name: &Name) -> bool {
    AXIOMS_OF_LEAN.iter().any(|parts| *name == Name::from_texts(parts.iter().copied()))
}
