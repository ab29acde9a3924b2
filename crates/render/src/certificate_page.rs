//! A certificate as one page: what was found about a verified replacement, and by which means.

use crate::certificate_text::{difference, guard_lines};
use crate::page::{Page, escape};
use leanwright_contract::editor::CertificateResult;
use leanwright_contract::{Acceptance, Certificate, Verdict, VerdictState};
use serde::Serialize;
use serde_json::Value;

/// The page of a certificate, as a whole HTML document: with its statement and the edit as a difference.
pub fn certificate_page(certificate: &Certificate) -> String {
    let lines = difference(certificate).into_iter().map(|(sign, line)| {
        let class = if sign == '+' { "passed" } else { "rejected" };
        format!("<span class=\"{class}\">{sign} {}</span>\n", escape(&line))
    });
    let head = format!(
        "<h2>Statement</h2>\n<pre><code>{}</code></pre>\n<h2>Change</h2>\n<pre><code>{}</code></pre>\n",
        escape(&certificate.statement),
        lines.collect::<String>(),
    );
    let place = format!("{}, line {}", certificate.file, certificate.edit.line);
    let mut facts = facts(&certificate.verdict);
    facts.push(("Judge", escape(&certificate.judge)));
    facts.push(("This certificate", format!("<code>{}</code>", escape(&certificate.digest))));
    page(&certificate.verdict, &place, &head, facts)
}

/// The page of an offer in an editor, as a whole HTML document.
pub fn offer_page(offer: &CertificateResult) -> String {
    let head = format!("<h2>Replacement</h2>\n<pre><code>{}</code></pre>\n", escape(&offer.replacement));
    let place = format!("hole on line {}", offer.range.start.line + 1);
    page(&offer.verdict, &place, &head, facts(&offer.verdict))
}

fn page(verdict: &Verdict, place: &str, head: &str, facts: Vec<(&str, String)>) -> String {
    let declaration = verdict.declaration.as_deref().unwrap_or("a declaration without a name");
    let title = format!("Certificate: {}", escape(declaration));
    let notes: String = verdict.notes.iter().map(|note| format!("<li>{}</li>\n", escape(note))).collect();
    let notes = if notes.is_empty() { notes } else { format!("<h2>Notes</h2>\n<ul>\n{notes}</ul>\n") };
    let guards = guard_lines(&verdict.guards).into_iter().map(|(name, word, why)| {
        let why = if why.is_empty() { why } else { format!(": {}", escape(&why)) };
        (name, format!("<span class=\"{word}\">{word}</span>{why}"))
    });
    let kind = match verdict.acceptance() {
        Some(kind) => {
            let class = if kind == Acceptance::Verified { "passed" } else { "warned" };
            let text = verdict.acceptance_text().unwrap_or_default();
            format!("<p class=\"kind\"><span class=\"{class}\">{}</span></p>\n", escape(&text))
        }
        None => String::new(),
    };
    let body = format!(
        "<header><h1>{title}<small>{}</small></h1></header>\n<main>\n{kind}{head}\
         <h2>What was found</h2>\n{}<h2>Guards</h2>\n{}{notes}</main>\n",
        escape(place),
        table(facts),
        table(guards.collect()),
    );
    Page { title: &title, style: include_str!("certificate_page.css"), body: &body, script: "" }.html()
}

fn facts(verdict: &Verdict) -> Vec<(&'static str, String)> {
    let (word, reason) = match &verdict.state {
        VerdictState::Accepted => ("accepted", verdict.acceptance_text().unwrap_or_default()),
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
    for (name, digests) in [("Statement", &verdict.statement_digest), ("Compiled module", &verdict.product_digest)] {
        if let Some([before, after]) = digests {
            let same = if before == after { "the same before and after" } else { "changed, now" };
            facts.push((name, format!("{same}: <code>{}</code>", escape(after))));
        }
    }
    if let Some(imports) = &verdict.imports_digest {
        facts.push(("Imports", format!("<code>{}</code>", escape(imports))));
    }
    facts.push(("File before", format!("<code>{}</code>", escape(&verdict.source_digest))));
    facts.push(("File after", format!("<code>{}</code>", escape(&verdict.patched_digest))));
    facts
}

fn table(rows: Vec<(impl AsRef<str>, String)>) -> String {
    let rows = rows
        .into_iter()
        .map(|(name, cell)| format!("<tr><th scope=\"row\">{}</th><td>{cell}</td></tr>\n", escape(name.as_ref())));
    format!("<table>\n{}</table>\n", rows.collect::<String>())
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
        let page = offer_page(&sample(json!({"verdict": "accepted"})));
        for text in [
            "Certificate: P.«a&lt;b»<small>hole on line 4",
            "exact &lt;p&gt; &amp; q",
            "<main>\n<p class=\"kind\"><span class=\"passed\">verified</span></p>",
            "<span class=\"verdict accepted\">accepted</span>: verified",
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
    fn a_certificate_shows_its_statement_and_the_change() {
        let verdict = sample(json!({"verdict": "accepted"})).verdict;
        let certificate: Certificate = serde_json::from_value(json!({
            "judge": "leanwright 1", "file": "P/A.lean", "module": "P.A", "statement": "theorem t : a < b",
            "edit": {"start_byte": 3, "line": 7, "expected": "sorry", "replacement": "exact <p>\n  & q"},
            "verdict": verdict, "elapsed_ms": 5, "digest": "d1"
        }))
        .unwrap();
        let page = certificate_page(&certificate);
        for text in [
            "theorem t : a &lt; b",
            "<span class=\"rejected\">- sorry</span>\n<span class=\"passed\">+ exact &lt;p&gt;</span>\n<span class=\"passed\">+   &amp; q</span>",
            "P/A.lean, line 7",
            "<code>d1</code>",
        ] {
            assert!(page.contains(text), "no {text} in {page}");
        }
        insta::assert_snapshot!(crate::certificate_text(&certificate));
    }

    #[test]
    fn the_kind_of_yes_stands_at_the_top() {
        let mut offer = sample(json!({"verdict": "accepted"}));
        offer.verdict.rests_on = vec!["a<b".to_owned()];
        let page = offer_page(&offer);
        let kind = "<main>\n<p class=\"kind\"><span class=\"warned\">verified, rests on open `a&lt;b`</span></p>\n<h2>";
        assert!(page.contains(kind), "{page}");
    }

    #[test]
    fn a_refusal_says_why() {
        let state = json!({"verdict": "rejected", "reject_reason": {"guard": "text", "detail": "a <b> is odd"}});
        let page = offer_page(&sample(state));
        assert!(page.contains("<span class=\"verdict rejected\">rejected</span>: a &lt;b&gt; is odd"), "{page}");
    }
}
