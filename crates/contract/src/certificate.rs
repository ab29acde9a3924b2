//! A certificate: an accepted candidate with everything that is needed to check it again. One changed byte is found.

use crate::{Acceptance, Verdict, schema_version};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What was accepted, for which text of which file, and on what grounds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Certificate {
    /// Version of this record.
    #[serde(default = "schema_version")]
    pub schema_version: u32,
    /// The program that has judged, with its version.
    pub judge: String,
    /// The file, relative to the project's root.
    pub file: String,
    /// The module that the file holds.
    pub module: String,
    /// The declaration's text up to its body, for a reader: what counts is the digest of its kernel term in `verdict`.
    pub statement: String,
    /// The edit that was judged.
    pub edit: CertifiedEdit,
    /// Which kind of yes `verdict` is, for readers that do not work it out themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acceptance: Option<Acceptance>,
    /// What the judge found, guard by guard.
    pub verdict: Verdict,
    /// Time of the whole judgement in milliseconds, a first baseline included.
    pub elapsed_ms: u64,
    /// BLAKE3 of this record, written as it is with nothing in the place of this member.
    pub digest: String,
}

/// An edit of one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CertifiedEdit {
    /// Where it begins, in bytes of the file.
    pub start_byte: usize,
    /// The line on which it begins, from 1.
    pub line: usize,
    /// The text that stood there without the edit.
    pub expected: String,
    /// What stands there with the edit.
    pub replacement: String,
}
