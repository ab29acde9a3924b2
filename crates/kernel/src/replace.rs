//! Substitution: arguments for bound variables, bound variables for free ones, levels for universe parameters. Each part of a term
//! is gone through once, with a stack of our own.
//!
//! Source: `src/kernel/instantiate.cpp`, `src/kernel/abstract.cpp`, `src/kernel/replace_fn.cpp`. What is put in has no loose variables, so
//! it never needs to be shifted.

use crate::failure::{Outcome, Reason};
use crate::terms::{IdMap, Node, Terms};
use leanwright_olean::{ExprId, ExprNode, LevelId, NameId};

/// A part that is still to be gone through, or to be put together from what has been made of its parts.
enum Task {
    Visit(ExprId, u32),
    Build(ExprId, u32),
}

impl Terms<'_> {
    /// A term with `replace` applied to its parts, outermost first: it gets a part and the number of binders around it, and returns what
    /// to put in its place, or nothing to look at the part's own parts.
    fn rebuild(
        &mut self,
        root: ExprId,
        mut replace: impl FnMut(&mut Self, ExprId, u32) -> Outcome<Option<ExprId>>,
    ) -> Outcome<ExprId> {
        if let Some(replaced) = replace(self, root, 0)? {
            return Ok(replaced);
        }
        let (mut tasks, mut made) = (vec![Task::Build(root, 0)], Vec::new());
        let mut memo: IdMap<(ExprId, u32), ExprId> = IdMap::default();
        push_parts(self.node(root), 0, &mut tasks);
        while let Some(task) = tasks.pop() {
            match task {
                Task::Visit(id, binders) => {
                    if let Some(replaced) = replace(self, id, binders)? {
                        made.push(replaced);
                    } else if let Some(known) = memo.get(&(id, binders)) {
                        made.push(*known);
                    } else {
                        tasks.push(Task::Build(id, binders));
                        push_parts(self.node(id), binders, &mut tasks);
                    }
                }
                Task::Build(id, binders) => {
                    self.meter.step()?;
                    let mut part = || made.pop().ok_or(Reason::LooseVariable);
                    let node = match self.node(id) {
                        Node::App(..) => ExprNode::App(part()?, part()?),
                        Node::Lambda(..) => ExprNode::Lambda(part()?, part()?),
                        Node::Pi(..) => ExprNode::Pi(part()?, part()?),
                        Node::Let(..) => ExprNode::Let(part()?, part()?, part()?),
                        Node::Proj(name, index, _) => ExprNode::Proj(name, index, part()?),
                        _ => {
                            made.push(id);
                            continue;
                        }
                    };
                    let new = self.add(node)?;
                    memo.insert((id, binders), new);
                    made.push(new);
                }
            }
        }
        Ok(made.pop().ok_or(Reason::LooseVariable)?)
    }

    /// A body with the values of its outermost loose variables put in: the last value is that of the innermost binder.
    pub fn instantiate(&mut self, body: ExprId, values: &[ExprId]) -> Outcome<ExprId> {
        if values.is_empty() || self.is_closed(body) {
            return Ok(body);
        }
        let count = u32::try_from(values.len()).map_err(|_| Reason::LooseVariable)?;
        self.rebuild(body, |terms, id, binders| {
            if terms.facts(id).loose <= binders {
                return Ok(Some(id));
            }
            let Node::Bound(index) = terms.node(id) else { return Ok(None) };
            // It is loose: nothing within the body binds it.
            let index = index - binders;
            Ok(Some(match values.iter().rev().nth(index as usize) {
                Some(value) if terms.is_closed(*value) => *value,
                Some(_) => return Err(Reason::LooseVariable.into()),
                None => terms.add(ExprNode::Bound(index - count + binders))?,
            }))
        })
    }

    /// A closed term with bound variables in place of free ones, which were made in this order; the last becomes the innermost binder's.
    pub fn bind(&mut self, term: ExprId, free: &[NameId]) -> Outcome<ExprId> {
        let Some(first) = free.first().map(|name| name.index()) else { return Ok(term) };
        self.rebuild(term, |terms, id, binders| {
            if terms.facts(id).free <= first {
                return Ok(Some(id));
            }
            let Node::Free(name) = terms.node(id) else { return Ok(None) };
            let Ok(place) = free.binary_search(&name) else { return Ok(Some(id)) };
            let index = u32::try_from(free.len() - 1 - place).map_err(|_| Reason::LooseVariable)?;
            Ok(Some(terms.add(ExprNode::Bound(index + binders))?))
        })
    }

    /// A term with levels in place of its universe parameters.
    pub fn with_levels(&mut self, term: ExprId, params: &[NameId], levels: &[LevelId]) -> Outcome<ExprId> {
        if params.is_empty() {
            return Ok(term);
        }
        self.rebuild(term, |terms, id, _| {
            if !terms.facts(id).has_level_param {
                return Ok(Some(id));
            }
            Ok(match terms.node(id) {
                Node::Sort(level) => {
                    let level = terms.level_with(level, params, levels)?;
                    Some(terms.sort(level)?)
                }
                Node::Const(name) => {
                    let own = terms.levels_of(id);
                    let own = own.into_iter().map(|level| terms.level_with(level, params, levels));
                    let own = own.collect::<Outcome<Vec<_>>>()?;
                    Some(terms.constant(name, &own)?)
                }
                _ => None,
            })
        })
    }
}

/// The parts of a node, the last one on top, so that the first one's result is on top in the end.
fn push_parts(node: Node, binders: u32, tasks: &mut Vec<Task>) {
    let inside = binders.saturating_add(1);
    match node {
        Node::App(a, b) => tasks.extend([Task::Visit(a, binders), Task::Visit(b, binders)]),
        Node::Lambda(a, b) | Node::Pi(a, b) => tasks.extend([Task::Visit(a, binders), Task::Visit(b, inside)]),
        Node::Let(a, b, c) => {
            tasks.extend([Task::Visit(a, binders), Task::Visit(b, binders), Task::Visit(c, inside)]);
        }
        Node::Proj(_, _, a) => tasks.push(Task::Visit(a, binders)),
        _ => {}
    }
}
