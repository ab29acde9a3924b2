//! What `leanwright judge` reads and writes on its standard streams, one JSON object a line.

use crate::{Attempt, ReplayResult};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A line for the judge.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum JudgeRequest {
    /// Judge an attempt. Several are judged at a time, as many as `judge.parallel` says; they end in any order.
    Judge {
        /// Chosen by the caller; every event about this request has it. It must not be that of a request that has not ended.
        id: String,
        /// The root of the Lake project: an absolute path.
        root: String,
        /// What is judged; its paths are relative to the root.
        attempt: Box<Attempt>,
        /// The text of the file that is edited, where it is not the one on disk: an editor's that has not been saved.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
    },
    /// Stop judging. Its processes have been killed when `cancelled` is written; nothing is said if the request has ended.
    Cancel {
        /// Identity of the request, chosen by its sender.
        id: String,
    },
}

/// A line from the judge.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum JudgeEvent {
    /// The first line: the judge reads requests.
    Ready {
        /// The program and its version, as certificates name it.
        judge: String,
        /// Which Lean it uses, in words.
        toolchain: String,
    },
    /// A step of a judgement has begun.
    Step {
        /// Identity of the request, chosen by its sender.
        id: String,
        /// The step that has begun.
        step: JudgeStep,
    },
    /// The judgement: the last event about a request.
    Judged {
        /// Identity of the request, chosen by its sender.
        id: String,
        /// As `leanwright replay` writes it.
        result: Box<ReplayResult>,
    },
    /// The request was cancelled: the last event about it.
    Cancelled {
        /// Identity of the request, chosen by its sender.
        id: String,
    },
    /// A line was no request, named no project, or has an id that is in use.
    Refused {
        /// Of the request, where the line has one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<String>,
        /// Reason, for a person.
        why: String,
    },
}

/// The steps of a judgement that take time, in their order; `docs/verdict.md` says what each does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum JudgeStep {
    /// The project is copied, and what the file imports is built and followed.
    Preparing,
    /// The file is compiled without the candidate.
    Baseline,
    /// The file is compiled with the candidate.
    Compiling,
    /// The guards and the kernel read what was compiled.
    Guards,
    /// Modules that import the file are compiled.
    Dependents,
    /// `False` is tried in the place of what was proved.
    Control,
}
