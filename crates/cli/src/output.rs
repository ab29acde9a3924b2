//! What a person sees in the terminal: colours where there is a terminal, plain lines where there is a log.

use crate::proof_session::Totals;
use anstyle::{AnsiColor, Color, Style};
use anyhow::Context;
use leanwright_contract::editor::{AttemptView, GoalView, HoleView};
use leanwright_contract::{Acceptance, Verdict, VerdictState};
use similar::{ChangeTag, TextDiff};
use std::io::Write;
use std::time::Duration;

/// Write a result to a file, or to standard output without styles.
pub fn write_result(file: Option<&std::path::Path>, text: &str) -> anyhow::Result<()> {
    match file {
        Some(file) => std::fs::write(file, text).with_context(|| format!("could not write {}", file.display())),
        None => {
            // A reader that goes away is no error.
            let _ = std::io::stdout().write_all(text.as_bytes());
            Ok(())
        }
    }
}

/// Standard output with or without styles. A reader that goes away is no error.
pub struct Output {
    stream: anstream::AutoStream<std::io::Stdout>,
    footnotes: Footnotes,
}

/// Notes on verdicts. Many verdicts have the same ones: each is written out once, at the end.
#[derive(Default)]
struct Footnotes(Vec<String>);

impl Footnotes {
    /// What stands for a note in a line.
    fn mark(&mut self, note: &str) -> String {
        let known = self.0.iter().position(|known| known == note);
        let index = known.unwrap_or_else(|| {
            self.0.push(note.to_owned());
            self.0.len() - 1
        });
        format!("note {}", index + 1)
    }
}

const fn colour(colour: AnsiColor) -> Style {
    Style::new().fg_color(Some(Color::Ansi(colour)))
}

const GOOD: Style = colour(AnsiColor::Green);
const BAD: Style = colour(AnsiColor::Red);
const OPEN: Style = colour(AnsiColor::Yellow);
const FAINT: Style = Style::new().dimmed();
const STRONG: Style = Style::new().bold();

impl Output {
    pub fn new(plain: bool) -> Self {
        let stdout = std::io::stdout();
        let choice = if plain { anstream::ColorChoice::Never } else { anstream::ColorChoice::Auto };
        Self { stream: anstream::AutoStream::new(stdout, choice), footnotes: Footnotes::default() }
    }

    pub fn line(&mut self, text: &str) {
        let _ = writeln!(self.stream, "{text}");
        let _ = self.stream.flush();
    }

    pub fn heading(&mut self, text: &str) {
        self.line(&format!("\n{STRONG}{text}{STRONG:#}"));
    }

    pub fn faint(&mut self, text: &str) {
        self.line(&format!("{FAINT}{text}{FAINT:#}"));
    }

    /// What stands for a note in a line, until [`Self::footnotes`].
    pub fn mark(&mut self, note: &str) -> String {
        self.footnotes.mark(note)
    }

    /// The notes that lines have named, each once.
    pub fn footnotes(&mut self) {
        for (index, note) in std::mem::take(&mut self.footnotes.0).iter().enumerate() {
            self.faint(&format!("note {}: {note}", index + 1));
        }
    }

    /// One hole: where it is, its goal, everything that was tried, and how it ended.
    pub fn hole(&mut self, file: &str, hole: &HoleView, attempts: &[AttemptView], reason: Option<&str>) {
        let name = hole.declaration.as_deref().or(hole.declaration_kind.as_deref()).unwrap_or("(no declaration)");
        let place = format!("{file}:{}:{}", hole.range.start.line + 1, hole.range.start.character);
        self.line(&format!("\n{STRONG}{name}{STRONG:#}  {FAINT}{place}{FAINT:#}"));
        for line in goal_text(&hole.goal).lines() {
            self.line(&format!("    {line}"));
        }
        for attempt in attempts {
            self.attempt(attempt);
        }
        if let Some(reason) = reason {
            let reason = first_line(reason);
            self.line(&format!("  {OPEN}open{OPEN:#}      {reason}"));
        }
    }

    /// A hole for which something was verified that is not accepted beside the other edits.
    pub fn left_out(&mut self, name: &str, reason: &str) {
        let reason = first_line(reason);
        self.line(&format!("{STRONG}{name}{STRONG:#}  {OPEN}left out{OPEN:#}  {reason}"));
    }

