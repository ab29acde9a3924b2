//! The context of a hole: what a runner, or a person, may want to know besides the task itself.

use crate::task::DeclarationInfo;
use crate::walk::GoalParts;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A context bundle. The first members are lean-agent's `context`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ContextBundle {
    /// Relative to the project's root.
    pub file: String,
    /// The hole's line, 1-based.
    pub line: usize,
    /// How many lines the file has.
    pub total_lines: usize,
    /// The declaration that the hole is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declaration: Option<DeclarationInfo>,
    /// Modules that the file imports.
    pub imports: Vec<String>,
    /// The lines around the hole.
    pub surrounding: Surrounding,
    /// What Lean reports in the declaration.
    pub diagnostics: Vec<ContextDiagnostic>,
    /// The goal that has to be proved, as Lean prints it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goal_state: Option<String>,
    /// All goals of the hole in parts; the first is the one to prove.
    pub goals: Vec<GoalParts>,
    /// Whether the hole is a term: then the first goal is its expected type.
    pub is_term: bool,
    /// The namespace that the declaration is in.
    pub namespace: String,
    /// What is open there, as written.
    pub opened: Vec<String>,
    /// Binders of `variable` in scope, as written.
    pub variables: Vec<String>,
    /// Names of the universes in scope, as declared by `universe`.
    pub universes: Vec<String>,
    /// The declaration's documentation comment, without its delimiters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub docstring: Option<String>,
    /// Declarations of the file before this one, the nearest last.
    pub earlier: Vec<KnownDeclaration>,
    /// Declarations of other files of the project that share names with the goal, the best first.
    pub nearby: Vec<KnownDeclaration>,
    /// Characters of each part, so that a caller knows what fills its prompt.
    pub sizes: BTreeMap<String, usize>,
    /// Which programs gave goals and diagnostics, where they were started for this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provenance: Option<crate::Provenance>,
    /// A request in words, for runners that want one.
    pub suggested_prompt: String,
}

/// A stretch of lines, 1-based, both ends included.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Surrounding {
    /// First line of the stretch.
    pub start_line: usize,
    /// Last line of the stretch.
    pub end_line: usize,
    /// The line that the hole is on.
    pub target_line: usize,
    /// The lines in the order of the file.
    pub lines: Vec<SourceLine>,
}

/// One line of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SourceLine {
    /// Number of the line, 1-based.
    pub number: usize,
    /// Without the line break.
    pub text: String,
    /// Whether the hole is on it.
    pub is_target: bool,
}

/// A message of Lean's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ContextDiagnostic {
    /// Line where the message begins, 1-based.
    pub line: usize,
    /// `error`, `warning` or `info`.
    pub severity: String,
    /// As Lean wrote it.
    pub message: String,
}

/// A declaration that may be of use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KnownDeclaration {
    /// Full name, with namespaces.
    pub name: String,
    /// Keyword that declares it, as `theorem`.
    pub kind: String,
    /// Its text from the keyword to the body.
    pub signature: String,
    /// The module that it is in, if that is another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub module: Option<String>,
}
