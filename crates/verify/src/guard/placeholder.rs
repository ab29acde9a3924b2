//! The placeholder guard: every `sorryAx` in a constant that is new or has changed is one of the file's other holes, or there is none.
//!
//! Lean writes the place of a `sorry` into the term: `sorryAx (Name → α) synthetic tag`. Each occurrence is looked at, none is counted: it must be
//! applied to a tag, and the tag must be a place at which the same declaration had a hole before, behind the edit by as much as the edit
//! has moved it. The judge has moved all places by a number of lines that no candidate knows. Nor may a hole that is left close more than it did:
//! `all_goals` at the end of an edit takes the `sorry` on the next line for its argument.

mod instance;
mod uses;

use super::{Evidence, Findings};
use leanwright_contract::RejectReason;
use leanwright_lean::Text;
use leanwright_olean::{Component, Constant, ExprId, ExprNode, Name, NameId, Store};
use std::collections::BTreeSet;
use std::ops::Range;

/// Begin and end of a `sorry` in the source: lines from 1, columns in code points from 0.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Place {
    start: (u64, u64),
    end: (u64, u64),
}

/// What stands for a hole in a constant's terms.
#[derive(Default)]
struct Holes {
    places: BTreeSet<Place>,
    /// A `sorryAx` that no place belongs to.
    nameless: bool,
}

pub fn check(evidence: &Evidence<'_>, findings: &mut Findings) -> Result<String, RejectReason> {
    let of_declaration = own_places(evidence);
    let refuse = |declaration: String, detail: &str| {
        Err(RejectReason::PlaceholderLeft { declaration, detail: detail.to_owned() })
    };
    if !of_declaration.iter().any(|place| overlaps(evidence, place)) {
        // The guard must be able to say no: what the candidate fills is the known hole.
        let detail = "the hole that was there before is not seen in the compiled module".to_owned();
        return Err(RejectReason::AxiomCheckFailed { declaration: evidence.declaration(), detail });
    }
    let (allowed, mut left) = (moved(evidence, &of_declaration), BTreeSet::new());
    let mut looked_at = 0;
    for constant in evidence.altered() {
        looked_at += 1;
        let holes = holes(evidence, constant);
        let own = evidence.is_own(constant.name);
        if holes.nameless {
            return refuse(evidence.shown(constant.name), "a `sorryAx` that no `sorry` of the source stands for");
        }
        let known = match evidence.before.constants.get(&constant.name) {
            _ if own => allowed.clone(),
            Some(before) => moved(evidence, &self::holes(evidence, before).places),
            None => BTreeSet::new(),
        };
        if !holes.places.is_subset(&known) {
            return refuse(evidence.shown(constant.name), "a `sorry` where there was none");
        }
    }
    let own = evidence.after.constants.values().filter(|constant| evidence.is_own(constant.name));
    left.extend(own.flat_map(|constant| holes(evidence, constant).places));
    if uses::grow(evidence, &allowed) {
        let detail = "a `sorry` that is left would close more than it did, or something else";
        return refuse(evidence.declaration(), detail);
    }
    findings.holes_left = left.len();
    Ok(format!(
        "{looked_at} new or changed constants looked through; {} of the declaration's holes are left",
        left.len()
    ))
}

/// The holes that the declaration had: they stand in its text, whatever has them is called.
fn own_places(evidence: &Evidence<'_>) -> BTreeSet<Place> {
    let own = evidence.before.constants.values().filter(|constant| evidence.is_own(constant.name));
    own.flat_map(|constant| holes(evidence, constant).places).filter(|place| is_inside(evidence, place)).collect()
}

fn is_inside(evidence: &Evidence<'_>, place: &Place) -> bool {
    let [text, _] = &evidence.lines;
    bytes(text, place).is_some_and(|bytes| evidence.place.start <= bytes.start && bytes.end <= evidence.place.end)
}

/// Whether a constant that is as it was has a hole that stands outside of the declaration's text.
pub fn is_elsewhere(evidence: &Evidence<'_>, constant: &Constant) -> bool {
    let is_unchanged = evidence.before.constants.get(&constant.name) == Some(constant);
    is_unchanged && holes(evidence, constant).places.iter().any(|place| !is_inside(evidence, place))
}

/// Whether a place of the text without the candidate lies in what is replaced.
fn overlaps(evidence: &Evidence<'_>, place: &Place) -> bool {
    let replaced = evidence.alignment.replaced();
    let [text, _] = &evidence.lines;
    let (Some(first), Some(last), Some(bytes)) = (replaced.first(), replaced.last(), bytes(text, place)) else {
        return false;
    };
    bytes.start < last.end && first.start < bytes.end
}

/// Places of the text without the candidate as they are in the text with it; those in what is replaced are gone.
fn moved(evidence: &Evidence<'_>, places: &BTreeSet<Place>) -> BTreeSet<Place> {
    let [text, patched] = &evidence.lines;
    let place = |offset: usize| {
        let (line, column) = patched.lean_position(offset);
        (line as u64, column as u64)
    };
    let moved = |place: &Place| evidence.alignment.moved(&bytes(text, place)?);
    places.iter().filter_map(moved).map(|bytes| Place { start: place(bytes.start), end: place(bytes.end) }).collect()
}

