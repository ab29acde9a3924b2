//! A certificate as text: the statement, the edit as a difference, what was found and by which guard.

use leanwright_contract::{Certificate, GuardOutcome, Guards};
use serde_json::Value;
use std::fmt::Write;

/// The text, for a terminal or a file.
pub fn certificate_text(certificate: &Certificate) -> String {
    let Certificate { judge, file, module, statement, edit, verdict, elapsed_ms, digest, .. } = certificate;
    let mut text = String::new();
    let declaration = verdict.declaration.as_deref().unwrap_or("a declaration without a name");
    let _ = writeln!(text, "Certificate for {declaration} in {module} ({file}, line {})\n", edit.line);
    let kind = verdict.acceptance_text().unwrap_or_else(|| "not accepted".to_owned());
    let _ = writeln!(text, "  {kind}\n");
    let _ = writeln!(text, "  {statement}\n");
    for (sign, line) in difference(certificate) {
        let _ = writeln!(text, "  {sign} {line}");
    }
    let list = |names: &[String]| if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    let pair = |pair: &Option<[String; 2]>| match pair {
        Some([before, after]) if before == after => format!("{after}, the same before and after"),
        Some([before, after]) => format!("{before} before, {after} after"),
        None => "not known".to_owned(),
    };
    let _ = writeln!(text);
    for (name, value) in [
        ("axioms", list(&verdict.axioms)),
        ("rests on open holes in", list(&verdict.rests_on)),
        ("holes left in it", verdict.holes_left.to_string()),
        ("statement", pair(&verdict.statement_digest)),
        ("compiled module", pair(&verdict.product_digest)),
        ("imports", verdict.imports_digest.clone().unwrap_or_default()),
        ("file before", verdict.source_digest.clone()),
        ("file after", verdict.patched_digest.clone()),
        ("Lean", verdict.toolchain.clone()),
        ("judge", judge.clone()),
        ("sandbox", tag(&serde_json::to_value(verdict.sandbox).unwrap_or_default()).replace('_', " ")),
        ("time", format!("{elapsed_ms} ms, {} ms of it to compile", verdict.compile_ms)),
        ("this certificate", digest.clone()),
    ] {
        let _ = writeln!(text, "  {name:<24}{value}");
    }
    let _ = writeln!(text);
    for (name, word, why) in guard_lines(&verdict.guards) {
        let _ = writeln!(text, "  {name:<18}{word:<9}{why}");
    }
    for note in &verdict.notes {
        let _ = writeln!(text, "\n  note: {note}");
    }
    text
}

/// The edit, line by line: what goes and what comes.
pub fn difference(certificate: &Certificate) -> Vec<(char, String)> {
    let lines = |sign: char, text: &str| text.lines().map(|line| (sign, line.to_owned())).collect::<Vec<_>>();
    [lines('-', &certificate.edit.expected), lines('+', &certificate.edit.replacement)].concat()
}

/// One line for each guard that the record has, so that none can be forgotten: its name, its word, its reason.
pub fn guard_lines(guards: &Guards) -> Vec<(String, &'static str, String)> {
    let Ok(Value::Object(guards)) = serde_json::to_value(guards) else { return Vec::new() };
    let line = |(name, outcome): (String, Value)| {
        let (word, why) = match serde_json::from_value(outcome) {
            Ok(GuardOutcome::Passed { evidence }) => ("passed", evidence),
            Ok(GuardOutcome::Warned { note }) => ("warned", note),
            Ok(GuardOutcome::Skipped { note }) => ("skipped", note),
            Ok(GuardOutcome::Rejected { reason }) => ("rejected", reason),
            Err(error) => ("unknown", error.to_string()),
        };
        (name.replace('_', " "), word, why)
    };
    guards.into_iter().map(line).collect()
}

fn tag(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
