//! Which tactics fit a goal, in the order in which they are worth trying.

use leanwright_contract::{HoleMode, MineTask};
use leanwright_lean::goal::{Goal, Hypothesis};

/// The next proposal for a task: the first that has not been tried. `None` when there is nothing left.
pub fn next(task: &MineTask) -> Option<String> {
    let goal = Goal::parse(task.goal_state.as_deref()?);
    let tried = |text: &String| task.previous_attempts.iter().any(|attempt| attempt.replacement == *text);
    let in_term = task.mode == Some(HoleMode::Term);
    let wrap = |tactic: String| if in_term { format!("by {tactic}") } else { tactic };
    tactics(&goal).into_iter().map(wrap).find(|text| !tried(text))
}

/// Tactics for a goal, best first, without repetitions.
fn tactics(goal: &Goal) -> Vec<String> {
    let mut found = Vec::new();
    let target = goal.target.as_str();
    found.extend(from_hypotheses(goal));
    let word = |text: &str| text.to_owned();
    if target == "True" {
        found.push(word("trivial"));
    }
    if target.starts_with("∃ ") {
        // A witness has to be invented: only the automation has a chance.
        found.extend([word("simp_all"), word("grind")]);
        return found;
    }
    if target.starts_with("∀ ") || has_top_level(target, " → ") {
        found.extend([word("intros; rfl"), word("intros; omega"), word("intros; simp_all")]);
    }
    let closed = goal.hypotheses.is_empty();
    if closed && has_top_level(target, " = ") {
        found.push(word("rfl"));
    }
    if closed && !target.starts_with("∀ ") {
        found.push(word("decide"));
    }
    if target.contains("List") || target.contains("++") || target.contains("[]") || target.contains("Array") {
        found.push(word("simp"));
    }
    if is_arithmetic(goal) {
        found.push(word("omega"));
    }
    if has_top_level(target, " ∧ ") || has_top_level(target, " ↔ ") {
        found.push(word("constructor <;> simp_all"));
    }
    found.extend(["rfl", "simp", "simp_all", "grind"].map(word));
    let mut unique: Vec<String> = Vec::new();
    for tactic in found {
        if !unique.contains(&tactic) {
            unique.push(tactic);
        }
    }
    unique
}

/// A hypothesis that is the target, or one that leads there in one step.
fn from_hypotheses(goal: &Goal) -> Option<String> {
    let named = || goal.hypotheses.iter().filter_map(|hypothesis| Some((usable_name(hypothesis)?, &hypothesis.type_)));
    if let Some((name, _)) = named().find(|(_, type_)| **type_ == goal.target) {
        return Some(format!("exact {name}"));
    }
    if goal.target == "False" {
        for (negation, type_) in named() {
            let Some(claim) = type_.strip_prefix('¬') else { continue };
            if let Some((name, _)) = named().find(|(_, type_)| type_.as_str() == claim) {
                return Some(format!("exact {negation} {name}"));
            }
        }
    }
    for (implication, type_) in named() {
        let Some((premise, conclusion)) = type_.split_once(" → ") else { continue };
        if conclusion == goal.target
            && let Some((name, _)) = named().find(|(_, type_)| type_.as_str() == premise)
        {
            return Some(format!("exact {implication} {name}"));
        }
    }
    None
}

/// The last name of a hypothesis, if it can be written in a proof.
fn usable_name(hypothesis: &Hypothesis) -> Option<&str> {
    let name = hypothesis.names.last()?;
    (!name.contains('✝') && !name.contains('[')).then_some(name)
}

/// Whether an operator occurs outside of brackets.
fn has_top_level(target: &str, operator: &str) -> bool {
    let mut depth = 0_i32;
    target.char_indices().any(|(at, character)| {
        match character {
            '(' | '[' | '{' | '⟨' => depth += 1,
            ')' | ']' | '}' | '⟩' => depth -= 1,
            _ => {}
        }
        depth == 0 && target.get(at..).is_some_and(|rest| rest.starts_with(operator))
    })
}

/// Whether the goal is about numbers and relations that `omega` knows.
fn is_arithmetic(goal: &Goal) -> bool {
    let relation = [" = ", " ≤ ", " < ", " ≥ ", " > ", " ≠ "].iter().any(|relation| goal.target.contains(relation));
    let numbers = goal.hypotheses.iter().any(|hypothesis| matches!(hypothesis.type_.as_str(), "Nat" | "Int"));
    let functions = goal.target.contains("fun ") || goal.target.contains("∃");
    relation && numbers && !functions
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(goal: &str) -> String {
        tactics(&Goal::parse(goal)).into_iter().next().unwrap_or_default()
    }

    #[test]
    fn the_shape_of_the_goal_decides() {
        assert_eq!(check("p q : Prop\nhp : p\n⊢ p"), "exact hp");
        assert_eq!(check("p q : Prop\nhp : p\nh : p → q\n⊢ q"), "exact h hp");
        assert_eq!(check("p : Prop\nhp : p\nhn : ¬p\n⊢ False"), "exact hn hp");
        assert_eq!(check("a b : Nat\n⊢ a + b = b + a"), "omega");
        assert_eq!(check("⊢ double 0 = 0"), "rfl");
        assert_eq!(check("⊢ 10 < 100 ∧ 7 ∣ 21"), "decide");
        assert_eq!(check("α : Type\nxs : List α\n⊢ xs ++ [] = xs"), "simp");
        assert_eq!(check("⊢ ∀ (n : Nat), double n = n + n"), "intros; rfl");
        assert_eq!(check("⊢ True"), "trivial");
    }
}
