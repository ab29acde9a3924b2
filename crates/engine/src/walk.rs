//! A walk through a proof: which places Lean is asked about, and what its answers make of them.

use crate::document::{Document, range};
use crate::unanswered::Unanswered;
use leanwright_contract::{GoalParts, HypothesisView, Mark, Walk, WalkStep};
use leanwright_lean::goal::Goal;
use leanwright_lean::tactic::{Step, steps};
use leanwright_lean::{Goals, Position};

/// What has to be asked for a walk, all about one version of a document.
#[derive(Clone, Debug)]
pub struct WalkPlan {
    pub uri: String,
    pub version: i64,
    /// Where the goals are wanted; each place once.
    pub places: Vec<Position>,
    walk: Walk,
    /// For each step of the walk the indices of its places: before and after.
    sides: Vec<(usize, usize)>,
}

impl WalkPlan {
    pub(crate) fn new(document: &Document, position: Position) -> Result<Self, Unanswered> {
        let offset = document.text.offset(position);
        let outline = &document.scan.outline;
        // A place behind a declaration, on its last line, is still the declaration's.
        let line_start = document.text.line_bounds(position.line as usize).map_or(offset, |(start, _)| start);
        let declaration = outline.at(offset).or_else(|| outline.at(offset.saturating_sub(1)));
        let declaration = declaration.or_else(|| outline.declarations.iter().find(|one| one.span.start >= line_start));
        let declaration = declaration.ok_or(Unanswered::NoDeclaration)?;
        let source = document.text.as_str();
        let span = declaration.span.clone();
        let from = declaration.body.unwrap_or(span.start);
        let found = steps(source, &(from..span.end));
        let name = declaration.name.clone().unwrap_or_else(|| declaration.kind.keyword().to_owned());
        if found.is_empty() {
            return Err(Unanswered::NoTactics(name));
        }
        let mut plan = Self {
            uri: document.uri.clone(),
            version: document.version,
            places: Vec::new(),
            walk: Walk {
                version: document.version,
                file: document
                    .source_file
                    .as_ref()
                    .map_or_else(|| document.uri.clone(), |source_file| source_file.file.clone()),
                declaration: name,
                source: source.get(span.clone()).unwrap_or_default().to_owned(),
                range: range(document.text.range(&span)),
                steps: Vec::new(),
            },
            sides: Vec::new(),
        };
        for step in &found {
            let before = plan.place(document.text.position(step.span.start));
            let after = plan.place(document.text.position(end_of(step, &found)));
            plan.sides.push((before, after));
            plan.walk.steps.push(WalkStep {
                depth: step.depth,
                range: range(document.text.range(&step.span)),
                span: [step.span.start - span.start, step.span.end - span.start],
                text: source.get(step.span.clone()).unwrap_or_default().to_owned(),
                before: Vec::new(),
                after: Vec::new(),
            });
        }
        Ok(plan)
    }

    fn place(&mut self, position: Position) -> usize {
        self.places.iter().position(|known| *known == position).unwrap_or_else(|| {
            self.places.push(position);
            self.places.len() - 1
        })
    }

    /// The walk, from Lean's answers in the order of the places. What Lean does not take for a tactic is left out.
    pub fn finish(self, answers: &[Goals]) -> Walk {
        let Self { mut walk, sides, .. } = self;
        let all = std::mem::take(&mut walk.steps);
        for (mut step, (before, after)) in all.into_iter().zip(sides) {
            let Some(Goals::Tactic(before)) = answers.get(before) else { continue };
            step.before = before.iter().map(|goal| parts(goal)).collect();
            if let Some(Goals::Tactic(after)) = answers.get(after) {
                step.after = after.iter().map(|goal| parts(goal)).collect();
            }
            mark(&mut step.before, &mut step.after);
            walk.steps.push(step);
        }
        walk
    }
}

