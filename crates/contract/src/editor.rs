//! Our own requests and notifications to and from editors: `leanwright/…`. Documented in `crates/server/protocol.md`.
//!
//! Positions are LSP's: lines and UTF-16 columns from 0.

use crate::{Acceptance, Verdict};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Version of this protocol. It grows when something that editors rely on is changed or taken away.
pub const PROTOCOL_VERSION: u32 = 1;

/// `leanwright/holes`: what is open in a document, and what is known about it.
pub const HOLES: &str = "leanwright/holes";
/// `leanwright/goals`: the goals at any place, in parts.
pub const GOALS: &str = "leanwright/goals";
/// `leanwright/prove`: ask the runner for one hole until an answer is accepted or the budget is spent.
pub const PROVE: &str = "leanwright/prove";
/// `leanwright/proveAll`: the same for all holes of a document that are not marked to be skipped.
pub const PROVE_ALL: &str = "leanwright/proveAll";
/// `leanwright/cancel`: stop the work on one hole or on all holes of a document.
pub const CANCEL: &str = "leanwright/cancel";
/// `leanwright/context`: what a runner would be told about a hole, exactly.
pub const CONTEXT: &str = "leanwright/context";
/// `leanwright/certificate`: what was found about the verified replacement of a hole.
pub const CERTIFICATE: &str = "leanwright/certificate";
/// `leanwright/walk`: the goals before and after each tactic of a declaration.
pub const WALK: &str = "leanwright/walk";
/// `leanwright/status`: which parts of this server are on.
pub const STATUS: &str = "leanwright/status";
/// `leanwright/holesChanged`: holes or goals of a document have changed.
pub const HOLES_CHANGED: &str = "leanwright/holesChanged";
/// `leanwright/offersChanged`: verified replacements of a document have come or gone.
pub const OFFERS_CHANGED: &str = "leanwright/offersChanged";

/// A place in a document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Position {
    /// Line, counted from 0.
    pub line: u32,
    /// UTF-16 code units from 0.
    pub character: u32,
}

/// A stretch of a document; the end is exclusive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Range {
    /// Position of the first character.
    pub start: Position,
    /// Position after the last character.
    pub end: Position,
}

/// A document by its URI, which is an opaque string.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DocumentUri {
    /// As the editor wrote it.
    pub uri: String,
}

/// Parameters of `leanwright/holes`, and of the two notifications.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DocumentParams {
    /// The document that is asked about.
    pub text_document: DocumentUri,
}

/// Result of `leanwright/holes`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HolesResult {
    /// The version of the document that this is about.
    pub version: i64,
    /// Errors that Lean has reported for this version so far; absent as long as it has reported nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub errors: Option<usize>,
    /// Lean has elaborated this version to its end.
    pub elaborated: bool,
    /// In the order of the text.
    pub holes: Vec<HoleView>,
    /// Where Lean sees a `sorry` and the text shows none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contradictions: Vec<Contradiction>,
}

/// Lean says one thing about a stretch of the text, and the text another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Contradiction {
    /// The stretch of the text.
    pub range: Range,
    /// What Lean says of it and what the text shows, for a person.
    pub message: String,
}

/// Whether Lean sees a hole where the text shows one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "state", rename_all = "camelCase")]
pub enum SeenByLean {
    /// Lean sees a hole there as well.
    Yes,
    /// Lean sees none there.
    No {
        /// What Lean sees there, for a person.
        why: String,
    },
    /// Not known for this version.
    Unknown {
        /// Why it is not known, for a person.
        why: String,
    },
}

/// One hole, as it is in the document's present version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HoleView {
    /// Stays the same while the hole is only moved by edits elsewhere.
    pub id: String,
    /// Range of the word `sorry` or `admit`, or of the body with the error.
    pub range: Range,
    /// `sorry`, `admit`, or `error` for the body of a declaration in which Lean reports an error.
    pub kind: String,
    /// Whether Lean sees a hole there, too.
    pub seen_by_lean: SeenByLean,
    /// A mark in the text, `-- leanwright: skip`, says that it is worked on only when it is asked for by itself.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub skipped: bool,
    /// The declaration's name with namespaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declaration: Option<String>,
    /// Keyword of the declaration, as `theorem`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declaration_kind: Option<String>,
    /// What is to be proved.
    pub goal: GoalView,
    /// What is being done about it.
    pub work: WorkView,
}

