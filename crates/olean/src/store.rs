//! Terms of any number of modules, hash-consed: two terms are equal, up to binder names and annotations, exactly when
//! their ids are.

use crate::name::{Component, Name, NameId};
use std::collections::HashMap;

/// A universe level in a `Store`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct LevelId(u32);

/// A term in a `Store`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct ExprId(u32);

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum LevelNode {
    Zero,
    Succ(LevelId),
    Max(LevelId, LevelId),
    IMax(LevelId, LevelId),
    Param(NameId),
    Meta(NameId),
}

/// A term's outermost node. Binder names, binder infos and `mdata` are left out: they change no meaning.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum ExprNode {
    /// A bound variable, counted from the innermost binder.
    Bound(u32),
    Free(NameId),
    Meta(NameId),
    Sort(LevelId),
    Const(NameId, Box<[LevelId]>),
    App(ExprId, ExprId),
    Lambda(ExprId, ExprId),
    Pi(ExprId, ExprId),
    Let(ExprId, ExprId, ExprId),
    Nat(Box<[u8]>),
    Text(Box<str>),
    /// A field of a structure, counted from 0.
    Proj(NameId, u32, ExprId),
}

struct Arena<T> {
    nodes: Vec<T>,
    ids: HashMap<T, u32>,
}

impl<T: Clone + Eq + std::hash::Hash> Arena<T> {
    fn new() -> Self {
        Self { nodes: Vec::new(), ids: HashMap::new() }
    }

    fn intern(&mut self, node: T) -> u32 {
        if let Some(id) = self.ids.get(&node) {
            return *id;
        }
        // A file of 4 GiB would be needed to run out of ids; then everything equals the last, and nothing is proved.
        let id = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        self.nodes.push(node.clone());
        self.ids.insert(node, id);
        id
    }
}

/// The terms of the modules that were read into it.
pub struct Store {
    names: Arena<(u32, Option<Component>)>,
    levels: Arena<LevelNode>,
    exprs: Arena<ExprNode>,
}

impl Default for Store {
    fn default() -> Self {
        let mut names = Arena::new();
        names.intern((0, None));
        Self { names, levels: Arena::new(), exprs: Arena::new() }
    }
}

impl Store {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn child_name(&mut self, prefix: NameId, component: Component) -> NameId {
        NameId(self.names.intern((prefix.0, Some(component))))
    }

    pub fn intern_name(&mut self, name: &Name) -> NameId {
        name.0.iter().fold(NameId::ANONYMOUS, |prefix, component| self.child_name(prefix, component.clone()))
    }

    /// The id of a name that something in the store has.
    pub fn find_name(&self, name: &Name) -> Option<NameId> {
        name.0.iter().try_fold(NameId::ANONYMOUS, |prefix, component| {
            self.names.ids.get(&(prefix.0, Some(component.clone()))).map(|id| NameId(*id))
        })
    }

    pub fn name(&self, id: NameId) -> Name {
        let mut parts = Vec::new();
        let mut at = id.0;
        while let Some((prefix, Some(component))) = self.names.nodes.get(at as usize) {
            parts.push(component.clone());
            at = *prefix;
        }
        parts.reverse();
        Name(parts)
    }

    pub fn intern_level(&mut self, node: LevelNode) -> LevelId {
        LevelId(self.levels.intern(node))
    }

    pub fn intern_expr(&mut self, node: ExprNode) -> ExprId {
        ExprId(self.exprs.intern(node))
    }

    pub fn expr(&self, id: ExprId) -> Option<&ExprNode> {
        self.exprs.nodes.get(id.0 as usize)
    }

    pub fn level(&self, id: LevelId) -> Option<&LevelNode> {
        self.levels.nodes.get(id.0 as usize)
    }

    /// Every node below a term, each once, parents first.
    pub fn visit(&self, root: ExprId, visit: impl FnMut(ExprId, &ExprNode)) {
        self.visit_all([root], visit);
    }

    /// Every node below some terms, each once, parents first.
    pub fn visit_all(&self, roots: impl IntoIterator<Item = ExprId>, mut visit: impl FnMut(ExprId, &ExprNode)) {
        let mut stack: Vec<ExprId> = roots.into_iter().collect();
        let mut seen: std::collections::HashSet<ExprId> = stack.iter().copied().collect();
        while let Some(id) = stack.pop() {
            let Some(node) = self.expr(id) else { continue };
            visit(id, node);
            let mut push = |child: ExprId| {
                if seen.insert(child) {
                    stack.push(child);
                }
            };
            match node {
                ExprNode::App(a, b) | ExprNode::Lambda(a, b) | ExprNode::Pi(a, b) => {
                    push(*b);
                    push(*a);
                }
                ExprNode::Let(a, b, c) => {
                    push(*c);
                    push(*b);
                    push(*a);
                }
                ExprNode::Proj(_, _, a) => push(*a),
                _ => {}
            }
        }
    }

