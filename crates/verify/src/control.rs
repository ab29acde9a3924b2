//! The negative control: the declaration with `False` for its statement. A proof that still goes through, or a simple tactic that
//! finds `False` there, shows that the hypotheses contradict each other, and then the statement says nothing.
//!
//! It warns and never refuses, and never accepts: what comes back is Lean's list of messages, which the candidate could forge.

use leanwright_contract::GuardOutcome;
use leanwright_lean::dialect::CompilerMessage;
use leanwright_lean::signature::signature_of;
use leanwright_lean::{CommandKind, Declaration, Outline};
use std::fmt::Write;

/// What looks for a contradiction among the hypotheses, each for a bounded time.
const SEARCHES: [&str; 4] = ["contradiction", "omega", "simp_all", "grind"];

/// Enough for a simple contradiction.
const HEARTBEATS: usize = 40_000;

/// A text that asks for proofs of `False`.
pub struct Control {
    pub text: String,
    /// What is tried, in the order of the lines from `first_line` on; the candidate's own proof is last.
    first_line: usize,
}

/// What a control found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub outcome: GuardOutcome,
    /// For the verdict's notes.
    pub note: Option<String>,
}

/// The control for the declaration in a patched text; `Err` says why there is none.
pub fn control(patched: &str, outline: &Outline, declaration: &Declaration) -> Result<Control, &'static str> {
    let signature = signature_of(patched, declaration).ok_or("only for declarations with a colon and a body")?;
    let body = patched.get(signature.statement.end..declaration.span.end).unwrap_or_default();
    if !body.starts_with(":=") {
        return Err("only for declarations whose body begins with `:=`");
    }
    if is_in_mutual(outline, declaration) {
        return Err("not for declarations in `mutual`");
    }
    let binders = patched.get(signature.binders.clone()).unwrap_or_default();
    // Whole lines, so that a message's line says which of them it is about.
    let flat = |text: &str| text.lines().map(without_comment).collect::<Vec<_>>().join(" ");
    let (start, only_here) = only_here(patched, outline, declaration);
    let mut text = patched.get(..start).unwrap_or_default().trim_end().to_owned();
    text.push('\n');
    let first_line = text.matches('\n').count() + 1;
    for search in SEARCHES {
        let head = format!("set_option maxHeartbeats {HEARTBEATS} in {only_here} theorem leanwright_control_{search}");
        // The binders begin right behind the name: with a blank, or with `.{u}`.
        let _ = writeln!(text, "{head}{} : False := by {search}", flat(binders));
    }
    let _ = writeln!(text, "{only_here} theorem leanwright_control{binders} : False {body}");
    Ok(Control { text, first_line })
}

impl Control {
    /// Read what Lean says of it.
    pub fn read(&self, messages: &[CompilerMessage]) -> Finding {
        // A line without an error is a proof: of `False`.
        let has_error = |line: usize| messages.iter().any(|message| message.is_error() && message.pos.line == line);
        let found = SEARCHES.iter().enumerate().find(|(index, _)| !has_error(self.first_line + index));
        let proof_line = self.first_line + SEARCHES.len();
        let proves = !messages.iter().any(|message| message.pos.line >= proof_line && says_no(message));
        let before = messages.iter().any(|message| message.pos.line < self.first_line && message.is_error());
        let note = match (found, proves) {
            _ if before => {
                let note = "the text before the declaration has errors".to_owned();
                return Finding { outcome: GuardOutcome::Skipped { note }, note: None };
            }
            (Some((_, search)), _) => Some(format!("contradictory hypotheses: `{search}` proves `False` from them")),
            (None, true) => Some(
                "the same text proves `False` in the place of the statement: contradictory hypotheses, or it rests on \
                 something that is not true"
                    .to_owned(),
            ),
            (None, false) => None,
        };
        let outcome = match &note {
            Some(note) => GuardOutcome::Warned { note: note.clone() },
            None => GuardOutcome::Passed {
                evidence: format!(
                    "the same text does not prove `False`; {} find no contradiction",
                    SEARCHES.join(", ")
                ),
            },
        };
        Finding { outcome, note }
    }
}

