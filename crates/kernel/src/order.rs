//! The order in which new constants are checked: what a constant rests on before it. What rests on itself is refused.
//!
//! The strongly connected parts of what mentions what, by Tarjan's algorithm with a stack of our own. Constants of the same module that have not
//! changed are gone through, too: an unchanged lemma may rest on the theorem whose new proof uses it.

use crate::environment::Environment;
use crate::failure::Outcome;
use crate::terms::{IdMap, Terms};
use leanwright_olean::NameId;

/// The new constants in order, or one that rests on itself.
pub(crate) fn in_order(
    new: impl Iterator<Item = NameId>,
    environment: &mut Environment<'_>,
    terms: &mut Terms<'_>,
) -> Outcome<Result<Vec<NameId>, NameId>> {
    let mut search = Search::default();
    for name in new {
        if let Some(circle) = search.from(name, environment, terms)? {
            return Ok(Err(circle));
        }
    }
    Ok(Ok(search.order))
}

#[derive(Default)]
struct Search {
    /// For each constant that was reached: when, and the earliest that can be reached from it on the path.
    reached: IdMap<NameId, (usize, usize)>,
    /// Constants whose part is not complete.
    open: Vec<NameId>,
    is_open: IdMap<NameId, bool>,
    order: Vec<NameId>,
}

impl Search {
    fn from(
        &mut self,
        root: NameId,
        environment: &mut Environment<'_>,
        terms: &mut Terms<'_>,
    ) -> Outcome<Option<NameId>> {
        if self.reached.contains_key(&root) {
            return Ok(None);
        }
        let mut path = vec![self.enter(root, environment, terms)?];
        while let Some((name, mentions)) = path.last_mut() {
            let name = *name;
            terms.meter.step()?;
            if let Some(next) = mentions.pop() {
                if next == name && environment.new_constant(name).is_some() {
                    return Ok(Some(name));
                }
                if !self.reached.contains_key(&next) {
                    path.push(self.enter(next, environment, terms)?);
                } else if self.is_open.get(&next) == Some(&true) {
                    self.lower(name, self.reached.get(&next).map_or(0, |(index, _)| *index));
                }
                continue;
            }
            path.pop();
            let (index, low) = self.reached.get(&name).copied().unwrap_or_default();
            if let Some((parent, _)) = path.last() {
                self.lower(*parent, low);
            }
            if index == low {
                let start = self.open.iter().rposition(|open| *open == name).unwrap_or(0);
                let part = self.open.split_off(start);
                let first_new = part.iter().find(|member| environment.new_constant(**member).is_some()).copied();
                if part.len() > 1 && first_new.is_some() {
                    return Ok(first_new);
                }
                for member in part {
                    self.is_open.insert(member, false);
                }
                self.order.extend(first_new);
            }
        }
        Ok(None)
    }

    fn enter(
        &mut self,
        name: NameId,
        environment: &mut Environment<'_>,
        terms: &mut Terms<'_>,
    ) -> Outcome<(NameId, Vec<NameId>)> {
        let index = self.reached.len();
        self.reached.insert(name, (index, index));
        self.open.push(name);
        self.is_open.insert(name, true);
        Ok((name, environment.mentions(name, terms)?))
    }

    fn lower(&mut self, name: NameId, low: usize) {
        if let Some((_, own)) = self.reached.get_mut(&name) {
            *own = low.min(*own);
        }
    }
}
