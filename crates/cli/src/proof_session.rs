//! A proof session: a headless editor on `leanwright serve` that proves holes and takes the code actions.
//!
//! `demo` and `prove` are this with different words around it. The files on disk are never touched here.

use crate::args::RunnerArguments;
use crate::output::Output;
use anyhow::{Context, bail, ensure};
use clap::ValueEnum;
use leanwright_contract::Acceptance;
use leanwright_contract::editor::{
    self as own, DocumentParams, DocumentUri, GoalView, HoleView, ProveParams, ProveResult, WorkView,
};
use leanwright_lean::{Change, Position, Range, Text};
use leanwright_procs::editor::{Certificate, Editor, Holes, Prove, file_uri};
use lsp_types as lsp;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// For questions that Lean answers once it has elaborated a file.
const ELABORATION: Duration = Duration::from_secs(1800);
/// For questions that are answered at once.
const PROMPT: Duration = Duration::from_secs(60);
/// For one hole: several compiles, behind those of other holes.
const PROOF: Duration = Duration::from_secs(7200);

/// An open file.
pub struct OpenFile {
    /// For messages.
    pub name: String,
    uri: lsp::Url,
    version: i32,
    pub before: String,
    text: Text,
    /// The digest of the text that the last edit was judged to make.
    judged: Option<String>,
}

/// What a session did.
#[derive(Debug, Default)]
pub struct Totals {
    pub closed: usize,
    /// Of these, rested on open lemmas when they were taken.
    pub leaning: usize,
    pub judged: usize,
    /// Declarations whose holes are still open, with the reason.
    pub open: Vec<(String, String)>,
}

pub struct ProofSession {
    editor: Arc<Editor>,
    pub files: Vec<OpenFile>,
    pub totals: Totals,
    /// Files and holes for which something was verified.
    offered: BTreeSet<(usize, String)>,
}

impl ProofSession {
    /// Start a server for the project at `root` and open files of it.
    pub async fn start(root: &Path, files: &[PathBuf], runner: &RunnerArguments) -> anyhow::Result<Self> {
        let program = std::env::current_exe().context("could not find this program's own file")?;
        let mut command: Vec<OsString> = vec![program.into(), "serve".into()];
        if let Some(runner) = &runner.runner {
            command.extend(["--runner".into(), runner.into()]);
        }
        if runner.trust_runner {
            command.push("--trust-runner".into());
        }
        if let Some(sandbox) = runner.sandbox.and_then(|sandbox| sandbox.to_possible_value()) {
            command.extend(["--sandbox".into(), sandbox.get_name().into()]);
        }
        if let Some(attempts) = runner.attempts {
            command.extend(["--attempts".into(), attempts.to_string().into()]);
        }
        let editor = Editor::start(&command, root).await?;
        let mut open = Vec::new();
        for file in files {
            let before = std::fs::read_to_string(file).with_context(|| format!("could not read {}", file.display()))?;
            let uri = file_uri(file)?;
            editor.open(&uri, 1, &before)?;
            let name = file.strip_prefix(root).unwrap_or(file).display().to_string();
            open.push(OpenFile { name, uri, version: 1, text: Text::new(before.clone()), before, judged: None });
        }
        Ok(Self { editor: Arc::new(editor), files: open, totals: Totals::default(), offered: BTreeSet::new() })
    }

    /// The holes of a file once the goal of each is known.
    pub async fn holes(&self, file: usize) -> anyhow::Result<Vec<HoleView>> {
        let uri = self.file(file)?.uri.to_string();
        let mut changes = self.editor.hole_changes();
        loop {
            changes.mark_unchanged();
            changes.borrow_and_update();
            let params = DocumentParams { text_document: DocumentUri { uri: uri.clone() } };
            let holes = self.editor.request::<Holes>(params, PROMPT).await?.holes;
            if !holes.iter().any(|hole| matches!(hole.goal, GoalView::Pending { .. })) {
                return Ok(holes);
            }
            tokio::time::timeout(ELABORATION, changes.changed())
                .await
                .context("Lean does not say what is to be proved")??;
        }
    }

