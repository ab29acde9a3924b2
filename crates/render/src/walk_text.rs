//! A walk as plain text, for terminals and logs.

use leanwright_contract::{GoalParts, Mark, Walk};

/// Each tactic with the goals before and after it. New lines have `+`, those that are gone `-`, changed ones `~`.
pub fn walk_text(walk: &Walk) -> String {
    let mut text = format!("{}  {}:{}\n", walk.declaration, walk.file, walk.range.start.line + 1);
    for (number, step) in (1..).zip(&walk.steps) {
        let indent = "  ".repeat(step.depth);
        let first = step.text.lines().next().unwrap_or_default();
        text.push_str(&format!("\n{number:>3}. {indent}{first}\n"));
        goals(&mut text, "before", &step.before);
        goals(&mut text, "after", &step.after);
    }
    text
}

fn goals(text: &mut String, side: &str, goals: &[GoalParts]) {
    if goals.is_empty() {
        text.push_str(&format!("     {side:<6} | no goals\n"));
    }
    for (index, goal) in goals.iter().enumerate() {
        let mut label = if index == 0 { side } else { "" };
        for line in goal_lines(goal) {
            text.push_str(&format!("     {label:<6} | {line}\n"));
            label = "";
        }
    }
}

/// A goal as Lean prints it, each line with its mark in front.
fn goal_lines(goal: &GoalParts) -> Vec<String> {
    let mut lines: Vec<String> = goal.case.iter().map(|case| format!("  case {case}")).collect();
    for one in &goal.hypotheses {
        let value = one.value.as_ref().map(|value| format!(" := {value}")).unwrap_or_default();
        lines.push(format!("{} {} : {}{value}", sign(one.mark), one.names.join(" "), one.type_));
    }
    lines.push(format!("{} ⊢ {}", sign(goal.mark), goal.target));
    lines.iter().flat_map(|line| line.lines().map(str::to_owned).collect::<Vec<_>>()).collect()
}

fn sign(mark: Mark) -> char {
    match mark {
        Mark::Same => ' ',
        Mark::New => '+',
        Mark::Gone => '-',
        Mark::Changed => '~',
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use leanwright_contract::editor::Range;
    use leanwright_contract::{HypothesisView, WalkStep};

    /// A walk of two tactics, with characters that mean something in a page.
    pub(crate) fn sample() -> Walk {
        let hypothesis = |name: &str, type_: &str, mark| HypothesisView {
            names: vec![name.into()],
            type_: type_.into(),
            value: None,
            mark,
        };
        let goal = |hypotheses, target: &str, mark| GoalParts { case: None, hypotheses, target: target.into(), mark };
        let source = "theorem t : a < b → c := by\n  intro h\n  exact <p> & q";
        let step = |text: &str, before, after| {
            let at = source.find(text).unwrap();
            let span = [at, at + text.len()];
            WalkStep { depth: 0, range: Range::default(), span, text: text.into(), before, after }
        };
        let first = goal(vec![], "a < b → c", Mark::Changed);
        let second = |mark| goal(vec![hypothesis("h", "a < b", mark)], "c", Mark::Same);
        Walk {
            version: 1,
            file: "A.lean".into(),
            declaration: "t".into(),
            source: source.into(),
            range: Range::default(),
            steps: vec![
                step("intro h", vec![first], vec![second(Mark::New)]),
                step("exact <p> & q", vec![second(Mark::Same)], vec![]),
            ],
        }
    }

    #[test]
    fn marks_are_in_front() {
        let text = walk_text(&sample());
        let expected = "t  A.lean:1\n\n  1. intro h\n     before | ~ ⊢ a < b → c\n     after  | + h : a < b\n            |   ⊢ c\n\n  \
                        2. exact <p> & q\n     before |   h : a < b\n            |   ⊢ c\n     after  | no goals\n";
        assert_eq!(text, expected);
    }
}
