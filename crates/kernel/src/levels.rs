//! Universe levels: when one is at most another, whatever its parameters are.
//!
//! Source: the Lean reference on universes ("The Type System"), `src/kernel/level.cpp` for what the constructors mean. `imax a b` is 0 where `b` is, and
//! `max a b` elsewhere. We do not normalise as Lean does: for each parameter that decides an `imax` both cases are looked at, zero and positive; in
//! each case a level is the maximum of a number and of parameters with numbers added, and those are compared term by term. This finds every
//! inequality that holds, and no other.

use crate::failure::{Outcome, Why};
use crate::terms::{IdMap, Terms};
use leanwright_olean::{LevelId, LevelNode, NameId};
use std::collections::BTreeMap;

/// Levels that nest deeper are not looked at. Those of real files have 30 at most.
const MAX_DEPTH: u32 = 500;

/// How many parameters may decide about an `imax`: each doubles the cases.
const MAX_CASES: usize = 12;

/// What is known of a level without its context.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LevelFacts {
    pub has_param: bool,
    /// A metavariable in it, or too deep.
    pub is_strange: bool,
    depth: u32,
}

/// The maximum of a number and of some parameters, each with a number added.
#[derive(Default)]
struct Maximum {
    number: u64,
    params: BTreeMap<NameId, u64>,
}

/// For each parameter that was decided on, whether it is positive, else it is zero.
type Cases = BTreeMap<NameId, bool>;

/// Either what was asked for, or a parameter that has to be decided on first.
enum Decided<T> {
    Known(T),
    DependsOn(NameId),
}

