//! Types into a proof on a real Lean, once through Leanwright and once without, and measures the time from the last key of
//! a burst to the goal of the `sorry` below. Run by `cargo xtask bench typing`.
//!
//! `bench-typing LEANWRIGHT LAKE KEYS RECORDING`: 8 keys per second. Every goal that is served is compared with what
//! Lean answers when it is asked for that version directly.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use leanwright_contract::editor::{DocumentParams, DocumentUri, GoalView, HoleView};
use leanwright_lean::dialect::tactic_goals;
use leanwright_lean::{Goals, Text};
use leanwright_procs::editor::{Editor, Holes, PlainGoal, file_uri};
use leanwright_testkit::LeanProject;
use lsp_types as lsp;
use std::ffi::OsString;
use std::time::{Duration, Instant};

/// Between two keys: 8 per second.
const KEY: Duration = Duration::from_millis(125);
const PATIENCE: Duration = Duration::from_secs(300);

const BEFORE: &str = "theorem typed (a b c : Nat) (h : a + b = c) : b + a + 0 = c := by\n";
const AFTER: &str = "  sorry\n\ntheorem other (p q : Prop) (hp : p) : p ∨ q := by\n  sorry\n";

/// What is typed above the `sorry`, a burst at a time: after each the goal is looked at.
const BURSTS: [&str; 12] = [
    "  have h1 ",
    ": a + b ",
    "= b + a :",
    "= by omega\n",
    "  rw [h1]",
    " at h\n",
    "  have ",
    "h2 : b + a",
    " = c := by",
    " omega\n",
    "  rw [h2]",
    "\n",
];

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let (leanwright, lake, recording) = (&arguments[0], &arguments[1], &arguments[3]);
    let keys: usize = arguments[2].to_str().unwrap().parse().unwrap();
    let project = LeanProject::new(&[("P.lean", &format!("{BEFORE}{AFTER}"))]);
    // The programs are started in the project's folder.
    let absolute = |path: &OsString| std::path::absolute(path).unwrap().into_os_string();
    let (leanwright, lake) = (absolute(leanwright), absolute(lake));
    let ours = [leanwright, "serve".into(), "--record-events".into(), absolute(recording)];
    let plain = Typist::start(&project, &[lake, "serve".into()]).await.session(keys, false).await;
    let live = Typist::start(&project, &ours).await.session(keys, true).await;
    println!("{keys} keys at {} per second, {} bursts", 1000 / KEY.as_millis(), plain.len());
    println!("last key to the goal, plainGoal alone, ms (median, p95, max)   {}", shown(&plain));
    println!("last key to the goal in leanwright/holes, ms                   {}", shown(&live));
    println!("ratio of the 95th percentiles                                  {:.2}", at(&live, 95) / at(&plain, 95));
}

/// Somebody who types.
struct Typist {
    editor: Editor,
    uri: lsp::Url,
    text: Text,
    version: i32,
}

impl Typist {
    async fn start(project: &LeanProject, command: &[OsString]) -> Self {
        let editor = Editor::start(command, &project.root).await.unwrap();
        let uri = file_uri(&project.root.join("P.lean")).unwrap();
        let text = Text::new(format!("{BEFORE}{AFTER}"));
        editor.open(&uri, 1, text.as_str()).unwrap();
        editor.elaborated(&uri, 1, PATIENCE).await.unwrap();
        Self { editor, uri, text, version: 1 }
    }

    /// Type everything; the milliseconds from the last key of each burst to the goal, sorted.
    async fn session(mut self, keys: usize, live: bool) -> Vec<f64> {
        let mut times = Vec::new();
        let (mut typed, mut burst, mut crashes) = (0, 0, 0);
        let mut at = BEFORE.len();
        while typed < keys {
            if typed > 0 && burst == 0 {
                // The proof must not grow without end.
                self.replace(BEFORE.len(), at, "");
                at = BEFORE.len();
            }
            let mut last = Instant::now();
            for key in BURSTS[burst].chars() {
                tokio::time::sleep(KEY).await;
                self.replace(at, at, &key.to_string());
                last = Instant::now();
                at += key.len_utf8();
                typed += 1;
            }
            let known = if live { self.live_goal().await.is_some() } else { self.plain_goal().await.is_some() };
            let time = last.elapsed().as_secs_f64() * 1000.0;
            if known && (!live || self.compare().await) {
                times.push(time);
            } else {
                crashes += 1;
                self.open_anew().await;
                at = BEFORE.len();
            }
            burst = (burst + 1) % BURSTS.len();
        }
        self.editor.shutdown(PATIENCE).await.unwrap();
        if crashes > 0 {
            println!("Lean ended {crashes} times; those bursts are left out");
        }
        times.sort_by(f64::total_cmp);
        times
    }

