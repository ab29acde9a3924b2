//! One open document: its text, and its holes with an identity that survives edits elsewhere.

use crate::attention::Attention;
use crate::context::{TaskFacts, task};
use crate::holes::{error_at, error_holes, reported_in};
use crate::inquiries::Inquiries;
use crate::work::{Moment, Offer, Work};
use leanwright_contract::editor;
use leanwright_contract::{ContextDiagnostic, MineTask, PreviousAttempt, SourceFile};
use leanwright_lean::{Change, Declaration, Diagnostics, Goals, Hole, HoleKind, Position, Scan, Text, scan};
use std::ops::Range;

/// What is known of a hole's goal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GoalState {
    /// Not known yet, and why.
    Unknown(String),
    /// Asked for this version; the answer is on its way.
    Asked { version: i64 },
    /// What Lean said for this version.
    Known { version: i64, goals: Goals },
    /// Lean could not say, for this version.
    Failed { version: i64, why: String },
}

/// A hole with what is known and done about it.
#[derive(Clone, Debug)]
pub struct TrackedHole {
    /// Unique in the session.
    pub id: u64,
    pub hole: Hole,
    pub goal: GoalState,
    pub work: Work,
}

/// One open document.
#[derive(Debug, Default)]
pub struct Document {
    pub uri: String,
    /// Counts the times that this URI was opened.
    pub generation: u64,
    pub version: i64,
    pub text: Text,
    /// What the text holds, as far as it can be seen without Lean.
    pub scan: Scan,
    /// In the order of the text.
    pub holes: Vec<TrackedHole>,
    pub source_file: Option<SourceFile>,
    /// Set after a crash until the next edit.
    pub crashed: bool,
    /// What Lean has published about it.
    pub diagnostics: Diagnostics,
    pub(crate) inquiries: Inquiries,
    pub(crate) attention: Attention,
    /// Counts how often something has changed that it may import.
    pub imports: u64,
}

/// What an edit did to the offers.
pub(crate) struct EditOutcome {
    /// There were some.
    pub offers_changed: bool,
    /// Those whose holes the edit left whole, with the holes' ids.
    pub withdrawn: Vec<(u64, Offer)>,
    /// The edit was one of them.
    pub is_offer: bool,
}

impl Document {
    pub fn open(
        uri: String,
        generation: u64,
        version: i64,
        text: String,
        source_file: Option<SourceFile>,
        next_id: &mut u64,
    ) -> Self {
        let text = Text::new(text);
        let mut document = Self { uri, generation, version, text, source_file, ..Self::default() };
        document.rescan(next_id);
        document
    }

    /// Apply an edit: holes before it stay, holes behind it move, holes that it touches are gone. All offers are withdrawn,
    /// also where the edit is itself an offer: each was verified against the text without the others.
    pub(crate) fn change(&mut self, version: i64, changes: &[Change], next_id: &mut u64) -> EditOutcome {
        let is_offer = matches!(changes, [change] if self.is_offer(change));
        let offers_changed = self.holes.iter().any(|tracked| matches!(tracked.work, Work::Offered(_)));
        for change in changes {
            let old_length = self.text.as_str().len();
            let span = self.text.apply(change);
            let added = (self.text.as_str().len() + span.len()).saturating_sub(old_length);
            self.holes
                .retain_mut(|tracked| moved(&mut tracked.hole.span, &span, added) && move_offer(tracked, &span, added));
        }
        self.version = version;
        self.rescan(next_id);
        EditOutcome { offers_changed, withdrawn: self.withdraw(), is_offer }
    }

    /// Take all offers away, with the ids of their holes.
    pub(crate) fn withdraw(&mut self) -> Vec<(u64, Offer)> {
        let mut withdrawn = Vec::new();
        for tracked in &mut self.holes {
            match std::mem::take(&mut tracked.work) {
                Work::Offered(offer) => withdrawn.push((tracked.id, *offer)),
                other => tracked.work = other,
            }
        }
        withdrawn
    }

    /// What a verdict that begins now is about.
    pub(crate) fn moment(&self) -> Moment {
        Moment { version: self.version, imports: self.imports }
    }

    /// Whether a change is exactly one of the offers.
    fn is_offer(&self, change: &Change) -> bool {
        let Some(range) = change.range else { return false };
        let span = self.text.span(range);
        self.holes.iter().any(|tracked| match &tracked.work {
            Work::Offered(offer) => offer.span == span && offer.replacement == change.text,
            _ => false,
        })
    }

    fn rescan(&mut self, next_id: &mut u64) {
        self.scan = scan(self.text.as_str());
        let mut found = self.scan.holes.clone();
        // Holes that only Lean sees stay until Lean has looked again.
        for tracked in self.holes.iter().filter(|tracked| tracked.hole.kind == HoleKind::Error) {
            let declaration = self.scan.outline.index_at(tracked.hole.span.start);
            found.push(Hole { declaration, ..tracked.hole.clone() });
        }
        self.track(found, next_id);
    }