impl Terms<'_> {
    /// Facts of all levels that have been added since.
    pub(crate) fn learn_levels(&mut self) {
        let mut known = std::mem::take(&mut self.level_facts);
        for node in self.store.levels_from(known.len()) {
            let part = |id: &LevelId| {
                known.get(id.index()).copied().unwrap_or(LevelFacts { is_strange: true, ..LevelFacts::default() })
            };
            let around = |one: LevelFacts, other: LevelFacts| {
                let depth = one.depth.max(other.depth) + 1;
                let is_strange = one.is_strange || other.is_strange || depth > MAX_DEPTH;
                LevelFacts { has_param: one.has_param || other.has_param, is_strange, depth: depth.min(MAX_DEPTH) }
            };
            let facts = match node {
                LevelNode::Zero => LevelFacts::default(),
                LevelNode::Succ(a) => around(part(a), LevelFacts::default()),
                LevelNode::Max(a, b) | LevelNode::IMax(a, b) => around(part(a), part(b)),
                LevelNode::Param(_) => LevelFacts { has_param: true, ..LevelFacts::default() },
                LevelNode::Meta(_) => LevelFacts { is_strange: true, ..LevelFacts::default() },
            };
            known.push(facts);
        }
        self.level_facts = known;
    }

    /// What is known of a level; of one that has been added since, that it is strange.
    pub(crate) fn level_facts(&self, id: LevelId) -> LevelFacts {
        let strange = LevelFacts { is_strange: true, ..LevelFacts::default() };
        self.level_facts.get(id.index()).copied().unwrap_or(strange)
    }

    /// The node of a level that does not nest too deeply.
    fn level_node(&mut self, id: LevelId) -> Outcome<LevelNode> {
        self.meter.step()?;
        self.learn_levels();
        if self.level_facts(id).is_strange {
            return Err(Why::Levels.into());
        }
        Ok(self.store.level(id).cloned().ok_or(Why::Levels)?)
    }

    /// A level with levels in place of parameters.
    pub(crate) fn level_with(&mut self, level: LevelId, params: &[NameId], levels: &[LevelId]) -> Outcome<LevelId> {
        let mut memo = IdMap::default();
        self.level_with_memo(level, params, levels, &mut memo)
    }

    fn level_with_memo(
        &mut self,
        level: LevelId,
        params: &[NameId],
        levels: &[LevelId],
        memo: &mut IdMap<LevelId, LevelId>,
    ) -> Outcome<LevelId> {
        let node = self.level_node(level)?;
        if !self.level_facts(level).has_param {
            return Ok(level);
        }
        if let Some(known) = memo.get(&level) {
            return Ok(*known);
        }
        let mut with = |terms: &mut Self, part| terms.level_with_memo(part, params, levels, memo);
        let new = match node {
            LevelNode::Param(name) => {
                let place = params.iter().position(|param| *param == name);
                place.and_then(|place| levels.get(place).copied()).unwrap_or(level)
            }
            LevelNode::Succ(a) => {
                let a = with(self, a)?;
                self.level(LevelNode::Succ(a))
            }
            LevelNode::Max(a, b) => {
                let (a, b) = (with(self, a)?, with(self, b)?);
                self.level_max(a, b)
            }
            LevelNode::IMax(a, b) => {
                let (a, b) = (with(self, a)?, with(self, b)?);
                self.level_imax(a, b)
            }
            LevelNode::Zero | LevelNode::Meta(_) => level,
        };
        memo.insert(level, new);
        Ok(new)
    }

    /// `max a b`, or one of both where that is the same. Equal levels are more often one and the same then.
    pub(crate) fn level_max(&mut self, a: LevelId, b: LevelId) -> LevelId {
        match (self.store.level(a), self.store.level(b)) {
            _ if a == b => a,
            (Some(LevelNode::Zero), _) => b,
            (_, Some(LevelNode::Zero)) => a,
            _ => self.level(LevelNode::Max(a, b)),
        }
    }

    /// `imax a b`, or something simpler that is the same.
    pub(crate) fn level_imax(&mut self, a: LevelId, b: LevelId) -> LevelId {
        match (self.store.level(a), self.store.level(b)) {
            _ if a == b => a,
            (_, Some(LevelNode::Zero)) | (Some(LevelNode::Zero), _) => b,
            (_, Some(LevelNode::Succ(_))) => self.level_max(a, b),
            _ => self.level(LevelNode::IMax(a, b)),
        }
    }

    /// The parameters that a level mentions are all among these.
    pub(crate) fn level_is_declared(&mut self, level: LevelId, params: &[NameId]) -> Outcome<bool> {
        Ok(match self.level_node(level)? {
            _ if !self.level_facts(level).has_param => true,
            LevelNode::Param(name) => params.contains(&name),
            LevelNode::Succ(a) => self.level_is_declared(a, params)?,
            LevelNode::Max(a, b) | LevelNode::IMax(a, b) => {
                self.level_is_declared(a, params)? && self.level_is_declared(b, params)?
            }
            LevelNode::Zero | LevelNode::Meta(_) => true,
        })
    }

    /// Whether two levels are equal, whatever their parameters are.
    pub(crate) fn levels_equal(&mut self, one: LevelId, other: LevelId) -> Outcome<bool> {
        Ok(one == other || (self.level_at_most(one, other)? && self.level_at_most(other, one)?))
    }

    /// Whether a level is zero, whatever its parameters are.
    pub(crate) fn level_is_zero(&mut self, level: LevelId) -> Outcome<bool> {
        let zero = self.level(LevelNode::Zero);
        Ok(level == zero || self.level_at_most(level, zero)?)
    }

    /// Whether one level is at most another, whatever their parameters are.
    pub(crate) fn level_at_most(&mut self, one: LevelId, other: LevelId) -> Outcome<bool> {
        self.at_most_in(one, other, &mut Cases::new())
    }

    fn at_most_in(&mut self, one: LevelId, other: LevelId, cases: &mut Cases) -> Outcome<bool> {
        let left = self.maximum(one, cases)?;
        let right = self.maximum(other, cases)?;
        let undecided = match (left, right) {
            (Decided::Known(left), Decided::Known(right)) => return Ok(left.at_most(&right, cases)),
            (Decided::DependsOn(param), _) | (_, Decided::DependsOn(param)) => param,
        };
        if cases.len() >= MAX_CASES {
            return Err(Why::Levels.into());
        }
        for is_positive in [false, true] {
            cases.insert(undecided, is_positive);
            let holds = self.at_most_in(one, other, cases);
            cases.remove(&undecided);
            if !holds? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// A level as a maximum, in some cases.
    fn maximum(&mut self, level: LevelId, cases: &Cases) -> Outcome<Decided<Maximum>> {
        use Decided::{DependsOn, Known};
        Ok(match self.level_node(level)? {
            LevelNode::Zero | LevelNode::Meta(_) => Known(Maximum::default()),
            LevelNode::Param(name) => Known(match cases.get(&name) {
                Some(false) => Maximum::default(),
                _ => Maximum { number: 0, params: BTreeMap::from([(name, 0)]) },
            }),
            LevelNode::Succ(a) => match self.maximum(a, cases)? {
                Known(a) => Known(Maximum {
                    number: a.number + 1,
                    params: a.params.into_iter().map(|(param, number)| (param, number + 1)).collect(),
                }),
                depends => depends,
            },
            LevelNode::Max(a, b) => match (self.maximum(a, cases)?, self.maximum(b, cases)?) {
                (Known(a), Known(b)) => Known(a.join(b)),
                (DependsOn(param), _) | (_, DependsOn(param)) => DependsOn(param),
            },
            LevelNode::IMax(a, b) => match self.maximum(b, cases)? {
                Known(b) if b.is_zero() => Known(b),
                Known(b) if b.least(cases) > 0 => match self.maximum(a, cases)? {
                    Known(a) => Known(a.join(b)),
                    depends => depends,
                },
                // Neither zero nor positive: there is a parameter that was not decided on.
                Known(b) => DependsOn(b.params.into_keys().next().ok_or(Why::Levels)?),
                depends => depends,
            },
        })
    }
}

impl Maximum {
    fn is_zero(&self) -> bool {
        self.number == 0 && self.params.is_empty()
    }

    fn join(mut self, other: Self) -> Self {
        self.number = self.number.max(other.number);
        for (param, number) in other.params {
            let own = self.params.entry(param).or_insert(number);
            *own = number.max(*own);
        }
        self
    }

    /// The least value that it has.
    fn least(&self, cases: &Cases) -> u64 {
        let params = self.params.iter().map(|(param, number)| number + u64::from(cases.get(param) == Some(&true)));
        params.fold(self.number, u64::max)
    }

    /// Parameters can be arbitrarily large, so each needs its own on the other side; the number needs the least value.
    fn at_most(&self, other: &Self, cases: &Cases) -> bool {
        let covered = |(param, number): (&NameId, &u64)| other.params.get(param).is_some_and(|own| own >= number);
        self.number <= other.least(cases) && self.params.iter().all(covered)
    }
}