    /// Prove holes, tell what happens, and take every verified replacement. `wanted` chooses the holes.
    pub async fn prove(&mut self, output: &mut Output, wanted: impl Fn(&HoleView) -> bool) -> anyhow::Result<()> {
        let mut first = true;
        loop {
            // An offer whose place another one has changed is withdrawn: its hole is asked for again.
            let mut work = JoinSet::new();
            for index in 0..self.files.len() {
                for hole in self.holes(index).await?.into_iter().filter(|hole| wanted(hole)) {
                    if first || hole.work == WorkView::Idle {
                        work.spawn(prove_one(Arc::clone(&self.editor), self.file(index)?.uri.clone(), index, hole));
                    }
                }
            }
            if work.is_empty() {
                break;
            }
            first = false;
            while let Some(done) = work.join_next().await {
                let (file, hole, result) = done??;
                self.totals.judged += result.attempts.len();
                if result.replacement.is_some() {
                    self.offered.insert((file, result.hole.clone()));
                }
                output.hole(&self.file(file)?.name, &hole, &result.attempts, result.reason.as_deref());
            }
            while self.take_next().await? {}
        }
        for index in 0..self.files.len() {
            for hole in self.holes(index).await?.into_iter().filter(|hole| wanted(hole)) {
                let name = hole.declaration.or(hole.declaration_kind).unwrap_or_default();
                let reason = if let WorkView::Refused { reason } = hole.work { reason } else { String::new() };
                if self.offered.contains(&(index, hole.id)) {
                    output.left_out(&name, &reason);
                }
                self.totals.open.push((name, reason));
            }
        }
        Ok(())
    }

    /// Take one offer of each file that has one, once the server has judged it in the text as it is now: so every edit is
    /// judged in the text that has all edits before it. Returns whether there may be more.
    async fn take_next(&mut self) -> anyhow::Result<bool> {
        let mut changes = self.editor.hole_changes();
        changes.borrow_and_update();
        let (mut running, mut later, mut taken) = (false, None, false);
        for index in 0..self.files.len() {
            let holes = self.holes(index).await?;
            running |= holes.iter().any(|hole| matches!(hole.work, WorkView::Running { .. }));
            let is = |hole: &&HoleView, verified: bool| match &hole.work {
                WorkView::Offered { acceptance, .. } => (*acceptance == Some(Acceptance::Verified)) == verified,
                _ => false,
            };
            if let Some(hole) = holes.iter().find(|hole| is(hole, true)) {
                self.take(index, hole).await?;
                taken = true;
            } else if let Some(hole) = holes.iter().find(|hole| is(hole, false)) {
                later = later.or(Some((index, hole.clone())));
            }
        }
        match later {
            _ if taken => {}
            _ if running => {
                tokio::time::timeout(PROOF, changes.changed()).await.context("the judge does not answer")??;
            }
            // What rests on an open lemma comes last: by then the lemma may be proved.
            Some((index, hole)) => self.take(index, &hole).await?,
            None => return Ok(false),
        }
        Ok(true)
    }