    /// Make these the holes of the document; one that was there before keeps its identity.
    fn track(&mut self, mut found: Vec<Hole>, next_id: &mut u64) {
        let mut known = std::mem::take(&mut self.holes);
        found.sort_by_key(|hole| (hole.span.start, hole.span.end));
        for hole in found {
            let same = |tracked: &TrackedHole| tracked.hole.span == hole.span && tracked.hole.kind == hole.kind;
            let tracked = match known.iter().position(same) {
                Some(index) => TrackedHole { hole, ..known.swap_remove(index) },
                None => {
                    *next_id += 1;
                    let goal = GoalState::Unknown("not asked yet".to_owned());
                    TrackedHole { id: *next_id, hole, goal, work: Work::Idle }
                }
            };
            self.holes.push(tracked);
        }
    }

    /// Lean has elaborated this version: the bodies of declarations with an error, and without a written hole, are holes.
    pub(crate) fn find_error_holes(&mut self, next_id: &mut u64) {
        let mut found = self.scan.holes.clone();
        found.extend(error_holes(&self.text, &self.scan, self.diagnostics.of_errors(self.version)));
        self.track(found, next_id);
    }

    pub fn hole(&self, id: u64) -> Option<&TrackedHole> {
        self.holes.iter().find(|tracked| tracked.id == id)
    }

    pub(crate) fn hole_mut(&mut self, id: u64) -> Option<&mut TrackedHole> {
        self.holes.iter_mut().find(|tracked| tracked.id == id)
    }

    /// The hole at a place; else the next one on its line, else the only one of its declaration. A written hole comes
    /// before one that is a whole body with an error.
    pub fn hole_at(&self, position: Position) -> Option<&TrackedHole> {
        let offset = self.text.offset(position);
        let written = || self.holes.iter().filter(|tracked| tracked.hole.kind != HoleKind::Error);
        let touches = |tracked: &&TrackedHole| tracked.hole.span.start <= offset && offset <= tracked.hole.span.end;
        let on_line = || {
            let line = self.text.line_of(offset);
            let mut holes = written().filter(|hole| self.text.line_of(hole.hole.span.start) == line);
            holes.clone().find(|hole| hole.hole.span.start >= offset).or_else(|| holes.next_back())
        };
        let in_declaration = || {
            let index = self.scan.outline.index_at(offset)?;
            let mut holes = self.holes.iter().filter(|hole| hole.hole.declaration == Some(index));
            holes.next().filter(|_| holes.next().is_none())
        };
        written().find(touches).or_else(on_line).or_else(|| self.holes.iter().find(touches)).or_else(in_declaration)
    }

    pub fn declaration_of(&self, hole: &Hole) -> Option<&Declaration> {
        self.scan.outline.declarations.get(hole.declaration?)
    }

    /// The goals of a hole if they are those of the document as it is.
    pub fn goals_now<'a>(&self, hole: &'a TrackedHole) -> Option<&'a Goals> {
        match &hole.goal {
            GoalState::Known { version, goals } if *version == self.version => Some(goals),
            _ => None,
        }
    }

    /// The task for a hole.
    pub(crate) fn task(
        &self,
        source_file: &SourceFile,
        hole: &Hole,
        goals: Option<&Goals>,
        previous: Vec<PreviousAttempt>,
    ) -> MineTask {
        let error = error_at(&self.text, &self.scan, hole, self.diagnostics.of_errors(self.version));
        task(source_file, &self.text, &self.scan, hole, TaskFacts { goals, error, previous })
    }

    /// What Lean reports, for this version, in the declaration of a hole.
    pub(crate) fn reported_in(&self, hole: &Hole) -> Vec<ContextDiagnostic> {
        if self.diagnostics.version() != Some(self.version) {
            return Vec::new();
        }
        reported_in(&self.text, &self.scan, hole, self.diagnostics.all())
    }

    /// The holes' ids, nearest to the cursor first, in the order of the text where they are equally near.
    pub(crate) fn nearest_first(&self) -> Vec<u64> {
        let line = |tracked: &TrackedHole| self.text.line_of(tracked.hole.span.start);
        let cursor = self.attention.cursor().map(|cursor| cursor.line as usize);
        let mut holes: Vec<&TrackedHole> = self.holes.iter().collect();
        holes.sort_by_key(|tracked| cursor.map(|cursor| line(tracked).abs_diff(cursor)));
        holes.into_iter().map(|tracked| tracked.id).collect()
    }
}

/// Move a span that an edit of `edited` to `added` bytes leaves whole; `false` if the edit touches it. Text that is put
/// directly beside a hole leaves it whole here: the next scan decides whether it is still the same token.
fn moved(span: &mut Range<usize>, edited: &Range<usize>, added: usize) -> bool {
    if span.end <= edited.start {
        true
    } else if edited.end <= span.start {
        span.start = span.start + added - edited.len();
        span.end = span.end + added - edited.len();
        true
    } else {
        false
    }
}

fn move_offer(tracked: &mut TrackedHole, edited: &Range<usize>, added: usize) -> bool {
    if let Work::Offered(offer) = &mut tracked.work
        && !moved(&mut offer.span, edited, added)
    {
        tracked.work = Work::Idle;
    }
    true
}

/// A hole's name in our own protocol.
pub(crate) fn hole_name(id: u64) -> String {
    format!("hole-{id}")
}

/// A range as our own protocol has it.
pub(crate) fn range(range: leanwright_lean::Range) -> editor::Range {
    let position = |at: leanwright_lean::Position| editor::Position { line: at.line, character: at.character };
    editor::Range { start: position(range.start), end: position(range.end) }
}
