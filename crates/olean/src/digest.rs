//! Digests of names, levels and terms that depend neither on the store nor on the order in which Lean has written a file.
//!
//! The place of a `sorry` is left out: it means nothing, and shifts with every edit.
//! Each node is hashed once, from the digests of its parts: however much the terms of a hostile file share, the time stays linear.

use crate::name::{Component, Name, NameId};
use crate::store::{ExprId, ExprNode, LevelId, LevelNode, Store};
use blake3::{Hash, Hasher};
use std::collections::{HashMap, HashSet};

/// The digests that are known already.
pub struct Digests<'a> {
    store: &'a Store,
    names: HashMap<NameId, Hash>,
    levels: HashMap<LevelId, Hash>,
    terms: HashMap<ExprId, Hash>,
    /// Universe parameters that count by their place in a declaration.
    parameters: HashMap<NameId, u64>,
    /// The constant behind `sorry`.
    sorry: Option<NameId>,
}

impl<'a> Digests<'a> {
    pub fn new(store: &'a Store) -> Self {
        let sorry = store.find_name(&Name::from_texts(["sorryAx"]));
        Self {
            store,
            names: HashMap::new(),
            levels: HashMap::new(),
            terms: HashMap::new(),
            parameters: HashMap::new(),
            sorry,
        }
    }

    /// Universe parameters are numbered in the order of a declaration's, whatever they are called.
    pub fn with_parameters(store: &'a Store, parameters: &[NameId]) -> Self {
        Self { parameters: parameters.iter().copied().zip(0..).collect(), ..Self::new(store) }
    }

    /// Whether a term is `sorryAx type synthetic`: what it is applied to is the place of the `sorry` in the source, which means nothing.
    fn is_placeholder(&self, mut term: ExprId) -> bool {
        for _ in 0..2 {
            let Some(ExprNode::App(function, _)) = self.store.expr(term) else { return false };
            term = *function;
        }
        matches!(self.store.expr(term), Some(ExprNode::Const(name, _)) if self.sorry == Some(*name))
    }

    /// The digest of a term. Those of everything below it are known then, too.
    pub fn term(&mut self, root: ExprId) -> Hash {
        if let Some(known) = self.terms.get(&root) {
            return *known;
        }
        let mut missing = vec![root];
        let mut seen = HashSet::from([root]);
        let mut next = 0;
        while let Some(node) = missing.get(next).and_then(|id| self.store.expr(*id)) {
            next += 1;
            let children = node.children();
            missing.extend(children.filter(|child| !self.terms.contains_key(child) && seen.insert(*child)));
        }
        // Children before parents: a term is interned after its parts, so by id.
        missing.sort_unstable();
        for id in missing {
            let digest = self.store.expr(id).map(|node| self.node(node));
            self.terms.insert(id, digest.unwrap_or_else(|| blake3::hash(b"")));
        }
        self.terms.get(&root).copied().unwrap_or_else(|| blake3::hash(b""))
    }

    pub fn into_terms(mut self, roots: impl IntoIterator<Item = ExprId>) -> HashMap<ExprId, Hash> {
        for root in roots {
            self.term(root);
        }
        self.terms
    }

    fn node(&mut self, node: &ExprNode) -> Hash {
        let mut hasher = Hasher::new();
        match node {
            ExprNode::Bound(index) => drop(hasher.update(b"b").update(&index.to_le_bytes())),
            ExprNode::Free(name) => drop(hasher.update(b"f").update(self.name(*name).as_bytes())),
            ExprNode::Meta(name) => drop(hasher.update(b"m").update(self.name(*name).as_bytes())),
            ExprNode::Sort(level) => drop(hasher.update(b"s").update(self.level(*level).as_bytes())),
            ExprNode::Const(name, levels) => {
                hasher.update(b"c").update(self.name(*name).as_bytes());
                for level in levels {
                    hasher.update(self.level(*level).as_bytes());
                }
            }
            ExprNode::App(..) => drop(hasher.update(b"a")),
            ExprNode::Lambda(..) => drop(hasher.update(b"l")),
            ExprNode::Pi(..) => drop(hasher.update(b"p")),
            ExprNode::Let(..) => drop(hasher.update(b"e")),
            ExprNode::Nat(digits) => drop(hasher.update(b"n").update(digits.digest().as_bytes())),
            ExprNode::Text(value) => drop(hasher.update(b"t").update(value.digest().as_bytes())),
            ExprNode::Proj(name, index, _) => {
                hasher.update(b"j").update(self.name(*name).as_bytes()).update(&index.to_le_bytes());
            }
        }
        let place = match node {
            ExprNode::App(function, place) if self.is_placeholder(*function) => Some(*place),
            _ => None,
        };
        for child in node.children().filter(|child| place != Some(*child)) {
            if let Some(digest) = self.terms.get(&child) {
                hasher.update(digest.as_bytes());
            }
        }
        hasher.finalize()
    }

    /// The digest of a universe level.
    pub fn level(&mut self, root: LevelId) -> Hash {
        if let Some(known) = self.levels.get(&root) {
            return *known;
        }
        let mut missing = vec![root];
        let mut seen = HashSet::from([root]);
        let mut next = 0;
        while let Some(node) = missing.get(next).and_then(|id| self.store.level(*id)) {
            next += 1;
            let children = node.children();
            missing.extend(children.filter(|child| !self.levels.contains_key(child) && seen.insert(*child)));
        }
        missing.sort_unstable();
        for id in missing {
            let mut hasher = Hasher::new();
            if let Some(node) = self.store.level(id) {
                match node {
                    LevelNode::Zero => drop(hasher.update(b"0")),
                    LevelNode::Succ(_) => drop(hasher.update(b"s")),
                    LevelNode::Max(..) => drop(hasher.update(b"m")),
                    LevelNode::IMax(..) => drop(hasher.update(b"i")),
                    LevelNode::Param(name) => match self.parameters.get(name) {
                        Some(place) => drop(hasher.update(b"#").update(&place.to_le_bytes())),
                        None => drop(hasher.update(b"p").update(self.name(*name).as_bytes())),
                    },
                    LevelNode::Meta(name) => drop(hasher.update(b"v").update(self.name(*name).as_bytes())),
                }
                for child in node.children() {
                    if let Some(digest) = self.levels.get(&child) {
                        hasher.update(digest.as_bytes());
                    }
                }
            }
            self.levels.insert(id, hasher.finalize());
        }
        self.levels.get(&root).copied().unwrap_or_else(|| blake3::hash(b""))
    }

    /// The digest of a name: the same as [`Name::digest`](crate::Name::digest).
    pub fn name(&mut self, id: NameId) -> Hash {
        let mut missing = Vec::new();
        let mut at = id;
        let mut digest = loop {
            if let Some(known) = self.names.get(&at) {
                break *known;
            }
            let Some((prefix, component)) = self.store.split_name(at) else { break blake3::hash(b"") };
            missing.push((at, component));
            at = prefix;
        };
        for (id, component) in missing.into_iter().rev() {
            digest = component_digest(&digest, component);
            self.names.insert(id, digest);
        }
        digest
    }
}

/// The digest of a name from that of its prefix: the anonymous one's is the digest of nothing.
pub(crate) fn component_digest(prefix: &Hash, component: &Component) -> Hash {
    let mut hasher = Hasher::new();
    hasher.update(prefix.as_bytes());
    match component {
        Component::Text(text) => hasher.update(b"t").update(text.digest().as_bytes()),
        Component::Number(number) => hasher.update(b"n").update(&number.to_le_bytes()),
    };
    hasher.finalize()
}