    async fn open_anew(&mut self) {
        self.editor.close(&self.uri).unwrap();
        self.text = Text::new(format!("{BEFORE}{AFTER}"));
        self.version = 1;
        self.editor.open(&self.uri, 1, self.text.as_str()).unwrap();
        self.editor.elaborated(&self.uri, 1, PATIENCE).await.unwrap();
    }

    fn replace(&mut self, from: usize, to: usize, text: &str) {
        let position = |offset| {
            let at = self.text.position(offset);
            lsp::Position::new(at.line, at.character)
        };
        self.version += 1;
        let range = lsp::Range::new(position(from), position(to));
        self.editor.change(&self.uri, self.version, range, text).unwrap();
        self.text.replace(from..to, text);
    }

    /// The places of the holes in the text as it is.
    fn expected(&self) -> Vec<lsp::Position> {
        let places = self.text.as_str().match_indices("sorry").map(|(offset, _)| self.text.position(offset));
        places.map(|at| lsp::Position::new(at.line, at.character)).collect()
    }

    /// `None` if Lean has ended.
    async fn goal_at(&self, position: lsp::Position) -> Option<Goals> {
        let document = lsp::TextDocumentIdentifier::new(self.uri.clone());
        let params = lsp::TextDocumentPositionParams { text_document: document, position };
        // An edit right before it may cost the question.
        for _ in 0..3 {
            if let Ok(answer) = self.editor.request::<PlainGoal>(params.clone(), PATIENCE).await {
                return Some(tactic_goals(&answer.to_string()).unwrap());
            }
        }
        None
    }

    async fn plain_goal(&self) -> Option<Goals> {
        self.goal_at(self.expected()[0]).await
    }

    /// Wait until the first hole's goal is there for the version that was typed; `None` if Lean has ended.
    async fn live_goal(&self) -> Option<Vec<HoleView>> {
        let mut changes = self.editor.hole_changes();
        loop {
            changes.borrow_and_update();
            let params = DocumentParams { text_document: DocumentUri { uri: self.uri.to_string() } };
            let holes = self.editor.request::<Holes>(params, PATIENCE).await.unwrap();
            let known = !matches!(holes.holes.first().map(|hole| &hole.goal), Some(GoalView::Pending { .. }) | None);
            if known && holes.version == i64::from(self.version) {
                let ended = matches!(&holes.holes[0].goal, GoalView::Unknown { why } if why.contains("stopped"));
                return (!ended).then_some(holes.holes);
            }
            tokio::time::timeout(PATIENCE, changes.changed()).await.unwrap().unwrap();
        }
    }

    /// Holes are where they are in the text, and no goal differs from Lean's own answer for this version.
    /// `false` if Lean has ended.
    async fn compare(&self) -> bool {
        let Some(holes) = self.live_goal().await else { return false };
        let found: Vec<_> = holes.iter().map(|hole| (hole.range.start.line, hole.range.start.character)).collect();
        let expected: Vec<_> = self.expected().iter().map(|at| (at.line, at.character)).collect();
        assert_eq!(found, expected, "{}", self.text.as_str());
        for (hole, position) in holes.iter().zip(self.expected()) {
            let Some(direct) = self.goal_at(position).await else { return false };
            match (&hole.goal, direct) {
                (GoalView::Tactic { goals }, Goals::Tactic(direct)) => assert_eq!(*goals, direct, "a stale goal"),
                (GoalView::Solved, Goals::Solved) | (GoalView::Pending { .. }, _) => {}
                // Text that does not parse may leave neither a tactic nor a term there.
                (GoalView::Nothing | GoalView::Term { .. }, Goals::Nothing) => {}
                (served, direct) => panic!("served {served:?}, Lean says {direct:?}:\n{}", self.text.as_str()),
            }
        }
        true
    }
}

fn at(sorted: &[f64], percentile: usize) -> f64 {
    sorted[(sorted.len() * percentile).div_ceil(100).saturating_sub(1)]
}

fn shown(sorted: &[f64]) -> String {
    format!("{:.0} {:.0} {:.0}", at(sorted, 50), at(sorted, 95), at(sorted, 100))
}
