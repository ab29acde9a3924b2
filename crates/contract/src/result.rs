//! What the judge found: the verdict with its evidence, and lean-agent's result record around it.

use crate::Acceptance;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One line of `replay`'s output.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReplayResult {
    /// Version of this record.
    #[serde(default = "crate::schema_version")]
    pub schema_version: u32,
    /// The task that was answered.
    pub task_id: String,
    /// The attempt that was judged.
    pub attempt_id: String,
    /// Outcome in one word, as lean-agent has it.
    pub status: ReplayStatus,
    /// Whether the patched file compiles without errors.
    pub compile_passed: bool,
    /// Whether every guard that ran passed, and the proof rests on no open lemmas unless the caller allows them.
    pub accepted: bool,
    /// Which kind of yes the verdict is, whatever the caller allows; absent where it is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acceptance: Option<Acceptance>,
    /// Messages of the patched compile, of any severity.
    pub diagnostic_count: usize,
    /// Errors of the patched compile that the unpatched one does not have.
    pub new_errors: usize,
    /// Whether the error or hole that the task is about is gone.
    pub resolved_original_error: bool,
    /// Whether there are new errors.
    pub regression: bool,
    /// Time of the whole attempt, a first baseline included.
    pub elapsed_ms: u64,
    /// The first goal that an error of the patched compile shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub final_goal_state: Option<String>,
    /// What each guard found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guards: Option<Guards>,
    /// The first guard that refused, with its evidence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reject_reason: Option<RejectReason>,
    /// Why the patch was not applied, or the text of a time-out or of a failure of ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patch_error: Option<String>,
    /// The verdict with its evidence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// Members that this version does not know.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// Outcome of an attempt, in lean-agent's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReplayStatus {
    /// Compiles, and every guard passed.
    Passed,
    /// Compiles, and a guard refused.
    Rejected,
    /// The patched file does not compile.
    Failed,
    /// The edit could not be applied to the file.
    PatchRefused,
    /// No answer in time.
    TimedOut,
    /// Nothing can be said: a failure of the machinery, or a hole that cannot be verified.
    RunnerError,
}

/// What each guard found. The first four are lean-agent's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Guards {
    /// The statement is the one that was there: name, kind, universe parameters, type, as kernel terms.
    pub statement: GuardOutcome,
    /// The proof rests on the standard axioms only.
    pub axioms: GuardOutcome,
    /// Modules that import this one still build.
    pub reverse_dep: GuardOutcome,
    /// The judge can say no: the same text does not prove `False`.
    pub negative_control: GuardOutcome,
    /// The text by itself: characters, balance of brackets and comments, placeholders.
    #[serde(default)]
    pub text: GuardOutcome,
    /// No hole is left where the replacement stands.
    #[serde(default)]
    pub placeholder: GuardOutcome,
    /// Every other declaration of the file is what it was.
    #[serde(default)]
    pub invariance: GuardOutcome,
    /// What extensions keep of the file is what it was: instances, simp sets, parsers, macros, attributes, namespaces.
    #[serde(default)]
    pub extensions: GuardOutcome,
    /// The edit is one term or one tactic block at the hole, by tokens, brackets and layout.
    #[serde(default)]
    pub gate: GuardOutcome,
    /// Leanwright's own kernel has type-checked everything that the candidate added or changed.
    #[serde(default)]
    pub kernel: GuardOutcome,
    /// An independent kernel agrees: `leanchecker`, where there is one.
    #[serde(default)]
    pub external_kernel: GuardOutcome,
}

/// What one guard found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum GuardOutcome {
    /// The guard has nothing to object.
    Passed {
        /// What the guard looked at, for a person.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        evidence: String,
    },
    /// Nothing that refuses, but something that a reader must know.
    Warned {
        /// What the guard warns of, for a person.
        note: String,
    },
    /// It did not run.
    Skipped {
        /// Why the guard was not asked, for a person.
        note: String,
    },
    /// The guard refuses the candidate.
    Rejected {
        /// Why, for a person.
        reason: String,
    },
}

impl Default for GuardOutcome {
    fn default() -> Self {
        Self::Skipped { note: "an earlier step decided".to_owned() }
    }
}

/// Why an attempt that compiles was refused. The first six are lean-agent's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "guard", rename_all = "snake_case")]
pub enum RejectReason {
    /// The statement is another one.
    StatementChanged {
        /// Name of the declaration.
        declaration: String,
        /// Statement without the candidate.
        before: String,
        /// Statement with the candidate.
        after: String,
    },
    /// It cannot be told whether the statement is the same.
    StatementUnverifiable {
        /// Why it cannot be compared, for a person.
        detail: String,
    },
    /// The proof rests on an axiom that is not allowed.
    DisallowedAxiom {
        /// The declaration that was asked about.
        declaration: String,
        /// The axioms that are not allowed.
        offending: Vec<String>,
        /// All axioms that it rests on.
        axioms: Vec<String>,
    },
    /// It cannot be told what the proof rests on.
    AxiomCheckFailed {
        /// The declaration that was asked about.
        declaration: String,
        /// Why the axioms are not known, for a person.
        detail: String,
    },
    /// A module that imports this one no longer builds.
    ReverseDepFailed {
        /// Name of the module that imports the file.
        module: String,
        /// Lean's first error in it.
        detail: String,
    },
    /// A module that imports this one would not be what it was.
    ReverseDepChanged {
        /// Name of the module that imports the file.
        module: String,
        /// What of it would change.
        declaration: String,
        /// How.
        detail: String,
    },
    /// The edit is more, or less, than one term or one tactic block at the hole.
    Gate {
        /// What the edit does, for a person.
        detail: String,
    },
    /// The proof rests on open lemmas, and the caller wants none of that.
    RestsOnOpenLemmas {
        /// Name of the declaration.
        declaration: String,
        /// Names of the lemmas that are open.
        lemmas: Vec<String>,
    },
    /// A kernel does not accept what was compiled.
    KernelRefused {
        /// Name of the kernel: its program, or Leanwright's own.
        checker: String,
        /// Its message.
        detail: String,
    },
    /// The text by itself is refused.
    Text {
        /// Why, for a person.
        detail: String,
    },
    /// A hole is left where the replacement stands.
    PlaceholderLeft {
        /// Name of the declaration.
        declaration: String,
        /// Where the placeholder is, for a person.
        detail: String,
    },
    /// Another declaration of the file is not what it was.
    ModuleChanged {
        /// Name of the other declaration.
        declaration: String,
        /// What would change, for a person.
        detail: String,
    },
}