    /// Take an offer through its code action, as an editor does, after a check that it was judged to make the text that it makes.
    async fn take(&mut self, index: usize, hole: &HoleView) -> anyhow::Result<()> {
        let file = self.file(index)?;
        let at = lsp_position(hole.range.start);
        let params = lsp::CodeActionParams {
            text_document: lsp::TextDocumentIdentifier::new(file.uri.clone()),
            range: lsp::Range::new(at, at),
            context: lsp::CodeActionContext::default(),
            work_done_progress_params: lsp::WorkDoneProgressParams::default(),
            partial_result_params: lsp::PartialResultParams::default(),
        };
        let actions =
            self.editor.request::<lsp::request::CodeActionRequest>(params, ELABORATION).await?.unwrap_or_default();
        let edit = actions.into_iter().find_map(|action| match action {
            lsp::CodeActionOrCommand::CodeAction(action) if is_own(&action) => text_edit(action, file.version),
            _ => None,
        });
        let uri = file.uri.to_string();
        let params = ProveParams { text_document: DocumentUri { uri }, position: hole.range.start };
        let found = self.editor.request::<Certificate>(params, PROMPT).await;
        let (Some(edit), Ok(found)) = (edit, found) else {
            let now = self.holes(index).await?.into_iter().find(|other| other.id == hole.id);
            if now.is_some_and(|now| now.work == hole.work) {
                bail!("the offer for {} is not among the code actions", hole.id);
            }
            // It was withdrawn meanwhile: what the file imports has changed.
            return Ok(());
        };
        let verdict = found.verdict;
        let file = self.files.get_mut(index).context("no such file")?;
        let at = |position: lsp::Position| Position { line: position.line, character: position.character };
        let range = Range { start: at(edit.range.start), end: at(edit.range.end) };
        file.text.apply(&Change { range: Some(range), text: edit.new_text.clone() });
        ensure!(verdict.patched_digest == digest(file.after()), "the offer for {} was judged in another text", hole.id);
        file.judged = Some(verdict.patched_digest.clone());
        file.version += 1;
        self.editor.change(&file.uri, file.version, edit.range, &edit.new_text)?;
        self.totals.closed += 1;
        self.totals.leaning += usize::from(verdict.acceptance() == Some(Acceptance::OpenLemmas));
        Ok(())
    }

    fn file(&self, index: usize) -> anyhow::Result<&OpenFile> {
        self.files.get(index).context("no such file")
    }

    /// What Lean says of a file as it is now: errors, and declarations that use `sorry`.
    pub async fn lean_says(&self, index: usize) -> anyhow::Result<(usize, usize)> {
        let file = self.file(index)?;
        self.editor.elaborated(&file.uri, file.version, ELABORATION).await?;
        let diagnostics = self.editor.diagnostics(&file.uri);
        let errors = diagnostics.iter().filter(|one| one.is_error()).count();
        let sorries = diagnostics.iter().filter(|one| one.message.contains("declaration uses")).count();
        Ok((errors, sorries))
    }

    pub async fn end(self) -> anyhow::Result<()> {
        if let Ok(editor) = Arc::try_unwrap(self.editor) {
            editor.shutdown(Duration::from_secs(20)).await?;
        }
        Ok(())
    }
}

impl OpenFile {
    pub fn after(&self) -> &str {
        self.text.as_str()
    }

    /// Whether the text as it is now is what the last edit was judged to make.
    pub fn is_judged(&self) -> bool {
        self.judged.as_ref() == Some(&digest(self.after()))
    }
}

/// As verdicts name a text.
fn digest(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex().to_string()
}

async fn prove_one(
    editor: Arc<Editor>,
    uri: lsp::Url,
    file: usize,
    hole: HoleView,
) -> anyhow::Result<(usize, HoleView, ProveResult)> {
    let params = ProveParams { text_document: DocumentUri { uri: uri.to_string() }, position: hole.range.start };
    let result = editor.request::<Prove>(params, PROOF).await?;
    Ok((file, hole, result))
}

fn is_own(action: &lsp::CodeAction) -> bool {
    action.data.as_ref().is_some_and(|data| data.get("leanwright").is_some())
}

/// The one edit of one of our actions, if it is for this version.
fn text_edit(action: lsp::CodeAction, version: i32) -> Option<lsp::TextEdit> {
    let Some(lsp::DocumentChanges::Edits(edits)) = action.edit?.document_changes else { return None };
    let edit = edits.into_iter().next().filter(|edit| edit.text_document.version == Some(version))?;
    edit.edits.into_iter().next().map(|edit| match edit {
        lsp::OneOf::Left(edit) => edit,
        lsp::OneOf::Right(annotated) => annotated.text_edit,
    })
}

fn lsp_position(position: own::Position) -> lsp::Position {
    lsp::Position::new(position.line, position.character)
}
