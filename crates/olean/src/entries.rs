//! What environment extensions keep in a module: instances, simp sets, parsers, macros, attributes, namespaces, aliases, options.
//!
//! Lean stores an entry as whatever object its extension likes, so nothing is known of its shape. An entry is a digest of its
//! whole object graph, and the names that stand anywhere in it.

use crate::name::{Name, NameId};
use crate::region::{Error, Pointer, Region, Shape};
use crate::term::Decoder;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// An entry of an extension.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Equal for equal data, in every file of the same word size. How a `simp` theorem was proved does not count.
    pub digest: [u8; 32],
    /// The names that it mentions.
    pub names: BTreeSet<NameId>,
    /// In the extension that keeps parsers: the one text in an entry that has nothing beside it but names, as an entry for a token has.
    pub text: Option<Box<str>>,
}

/// The extension that keeps parsers, and the tokens that they need. Source: `src/Lean/Parser/Extension.lean`.
const PARSERS: [&str; 3] = ["Lean", "Parser", "parserExtension"];

/// The entries of a module by extension, or those of one extension. `entries` points to the module's `Array (Name × Array EnvExtensionEntry)`.
pub fn extension_entries(
    decoder: &mut Decoder<'_, '_>,
    entries: Pointer,
    only: Option<NameId>,
) -> Result<BTreeMap<NameId, Vec<Entry>>, Error> {
    let region = decoder.region;
    let visits = region.len().saturating_mul(VISITS_PER_BYTE);
    let mut graph = Graph { digests: HashMap::new(), decoder, visits, bytes: region.len() };
    let mut extensions = BTreeMap::new();
    for pair in region.array(entries)? {
        let pair = region.object(pair)?;
        let extension = graph.decoder.name(pair.field(0)?)?;
        if only.is_some_and(|only| only != extension) {
            continue;
        }
        let has_tokens = graph.decoder.store.name(extension) == Name::from_texts(PARSERS);
        let mut list = Vec::new();
        for pointer in region.array(pair.field(1)?)? {
            graph.visits = graph.visits.checked_sub(VISITS_PER_ENTRY).ok_or(pair.damaged(SHARES_TOO_MUCH))?;
            let text = if has_tokens { graph.lone_text(pointer)?.map(Box::from) } else { None };
            list.push(Entry { digest: graph.digest(pointer)?, names: graph.names(pointer)?, text });
        }
        if extensions.insert(extension, list).is_some() {
            return Err(pair.damaged("an extension that is there twice"));
        }
    }
    Ok(extensions)
}

/// Entries may share objects, and each is looked through for itself: a hostile file could make that quadratic. One visit per byte is
/// enough for every file of Lean's library (measured). It bounds the memory for names, too.
const VISITS_PER_BYTE: usize = 2;

/// What an entry costs beside its visits: it takes memory of its own, also if it is a number, or an object that is there a thousand times.
const VISITS_PER_ENTRY: usize = 8;

const SHARES_TOO_MUCH: &str = "entries that share too much";

/// A file's objects as they are hashed: each once, children first, with a stack of our own.
struct Graph<'d, 'a, 's> {
    digests: HashMap<Pointer, [u8; 32]>,
    decoder: &'d mut Decoder<'a, 's>,
    /// Visits that are left for `names`.
    visits: usize,
    /// Bytes that are left to be hashed. Honest objects lie side by side and have less than the file; hostile ones may overlap.
    bytes: usize,
}

impl<'a> Graph<'_, 'a, '_> {
    fn known(&self, pointer: Pointer) -> Option<[u8; 32]> {
        match self.decoder.region.scalar(pointer) {
            Some(value) => Some(*blake3::hash(&[b"scalar".as_slice(), &value.to_le_bytes()].concat()).as_bytes()),
            None => self.digests.get(&pointer).copied(),
        }
    }

