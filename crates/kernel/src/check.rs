//! Checks new constants, what they rest on first. Only theorems, safe definitions and, if asked for, opaque constants can be new.
//!
//! Source: `environment::add_theorem`, `add_definition`, `add_opaque`, `check_constant_val` in `src/kernel/environment.cpp`.

use crate::checker::Checker;
use crate::environment::{Environment, Library};
use crate::failure::{Failure, Outcome, Reason, Stop, Why};
use crate::infer::Trust;
use crate::limits::{Limits, Meter, STACK_BYTES};
use crate::order::in_order;
use crate::terms::{Node, Terms};
use leanwright_olean::{Constant, ConstantKind, Details, ExprId, NameId, Safety, Store};
use std::collections::BTreeMap;

/// What a check that accepted everything has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Constants that were checked: all that were new.
    pub constants: usize,
    pub steps: u64,
    /// Terms that the store has got meanwhile.
    pub terms: usize,
}

/// Whether opaque constants may be new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opaques {
    Refused,
    Checked,
}

/// Check all new constants; they come before those of the library that have the same name. On a thread of its own, whose stack suffices for
/// whatever `limits` allow.
///
/// That a name is new or its old meaning may change is for the caller to know. All terms must be of this store.
///
/// # Errors
/// About the first constant that is wrong, or that could not be decided: then nothing is said of the others.
pub fn check(
    store: &mut Store,
    library: &mut dyn Library,
    new: &BTreeMap<NameId, Constant>,
    opaques: Opaques,
    limits: &Limits,
) -> Result<Report, Failure> {
    let no_thread = Failure::GaveUp { constant: leanwright_olean::Name::default(), why: Why::Thread };
    std::thread::scope(|scope| {
        let work = || check_here(store, library, new, opaques, limits);
        let thread = std::thread::Builder::new().name("kernel".into()).stack_size(STACK_BYTES);
        let thread = thread.spawn_scoped(scope, work).map_err(|_| no_thread.clone())?;
        thread.join().map_err(|_| no_thread)?
    })
}

fn check_here(
    store: &mut Store,
    library: &mut dyn Library,
    new: &BTreeMap<NameId, Constant>,
    opaques: Opaques,
    limits: &Limits,
) -> Result<Report, Failure> {
    let first_term = store.expr_count();
    let mut terms = Terms::new(store, Meter::new(limits, first_term));
    let mut environment = Environment::new(library, new);
    let no_name = leanwright_olean::Name::default();
    let order = in_order(new.keys().copied(), &mut environment, &mut terms)
        .map_err(|stop| failure(no_name, stop))?
        .map_err(|name| failure(terms.store.name(name), Reason::Cycle.into()))?;
    let mut checker = Checker::new(terms, environment);
    for name in order {
        let Some(constant) = new.get(&name) else { continue };
        let checked = checker.check_constant(constant, opaques);
        checked.map_err(|stop| failure(checker.terms.store.name(name), stop))?;
        checker.environment.accept(constant);
    }
    let Checker { terms, .. } = checker;
    Ok(Report {
        constants: new.len(),
        steps: terms.meter.steps,
        terms: terms.store.expr_count().saturating_sub(first_term),
    })
}

fn failure(constant: leanwright_olean::Name, stop: Stop) -> Failure {
    match stop {
        Stop::Refused(reason) => Failure::Refused { constant, reason },
        Stop::GaveUp(why) => Failure::GaveUp { constant, why },
    }
}

impl Checker<'_> {
    /// One constant, of which everything that it rests on has been accepted.
    fn check_constant(&mut self, constant: &Constant, opaques: Opaques) -> Outcome<()> {
        match (constant.kind, &constant.details) {
            (ConstantKind::Theorem, Details::Theorem) => {}
            (ConstantKind::Definition, Details::Definition { safety: Safety::Safe, .. }) => {}
            (ConstantKind::Opaque, Details::Opaque { is_unsafe: false }) if opaques == Opaques::Checked => {}
            (kind, _) => return Err(Reason::Kind(kind.word()).into()),
        }
        let params = &constant.level_params;
        if params.iter().enumerate().any(|(place, param)| params.iter().take(place).any(|before| before == param)) {
            return Err(Reason::DuplicateLevel.into());
        }
        let value = constant.value.ok_or(Reason::NoValue)?;
        for term in [constant.type_, value] {
            self.terms.check_finished(term)?;
            self.check_levels(term, params)?;
            for name in self.terms.store.constants_of(term) {
                self.environment.get(name, &mut self.terms)?;
            }
        }
        let level = self.sort_of(constant.type_, Trust::Unknown)?;
        if constant.kind == ConstantKind::Theorem && !self.terms.level_is_zero(level)? {
            return Err(Reason::NotAProposition.into());
        }
        let type_ = self.infer(value, Trust::Unknown)?;
        if self.is_equal(type_, constant.type_)? { Ok(()) } else { Err(Reason::Value.into()) }
    }

    /// Every level that a term mentions has declared parameters only. Judgements make no other ones out of them.
    fn check_levels(&mut self, term: ExprId, params: &[NameId]) -> Outcome<()> {
        let mut levels = std::collections::BTreeSet::new();
        let mut constants = Vec::new();
        self.terms.store.visit(term, |id, node| match node {
            leanwright_olean::ExprNode::Sort(level) => drop(levels.insert(*level)),
            leanwright_olean::ExprNode::Const(..) => constants.push(id),
            _ => {}
        });
        for constant in constants {
            debug_assert!(matches!(self.terms.node(constant), Node::Const(_)));
            levels.extend(self.terms.levels_of(constant));
        }
        for level in levels {
            if !self.terms.level_is_declared(level, params)? {
                return Err(Reason::UndeclaredLevel.into());
            }
        }
        Ok(())
    }
}