    /// The constants that a term mentions; a projection mentions its structure.
    pub fn constants_of(&self, root: ExprId) -> Vec<NameId> {
        let mut constants = std::collections::BTreeSet::new();
        self.visit(root, |_, node| {
            if let ExprNode::Const(name, _) | ExprNode::Proj(name, _, _) = node {
                constants.insert(*name);
            }
        });
        constants.into_iter().collect()
    }

    /// A digest of a term that does not depend on the store: the kernel hash of a certificate.
    pub fn digest(&self, root: ExprId) -> blake3::Hash {
        self.digests([root]).get(&root).copied().unwrap_or_else(|| blake3::hash(b""))
    }

    /// The digests of several terms and of everything below them.
    pub fn digests(&self, roots: impl IntoIterator<Item = ExprId>) -> HashMap<ExprId, blake3::Hash> {
        let mut order = Vec::new();
        self.visit_all(roots, |id, _| order.push(id));
        // Children before parents: a term is interned after its parts, so by id.
        order.sort_unstable();
        let mut digests: HashMap<ExprId, blake3::Hash> = HashMap::with_capacity(order.len());
        for id in order {
            let mut hasher = blake3::Hasher::new();
            if let Some(node) = self.expr(id) {
                self.feed(&mut hasher, node, &digests);
            }
            digests.insert(id, hasher.finalize());
        }
        digests
    }

    fn feed(&self, hasher: &mut blake3::Hasher, node: &ExprNode, digests: &HashMap<ExprId, blake3::Hash>) {
        let child = |hasher: &mut blake3::Hasher, id: &ExprId| {
            if let Some(digest) = digests.get(id) {
                hasher.update(digest.as_bytes());
            }
        };
        let text = |hasher: &mut blake3::Hasher, text: &str| {
            hasher.update(&(text.len() as u64).to_le_bytes()).update(text.as_bytes());
        };
        match node {
            ExprNode::Bound(index) => drop(hasher.update(b"b").update(&index.to_le_bytes())),
            ExprNode::Free(name) => text(hasher.update(b"f"), &self.name(*name).to_string()),
            ExprNode::Meta(name) => text(hasher.update(b"m"), &self.name(*name).to_string()),
            ExprNode::Sort(level) => text(hasher.update(b"s"), &self.show_level(*level)),
            ExprNode::Const(name, levels) => {
                text(hasher.update(b"c"), &self.name(*name).to_string());
                levels.iter().for_each(|level| text(hasher, &self.show_level(*level)));
            }
            ExprNode::App(a, b) => {
                child(hasher.update(b"a"), a);
                child(hasher, b);
            }
            ExprNode::Lambda(a, b) => {
                child(hasher.update(b"l"), a);
                child(hasher, b);
            }
            ExprNode::Pi(a, b) => {
                child(hasher.update(b"p"), a);
                child(hasher, b);
            }
            ExprNode::Let(a, b, c) => {
                child(hasher.update(b"e"), a);
                child(hasher, b);
                child(hasher, c);
            }
            ExprNode::Nat(digits) => drop(hasher.update(b"n").update(digits)),
            ExprNode::Text(value) => text(hasher.update(b"t"), value),
            ExprNode::Proj(name, index, value) => {
                text(hasher.update(b"j"), &self.name(*name).to_string());
                hasher.update(&index.to_le_bytes());
                child(hasher, value);
            }
        }
    }

    /// A level in prefix notation. Levels of real files are small; a level deeper than 1,000 is cut.
    pub fn show_level(&self, id: LevelId) -> String {
        let mut shown = String::new();
        let mut stack = vec![id];
        let mut budget = 1_000;
        while let Some(id) = stack.pop() {
            budget -= 1;
            if budget == 0 {
                shown.push('…');
                break;
            }
            match self.level(id) {
                Some(LevelNode::Zero) | None => shown.push_str("0 "),
                Some(LevelNode::Succ(a)) => {
                    shown.push_str("S ");
                    stack.push(*a);
                }
                Some(LevelNode::Max(a, b)) => {
                    shown.push_str("max ");
                    stack.extend([*b, *a]);
                }
                Some(LevelNode::IMax(a, b)) => {
                    shown.push_str("imax ");
                    stack.extend([*b, *a]);
                }
                Some(LevelNode::Param(name) | LevelNode::Meta(name)) => {
                    shown.push_str(&self.name(*name).to_string());
                    shown.push(' ');
                }
            }
        }
        shown
    }
}
