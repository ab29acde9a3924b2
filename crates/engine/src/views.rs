//! What the engine shows to the outside: holes, offers and what was found about them, lenses, numbers.

use crate::document::{Document, GoalState, TrackedHole, hole_name, range};
use crate::engine::Engine;
use crate::event::JobId;
use crate::unanswered::Unanswered;
use crate::walk::WalkPlan;
use crate::work::{Job, Offer, Work};
use leanwright_contract::editor::{
    CertificateResult, Contradiction, GoalView, HoleView, HolesResult, Range, SeenByLean, StatusResult, WorkView,
};
use leanwright_contract::{Acceptance, ContextDiagnostic, MineTask, SourceFile};
use leanwright_lean::{Goals, HoleKind};

/// Work on a hole that is going on, for a progress bar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Running {
    pub job: JobId,
    pub uri: String,
    /// The declaration's name, else the line.
    pub what: String,
    pub step: &'static str,
}

/// What is shown above a declaration with holes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lens {
    /// The declaration's keyword.
    pub range: Range,
    pub title: String,
    /// The declaration's first and last line, 0-based.
    pub lines: (u32, u32),
}

/// What can be seen of a session. Looking changes nothing.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    engine: &'a Engine,
}

impl Engine {
    pub fn view(&self) -> View<'_> {
        View { engine: self }
    }
}