/// The state after a tactic is the one before the next tactic of its block. Behind the last one it is asked for at its
/// end, where Lean shows the state after the innermost tactic.
fn end_of(step: &Step, all: &[Step]) -> usize {
    step.next.and_then(|next| all.get(next)).map_or(step.span.end, |next| next.span.start)
}

/// A goal's text in parts.
pub(crate) fn parts(text: &str) -> GoalParts {
    let goal = Goal::parse(text);
    let hypotheses = goal.hypotheses.into_iter().map(|one| HypothesisView {
        names: one.names,
        type_: one.type_,
        value: one.value,
        mark: Mark::Same,
    });
    GoalParts { case: goal.case, hypotheses: hypotheses.collect(), target: goal.target, mark: Mark::Same }
}

/// Mark what differs: a tactic works on the first goal before it, so what is new is compared with that one.
fn mark(before: &mut [GoalParts], after: &mut [GoalParts]) {
    let olds = before.to_vec();
    let Some((main, _)) = before.split_first_mut() else { return };
    let mut next = None;
    for goal in after.iter_mut().filter(|goal| !olds.contains(goal)) {
        let old = main.clone();
        mark_goal(goal, &old, Mark::New);
        next = next.or(Some(goal.clone()));
    }
    match next {
        Some(next) => mark_goal(main, &next, Mark::Gone),
        None => main.mark = Mark::Gone,
    }
}

fn mark_goal(goal: &mut GoalParts, other: &GoalParts, only_here: Mark) {
    if goal.target != other.target {
        goal.mark = Mark::Changed;
    }
    for hypothesis in &mut goal.hypotheses {
        let same_names =
            other.hypotheses.iter().filter(|one| one.names.iter().any(|name| hypothesis.names.contains(name)));
        let mut same_names = same_names.peekable();
        hypothesis.mark = if same_names.peek().is_none() {
            only_here
        } else if same_names.all(|one| one.type_ != hypothesis.type_ || one.value != hypothesis.value) {
            Mark::Changed
        } else if hypothesis.names.iter().all(|name| other.hypotheses.iter().any(|one| one.names.contains(name))) {
            Mark::Same
        } else {
            only_here
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The marks of both sides: `name+`, `name-`, `name~`, and the target's.
    fn check(before: &[&str], after: &[&str], expected: &str) {
        let read = |goals: &[&str]| goals.iter().map(|goal| parts(goal)).collect::<Vec<_>>();
        let (mut before, mut after) = (read(before), read(after));
        mark(&mut before, &mut after);
        let sign = |mark| match mark {
            Mark::Same => "",
            Mark::New => "+",
            Mark::Gone => "-",
            Mark::Changed => "~",
        };
        let shown = |goals: &[GoalParts]| -> Vec<String> {
            let goal = |goal: &GoalParts| {
                let hypotheses = goal.hypotheses.iter().map(|one| format!("{}{}", one.names.join(","), sign(one.mark)));
                format!("{} ⊢{}", hypotheses.collect::<Vec<_>>().join(" "), sign(goal.mark))
            };
            goals.iter().map(goal).collect()
        };
        assert_eq!(format!("{} → {}", shown(&before).join(" / "), shown(&after).join(" / ")), expected);
    }

    #[test]
    fn what_a_tactic_did_is_marked() {
        check(&["n : Nat\n⊢ a → b"], &["n : Nat\nh : a\n⊢ b"], "n ⊢~ → n h+ ⊢~");
        check(&["n : Nat\nh : a\n⊢ b", "⊢ c"], &["⊢ c"], "n h ⊢- /  ⊢ →  ⊢");
        check(&["h : a ∧ b\n⊢ c"], &["l : a\nr : b\n⊢ c"], "h- ⊢ → l+ r+ ⊢");
        check(&["h : a\n⊢ c"], &["h : b\n⊢ c"], "h~ ⊢ → h~ ⊢");
        check(&["a b : Nat\n⊢ c"], &["a b k : Nat\n⊢ c"], "a,b ⊢ → a,b,k+ ⊢");
    }
}
