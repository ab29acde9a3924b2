//! Decodes names, levels and terms into a store. Each object is decoded once, children first, with a stack of our own.

use crate::name::{Component, NameId};
use crate::region::{Error, Object, Pointer, Region, without_leading_zeros};
use crate::shared::Shared;
use crate::store::{BindersId, ExprId, ExprNode, LevelId, LevelNode, Store};
use std::collections::HashMap;

/// What has been decoded of one file into one store. Names, levels and terms have a table each: an object of one kind is
/// never taken for one of another.
#[derive(Default)]
pub struct Memo {
    /// With the number of components.
    names: HashMap<Pointer, (NameId, u16)>,
    levels: HashMap<Pointer, LevelId>,
    exprs: HashMap<Pointer, ExprId>,
    texts: HashMap<Pointer, Shared<str>>,
    numbers: HashMap<Pointer, Shared<[u8]>>,
    binders: HashMap<Pointer, BindersId>,
    taken: Taken,
}

/// Decodes the objects of one file.
pub struct Decoder<'a, 's> {
    pub region: Region<'a>,
    pub store: &'s mut Store,
    memo: Memo,
}

/// What has been taken. Honest objects lie side by side, and lists are shared by few; hostile ones may overlap, or share a list
/// of thousands, and then what each of them holds adds up to more than any multiple of the file.
#[derive(Default)]
struct Taken {
    /// Bytes of texts and numbers.
    bytes: usize,
    /// Elements of lists that are kept with the term or the constant that they stand in.
    elements: usize,
}

/// An element of a list that is shared by few has at least as many bytes of the file.
const ELEMENT: usize = 4;

/// Take some more of what there may be at most.
fn take(taken: &mut usize, amount: usize, limit: usize) -> Result<(), Error> {
    const TOO_MUCH: Error = Error::Damaged { at: 0, what: "objects that overlap or share more than the file can hold" };
    *taken = taken.saturating_add(amount);
    if *taken > limit { Err(TOO_MUCH) } else { Ok(()) }
}

/// Components of a name, and bytes of a component, that a name has at most. Names are copied, compared and printed: with these
/// bounds that costs little for every name. Lean's library has no name of more than a few dozen.
const MAX_COMPONENTS: u16 = 256;
const MAX_COMPONENT_BYTES: usize = 4096;

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
        let (mut prefix, mut components) = loop {
            if self.region.scalar(at) == Some(0) {
                break (NameId::ANONYMOUS, 0);
            }
            if let Some(known) = self.memo.names.get(&at) {
                break *known;
            }
            let object = self.region.object(at)?;
            if chain.len() > usize::from(MAX_COMPONENTS) {
                return Err(object.damaged("a name without an end"));
            }
            chain.push((at, object));
            at = object.field(0)?;
        };
        for (pointer, object) in chain.into_iter().rev() {
            let component = match object.tag {
                1 => Component::Text(self.component(&object)?),
                2 => Component::Number(self.region.natural_u64(object.field(1)?)?),
                _ => return Err(object.damaged("a name was expected")),
            };
            components += 1;
            if components > MAX_COMPONENTS {
                return Err(object.damaged("a name of too many components"));
            }
            prefix = self.store.child_name(prefix, component);
            self.memo.names.insert(pointer, (prefix, components));
        }
        Ok(prefix)
    }

    fn component(&mut self, name: &Object<'_>) -> Result<Shared<str>, Error> {
        let pointer = name.field(1)?;
        if self.region.string_size(pointer)? > MAX_COMPONENT_BYTES {
            return Err(name.damaged("a name of a text that is too long"));
        }
        self.text(pointer)
    }

    /// A text: each object's once, however many refer to it.
    fn text(&mut self, pointer: Pointer) -> Result<Shared<str>, Error> {
        if let Some(known) = self.memo.texts.get(&pointer) {
            return Ok(known.clone());
        }
        take(&mut self.memo.taken.bytes, self.region.string_size(pointer)?, self.region.len())?;
        let text = Shared::from(self.region.string(pointer)?);
        self.memo.texts.insert(pointer, text.clone());
        Ok(text)
    }

    /// A natural number, little-endian without leading zeros: each big one once.
    fn natural(&mut self, pointer: Pointer) -> Result<Shared<[u8]>, Error> {
        if let Some(small) = self.region.scalar(pointer) {
            return Ok(without_leading_zeros(&small.to_le_bytes()).to_vec().into());
        }
        if let Some(known) = self.memo.numbers.get(&pointer) {
            return Ok(known.clone());
        }
        let digits = self.region.big_number(pointer)?;
        take(&mut self.memo.taken.bytes, digits.len(), self.region.len())?;
        let number = Shared::from(digits.to_vec());
        self.memo.numbers.insert(pointer, number.clone());
        Ok(number)
    }

    /// The elements of a list that is kept with what it stands in.
    pub fn list(&mut self, list: Pointer) -> Result<Vec<Pointer>, Error> {
        let elements = self.region.list(list)?;
        take(&mut self.memo.taken.elements, elements.len(), self.region.len() / ELEMENT)?;
        Ok(elements)
    }

    pub fn names(&mut self, list: Pointer) -> Result<Vec<NameId>, Error> {
        self.list(list)?.into_iter().map(|pointer| self.name(pointer)).collect()
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

    /// The binders that a type begins with. Types may share their ends: each object is read once.
    pub fn binders(&mut self, mut pointer: Pointer) -> Result<BindersId, Error> {
        /// Behind the eight bytes that each term has for itself.
        const INFO_AT: usize = 8;
        let mut chain = Vec::new();
        let mut binders = loop {
            if let Some(known) = self.memo.binders.get(&pointer) {
                break *known;
            }
            let term = self.region.object(pointer)?;
            if chain.len() > self.region.len() / 16 {
                return Err(term.damaged("a term that contains itself"));
            }
            match term.tag {
                expr_tag::PI => {
                    chain.push((pointer, Some((self.name(term.field(0)?)?, term.scalar_byte(INFO_AT)?))));
                    pointer = term.field(2)?;
                }
                expr_tag::MDATA => {
                    chain.push((pointer, None));
                    pointer = term.field(1)?;
                }
                _ => break BindersId::NONE,
            }
        };
        for (pointer, binder) in chain.into_iter().rev() {
            if let Some((name, info)) = binder {
                binders = self.store.intern_binders(name, info, binders);
            }
            self.memo.binders.insert(pointer, binders);
        }
        Ok(binders)
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
                let levels = self.list(object.field(1)?)?;
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
                    0 => ExprNode::Nat(self.natural(literal.field(0)?)?),
                    1 => ExprNode::Text(self.text(literal.field(0)?)?),
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
