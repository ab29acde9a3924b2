//! Records about whole runs: what was evaluated, with what, and how it went.

use crate::Attempt;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How one task of an evaluation went: lean-agent's schema, which nothing of lean-agent writes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EvalResult {
    /// Version of this record.
    #[serde(default = "crate::schema_version")]
    pub schema_version: u32,
    /// The task.
    pub task_id: String,
    /// In one word.
    pub status: EvalStatus,
    /// Time from the task's line to the answer's.
    pub elapsed_ms: u64,
    /// Whether the patched file compiles, where it was replayed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compile_passed: Option<bool>,
    /// The answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<Attempt>,
}

/// How one task went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EvalStatus {
    /// Answered, and accepted where it was replayed.
    Passed,
    /// Answered, and refused.
    Failed,
    /// No answer in time.
    TimedOut,
    /// The runner failed.
    RunnerError,
}

/// What a run was made with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RunManifest {
    /// Version of this record.
    #[serde(default = "crate::schema_version")]
    pub schema_version: u32,
    /// Version of the program.
    pub leanwright: String,
    /// The Lean that judged.
    pub toolchain: String,
    /// The runner's command.
    pub runner: Vec<String>,
    /// The input file.
    pub input: String,
    /// Records read.
    pub records: usize,
}

/// A summary of a file of records, whatever kind they are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// Version of this record.
    #[serde(default = "crate::schema_version")]
    pub schema_version: u32,
    /// Records read.
    pub records: usize,
    /// How many have each status.
    pub by_status: BTreeMap<String, usize>,
    /// Accepted attempts.
    pub accepted: usize,
    /// Different tasks.
    pub tasks: usize,
    /// Tasks with at least one accepted attempt.
    pub tasks_solved: usize,
    /// Attempts that every guard passes and that rest on open lemmas; among the accepted ones only if the caller allows them.
    #[serde(default)]
    pub open_lemmas: usize,
    /// Accepted attempts with a warning of the negative control.
    #[serde(default)]
    pub warned: usize,
    /// How many were refused by each guard.
    pub by_guard: BTreeMap<String, usize>,
    /// Errors in traces.
    pub error_count: usize,
    /// Warnings in traces.
    pub warning_count: usize,
    /// Sum of the attempts' times.
    pub elapsed_ms: u64,
    /// The most frequent messages with their counts.
    pub top_messages: Vec<(String, usize)>,
    /// Lines that are no records.
    pub unreadable: usize,
}