fn says_no(message: &CompilerMessage) -> bool {
    message.is_error() || message.data.contains("sorry")
}

fn without_comment(line: &str) -> &str {
    line.split_once("--").map_or(line, |(code, _)| code)
}

/// `open A in` and its like before a declaration, in one line, and where they begin.
fn only_here(source: &str, outline: &Outline, declaration: &Declaration) -> (usize, String) {
    let mut start = declaration.span.start;
    for command in outline.commands.iter().rev().filter(|command| command.span.end <= declaration.span.start) {
        let text = source.get(command.span.clone()).unwrap_or_default();
        let between = source.get(command.span.end..start).unwrap_or("-");
        if !text.ends_with(" in") || !between.trim().is_empty() {
            break;
        }
        start = command.span.start;
    }
    let text = source.get(start..declaration.span.start).unwrap_or_default();
    (start, text.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn is_in_mutual(outline: &Outline, declaration: &Declaration) -> bool {
    let mut open = Vec::new();
    for command in outline.commands.iter().filter(|command| command.span.start < declaration.span.start) {
        match command.kind {
            CommandKind::Mutual | CommandKind::Namespace | CommandKind::Section => open.push(command.kind),
            CommandKind::End => drop(open.pop()),
            _ => {}
        }
    }
    open.last() == Some(&CommandKind::Mutual)
}

#[cfg(test)]
mod tests {
    use super::*;
    use leanwright_lean::dialect::CompilerPosition;

    fn check(source: &str) -> Result<String, &'static str> {
        let outline = Outline::of(source);
        let control = control(source, &outline, outline.declarations.last().unwrap())?;
        let lines: Vec<&str> = control.text.lines().skip(control.first_line - 1).collect();
        Ok(format!("{}\n{}", lines[1].split(" in ").skip(1).collect::<Vec<_>>().join(" in "), lines[4..].join("\n")))
    }

    #[test]
    fn the_statement_becomes_false() {
        let source = "theorem t.{u} (α : Sort u) -- one\n    (h : 1 = 2) :\n    3 = 4 := by\n  omega";
        let expected = " theorem leanwright_control_omega.{u} (α : Sort u)      (h : 1 = 2)  : False := by omega\n \
                        theorem leanwright_control.{u} (α : Sort u) -- one\n    (h : 1 = 2)  : False := by\n  omega";
        assert_eq!(check(source).unwrap(), expected);
        let opened = check("open Nat in\n@[simp] theorem t : x := y").unwrap();
        assert!(opened.contains("open Nat in theorem leanwright_control  : False := y"), "{opened}");
        assert!(check("mutual\ntheorem t : x := y\nend").is_err());
        assert!(check("theorem t : x\n  | a => b").is_err());
    }

    #[test]
    fn what_lean_says_is_read_by_lines() {
        let control = Control { text: String::new(), first_line: 10 };
        let error = |line| CompilerMessage {
            severity: "error".to_owned(),
            pos: CompilerPosition { line, column: 0 },
            end_pos: None,
            data: "no".to_owned(),
            kind: String::new(),
        };
        let note = |lines: &[usize]| {
            let messages: Vec<CompilerMessage> = lines.iter().map(|line| error(*line)).collect();
            let finding = control.read(&messages);
            (finding.note.is_some(), matches!(finding.outcome, GuardOutcome::Warned { .. }))
        };
        assert_eq!(note(&[10, 11, 12, 13, 15]), (false, false));
        assert_eq!(note(&[10, 12, 13, 15]), (true, true), "a search has found something");
        assert_eq!(note(&[10, 11, 12, 13]), (true, true), "the proof goes through");
        assert_eq!(note(&[3]), (false, false), "nothing can be said");
    }
}
