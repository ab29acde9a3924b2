//! One file for the batch commands: its text, where it belongs, and what Lean says of it. The tasks made here are those of a live session.

use leanwright_contract::{ContextDiagnostic, MineTask, SourceFile};
use leanwright_engine::{GoalPlace, TaskFacts, error_at, error_holes, goals_of, reported_in, task};
use leanwright_lean::dialect::{Diagnostic, tactic_goals, term_goal};
use leanwright_lean::{Goals, Hole, Position, Scan, Text, scan};
use leanwright_procs::editor::{Editor, PlainGoal, PlainTermGoal, file_uri};
use lsp_types as lsp;
use std::path::PathBuf;
use std::time::Duration;

/// Lean may have to build a file's imports before it answers the first question about it.
pub const ELABORATION: Duration = Duration::from_secs(1800);

/// A file's text.
pub struct SourceText {
    pub path: PathBuf,
    pub source_file: SourceFile,
    pub text: Text,
    pub scan: Scan,
}

/// A file that Lean has elaborated, open in a headless editor.
pub struct Elaborated<'a> {
    lean: &'a Editor,
    uri: lsp::Url,
    pub source: &'a SourceText,
    diagnostics: Vec<Diagnostic>,
}

impl SourceText {
    pub fn new(path: PathBuf, source_file: SourceFile, source: String) -> Self {
        let scan = scan(&source);
        Self { path, source_file, text: Text::new(source), scan }
    }

    /// The task of a hole that Lean is not asked about.
    pub fn task(&self, hole: &Hole) -> MineTask {
        task(&self.source_file, &self.text, &self.scan, hole, TaskFacts::default())
    }

    /// Open the file, and wait until Lean has been through it.
    pub async fn elaborate<'a>(&'a self, lean: &'a Editor) -> anyhow::Result<Elaborated<'a>> {
        let uri = file_uri(&self.path)?;
        lean.open(&uri, 1, self.text.as_str())?;
        lean.elaborated(&uri, 1, ELABORATION).await?;
        let diagnostics = lean.diagnostics(&uri);
        Ok(Elaborated { lean, uri, source: self, diagnostics })
    }
}

impl Elaborated<'_> {
    fn errors(&self) -> impl Iterator<Item = &Diagnostic> {
        self.diagnostics.iter().filter(|one| one.is_error())
    }

    /// Bodies with errors.
    pub fn error_holes(&self) -> Vec<Hole> {
        error_holes(&self.source.text, &self.source.scan, self.errors())
    }

    /// What Lean reports in a hole's declaration.
    pub fn reported(&self, hole: &Hole) -> Vec<ContextDiagnostic> {
        reported_in(&self.source.text, &self.source.scan, hole, &self.diagnostics)
    }

    /// The task of a hole; `deadline` is for one question about its goal.
    pub async fn task(&self, hole: &Hole, deadline: Duration) -> anyhow::Result<MineTask> {
        let goals = self.goals(hole, deadline).await?;
        let SourceText { source_file, text, scan, .. } = self.source;
        let error = error_at(text, scan, hole, self.errors());
        Ok(task(source_file, text, scan, hole, TaskFacts { goals: Some(&goals), error, previous: Vec::new() }))
    }

    async fn goals(&self, hole: &Hole, deadline: Duration) -> anyhow::Result<Goals> {
        let params = |at: Position| lsp::TextDocumentPositionParams {
            text_document: lsp::TextDocumentIdentifier::new(self.uri.clone()),
            position: lsp::Position::new(at.line, at.character),
        };
        let at = match GoalPlace::of(&self.source.text, hole) {
            GoalPlace::Term(at) => at,
            GoalPlace::Tactic(at) => {
                let answer = self.lean.request::<PlainGoal>(params(at), deadline).await?;
                match tactic_goals(&answer.to_string())? {
                    Goals::Nothing => at,
                    goals => return Ok(goals_of(hole, goals)),
                }
            }
        };
        let answer = self.lean.request::<PlainTermGoal>(params(at), deadline).await?;
        Ok(goals_of(hole, term_goal(&answer.to_string())?))
    }

    pub fn close(self) -> anyhow::Result<()> {
        Ok(self.lean.close(&self.uri)?)
    }
}