impl<'a> View<'a> {
    fn document(self, uri: &str) -> Option<&'a Document> {
        self.engine.documents.get(uri)
    }

    fn documents(self) -> impl Iterator<Item = &'a Document> {
        self.engine.documents.values()
    }

    fn job(self, id: JobId) -> Option<&'a Job> {
        self.engine.jobs.get(id)
    }

    /// The holes of a document.
    pub fn holes(self, uri: &str) -> Option<HolesResult> {
        let document = self.document(uri)?;
        let holes = document.holes.iter().map(|tracked| self.hole_view(document, tracked)).collect();
        let errors = document.diagnostics.errors();
        let errors = (document.diagnostics.version() == Some(document.version)).then_some(errors);
        let elaborated = document.inquiries.is_elaborated(document.version);
        Some(HolesResult {
            version: document.version,
            errors,
            elaborated,
            holes,
            contradictions: contradictions(document),
        })
    }

    fn hole_view(self, document: &Document, tracked: &TrackedHole) -> HoleView {
        let declaration = document.declaration_of(&tracked.hole);
        let step = |job: &JobId| self.job(*job).map_or("", Job::word).to_owned();
        HoleView {
            id: hole_name(tracked.id),
            range: range(document.text.range(&tracked.hole.span)),
            kind: tracked.hole.kind.keyword().to_owned(),
            seen_by_lean: seen_by_lean(document, tracked, self.engine.without_sorry_tokens),
            skipped: tracked.hole.skipped,
            declaration: declaration.and_then(|declaration| declaration.name.clone()),
            declaration_kind: declaration.map(|declaration| declaration.kind.keyword().to_owned()),
            goal: goal_view(document, tracked),
            work: match &tracked.work {
                Work::Idle => WorkView::Idle,
                Work::Running(job) => WorkView::Running { step: step(job) },
                Work::Offered(offer) => {
                    WorkView::Offered { replacement: offer.replacement.clone(), acceptance: offer.verdict.acceptance() }
                }
                Work::Unsolved(reason) => WorkView::Refused { reason: reason.clone() },
            },
        }
    }

    /// The version of an open document.
    pub fn version(self, uri: &str) -> Option<i64> {
        self.document(uri).map(|document| document.version)
    }

    /// The task that a runner would get for the hole at a place, with what Lean reports in its declaration.
    pub fn task_at(
        self,
        uri: &str,
        position: leanwright_lean::Position,
    ) -> Result<(SourceFile, MineTask, Vec<ContextDiagnostic>), Unanswered> {
        let document = self.document(uri).ok_or(Unanswered::NotOpen)?;
        let source_file = document.source_file.as_ref().ok_or(Unanswered::NoProject)?;
        let tracked = document.hole_at(position).ok_or(Unanswered::NoHole)?;
        let goals = document.goals_now(tracked);
        let task = document.task(source_file, &tracked.hole, goals, Vec::new());
        Ok((source_file.clone(), task, document.reported_in(&tracked.hole)))
    }

    /// The verified replacements of a document as it is, with the version that they apply to.
    pub fn offers(self, uri: &str) -> Option<(i64, Vec<(Range, Offer)>)> {
        let document = self.document(uri)?;
        let offers = document.holes.iter().filter_map(|tracked| match &tracked.work {
            Work::Offered(offer) => Some((range(document.text.range(&offer.span)), (**offer).clone())),
            _ => None,
        });
        Some((document.version, offers.collect()))
    }

    /// Holes that work could begin on.
    pub fn open_holes(self, uri: &str) -> Vec<(Range, HoleKind)> {
        let Some(document) = self.document(uri).filter(|document| document.source_file.is_some()) else {
            return Vec::new();
        };
        let open = document.holes.iter().filter(|tracked| matches!(tracked.work, Work::Idle | Work::Unsolved(_)));
        open.map(|tracked| (range(document.text.range(&tracked.hole.span)), tracked.hole.kind)).collect()
    }

    /// One line for each declaration with holes.
    pub fn lenses(self, uri: &str) -> Vec<Lens> {
        let Some(document) = self.document(uri) else { return Vec::new() };
        let mut lenses = Vec::new();
        for (index, declaration) in document.scan.outline.declarations.iter().enumerate() {
            let holes = || document.holes.iter().filter(|tracked| tracked.hole.declaration == Some(index));
            if holes().next().is_none() {
                continue;
            }
            let whole = range(document.text.range(&declaration.span));
            lenses.push(Lens {
                range: range(document.text.range(&declaration.keyword)),
                title: self.lens_title(holes()),
                lines: (whole.start.line, whole.end.line),
            });
        }
        lenses
    }

    fn lens_title<'h>(self, holes: impl Iterator<Item = &'h TrackedHole> + Clone) -> String {
        let count = |is: &dyn Fn(&TrackedHole) -> bool| holes.clone().filter(|tracked| is(tracked)).count();
        let errors = count(&|tracked| tracked.hole.kind == HoleKind::Error);
        let what = [(holes.clone().count() - errors, "sorry", "sorries"), (errors, "error", "errors")];
        let what = what.into_iter().filter(|(count, ..)| *count > 0);
        let what = what.map(|(count, one, many)| format!("{count} {}", if count == 1 { one } else { many }));
        let what = what.collect::<Vec<_>>().join(", ");
        let offered = |kind: Acceptance| {
            count(&|tracked| matches!(&tracked.work, Work::Offered(offer) if offer.verdict.acceptance() == Some(kind)))
        };
        let running = |again: bool| {
            let is = |id: &JobId| self.job(*id).is_some_and(|job: &Job| job.known.is_some() == again);
            count(&|tracked| matches!(&tracked.work, Work::Running(id) if is(id)))
        };
        let states = [
            (offered(Acceptance::Verified), "verified"),
            (offered(Acceptance::OpenLemmas), "verified on open lemmas"),
            (offered(Acceptance::Warned), "verified with a warning"),
            (running(true), "verifying again"),
            (running(false), "running"),
            (count(&|tracked| matches!(tracked.work, Work::Unsolved(_))), "without a proof"),
            (count(&|tracked| tracked.hole.skipped), "skipped"),
        ];
        let states: Vec<String> =
            states.iter().filter(|(count, _)| *count > 0).map(|(count, state)| format!("{count} {state}")).collect();
        if states.is_empty() { format!("{what}: prove") } else { format!("{what}: {}", states.join(", ")) }
    }

    /// The root of the project that a document belongs to.
    pub fn root_of(self, uri: &str) -> Option<&'a str> {
        Some(self.document(uri)?.source_file.as_ref()?.root.as_str())
    }

    /// The roots of the projects that open documents belong to.
    pub fn roots(self) -> std::collections::BTreeSet<&'a str> {
        self.documents().filter_map(|document| Some(document.source_file.as_ref()?.root.as_str())).collect()
    }

    /// Whether what a job has found is on offer.
    pub fn is_offered(self, job: JobId) -> bool {
        let is_it = |tracked: &TrackedHole| matches!(&tracked.work, Work::Offered(offer) if offer.job == job);
        self.documents().any(|document| document.holes.iter().any(is_it))
    }

    /// Whether a job's hole is still worked on.
    pub fn is_worked_on(self, job: JobId) -> bool {
        self.job(job).is_some()
    }

    /// The work that is going on.
    pub fn running(self) -> Vec<Running> {
        let running = self.engine.jobs.iter().filter_map(|(id, job)| {
            let document = self.document(&job.uri)?;
            let tracked = document.hole(job.hole)?;
            let name = document.declaration_of(&tracked.hole).and_then(|declaration| declaration.name.clone());
            let line = document.text.line_of(tracked.hole.span.start) + 1;
            let what = name.unwrap_or_else(|| format!("line {line}"));
            Some(Running { job: id, uri: job.uri.clone(), what, step: job.word() })
        });
        running.collect()
    }

    /// The numbers of a status; the rest is the server's to fill in.
    pub fn status(self) -> StatusResult {
        let holes = || self.documents().flat_map(|document| &document.holes);
        let count = |is: fn(&Work) -> bool| holes().filter(|tracked| is(&tracked.work)).count();
        StatusResult {
            documents: self.documents().count(),
            holes: holes().count(),
            offers: count(|work| matches!(work, Work::Offered(_))),
            running: count(|work| matches!(work, Work::Running(_))),
            answers: self.engine.spent.answers,
            cost: self.engine.spent.cost,
            ..StatusResult::default()
        }
    }

    /// The offer for the hole at a place.
    pub fn offer_at(self, uri: &str, position: leanwright_lean::Position) -> Option<&'a Offer> {
        match &self.document(uri)?.hole_at(position)?.work {
            Work::Offered(offer) => Some(offer),
            _ => None,
        }
    }

    /// The verdict behind the offer for the hole at a place.
    pub fn certificate(self, uri: &str, position: leanwright_lean::Position) -> Result<CertificateResult, Unanswered> {
        let document = self.document(uri).ok_or(Unanswered::NotOpen)?;
        let tracked = document.hole_at(position).ok_or(Unanswered::NoHole)?;
        let Work::Offered(offer) = &tracked.work else {
            return Err(Unanswered::NothingVerified);
        };
        Ok(CertificateResult {
            hole: hole_name(tracked.id),
            version: document.version,
            range: range(document.text.range(&offer.span)),
            replacement: offer.replacement.clone(),
            acceptance: offer.verdict.acceptance(),
            verdict: offer.verdict.clone(),
        })
    }

    /// Plan the walk through the declaration at a place.
    pub fn walk_plan(self, uri: &str, position: leanwright_lean::Position) -> Result<WalkPlan, Unanswered> {
        WalkPlan::new(self.document(uri).ok_or(Unanswered::NotOpen)?, position)
    }
}

