//! Decodes names, levels and terms into a store. Each object is decoded once, children first, with a stack of our own.

use crate::name::{Component, NameId};
use crate::region::{Error, Object, Pointer, Region};
use crate::store::{ExprId, ExprNode, LevelId, LevelNode, Store};
use std::collections::HashMap;

/// What has been decoded of one file into one store. Names, levels and terms have a table each: an object of one kind is
/// never taken for one of another.
#[derive(Default)]
pub struct Memo {
    names: HashMap<Pointer, NameId>,
    levels: HashMap<Pointer, LevelId>,
    exprs: HashMap<Pointer, ExprId>,
}

/// Decodes the objects of one file.
pub struct Decoder<'a, 's> {
    pub region: Region<'a>,
    pub store: &'s mut Store,
    memo: Memo,
}

/// Constructor tags of `Lean.Expr`.
mod expr_tag {
    pub const BVAR: u8 = 0;
    pub const FVAR: u8 = 1;
    pub const MVAR: u8 = 2;
    pub const SORT: u8 = 3;
    pub const CONST: u8 = 4;
    pub const APP: u8 = 5;
    pub const LAMBDA: u8 = 6;
    pub const PI: u8 = 7;
    pub const LET: u8 = 8;
    pub const LITERAL: u8 = 9;
    pub const MDATA: u8 = 10;
    pub const PROJ: u8 = 11;
}

impl<'a, 's> Decoder<'a, 's> {
    pub fn new(region: Region<'a>, store: &'s mut Store) -> Self {
        Self::resume(region, store, Memo::default())
    }

    /// Go on with a file of which something has been decoded into the same store.
    pub fn resume(region: Region<'a>, store: &'s mut Store, memo: Memo) -> Self {
        Self { region, store, memo }
    }

    /// What has been decoded, for `resume`.
    pub fn into_memo(self) -> Memo {
        self.memo
    }

    pub fn name(&mut self, pointer: Pointer) -> Result<NameId, Error> {
        // From the name up to its root, or to a prefix that is known.
        let mut chain = Vec::new();
        let mut at = pointer;
        let mut prefix = loop {
            if self.region.scalar(at) == Some(0) {
                break NameId::ANONYMOUS;
            }
            if let Some(known) = self.memo.names.get(&at) {
                break *known;
            }
            let object = self.region.object(at)?;
            if chain.len() > self.region.len() / 16 {
                return Err(object.damaged("a name without an end"));
            }
            chain.push((at, object));
            at = object.field(0)?;
        };
        for (pointer, object) in chain.into_iter().rev() {
            let component = match object.tag {
                1 => Component::Text(self.region.string(object.field(1)?)?.to_owned()),
                2 => Component::Number(self.region.natural_u64(object.field(1)?)?),
                _ => return Err(object.damaged("a name was expected")),
            };
            prefix = self.store.child_name(prefix, component);
            self.memo.names.insert(pointer, prefix);
        }
        Ok(prefix)
    }

    pub fn names(&mut self, list: Pointer) -> Result<Vec<NameId>, Error> {
        self.region.list(list)?.into_iter().map(|pointer| self.name(pointer)).collect()
    }

    fn known_level(&mut self, pointer: Pointer) -> Option<LevelId> {
        match self.region.scalar(pointer) {
            Some(0) => Some(self.store.intern_level(LevelNode::Zero)),
            _ => self.memo.levels.get(&pointer).copied(),
        }
    }

    pub fn level(&mut self, root: Pointer) -> Result<LevelId, Error> {
        let mut stack = vec![(root, false)];
        while let Some((pointer, expanded)) = stack.pop() {
            if self.known_level(pointer).is_some() {
                continue;
            }
            let object = self.region.object(pointer)?;
            let arity = match object.tag {
                1 => 1,
                2 | 3 => 2,
                0 | 4 | 5 => 0,
                _ => return Err(object.damaged("a universe level was expected")),
            };
            if !expanded && arity > 0 {
                self.check_depth(stack.len(), &object)?;
                stack.push((pointer, true));
                for index in 0..arity {
                    stack.push((object.field(index)?, false));
                }
                continue;
            }
            let mut child = |index| {
                let pointer = object.field(index)?;
                self.known_level(pointer).ok_or(object.damaged("a level that contains itself"))
            };
            let node = match object.tag {
                0 => LevelNode::Zero,
                1 => LevelNode::Succ(child(0)?),
                2 => LevelNode::Max(child(0)?, child(1)?),
                3 => LevelNode::IMax(child(0)?, child(1)?),
                tag => {
                    let name = object.field(0)?;
                    let name = if tag == 4 { self.name(name)? } else { self.wrapped_name(name)? };
                    if tag == 4 { LevelNode::Param(name) } else { LevelNode::Meta(name) }
                }
            };
            let id = self.store.intern_level(node);
            self.memo.levels.insert(pointer, id);
        }
        self.known_level(root).ok_or(Error::Damaged { at: 0, what: "a level that contains itself" })
    }

