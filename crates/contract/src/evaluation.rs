//! The record about a whole run: what `report` counts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A summary of a file of records, whatever kind they are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// Version of this record.
    #[serde(default = "crate::schema_version")]
    pub schema_version: u32,
    /// Number of records that were read.
    pub records: usize,
    /// How many have each status.
    pub by_status: BTreeMap<String, usize>,
    /// Number of accepted attempts.
    pub accepted: usize,
    /// Number of different `task_id`s.
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
    /// Number of errors in trace records.
    pub error_count: usize,
    /// Number of warnings in trace records.
    pub warning_count: usize,
    /// Sum of the attempts' times.
    pub elapsed_ms: u64,
    /// The most frequent messages with their counts.
    pub top_messages: Vec<(String, usize)>,
    /// Lines that are no records.
    pub unreadable: usize,
}
