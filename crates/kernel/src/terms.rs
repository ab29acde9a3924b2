//! Terms of a store with what is known of each: its loose variables, its free ones. Nothing is judged here.
//!
//! Only closed terms are judged: a binder is opened by putting a free variable in place of the bound one. Free variables are
//! made by us, each once and with one type, so what is remembered of a term holds wherever it stands.

use crate::failure::{Outcome, Reason, Stop, Why};
use crate::levels::LevelFacts;
use crate::limits::Meter;
use leanwright_olean::{Component, ExprId, ExprNode, LevelId, LevelNode, Name, NameId, Store};
use num_bigint::BigUint;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A term's outermost node, small enough to be copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Node {
    Bound(u32),
    Free(NameId),
    Meta,
    Sort(LevelId),
    Const(NameId),
    App(ExprId, ExprId),
    Lambda(ExprId, ExprId),
    Pi(ExprId, ExprId),
    Let(ExprId, ExprId, ExprId),
    Nat,
    Text,
    Proj(NameId, u32, ExprId),
}

/// What is known of a term without its context.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Facts {
    /// One more than the greatest bound variable that nothing in it binds: 0 if it is closed.
    pub loose: u32,
    /// One more than the index of its latest free variable: 0 if it has none.
    pub free: u32,
    pub has_level_param: bool,
    /// Metavariables, or levels that are too deep: nothing that is judged.
    pub is_strange: bool,
}

impl Node {
    /// The terms that it is made of.
    fn parts(self) -> [Option<ExprId>; 3] {
        match self {
            Self::App(a, b) | Self::Lambda(a, b) | Self::Pi(a, b) => [Some(a), Some(b), None],
            Self::Let(a, b, c) => [Some(a), Some(b), Some(c)],
            Self::Proj(_, _, a) => [Some(a), None, None],
            _ => [None; 3],
        }
    }
}

impl Facts {
    const STRANGE: Self = Self { loose: 0, free: 0, has_level_param: false, is_strange: true };

    /// The bits of `free` come first, then those of `loose`, then the flags. What does not fit is strange.
    const COUNT_BITS: u32 = 30;
    const MAX_COUNT: u32 = (1 << Self::COUNT_BITS) - 1;

    fn both(self, other: Self) -> Self {
        Self {
            loose: self.loose.max(other.loose),
            free: self.free.max(other.free),
            has_level_param: self.has_level_param | other.has_level_param,
            is_strange: self.is_strange | other.is_strange,
        }
    }

    /// As a number that is not 0.
    fn packed(self) -> u64 {
        let is_strange = self.is_strange || self.loose > Self::MAX_COUNT || self.free > Self::MAX_COUNT;
        let counts =
            u64::from(self.free & Self::MAX_COUNT) << Self::COUNT_BITS | u64::from(self.loose & Self::MAX_COUNT);
        counts << 3 | u64::from(is_strange) << 2 | u64::from(self.has_level_param) << 1 | 1
    }

    fn unpacked(packed: u64) -> Self {
        let count = |shift: u32| (packed >> shift) as u32 & Self::MAX_COUNT;
        Self {
            loose: count(3),
            free: count(3 + Self::COUNT_BITS),
            has_level_param: packed & 2 != 0,
            is_strange: packed & 4 != 0,
        }
    }
}

/// Hashes ids: they are given out one by one, so that nobody can choose those that collide.
#[derive(Default)]
pub(crate) struct IdHasher(u64);

impl Hasher for IdHasher {
    fn finish(&self) -> u64 {
        self.0.rotate_left(26)
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u32(u32::from(*byte)));
    }

    fn write_u32(&mut self, value: u32) {
        self.0 = (self.0.rotate_left(26) ^ u64::from(value)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
}

pub(crate) type IdMap<K, V> = HashMap<K, V, BuildHasherDefault<IdHasher>>;

/// A store that terms are read from and added to.
pub(crate) struct Terms<'a> {
    pub store: &'a mut Store,
    pub meter: Meter,
    /// Packed, 0 where they are not known yet: most terms of a store are never asked for, and memory that comes as zeros costs nothing
    /// until it is used. So the facts of the terms that were there at the start stand apart, and never move.
    facts: Vec<u64>,
    new_facts: Vec<u64>,
    pub(crate) level_facts: Vec<LevelFacts>,
    free_types: IdMap<NameId, ExprId>,
    free_prefix: NameId,
}