/// What is known of a goal. `null` from Lean, no goals, and goals are three different things; not known is a fourth.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "state", rename_all = "camelCase")]
pub enum GoalView {
    /// Goals of a tactic block; the first is the one to prove.
    Tactic {
        /// As Lean prints them.
        goals: Vec<String>,
    },
    /// The expected type of a term.
    Term {
        /// As Lean prints it.
        goal: String,
    },
    /// A tactic block in which nothing is left to prove.
    Solved,
    /// Lean answered `null`: no tactic and no term is there.
    Nothing,
    /// Not known yet, but it will be without anybody doing anything.
    Pending {
        /// What it waits for.
        why: String,
    },
    /// Not known, and nothing is under way.
    Unknown {
        /// Why the goal is not known, for a person.
        why: String,
    },
}

/// What is being done about a hole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "state", rename_all = "camelCase")]
pub enum WorkView {
    /// Nobody works on it.
    Idle,
    /// Asked for; waiting for its goal, its turn, the runner or the judge.
    Running {
        /// What it waits for, for a person.
        step: String,
    },
    /// A verified replacement is on offer.
    Offered {
        /// Text that would replace the hole.
        replacement: String,
        /// Which kind of yes it is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        acceptance: Option<Acceptance>,
    },
    /// Work has ended without a verified replacement.
    Refused {
        /// Reason of the last attempt's failure, for a person.
        reason: String,
    },
}

/// Parameters of `leanwright/prove`, `leanwright/goals`, `leanwright/context`, `leanwright/certificate` and
/// `leanwright/walk`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProveParams {
    /// The document that the hole is in.
    pub text_document: DocumentUri,
    /// A place in the hole, or on its line.
    pub position: Position,
}

/// Result of `leanwright/prove`, once it is over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProveResult {
    /// Identity of the hole, as in `leanwright/holes`.
    pub hole: String,
    /// The verified replacement, which is now on offer as a code action.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replacement: Option<String>,
    /// Which kind of yes the replacement is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acceptance: Option<Acceptance>,
    /// Why there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Everything that was judged, in order.
    pub attempts: Vec<AttemptView>,
}

/// Result of `leanwright/proveAll`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ProveAllResult {
    /// One for each hole that was worked on, in the order in which the work ended.
    pub results: Vec<ProveResult>,
}

/// Parameters of `leanwright/proveAll`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProveAllParams {
    /// The document whose holes are to be proved.
    pub text_document: DocumentUri,
    /// Only holes that begin in these lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<Range>,
}

/// Parameters of `leanwright/cancel`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CancelParams {
    /// The document whose work is stopped.
    pub text_document: DocumentUri,
    /// A place in the hole; without it, work on all holes of the document is stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
}

/// Result of `leanwright/certificate`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CertificateResult {
    /// Identity of the hole, as in `leanwright/holes`.
    pub hole: String,
    /// The version of the document that the replacement is verified for.
    pub version: i64,
    /// Range of the text that is replaced.
    pub range: Range,
    /// Text that replaces it.
    pub replacement: String,
    /// Which kind of yes it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acceptance: Option<Acceptance>,
    /// What the judge found, guard by guard.
    pub verdict: Verdict,
}

/// One answer of the runner and what the judge said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AttemptView {
    /// The text that was put in place of the hole.
    pub replacement: String,
    /// Which kind of yes `verdict` is; absent where it is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acceptance: Option<Acceptance>,
    /// What the judge found, guard by guard.
    pub verdict: Verdict,
}

/// Result of `leanwright/status`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StatusResult {
    /// Version of this program.
    pub version: String,
    /// Version of this protocol.
    #[serde(default)]
    pub protocol: u32,
    /// The Lean that is served.
    pub toolchain: String,
    /// Program and arguments of the runner; empty if there is none.
    pub runner: Vec<String>,
    /// Parts that were switched off, with the reason.
    pub off: Vec<String>,
    /// Number of open Lean documents.
    pub documents: usize,
    /// Number of holes in them.
    pub holes: usize,
    /// Verified replacements on offer.
    pub offers: usize,
    /// Holes that are worked on.
    pub running: usize,
    /// Answers that the runner has given since this server was started.
    #[serde(default)]
    pub answers: usize,
    /// The sum of the `metadata.cost` of these answers, in whatever unit the runner counts; absent where none names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<f64>,
}