    /// `FVarId` and its like are structures with one field, which are represented by that field.
    fn wrapped_name(&mut self, pointer: Pointer) -> Result<NameId, Error> {
        self.name(pointer)
    }

    /// A cycle would let the stack grow without end: it can never be longer than twice the objects of the file.
    fn check_depth(&self, depth: usize, object: &Object<'_>) -> Result<(), Error> {
        if depth > self.region.len() / 4 { Err(object.damaged("a term that contains itself")) } else { Ok(()) }
    }

    pub fn expr(&mut self, root: Pointer) -> Result<ExprId, Error> {
        let mut stack = vec![(root, false)];
        while let Some((pointer, expanded)) = stack.pop() {
            if self.memo.exprs.contains_key(&pointer) {
                continue;
            }
            let object = self.region.object(pointer)?;
            let children = children(&object)?;
            if !expanded && !children.is_empty() {
                self.check_depth(stack.len(), &object)?;
                stack.push((pointer, true));
                for index in children.iter().rev() {
                    let child = object.field(*index)?;
                    if !self.memo.exprs.contains_key(&child) {
                        stack.push((child, false));
                    }
                }
                continue;
            }
            let id = self.node(&object)?;
            self.memo.exprs.insert(pointer, id);
        }
        self.memo.exprs.get(&root).copied().ok_or(Error::Damaged { at: 0, what: "a term that contains itself" })
    }

    /// The term of an object whose children are decoded.
    fn node(&mut self, object: &Object<'_>) -> Result<ExprId, Error> {
        let known = |decoder: &Self, index| {
            decoder.memo.exprs.get(&object.field(index)?).copied().ok_or(object.damaged("a term that contains itself"))
        };
        let node = match object.tag {
            expr_tag::BVAR => ExprNode::Bound(self.region.index(object.field(0)?)?),
            expr_tag::FVAR => ExprNode::Free(self.wrapped_name(object.field(0)?)?),
            expr_tag::MVAR => ExprNode::Meta(self.wrapped_name(object.field(0)?)?),
            expr_tag::SORT => ExprNode::Sort(self.level(object.field(0)?)?),
            expr_tag::CONST => {
                let name = self.name(object.field(0)?)?;
                let levels = self.region.list(object.field(1)?)?;
                let levels = levels.into_iter().map(|level| self.level(level)).collect::<Result<_, _>>()?;
                ExprNode::Const(name, levels)
            }
            expr_tag::APP => ExprNode::App(known(self, 0)?, known(self, 1)?),
            expr_tag::LAMBDA => ExprNode::Lambda(known(self, 1)?, known(self, 2)?),
            expr_tag::PI => ExprNode::Pi(known(self, 1)?, known(self, 2)?),
            expr_tag::LET => ExprNode::Let(known(self, 1)?, known(self, 2)?, known(self, 3)?),
            expr_tag::LITERAL => {
                let literal = self.region.object(object.field(0)?)?;
                match literal.tag {
                    0 => ExprNode::Nat(self.region.natural(literal.field(0)?)?.into()),
                    1 => ExprNode::Text(self.region.string(literal.field(0)?)?.into()),
                    _ => return Err(literal.damaged("a literal was expected")),
                }
            }
            expr_tag::MDATA => return known(self, 1),
            expr_tag::PROJ => {
                let name = self.name(object.field(0)?)?;
                ExprNode::Proj(name, self.region.index(object.field(1)?)?, known(self, 2)?)
            }
            _ => return Err(object.damaged("a term was expected")),
        };
        Ok(self.store.intern_expr(node))
    }
}

/// The fields of a term's object that are terms.
fn children(object: &Object<'_>) -> Result<&'static [usize], Error> {
    Ok(match object.tag {
        expr_tag::APP => &[0, 1],
        expr_tag::LAMBDA | expr_tag::PI => &[1, 2],
        expr_tag::LET => &[1, 2, 3],
        expr_tag::MDATA => &[1],
        expr_tag::PROJ => &[2],
        expr_tag::BVAR | expr_tag::FVAR | expr_tag::MVAR | expr_tag::SORT | expr_tag::CONST | expr_tag::LITERAL => &[],
        _ => return Err(object.damaged("a term was expected")),
    })
}