impl<'a> Terms<'a> {
    pub fn new(store: &'a mut Store, meter: Meter) -> Self {
        let first_terms = store.expr_count();
        // A prefix that no name of the store has: names below it are made in growing order.
        // Numbered by how many names there are, so that each check of one store finds another at once.
        let parent = store.intern_name(&Name::from_texts(["_kernel", "free"]));
        let mut number = store.name_count() as u64;
        while store.find_child(parent, &Component::Number(number)).is_some() {
            number += 1;
        }
        let free_prefix = store.child_name(parent, Component::Number(number));
        Self {
            store,
            meter,
            facts: vec![0; first_terms],
            new_facts: Vec::new(),
            level_facts: Vec::new(),
            free_types: IdMap::default(),
            free_prefix,
        }
    }

    pub fn node(&self, id: ExprId) -> Node {
        match self.store.expr(id) {
            Some(ExprNode::Bound(index)) => Node::Bound(*index),
            Some(ExprNode::Free(name)) => Node::Free(*name),
            Some(ExprNode::Sort(level)) => Node::Sort(*level),
            Some(ExprNode::Const(name, _)) => Node::Const(*name),
            Some(ExprNode::App(function, argument)) => Node::App(*function, *argument),
            Some(ExprNode::Lambda(domain, body)) => Node::Lambda(*domain, *body),
            Some(ExprNode::Pi(domain, body)) => Node::Pi(*domain, *body),
            Some(ExprNode::Let(type_, value, body)) => Node::Let(*type_, *value, *body),
            Some(ExprNode::Proj(name, index, of)) => Node::Proj(*name, *index, *of),
            Some(ExprNode::Nat(_)) => Node::Nat,
            Some(ExprNode::Text(_)) => Node::Text,
            Some(ExprNode::Meta(_)) | None => Node::Meta,
        }
    }

    /// The universe levels of a constant.
    pub fn levels_of(&self, id: ExprId) -> Vec<LevelId> {
        match self.store.expr(id) {
            Some(ExprNode::Const(_, levels)) => levels.to_vec(),
            _ => Vec::new(),
        }
    }

    /// The number of a literal.
    pub fn natural(&self, id: ExprId) -> Option<BigUint> {
        match self.store.expr(id) {
            Some(ExprNode::Nat(digits)) => Some(BigUint::from_bytes_le(digits)),
            _ => None,
        }
    }

    /// The text of a literal.
    pub fn text(&self, id: ExprId) -> Option<String> {
        match self.store.expr(id) {
            Some(ExprNode::Text(text)) => Some(text.to_string()),
            _ => None,
        }
    }

    pub fn facts(&mut self, id: ExprId) -> Facts {
        if let Some(known) = self.known_facts(id) {
            return known;
        }
        self.learn_levels();
        let new = self.store.expr_count().saturating_sub(self.facts.len());
        self.new_facts.resize(new, 0);
        // Parts before what they are parts of: a term comes after its parts, so there are no circles.
        let mut stack = vec![id];
        while let Some(id) = stack.last().copied() {
            let before = stack.len();
            let node = self.node(id);
            for part in node.parts().into_iter().flatten() {
                if self.known_facts(part).is_none() {
                    stack.push(part);
                }
            }
            if stack.len() == before {
                stack.pop();
                let packed = self.facts_of(id, node).packed();
                let place = match id.index().checked_sub(self.facts.len()) {
                    Some(index) => self.new_facts.get_mut(index),
                    None => self.facts.get_mut(id.index()),
                };
                match place {
                    Some(place) => *place = packed,
                    None => return Facts::STRANGE,
                }
            }
        }
        self.known_facts(id).unwrap_or(Facts::STRANGE)
    }

    fn known_facts(&self, id: ExprId) -> Option<Facts> {
        let place = match id.index().checked_sub(self.facts.len()) {
            Some(index) => self.new_facts.get(index),
            None => self.facts.get(id.index()),
        };
        place.copied().filter(|packed| *packed != 0).map(Facts::unpacked)
    }

