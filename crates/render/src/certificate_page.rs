//! A certificate as one page: what was found about a verified replacement, and by which means.

use crate::page::{Page, escape};
use leanwright_contract::editor::CertificateResult;
use leanwright_contract::{GuardOutcome, VerdictState};
use serde::Serialize;
use serde_json::Value;

/// The page, as a whole HTML document.
pub fn certificate_page(certificate: &CertificateResult) -> String {
    let verdict = &certificate.verdict;
    let declaration = verdict.declaration.as_deref().unwrap_or("a declaration without a name");
    let title = format!("Certificate: {}", escape(declaration));
    let (word, reason) = match &verdict.state {
        VerdictState::Accepted => ("accepted", String::new()),
        VerdictState::Rejected { reject_reason } => ("rejected", reject_reason.to_string()),
        VerdictState::Failed { error } => ("failed", error.clone()),
        VerdictState::Unknown { why } => ("unknown", why.clone()),
    };
    let reason = if reason.is_empty() { reason } else { format!(": {}", escape(&reason)) };
    let names = |names: &[String], none: &str| {
        if names.is_empty() { escape(none) } else { format!("<code>{}</code>", escape(&names.join(", "))) }
    };
    let mut facts = vec![
        ("Verdict", format!("<span class=\"verdict {word}\">{word}</span>{reason}")),
        ("Axioms", names(&verdict.axioms, "none")),
        ("Rests on open holes in", names(&verdict.rests_on, "none")),
        ("Holes left in it", verdict.holes_left.to_string()),
        ("Lean", escape(&verdict.toolchain)),
        ("Sandbox", escape(&tag(&verdict.sandbox).replace('_', " "))),
        ("Compiled in", format!("{} ms", verdict.compile_ms)),
    ];
    if let Some([before, after]) = &verdict.statement_digest {
        let same = if before == after { "the same before and after" } else { "changed" };
        facts.push(("Statement", format!("{same}: <code>{}</code>", escape(after))));
    }
    facts.push(("File before", format!("<code>{}</code>", escape(&verdict.source_digest))));
    facts.push(("File after", format!("<code>{}</code>", escape(&verdict.patched_digest))));
    let notes: String = verdict.notes.iter().map(|note| format!("<li>{}</li>\n", escape(note))).collect();
    let notes = if notes.is_empty() { notes } else { format!("<h2>Notes</h2>\n<ul>\n{notes}</ul>\n") };
    let body = format!(
        "<header><h1>{title}<small>hole on line {}</small></h1></header>\n<main>\n\
         <h2>Replacement</h2>\n<pre><code>{}</code></pre>\n\
         <h2>What was found</h2>\n{}<h2>Guards</h2>\n{}{notes}</main>\n",
        certificate.range.start.line + 1,
        escape(&certificate.replacement),
        table(facts),
        table(guards(certificate)),
    );
    Page { title: &title, style: include_str!("certificate_page.css"), body: &body, script: "" }.html()
}

fn table(rows: Vec<(impl AsRef<str>, String)>) -> String {
    let rows = rows
        .into_iter()
        .map(|(name, cell)| format!("<tr><th scope=\"row\">{}</th><td>{cell}</td></tr>\n", escape(name.as_ref())));
    format!("<table>\n{}</table>\n", rows.collect::<String>())
}

/// One row for each guard that the record has, so that none can be forgotten here.
fn guards(certificate: &CertificateResult) -> Vec<(String, String)> {
    let Ok(Value::Object(guards)) = serde_json::to_value(&certificate.verdict.guards) else { return Vec::new() };
    let row = |(name, outcome): (String, Value)| {
        let (word, why) = match serde_json::from_value(outcome) {
            Ok(GuardOutcome::Passed { evidence }) => ("passed", evidence),
            Ok(GuardOutcome::Warned { note }) => ("warned", note),
            Ok(GuardOutcome::Skipped { note }) => ("skipped", note),
            Ok(GuardOutcome::Rejected { reason }) => ("rejected", reason),
            Err(error) => ("unknown", error.to_string()),
        };
        let why = if why.is_empty() { why } else { format!(": {}", escape(&why)) };
        (name.replace('_', " "), format!("<span class=\"{word}\">{word}</span>{why}"))
    };
    guards.into_iter().map(row).collect()
}

/// The word that a record has for a variant.
fn tag(value: &impl Serialize) -> String {
    let tag = serde_json::to_value(value).ok();
    tag.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn sample(state: Value) -> CertificateResult {
        let mut verdict = json!({
            "declaration": "P.«a<b»", "hole_class": "proof", "statement_digest": ["5f1c", "5f1c"], "axioms": ["propext"],
            "rests_on": [], "holes_left": 0, "notes": ["only 1 < 2 was looked at"], "toolchain": "4.28.0",
            "guards": {
                "statement": {"status": "passed"}, "axioms": {"status": "passed"},
                "reverse_dep": {"status": "skipped", "note": "no importers"}, "negative_control": {"status": "passed"}
            },
            "sandbox": "copy_only", "source_digest": "a0", "patched_digest": "a1", "compile_ms": 900
        });
        verdict.as_object_mut().unwrap().extend(state.as_object().unwrap().clone());
        let place = json!({"line": 3, "character": 2});
        serde_json::from_value(json!({
            "hole": "hole-1", "version": 3, "range": {"start": place, "end": place}, "replacement": "exact <p> & q",
            "verdict": verdict
        }))
        .unwrap()
    }

    #[test]
    fn everything_is_said_and_nothing_is_markup() {
        let page = certificate_page(&sample(json!({"verdict": "accepted"})));
        for text in [
            "Certificate: P.«a&lt;b»<small>hole on line 4",
            "exact &lt;p&gt; &amp; q",
            "<span class=\"verdict accepted\">accepted</span>",
            "<th scope=\"row\">Axioms</th><td><code>propext</code>",
            "<th scope=\"row\">reverse dep</th><td><span class=\"skipped\">skipped</span>: no importers",
            "the same before and after: <code>5f1c</code>",
            "<td>copy only</td>",
            "<li>only 1 &lt; 2 was looked at</li>",
        ] {
            assert!(page.contains(text), "no {text} in {page}");
        }
    }

    #[test]
    fn a_refusal_says_why() {
        let state = json!({"verdict": "rejected", "reject_reason": {"guard": "text", "detail": "a <b> is odd"}});
        let page = certificate_page(&sample(state));
        assert!(page.contains("<span class=\"verdict rejected\">rejected</span>: a &lt;b&gt; is odd"), "{page}");
    }
}
