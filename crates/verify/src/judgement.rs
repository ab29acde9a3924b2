//! What is found about a candidate: the verdict, and what its readers ask for beside it.

use crate::candidate::Candidate;
use crate::compile::CompileEnd;
use leanwright_contract::{Guards, HoleClass, SandboxTier, Verdict, VerdictState};
use leanwright_lean::dialect::CompilerMessage;
use leanwright_project::ImportStamps;
use std::sync::Arc;
use std::time::Duration;

/// What was found about a candidate.
#[derive(Clone, Debug)]
pub struct Judgement {
    pub verdict: Verdict,
    /// Whether the patched text compiles without errors; `None` when it was not compiled.
    pub compiled: Option<bool>,
    /// How compiling it ended; `None` also for what was remembered.
    pub end: Option<CompileEnd>,
    /// Modules that import the file cannot make another verdict of it.
    pub(crate) holds_alone: bool,
    pub messages: Vec<CompilerMessage>,
    /// Errors that the text without the candidate does not have.
    pub new_errors: usize,
    pub elapsed: Duration,
    /// What was imported when the judgement began.
    pub stamps: Arc<ImportStamps>,
}

impl Judgement {
    /// The judgement of a candidate about which nothing can be said.
    pub fn unknown(candidate: &Candidate, why: &str) -> Self {
        Self {
            verdict: blank_verdict(candidate, why),
            compiled: None,
            end: None,
            holds_alone: false,
            messages: Vec::new(),
            new_errors: 0,
            elapsed: Duration::ZERO,
            stamps: Arc::default(),
        }
    }
}

fn blank_verdict(candidate: &Candidate, why: &str) -> Verdict {
    Verdict {
        state: VerdictState::Unknown { why: why.to_owned() },
        declaration: None,
        hole_class: HoleClass::Unknown,
        statement_digest: None,
        axioms: Vec::new(),
        rests_on: Vec::new(),
        holes_left: 0,
        notes: Vec::new(),
        guards: Guards::default(),
        toolchain: String::new(),
        generation: None,
        sandbox: SandboxTier::CopyOnly,
        source_digest: blake3::hash(candidate.before.as_bytes()).to_hex().to_string(),
        patched_digest: blake3::hash(candidate.after().as_bytes()).to_hex().to_string(),
        imports_digest: None,
        product_digest: None,
        compile_ms: 0,
    }
}
