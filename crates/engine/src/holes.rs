//! What the server and the batch commands find in a text with Lean's help: bodies with errors, where to ask for a hole's goal, what is reported around it.

use leanwright_contract::ContextDiagnostic;
use leanwright_lean::dialect::Diagnostic;
use leanwright_lean::tactic::steps;
use leanwright_lean::{Goals, Hole, HoleKind, Position, Scan, Text};

/// Where Lean is asked for the goal of a hole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GoalPlace {
    /// For the goals of tactics; where there is no tactic, for the expected type.
    Tactic(Position),
    /// For the expected type.
    Term(Position),
}

impl GoalPlace {
    pub fn of(text: &Text, hole: &Hole) -> Self {
        let start = text.position(hole.span.start);
        if hole.kind != HoleKind::Error {
            return Self::Tactic(start);
        }
        // What a body proves is what is to be proved before its first tactic.
        let is_block = text.as_str().get(hole.span.clone()).is_some_and(|body| body.starts_with("by"));
        let first = steps(text.as_str(), &hole.span).into_iter().next().filter(|_| is_block);
        first.map_or(Self::Term(start), |first| Self::Tactic(text.position(first.span.start)))
    }
}

/// The goals of a hole by Lean's answer: a body is a term, with one goal.
pub fn goals_of(hole: &Hole, answer: Goals) -> Goals {
    match answer {
        Goals::Tactic(goals) if hole.kind == HoleKind::Error => {
            goals.into_iter().next().map_or(Goals::Solved, Goals::Term)
        }
        answer => answer,
    }
}

/// The bodies of declarations in which Lean reports errors and no hole is written, in the order of the text. Errors elsewhere are no holes: nothing could be put
/// in their place without a change of what is stated.
pub fn error_holes<'a>(text: &Text, scan: &Scan, errors: impl Iterator<Item = &'a Diagnostic>) -> Vec<Hole> {
    let mut found: Vec<Hole> = Vec::new();
    for error in errors {
        let Some(index) = scan.outline.index_at(start(text, error)) else { continue };
        let has_hole = |hole: &Hole| hole.declaration == Some(index);
        if scan.holes.iter().any(has_hole) || found.iter().any(has_hole) {
            continue;
        }
        let body = scan.outline.declarations.get(index).and_then(|declaration| declaration.term(text.as_str()));
        let Some(span) = body else { continue };
        found.push(Hole { kind: HoleKind::Error, span, declaration: Some(index), skipped: false });
    }
    found.sort_by_key(|hole| hole.span.start);
    found
}

/// The first error in the declaration of a hole that is a body with one.
pub fn error_at<'a>(
    text: &Text,
    scan: &Scan,
    hole: &Hole,
    errors: impl Iterator<Item = &'a Diagnostic>,
) -> Option<&'a Diagnostic> {
    let inside = |error: &&Diagnostic| scan.outline.index_at(start(text, error)) == hole.declaration;
    errors.filter(|_| hole.kind == HoleKind::Error).filter(inside).min_by_key(|error| start(text, error))
}

/// What Lean reports in the declaration of a hole.
pub fn reported_in(text: &Text, scan: &Scan, hole: &Hole, all: &[Diagnostic]) -> Vec<ContextDiagnostic> {
    let inside = |one: &&Diagnostic| scan.outline.index_at(start(text, one)) == hole.declaration && !one.is_silent;
    let shown = all.iter().filter(inside).map(|one| ContextDiagnostic {
        line: one.range.start.line as usize + 1,
        severity: one.severity_word().to_owned(),
        message: one.message.clone(),
    });
    shown.collect()
}

/// In bytes.
fn start(text: &Text, diagnostic: &Diagnostic) -> usize {
    text.offset(diagnostic.range.start)
}