fn goal_view(document: &Document, tracked: &TrackedHole) -> GoalView {
    let unknown = |why: &str| GoalView::Unknown { why: why.to_owned() };
    if document.crashed {
        return unknown("Lean has stopped working on this file; edit it or restart it");
    }
    let pending = |why: &str| GoalView::Pending { why: why.to_owned() };
    match &tracked.goal {
        GoalState::Unknown(why) => pending(why),
        GoalState::Asked { .. } => pending("Lean has been asked"),
        GoalState::Failed { version, .. } | GoalState::Known { version, .. } if *version != document.version => {
            pending("the text has changed since")
        }
        GoalState::Failed { why, .. } => unknown(why),
        GoalState::Known { goals, .. } => match goals {
            Goals::Nothing => GoalView::Nothing,
            Goals::Solved => GoalView::Solved,
            Goals::Tactic(goals) => GoalView::Tactic { goals: goals.clone() },
            Goals::Term(goal) => GoalView::Term { goal: goal.clone() },
        },
    }
}

/// Source: the semantic token type `leanSorryLike`, which Lean gives to the tactics `sorry` and `admit`. A term `sorry` has
/// no token of that type (`Lean/Server/FileWorker/SemanticHighlighting.lean`): that Lean elaborates a term there must do.
fn seen_by_lean(document: &Document, tracked: &TrackedHole, without_tokens: bool) -> SeenByLean {
    let unknown = |why: &str| SeenByLean::Unknown { why: why.to_owned() };
    if tracked.hole.kind == HoleKind::Error {
        return SeenByLean::Yes;
    }
    match document.inquiries.sorry_tokens() {
        _ if without_tokens => unknown("this Lean does not say where it sees a `sorry`"),
        Some((version, spans)) if version == document.version => {
            let is_term = matches!(document.goals_now(tracked), Some(Goals::Term(_)));
            if is_term || spans.contains(&tracked.hole.span) {
                SeenByLean::Yes
            } else {
                SeenByLean::No { why: format!("Lean sees no `{}` here", tracked.hole.kind.keyword()) }
            }
        }
        _ => unknown("Lean has not elaborated this version yet"),
    }
}

fn contradictions(document: &Document) -> Vec<Contradiction> {
    let Some((version, spans)) = document.inquiries.sorry_tokens() else { return Vec::new() };
    if version != document.version {
        return Vec::new();
    }
    let written = |span: &std::ops::Range<usize>| document.text.as_str().get(span.clone()).unwrap_or_default();
    let known = |span: &std::ops::Range<usize>| document.holes.iter().any(|tracked| tracked.hole.span == *span);
    let unseen = spans.iter().filter(|span| matches!(written(span), "sorry" | "admit") && !known(span));
    let tokens = unseen.map(|span| Contradiction {
        range: range(document.text.range(span)),
        message: format!("Lean sees a `{}` here that the text does not show", written(span)),
    });
    // Lean's warning stands on the name of the declaration.
    let in_declaration = |index: usize, span: &std::ops::Range<usize>| {
        document
            .scan
            .outline
            .declarations
            .get(index)
            .is_some_and(|declaration| declaration.span.start <= span.start && span.end <= declaration.span.end)
    };
    let hidden =
        document.diagnostics.all().iter().filter(|one| one.message.starts_with("declaration uses")).filter(|one| {
            let at = document.text.offset(one.range.start);
            document.scan.outline.index_at(at).is_some_and(|index| {
                let holes = document.holes.iter().any(|tracked| tracked.hole.declaration == Some(index));
                !holes && !spans.iter().any(|span| in_declaration(index, span))
            })
        });
    let hidden = hidden.filter(|_| document.diagnostics.version() == Some(document.version));
    let hidden = hidden.map(|one| Contradiction {
        range: range(one.range),
        message:
            "Lean says that this uses `sorry`, but none is written in it: it comes out of a macro or an elaborator"
                .to_owned(),
    });
    tokens.chain(hidden).collect()
}