    fn digest(&mut self, root: Pointer) -> Result<[u8; 32], Error> {
        let region: Region<'_> = self.decoder.region;
        let mut stack = vec![(root, false)];
        while let Some((pointer, expanded)) = stack.pop() {
            if self.known(pointer).is_some() {
                continue;
            }
            let shape = region.shape(pointer)?;
            let children = shape.children(region)?;
            if !expanded && !children.is_empty() {
                self.charge(&shape, children.len() * region.word_size())?;
                // A path that is longer than the file has objects goes in circles.
                if stack.len() > region.len() {
                    return Err(shape.damaged("an object that contains itself"));
                }
                stack.push((pointer, true));
                stack.extend(children.into_iter().map(|child| (child, false)));
                continue;
            }
            self.charge(&shape, shape.data.len())?;
            let mut hasher = blake3::Hasher::new();
            hasher.update(&[shape.tag]).update(&(shape.data.len() as u64).to_le_bytes());
            hasher.update(&without_proof_flag(&shape, children.len(), shape.settled_data(region)));
            for child in children {
                hasher.update(&self.known(child).ok_or(shape.damaged("an object that contains itself"))?);
            }
            self.digests.insert(pointer, *hasher.finalize().as_bytes());
        }
        self.known(root).ok_or(Error::Damaged { at: 0, what: "an object that contains itself" })
    }

    fn charge(&mut self, shape: &Shape<'_>, bytes: usize) -> Result<(), Error> {
        self.bytes = self.bytes.checked_sub(bytes).ok_or(shape.damaged("objects that overlap"))?;
        Ok(())
    }

    /// The text that stands alone, or with names, in some constructors: `token "…"`, and around it the namespace that it is active in.
    fn lone_text(&mut self, root: Pointer) -> Result<Option<&'a str>, Error> {
        const CONSTRUCTORS: usize = 4;
        let (region, mut pointer) = (self.decoder.region, root);
        for _ in 0..CONSTRUCTORS {
            if region.scalar(pointer).is_some() {
                return Ok(None);
            }
            if let Ok(text) = region.string(pointer) {
                // It is copied, and a hostile file may have it in each entry.
                self.visits =
                    self.visits.checked_sub(1 + text.len()).ok_or(region.shape(pointer)?.damaged(SHARES_TOO_MUCH))?;
                return Ok(Some(text));
            }
            let mut inner = Vec::new();
            for child in region.shape(pointer)?.children(region)? {
                let is_object = region.scalar(child).is_none();
                if is_object && !is_name(region, &region.shape(child)?)? {
                    inner.push(child);
                }
            }
            match inner.as_slice() {
                [only] => pointer = *only,
                _ => return Ok(None),
            }
        }
        Ok(None)
    }

    /// Every object of the shape of a `Name` that is reached. The graph has no circles: it has a digest.
    fn names(&mut self, root: Pointer) -> Result<BTreeSet<NameId>, Error> {
        let region: Region<'_> = self.decoder.region;
        let (mut names, mut seen, mut stack) = (BTreeSet::new(), BTreeSet::new(), vec![root]);
        while let Some(pointer) = stack.pop() {
            // What has no names in it is not looked at again for each entry: it may be long.
            if region.scalar(pointer).is_some() || region.is_leaf(pointer)? || !seen.insert(pointer) {
                continue;
            }
            let shape = region.shape(pointer)?;
            if is_name(region, &shape)?
                && let Ok(name) = self.decoder.name(pointer)
            {
                names.insert(name);
                continue;
            }
            let children = shape.children(region)?;
            self.visits = self.visits.checked_sub(1 + children.len()).ok_or(shape.damaged(SHARES_TOO_MUCH))?;
            stack.extend(children);
        }
        Ok(names)
    }
}

/// `Lean.Meta.SimpTheorem` is five objects and the bytes `post`, `perm`, `rfl`. The last says how the theorem was proved and nothing about it, so it does not
/// count; neither does that byte of anything else that looks the same. Source: `src/Lean/Meta/Tactic/Simp/SimpTheorems.lean` of 4.28.
fn without_proof_flag<'d>(shape: &Shape<'_>, objects: usize, mut data: Cow<'d, [u8]>) -> Cow<'d, [u8]> {
    const OBJECTS: usize = 5;
    const FLAG: usize = 2;
    let says_something = data.get(FLAG).is_some_and(|flag| *flag != 0);
    if shape.tag == 0
        && objects == OBJECTS
        && says_something
        && let Some(flag) = data.to_mut().get_mut(FLAG)
    {
        *flag = 0;
    }
    data
}

/// `Name.str` and `Name.num`: a prefix, a component, and a hash of eight bytes.
fn is_name(region: Region<'_>, shape: &Shape<'_>) -> Result<bool, Error> {
    if !matches!(shape.tag, 1 | 2) || shape.data.len() < 8 {
        return Ok(false);
    }
    let [_, component] = shape.children(region)?.try_into().unwrap_or([1, 1]);
    Ok(match shape.tag {
        1 => region.scalar(component).is_none() && region.string_size(component).is_ok(),
        _ => region.natural_u64(component).is_ok(),
    })
}
