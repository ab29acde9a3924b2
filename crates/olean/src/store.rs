//! Terms of any number of modules, hash-consed: two terms are equal, up to binder names and annotations, exactly when
//! their ids are.

use crate::constant::Constant;
use crate::digest::Digests;
use crate::name::{Component, Name, NameId};
use crate::shared::Shared;
use std::collections::HashMap;

/// A universe level in a `Store`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct LevelId(u32);

/// A term in a `Store`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct ExprId(u32);

/// The names and kinds of the binders that a type begins with, in a `Store`: equal exactly if those are. A name that a macro has made up
/// counts as any other of that sort.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct BindersId(u32);

impl BindersId {
    /// No binders, in every store.
    pub const NONE: Self = Self(0);
}

impl LevelId {
    /// Its place among the levels of its store: what it is made of stands before it.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl ExprId {
    /// Its place among the terms of its store: what it is made of stands before it.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

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
    /// A literal, little-endian without leading zeros.
    Nat(Shared<[u8]>),
    Text(Shared<str>),
    /// A field of a structure, counted from 0.
    Proj(NameId, u32, ExprId),
}

impl LevelNode {
    /// The levels that it is made of.
    pub fn children(&self) -> impl Iterator<Item = LevelId> + use<> {
        let [one, other] = match self {
            Self::Succ(a) => [Some(*a), None],
            Self::Max(a, b) | Self::IMax(a, b) => [Some(*a), Some(*b)],
            Self::Zero | Self::Param(_) | Self::Meta(_) => [None, None],
        };
        one.into_iter().chain(other)
    }
}

impl ExprNode {
    /// The terms that it is made of.
    pub fn children(&self) -> impl DoubleEndedIterator<Item = ExprId> + use<> {
        let children = match self {
            Self::App(a, b) | Self::Lambda(a, b) | Self::Pi(a, b) => [Some(*a), Some(*b), None],
            Self::Let(a, b, c) => [Some(*a), Some(*b), Some(*c)],
            Self::Proj(_, _, a) => [Some(*a), None, None],
            _ => [None; 3],
        };
        children.into_iter().flatten()
    }
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
    /// The first binder's name, its `Lean.BinderInfo` (0 explicit, 1 implicit, 2 strict implicit, 3 instance), and the others.
    binders: Arena<(NameId, u8, u32)>,
}

impl Default for Store {
    fn default() -> Self {
        let mut names = Arena::new();
        names.intern((0, None));
        let mut binders = Arena::new();
        binders.intern((NameId::ANONYMOUS, 0, 0));
        Self { names, levels: Arena::new(), exprs: Arena::new(), binders }
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
        name.0.iter().try_fold(NameId::ANONYMOUS, |prefix, component| self.find_child(prefix, component))
    }

    /// The id of a name that is another one with a component more, if something in the store has it.
    pub fn find_child(&self, prefix: NameId, component: &Component) -> Option<NameId> {
        self.names.ids.get(&(prefix.0, Some(component.clone()))).map(|id| NameId(*id))
    }

    /// How many names there are, the anonymous one and all prefixes with them.
    pub fn name_count(&self) -> usize {
        self.names.nodes.len()
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

    pub(crate) fn intern_binders(&mut self, name: NameId, info: u8, behind: BindersId) -> BindersId {
        // An anonymous binder must not be taken for the end of the list.
        let name = if self.is_made_up(name) { NameId(u32::MAX) } else { name };
        BindersId(self.binders.intern((name, info.saturating_add(1), behind.0)))
    }

    /// Whether a macro has made a name up: such names contain `_@`.
    fn is_made_up(&self, name: NameId) -> bool {
        let mut at = name;
        while let Some((prefix, component)) = self.split_name(at) {
            if matches!(component, Component::Text(text) if **text == *"_@") {
                return true;
            }
            at = prefix;
        }
        false
    }

    /// How many terms there are.
    pub fn expr_count(&self) -> usize {
        self.exprs.nodes.len()
    }

    /// The terms from a place on, in the order in which they came: what a term is made of comes before it.
    pub fn exprs_from(&self, start: usize) -> impl Iterator<Item = &ExprNode> {
        self.exprs.nodes.iter().skip(start)
    }

    /// The levels from a place on, in the order in which they came.
    pub fn levels_from(&self, start: usize) -> impl Iterator<Item = &LevelNode> {
        self.levels.nodes.iter().skip(start)
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
            stack.extend(node.children().rev().filter(|child| seen.insert(*child)));
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
        Digests::new(self).term(root)
    }

    /// A digest of a constant's type that does not depend on what its universe parameters are called.
    pub fn statement_digest(&self, constant: &Constant) -> blake3::Hash {
        Digests::with_parameters(self, &constant.level_params).term(constant.type_)
    }

    /// The digests of several terms and of everything below them.
    pub fn digests(&self, roots: impl IntoIterator<Item = ExprId>) -> HashMap<ExprId, blake3::Hash> {
        Digests::new(self).into_terms(roots)
    }

    /// A name's last component and what stands before it; `None` for the anonymous one.
    pub(crate) fn split_name(&self, id: NameId) -> Option<(NameId, &Component)> {
        let (prefix, component) = self.names.nodes.get(id.0 as usize)?;
        Some((NameId(*prefix), component.as_ref()?))
    }
}
