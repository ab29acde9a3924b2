//! What the judgements share: terms, constants, what has been found out already. The judgements themselves are in files of their own.

use crate::environment::Environment;
use crate::failure::{Outcome, Reason, Stop, Why};
use crate::primitives::Primitives;
use crate::terms::{IdMap, Node, Terms};
use leanwright_olean::{Constant, ExprId, LevelId, NameId};
use std::sync::Arc;

/// Judges terms in one environment. What is remembered of a term holds for good: free variables have one type each, and a constant
/// that is there never changes.
pub(crate) struct Checker<'a> {
    pub terms: Terms<'a>,
    pub environment: Environment<'a>,
    pub primitives: Primitives,
    pub known: Known,
}

/// What has been found out.
#[derive(Default)]
pub(crate) struct Known {
    /// Types, of terms that may be wrong.
    pub types: IdMap<ExprId, ExprId>,
    /// Terms that are right, all of them with a type in `types`.
    pub checked: IdMap<ExprId, ()>,
    /// Weak head normal forms: without unfolding constants, with projections cheap or not, and with everything.
    pub cheap: IdMap<ExprId, ExprId>,
    pub core: IdMap<ExprId, ExprId>,
    pub whole: IdMap<ExprId, ExprId>,
    /// For terms that are equal to others, one of those; see `equality`.
    pub equal: IdMap<ExprId, ExprId>,
    /// Pairs of which it is known that comparing their arguments does not help.
    pub unequal_arguments: IdMap<(ExprId, ExprId), ()>,
    /// Types and values of constants, with levels put in.
    pub constant_types: IdMap<ExprId, ExprId>,
    pub constant_values: IdMap<ExprId, Option<ExprId>>,
    /// Pairs of levels and whether they are equal.
    pub levels: IdMap<(LevelId, LevelId), bool>,
    /// The inductive type that a recursor is about.
    pub major_types: IdMap<NameId, Option<NameId>>,
}

impl<'a> Checker<'a> {
    pub fn new(mut terms: Terms<'a>, environment: Environment<'a>) -> Self {
        let primitives = Primitives::new(&mut terms);
        Self { terms, environment, primitives, known: Known::default() }
    }

    /// Do something one level deeper.
    pub fn deeper<T>(&mut self, judge: impl FnOnce(&mut Self) -> Outcome<T>) -> Outcome<T> {
        self.terms.meter.enter()?;
        let result = judge(self);
        self.terms.meter.leave();
        result
    }

    /// A constant that something mentions. What the new constant mentions itself is there: so if this is not, the library is not whole.
    pub fn constant(&mut self, name: NameId) -> Outcome<Arc<Constant>> {
        match self.environment.get(name, &mut self.terms) {
            Err(Stop::Refused(Reason::Unknown(name))) => Err(Why::Missing(name).into()),
            found => found,
        }
    }

    /// Whether two levels are equal.
    pub fn same_level(&mut self, one: LevelId, other: LevelId) -> Outcome<bool> {
        if one == other {
            return Ok(true);
        }
        if let Some(known) = self.known.levels.get(&(one, other)) {
            return Ok(*known);
        }
        let same = self.terms.levels_equal(one, other)?;
        self.known.levels.insert((one, other), same);
        Ok(same)
    }

    /// Whether two constants have equal levels.
    pub fn same_levels(&mut self, one: ExprId, other: ExprId) -> Outcome<bool> {
        let (one, other) = (self.terms.levels_of(one), self.terms.levels_of(other));
        if one.len() != other.len() {
            return Ok(false);
        }
        for (one, other) in one.into_iter().zip(other) {
            if !self.same_level(one, other)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// A constant as it is used somewhere, which must have as many levels as were declared.
    pub fn used(&mut self, constant: ExprId) -> Outcome<(Arc<Constant>, Vec<LevelId>)> {
        let Node::Const(name) = self.terms.node(constant) else { return Err(Reason::NotAFunction.into()) };
        let declared = self.constant(name)?;
        let levels = self.terms.levels_of(constant);
        if levels.len() != declared.level_params.len() {
            return Err(Reason::LevelCount(self.terms.store.name(name)).into());
        }
        Ok((declared, levels))
    }

    /// The type of a constant where it is used.
    pub fn constant_type(&mut self, constant: ExprId) -> Outcome<ExprId> {
        if let Some(known) = self.known.constant_types.get(&constant) {
            return Ok(*known);
        }
        let (declared, levels) = self.used(constant)?;
        let type_ = self.terms.with_levels(declared.type_, &declared.level_params, &levels)?;
        self.known.constant_types.insert(constant, type_);
        Ok(type_)
    }

    /// What a constant that is used somewhere may be replaced by.
    pub fn constant_value(&mut self, constant: ExprId) -> Outcome<Option<ExprId>> {
        if let Some(known) = self.known.constant_values.get(&constant) {
            return Ok(*known);
        }
        let (declared, levels) = self.used(constant)?;
        let value = match self.environment.value(&declared, &mut self.terms)? {
            Some(value) => Some(self.terms.with_levels(value, &declared.level_params, &levels)?),
            None => None,
        };
        self.known.constant_values.insert(constant, value);
        Ok(value)
    }
}