fn bytes(text: &Text, place: &Place) -> Option<Range<usize>> {
    let offset = |(line, column): (u64, u64)| Some(text.offset_of_lean(line.try_into().ok()?, column.try_into().ok()?));
    Some(offset(place.start)?..offset(place.end)?)
}

/// How much of `sorryAx type synthetic` a term is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Nothing,
    Constant,
    Typed,
    Whole,
}

fn part(evidence: &Evidence<'_>, id: ExprId) -> Part {
    let mut function = id;
    let mut arguments = 0;
    while let Some(ExprNode::App(inner, _)) = evidence.store.expr(function) {
        (function, arguments) = (*inner, arguments + 1);
        if arguments > 2 {
            return Part::Nothing;
        }
    }
    match evidence.store.expr(function) {
        Some(ExprNode::Const(name, _)) if evidence.is_sorry(*name) => match arguments {
            0 => Part::Constant,
            1 => Part::Typed,
            _ => Part::Whole,
        },
        _ => Part::Nothing,
    }
}

/// Every occurrence in a constant. Terms are shared, so each is looked at from all that it is a part of.
fn holes(evidence: &Evidence<'_>, constant: &Constant) -> Holes {
    let mut holes = Holes::default();
    let is_part = |id: ExprId| part(evidence, id) != Part::Nothing;
    for term in constant.terms() {
        holes.nameless |= is_part(term);
        evidence.store.visit(term, |_, node| match node {
            ExprNode::App(function, argument) => {
                holes.nameless |= is_part(*argument);
                if part(evidence, *function) == Part::Whole {
                    match place(evidence.store, *argument) {
                        Some(place) => drop(holes.places.insert(place)),
                        None => holes.nameless = true,
                    }
                }
            }
            ExprNode::Lambda(one, other) | ExprNode::Pi(one, other) => {
                holes.nameless |= is_part(*one) || is_part(*other)
            }
            ExprNode::Let(one, other, body) => holes.nameless |= [one, other, body].into_iter().any(|id| is_part(*id)),
            ExprNode::Proj(_, _, value) => holes.nameless |= is_part(*value),
            _ => {}
        });
    }
    holes
}

/// The place in a tag: a quoted name of the module, line, column, end line, end column, two more numbers, `_sorry`, and what makes it unique.
/// Source: `Lean.Meta.SorryLabelView.encode` (`src/Lean/Meta/Sorry.lean`).
fn place(store: &Store, tag: ExprId) -> Option<Place> {
    let name = quoted(store, tag)?;
    let end = name.0.iter().position(|part| *part == Component::Text("_sorry".into()))?;
    let number = |at: usize| match name.0.get(at) {
        Some(Component::Number(number)) => Some(*number),
        _ => None,
    };
    let first = end.checked_sub(6)?;
    number(end - 2)?;
    number(end - 1)?;
    Some(Place { start: (number(first)?, number(first + 1)?), end: (number(first + 2)?, number(first + 3)?) })
}

/// The name that a term quotes by `Lean.Name.str` and `Lean.Name.num`.
fn quoted(store: &Store, mut term: ExprId) -> Option<Name> {
    const DEEPEST: usize = 1_000;
    let mut parts = Vec::new();
    while let Some(ExprNode::App(function, last)) = store.expr(term) {
        let Some(ExprNode::App(constructor, prefix)) = store.expr(*function) else { return None };
        let Some(ExprNode::Const(name, _)) = store.expr(*constructor) else { return None };
        let name: NameId = *name;
        if store.name(name) == Name::from_texts(["Lean", "Name", "str"]) {
            let Some(ExprNode::Text(text)) = store.expr(*last) else { return None };
            parts.push(Component::Text(text.clone()));
        } else if store.name(name) == Name::from_texts(["Lean", "Name", "num"]) {
            parts.push(Component::Number(numeral(store, *last)?));
        } else {
            return None;
        }
        if parts.len() > DEEPEST {
            return None;
        }
        term = *prefix;
    }
    parts.reverse();
    Some(Name(parts))
}

/// A literal, bare or as `OfNat.ofNat Nat n (instOfNatNat n)`.
fn numeral(store: &Store, term: ExprId) -> Option<u64> {
    let literal = |term: ExprId| match store.expr(term) {
        Some(ExprNode::Nat(digits)) if digits.len() <= 8 => {
            Some(digits.iter().rev().fold(0_u64, |number, digit| number << 8 | u64::from(*digit)))
        }
        _ => None,
    };
    literal(term).or_else(|| {
        let Some(ExprNode::App(function, _)) = store.expr(term) else { return None };
        let Some(ExprNode::App(_, number)) = store.expr(*function) else { return None };
        literal(*number)
    })
}