impl std::fmt::Display for RejectReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::StatementChanged { declaration, before, after } if before == after => {
                write!(f, "the statement of `{declaration}` has changed: it reads alike, its kernel term differs")
            }
            Self::StatementChanged { declaration, before, after } => {
                write!(f, "the statement of `{declaration}` has changed from `{before}` to `{after}`")
            }
            Self::DisallowedAxiom { declaration, offending, .. } => {
                write!(f, "`{declaration}` would rest on {}", offending.join(", "))
            }
            Self::AxiomCheckFailed { declaration, detail } => write!(f, "axioms of `{declaration}`: {detail}"),
            Self::ReverseDepFailed { module, detail } => write!(f, "`{module}` no longer builds: {detail}"),
            Self::ReverseDepChanged { module, declaration, detail } => {
                write!(f, "in `{module}`, which imports it, `{declaration}` {detail}")
            }
            Self::KernelRefused { checker, detail } => write!(f, "`{checker}` refuses the module: {detail}"),
            Self::PlaceholderLeft { declaration, detail } => write!(f, "`{declaration}` still has a hole: {detail}"),
            Self::ModuleChanged { declaration, detail } => write!(f, "`{declaration}` {detail}"),
            Self::RestsOnOpenLemmas { declaration, lemmas } => {
                write!(f, "`{declaration}` would rest on open lemmas: {}", lemmas.join(", "))
            }
            Self::StatementUnverifiable { detail } | Self::Text { detail } | Self::Gate { detail } => {
                f.write_str(detail)
            }
        }
    }
}

/// What was found about one candidate. Three-valued: not known is neither yes nor no.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Verdict {
    /// In one word, with the reason.
    #[serde(flatten)]
    pub state: VerdictState,
    /// The declaration that the candidate is a part of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declaration: Option<String>,
    /// What kind of hole it was.
    pub hole_class: HoleClass,
    /// Digest of the statement's kernel term, before and after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statement_digest: Option<[String; 2]>,
    /// The axioms that the declaration now rests on.
    pub axioms: Vec<String>,
    /// Declarations with open holes that the proof rests on.
    pub rests_on: Vec<String>,
    /// Holes that the declaration itself still has.
    pub holes_left: usize,
    /// Things that a reader should know though they refuse nothing.
    pub notes: Vec<String>,
    /// What each guard found.
    pub guards: Guards,
    /// The Lean that judged.
    pub toolchain: String,
    /// The state of the project that it is about: the judge counts the states that it has seen, from 1. Absent where nothing was compiled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generation: Option<u64>,
    /// What kept the candidate in while it ran.
    pub sandbox: SandboxTier,
    /// BLAKE3 of the file that was patched.
    pub source_digest: String,
    /// BLAKE3 of the patched file.
    pub patched_digest: String,
    /// BLAKE3 of all modules that the file imports, directly or not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub imports_digest: Option<String>,
    /// Digest of all constants of the compiled module, before and after. Not of its bytes: Lean orders them by chance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product_digest: Option<[String; 2]>,
    /// Time of the patched compile.
    pub compile_ms: u64,
}

/// The verdict in one word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum VerdictState {
    /// It may be offered.
    Accepted,
    /// A guard has refused the candidate.
    Rejected {
        /// Which guard refused, and why.
        reject_reason: RejectReason,
    },
    /// It does not compile.
    Failed {
        /// Lean's first error in the patched file.
        error: String,
    },
    /// Nothing can be said.
    Unknown {
        /// Why nothing can be said, for a person.
        why: String,
    },
}

/// What kind of hole a candidate fills.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HoleClass {
    /// The body of a proposition.
    Proof,
    /// A proof inside a definition, an instance or data: what is computed does not change with it.
    ProofField,
    /// The proof that a recursion ends.
    Termination,
    /// A statement: never called verified.
    Statement,
    /// A definition or data: never called verified.
    Data,
    /// It could not be found out.
    #[default]
    Unknown,
}

/// What kept a candidate in while it ran.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SandboxTier {
    /// Nothing but an isolated copy of the project: only for runners that are trusted.
    #[default]
    CopyOnly,
    /// bubblewrap: namespaces of its own for files, processes and network.
    Bubblewrap,
    /// landlock and seccomp: limits on files and system calls.
    Landlock,
}
