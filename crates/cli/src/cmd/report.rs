//! `leanwright report`: a summary of a file of records.

use crate::args::ReportArguments;
use crate::output::Output;
use anyhow::Context;
use leanwright_contract::{Acceptance, Report, SCHEMA_VERSION, Verdict, read_lines};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::io::BufReader;
use std::process::ExitCode;

/// How many messages are shown.
const TOP: usize = 10;

pub fn run(arguments: &ReportArguments) -> anyhow::Result<ExitCode> {
    let input = std::fs::File::open(&arguments.input)
        .with_context(|| format!("could not read {}", arguments.input.display()))?;
    let records = read_lines::<Value>(BufReader::new(input)).map(|(_, record)| record.ok());
    let report = summarize(records, arguments.allow_open_lemmas);
    let mut output = Output::new(true);
    if arguments.json {
        output.line(&serde_json::to_string(&report)?);
        return Ok(ExitCode::SUCCESS);
    }
    output.line(&format!("records: {}", report.records));
    for (status, count) in &report.by_status {
        output.line(&format!("  {status}: {count}"));
    }
    if report.tasks > 0 {
        output.line(&format!(
            "tasks: {}, solved: {}, attempts accepted: {}",
            report.tasks, report.tasks_solved, report.accepted
        ));
    }
    if report.open_lemmas > 0 {
        let counted = if arguments.allow_open_lemmas { "counted as accepted" } else { "not counted as accepted" };
        output.line(&format!("  rest on open lemmas, {counted}: {}", report.open_lemmas));
    }
    if report.warned > 0 {
        output.line(&format!("  accepted with a warning: {}", report.warned));
    }
    for (guard, count) in &report.by_guard {
        output.line(&format!("  refused by {guard}: {count}"));
    }
    if report.error_count + report.warning_count > 0 {
        output.line(&format!("errors: {}, warnings: {}", report.error_count, report.warning_count));
    }
    output.line(&format!("time: {}.{:03} s", report.elapsed_ms / 1000, report.elapsed_ms % 1000));
    for (message, count) in &report.top_messages {
        output.line(&format!("  {count} x {message}"));
    }
    if report.unreadable > 0 {
        output.line(&format!("{} lines are no records", report.unreadable));
    }
    Ok(ExitCode::SUCCESS)
}

/// Count whatever the records are: traces, attempts, results. `None` stands for a line that is none.
fn summarize(records: impl Iterator<Item = Option<Value>>, allow_open_lemmas: bool) -> Report {
    let mut report = Report { schema_version: SCHEMA_VERSION, ..Report::default() };
    let (mut tasks, mut solved) = (BTreeSet::new(), BTreeSet::new());
    let mut messages: BTreeMap<String, usize> = BTreeMap::new();
    for record in records {
        let Some(record) = record else {
            report.unreadable += 1;
            continue;
        };
        report.records += 1;
        let text = |key: &str| record.get(key).and_then(Value::as_str).map(str::to_owned);
        if let Some(status) = text("status") {
            *report.by_status.entry(status).or_default() += 1;
        }
        // Of records whose verdict can be read the caller's rule counts, whichever rule they were written under.
        let written = record.get("accepted").and_then(Value::as_bool).unwrap_or(false);
        let kind = acceptance(&record);
        let leaning = kind == Some(Acceptance::OpenLemmas);
        let accepted = if leaning { allow_open_lemmas } else { written };
        report.accepted += usize::from(accepted);
        report.open_lemmas += usize::from(leaning);
        report.warned += usize::from(accepted && kind == Some(Acceptance::Warned));
        if let Some(task) = text("task_id") {
            if accepted {
                solved.insert(task.clone());
            }
            tasks.insert(task);
        }
        if let Some(guard) = record.pointer("/reject_reason/guard").and_then(Value::as_str) {
            *report.by_guard.entry(guard.to_owned()).or_default() += 1;
        }
        report.elapsed_ms += record.get("elapsed_ms").and_then(Value::as_u64).unwrap_or(0);
        for diagnostic in record.get("diagnostics").and_then(Value::as_array).into_iter().flatten() {
            match diagnostic.get("severity").and_then(Value::as_str) {
                Some("error") => report.error_count += 1,
                Some("warning") => report.warning_count += 1,
                _ => {}
            }
            if let Some(message) = diagnostic.get("message").and_then(Value::as_str) {
                *messages.entry(message.lines().next().unwrap_or_default().to_owned()).or_default() += 1;
            }
        }
    }
    report.tasks = tasks.len();
    report.tasks_solved = solved.len();
    report.top_messages = messages.into_iter().collect();
    report.top_messages.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    report.top_messages.truncate(TOP);
    report
}

/// Which kind of yes the verdict of a record is, if it has one.
fn acceptance(record: &Value) -> Option<Acceptance> {
    let verdict = record.get("verdict").filter(|verdict| verdict.is_object())?;
    serde_json::from_value::<Verdict>(verdict.clone()).ok()?.acceptance()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn results_and_traces_are_counted() {
        let report = summarize(
            [
                Some(json!({"task_id": "a", "status": "passed", "accepted": true, "elapsed_ms": 5})),
                Some(json!({"task_id": "a", "status": "rejected", "reject_reason": {"guard": "disallowed_axiom"}})),
                Some(json!({"status": "failed", "diagnostics": [{"severity": "error", "message": "m\nmore"}]})),
                None,
            ]
            .into_iter(),
            false,
        );
        assert_eq!((report.records, report.tasks, report.tasks_solved, report.accepted), (3, 1, 1, 1));
        assert_eq!((report.error_count, report.unreadable, report.elapsed_ms), (1, 1, 5));
        assert_eq!(report.by_guard.get("disallowed_axiom"), Some(&1));
        assert_eq!(report.top_messages, [("m".to_owned(), 1)]);
    }

    #[test]
    fn the_kinds_of_yes_are_counted_by_the_callers_rule() {
        let result = |rests_on: &[&str], control: &str, accepted: bool| {
            let outcome = |status: &str| json!({"status": status, "note": "n"});
            Some(json!({"task_id": "t", "status": "passed", "accepted": accepted, "verdict": {
                "verdict": "accepted", "hole_class": "proof", "axioms": [], "rests_on": rests_on, "holes_left": 0, "notes": [],
                "guards": {"statement": outcome("passed"), "axioms": outcome("passed"),
                           "reverse_dep": outcome("passed"), "negative_control": outcome(control)},
                "toolchain": "", "sandbox": "copy_only", "source_digest": "", "patched_digest": "", "compile_ms": 1,
            }}))
        };
        let records = || [result(&["a"], "passed", true), result(&["a"], "passed", false), result(&[], "warned", true)];
        let counts = |allow| {
            let report = summarize(records().into_iter(), allow);
            (report.accepted, report.open_lemmas, report.warned)
        };
        assert_eq!(counts(false), (1, 2, 1), "whoever wrote the records may have allowed what this caller does not");
        assert_eq!(counts(true), (3, 2, 1));
    }
}