    fn attempt(&mut self, attempt: &AttemptView) {
        let text = attempt.replacement.split_whitespace().collect::<Vec<_>>().join(" ");
        let (style, word, why) = match &attempt.verdict.state {
            VerdictState::Accepted => accepted(&attempt.verdict, &mut self.footnotes),
            VerdictState::Rejected { reject_reason } => (BAD, "refused ", reject_reason.to_string()),
            VerdictState::Failed { error } => (BAD, "fails   ", first_line(error)),
            VerdictState::Unknown { why } => (OPEN, "unknown ", first_line(why)),
        };
        self.line(&format!("  {style}{word}{style:#}  {text}  {FAINT}{why}{FAINT:#}"));
    }

    /// A unified difference.
    pub fn difference(&mut self, file: &str, before: &str, after: &str) {
        self.line(&format!("\n{STRONG}--- {file}\n+++ {file}{STRONG:#}"));
        let diff = TextDiff::from_lines(before, after);
        for hunk in diff.unified_diff().context_radius(1).iter_hunks() {
            self.line(&format!("{FAINT}{}{FAINT:#}", hunk.header()));
            for change in hunk.iter_changes() {
                let (sign, style) = match change.tag() {
                    ChangeTag::Delete => ('-', BAD),
                    ChangeTag::Insert => ('+', GOOD),
                    ChangeTag::Equal => (' ', Style::new()),
                };
                let text = change.value().trim_end_matches(['\r', '\n']);
                self.line(&format!("{style}{sign}{text}{style:#}"));
            }
        }
    }

    /// The totals of a session, below its notes.
    pub fn totals(&mut self, totals: &Totals, all: usize, elapsed: Duration) {
        if !self.footnotes.0.is_empty() {
            self.line("");
        }
        self.footnotes();
        let Totals { closed, leaning, judged, .. } = totals;
        let style = if *closed == all && *leaning == 0 { GOOD } else { OPEN };
        let leaning = if *leaning > 0 { format!(", {leaning} of them on open lemmas") } else { String::new() };
        self.line(&format!(
            "\n{style}{closed} of {all} holes closed by verified fixes{leaning}{style:#}, {} left open; \
             {judged} candidates judged; {:.1} s",
            all - closed,
            elapsed.as_secs_f64()
        ));
    }
}

fn goal_text(goal: &GoalView) -> String {
    match goal {
        GoalView::Tactic { goals } => goals.first().cloned().unwrap_or_default(),
        GoalView::Term { goal } => goal.clone(),
        GoalView::Solved => "no goals".to_owned(),
        GoalView::Nothing => "Lean sees no goal here".to_owned(),
        GoalView::Pending { why } | GoalView::Unknown { why } => format!("goal not known: {why}"),
    }
}

/// How an accepted verdict is shown: only the first kind of yes in the colour of success and with its plain word.
fn accepted(verdict: &Verdict, footnotes: &mut Footnotes) -> (Style, &'static str, String) {
    let evidence = evidence(verdict, footnotes);
    match verdict.acceptance() {
        Some(Acceptance::OpenLemmas) => (OPEN, "leaning ", evidence),
        Some(Acceptance::Warned) => (OPEN, "warned  ", evidence),
        _ => (GOOD, "verified", evidence),
    }
}

/// What an accepted verdict rests on, in a few words.
fn evidence(verdict: &Verdict, footnotes: &mut Footnotes) -> String {
    let axioms = if verdict.axioms.is_empty() { "no axioms".to_owned() } else { verdict.axioms.join(", ") };
    let mut facts = vec![format!("statement unchanged; {axioms}")];
    match verdict.holes_left {
        0 => {}
        left => facts.push(format!("{left} more open in this declaration")),
    }
    if verdict.acceptance() != Some(Acceptance::Verified) {
        facts.extend(verdict.acceptance_text());
    }
    facts.extend(verdict.notes.iter().map(|note| footnotes.mark(note)));
    facts.push(format!("{:.1} s", Duration::from_millis(verdict.compile_ms).as_secs_f64()));
    facts.join("; ")
}

fn first_line(text: &str) -> String {
    let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let short: String = line.chars().take(110).collect();
    if short.len() < line.len() { format!("{short}…") } else { short }
}
