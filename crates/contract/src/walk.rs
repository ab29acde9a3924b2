//! Goals in parts, and the walk through a proof: what is to be proved before and after each tactic.

use crate::editor::Range;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What became of something between the state before a tactic and the state after it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Mark {
    /// It is on both sides.
    #[default]
    Same,
    /// It is in the state after only.
    New,
    /// It is in the state before only.
    Gone,
    /// It has the same name on both sides and another type.
    Changed,
}

impl Mark {
    fn is_same(&self) -> bool {
        *self == Self::Same
    }
}

/// Hypotheses that share a type, as Lean groups them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HypothesisView {
    /// With `✝` where the name cannot be written in a proof.
    pub names: Vec<String>,
    /// As Lean prints it.
    #[serde(rename = "type")]
    pub type_: String,
    /// Value of a hypothesis that a `let` has made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Compared with the other side of the tactic; what Lean says itself, where nothing is compared.
    #[serde(default, skip_serializing_if = "Mark::is_same")]
    pub mark: Mark,
}

/// One goal in parts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GoalParts {
    /// The name of the case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<String>,
    /// Hypotheses in Lean's order.
    pub hypotheses: Vec<HypothesisView>,
    /// What is to be proved, as Lean prints it.
    pub target: String,
    /// Compared with the other side of the tactic.
    #[serde(default, skip_serializing_if = "Mark::is_same")]
    pub mark: Mark,
}

/// Result of `leanwright/goals`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GoalsResult {
    /// The version of the document that this is about.
    pub version: i64,
    /// The goals of the tactic block; absent where there is none. An empty list means that nothing is left to prove.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goals: Option<Vec<GoalParts>>,
    /// The expected type of the term there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub term_goal: Option<GoalParts>,
}

/// Result of `leanwright/walk`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Walk {
    /// The version of the document that this is about.
    pub version: i64,
    /// The file, relative to the project's root.
    pub file: String,
    /// The declaration's name with namespaces, else its keyword.
    pub declaration: String,
    /// Text of the declaration.
    pub source: String,
    /// Where it is in the document.
    pub range: Range,
    /// In the order of the text; a tactic that holds others comes before them.
    pub steps: Vec<WalkStep>,
}

/// One tactic of a proof, with the goals around it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WalkStep {
    /// How many blocks it is nested in.
    pub depth: usize,
    /// Where it is in the document.
    pub range: Range,
    /// Byte offsets of its first character and of its end in `Walk::source`.
    pub span: [usize; 2],
    /// Its text.
    pub text: String,
    /// The goals before it.
    pub before: Vec<GoalParts>,
    /// The goals after it; empty when nothing is left in its block.
    pub after: Vec<GoalParts>,
}