    /// A term's facts from those of its parts.
    fn facts_of(&self, id: ExprId, node: Node) -> Facts {
        let part = |id: ExprId, binders: u32| {
            let facts = self.known_facts(id).unwrap_or(Facts::STRANGE);
            Facts { loose: facts.loose.saturating_sub(binders), ..facts }
        };
        let level = |id: LevelId| {
            let level = self.level_facts(id);
            Facts { has_level_param: level.has_param, is_strange: level.is_strange, ..Facts::default() }
        };
        match node {
            Node::Meta => Facts::STRANGE,
            Node::Bound(index) => Facts { loose: index.saturating_add(1), ..Facts::default() },
            Node::Free(name) => Facts { free: name.index().saturating_add(1), ..Facts::default() },
            Node::Sort(id) => level(id),
            Node::Const(_) => self.levels_of(id).into_iter().map(level).fold(Facts::default(), Facts::both),
            Node::App(a, b) => part(a, 0).both(part(b, 0)),
            Node::Lambda(a, b) | Node::Pi(a, b) => part(a, 0).both(part(b, 1)),
            Node::Let(a, b, c) => part(a, 0).both(part(b, 0)).both(part(c, 1)),
            Node::Proj(_, _, a) => part(a, 0),
            Node::Nat | Node::Text => Facts::default(),
        }
    }

    pub fn is_closed(&mut self, id: ExprId) -> bool {
        self.facts(id).loose == 0
    }

    pub fn has_free(&mut self, id: ExprId) -> bool {
        self.facts(id).free > 0
    }

    /// A term that came from outside: closed, and with nothing that only unfinished terms have.
    pub fn check_finished(&mut self, id: ExprId) -> Outcome<()> {
        let facts = self.facts(id);
        let reason = match facts {
            Facts { is_strange: true, .. } => Reason::MetaVariable,
            Facts { loose: 1.., .. } => Reason::LooseVariable,
            Facts { free: 1.., .. } => Reason::FreeVariable,
            _ => return Ok(()),
        };
        Err(reason.into())
    }

    pub fn add(&mut self, node: ExprNode) -> Outcome<ExprId> {
        let id = self.store.intern_expr(node);
        self.meter.terms(self.store.expr_count())?;
        Ok(id)
    }

    pub fn app(&mut self, function: ExprId, argument: ExprId) -> Outcome<ExprId> {
        self.add(ExprNode::App(function, argument))
    }

    pub fn apply(&mut self, function: ExprId, arguments: &[ExprId]) -> Outcome<ExprId> {
        arguments.iter().try_fold(function, |function, argument| self.app(function, *argument))
    }

    pub fn sort(&mut self, level: LevelId) -> Outcome<ExprId> {
        self.add(ExprNode::Sort(level))
    }

    pub fn constant(&mut self, name: NameId, levels: &[LevelId]) -> Outcome<ExprId> {
        self.add(ExprNode::Const(name, levels.into()))
    }

    pub fn literal(&mut self, number: &BigUint) -> Outcome<ExprId> {
        let mut digits = number.to_bytes_le();
        while digits.last() == Some(&0) {
            digits.pop();
        }
        self.meter.bytes(digits.len())?;
        self.add(ExprNode::Nat(digits.into()))
    }

    pub fn level(&mut self, node: LevelNode) -> LevelId {
        self.store.intern_level(node)
    }

    /// A function that is applied to nothing any more, and its arguments in order.
    pub fn spine(&self, mut term: ExprId) -> (ExprId, Vec<ExprId>) {
        let mut arguments = Vec::new();
        while let Node::App(function, argument) = self.node(term) {
            arguments.push(argument);
            term = function;
        }
        arguments.reverse();
        (term, arguments)
    }

    /// What stands before all arguments.
    pub fn head(&self, mut term: ExprId) -> ExprId {
        while let Node::App(function, _) = self.node(term) {
            term = function;
        }
        term
    }

    /// The constant before all arguments.
    pub fn head_constant(&self, term: ExprId) -> Option<(ExprId, NameId)> {
        let head = self.head(term);
        match self.node(head) {
            Node::Const(name) => Some((head, name)),
            _ => None,
        }
    }

    /// A new free variable of a type. Its name is greater than that of every free variable before it.
    pub fn free(&mut self, type_: ExprId) -> Outcome<(NameId, ExprId)> {
        let number = Component::Number(self.free_types.len() as u64);
        // What was decoded since the prefix was chosen may have taken it: then the order of the names would not be that of the variables.
        if self.store.find_child(self.free_prefix, &number).is_some() {
            return Err(Why::NotFree.into());
        }
        let name = self.store.child_name(self.free_prefix, number);
        self.free_types.insert(name, type_);
        Ok((name, self.add(ExprNode::Free(name))?))
    }

    pub fn free_type(&self, name: NameId) -> Outcome<ExprId> {
        self.free_types.get(&name).copied().ok_or(Stop::Refused(Reason::FreeVariable))
    }
}
