//! Goals as the server answers them. `null`, "no goals" and goals are three different things.

use serde::{Deserialize, Serialize};

/// What Lean says is to be proved at a place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Goals {
    /// Lean answered `null`: no tactic block and no term there, or the header failed.
    Nothing,
    /// A tactic block with nothing left to prove.
    Solved,
    /// The goals of a tactic block, as Lean prints them; the first is the main one.
    Tactic(Vec<String>),
    /// The expected type of a term, with its context.
    Term(String),
}

/// One goal, read from its text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Goal {
    pub case: Option<String>,
    pub hypotheses: Vec<Hypothesis>,
    pub target: String,
}

/// Hypotheses that share a type: `a b : Nat`, or a `let` with its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hypothesis {
    pub names: Vec<String>,
    #[serde(rename = "type")]
    pub type_: String,
    pub value: Option<String>,
}

impl Goals {
    /// The goals as one text, as an editor shows them.
    pub fn text(&self) -> String {
        match self {
            Self::Nothing => String::new(),
            Self::Solved => "no goals".to_owned(),
            Self::Tactic(goals) => goals.join("\n\n"),
            Self::Term(goal) => goal.clone(),
        }
    }

    /// The goal that a replacement of the hole must prove.
    pub fn main(&self) -> Option<&str> {
        match self {
            Self::Nothing | Self::Solved => None,
            Self::Tactic(goals) => goals.first().map(String::as_str),
            Self::Term(goal) => Some(goal),
        }
    }
}

impl Goal {
    /// Read a goal as Lean prints it: an optional `case` line, one hypothesis per line (continued by deeper indented
    /// lines), and the target after `⊢` or, in `conv` mode, `|`.
    pub fn parse(text: &str) -> Self {
        let mut goal = Self::default();
        let mut entries: Vec<String> = Vec::new();
        for line in text.lines() {
            match entries.last_mut() {
                Some(entry) if line.starts_with(' ') => {
                    entry.push('\n');
                    entry.push_str(line);
                }
                _ => entries.push(line.to_owned()),
            }
        }
        for entry in entries {
            if let Some(target) = entry.strip_prefix("⊢ ").or_else(|| entry.strip_prefix("| ")) {
                goal.target = target.to_owned();
            } else if let Some(case) = entry.strip_prefix("case ") {
                goal.case = Some(case.to_owned());
            } else if let Some((names, type_)) = entry.split_once(" : ") {
                let (type_, value) = match type_.split_once(" := ") {
                    Some((type_, value)) => (type_, Some(value.to_owned())),
                    None => (type_, None),
                };
                let names = names.split_whitespace().map(str::to_owned).collect();
                goal.hypotheses.push(Hypothesis { names, type_: type_.to_owned(), value });
            }
        }
        goal
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goal_is_read_back() {
        let goal = Goal::parse("case h.left\nα : Type u\na b : α\nx : Nat := 3\nh : a =\n    b\n⊢ a = b ∧\n    b = a");
        assert_eq!(goal.case.as_deref(), Some("h.left"));
        assert_eq!(goal.target, "a = b ∧\n    b = a");
        let shown: Vec<_> =
            goal.hypotheses.iter().map(|h| (h.names.join(" "), h.type_.as_str(), h.value.as_deref())).collect();
        assert_eq!(
            shown,
            [
                ("α".to_owned(), "Type u", None),
                ("a b".to_owned(), "α", None),
                ("x".to_owned(), "Nat", Some("3")),
                ("h".to_owned(), "a =\n    b", None),
            ]
        );
    }
}
