//! The checked-in schemas are those of the types, and the records that we write are valid under them.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, clippy::indexing_slicing, reason = "tests")]

use leanwright_contract::schemas;
use serde_json::{Value, json};
use std::path::Path;

fn schema(name: &str) -> Value {
    let found = schemas().into_iter().find(|(known, _)| *known == name).unwrap();
    serde_json::to_value(found.1).unwrap()
}

#[test]
fn the_files_are_those_of_the_types() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas");
    let mut names: Vec<String> = Vec::new();
    for (name, schema) in schemas() {
        let path = folder.join(format!("{name}.schema.json"));
        let written = std::fs::read_to_string(&path).unwrap_or_default();
        let expected = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        assert!(written == expected, "{name}: run `cargo xtask schema`");
        names.push(format!("{name}.schema.json"));
    }
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    for file in files {
        assert!(names.contains(&file), "schemas/{file} belongs to no record");
    }
}

#[test]
fn lean_agents_records_are_read_and_are_valid() {
    let attempt = json!({
        "task_id": "Demo.Basic.foo:6", "attempt_id": "a1",
        "allowed_edit": {"file": "Demo/Basic.lean", "start_line": 6, "end_line": 6}, "replacement": "  omega",
        "future": 1
    });
    let read: leanwright_contract::Attempt = serde_json::from_value(attempt).unwrap();
    assert_eq!(read.other["future"], 1, "unknown members are kept");
    assert_eq!(read.schema_version, 1);
    let again = serde_json::to_value(&read).unwrap();
    assert!(jsonschema::is_valid(&schema("attempt"), &again), "{again}");
    assert!(!jsonschema::is_valid(&schema("attempt"), &json!({"task_id": "t"})), "the schema can refuse");

    let trace = json!({
        "record_type": "file_trace", "run_id": "1897a6f0-7f7f-459b-ac21-0105ce4aaf09", "file": "FirstSteps/Bad.lean", "status": "failed",
        "exit_code": 1, "elapsed_ms": 3079, "diagnostics": [{"file": "FirstSteps/Bad.lean", "line": 1, "column": 45, "severity": "error",
            "message": "FirstSteps/Bad.lean:1:45: error: unsolved goals\n⊢ q", "goal_state": "⊢ q"}],
        "stdout": null, "stderr": null, "lean_version": "Lean (version 4.28.0-pre)", "lake_version": null, "git_commit": null,
        "created_at": "2026-11-26T16:47:07.621259962Z"
    });
    let read: leanwright_contract::TraceRecord = serde_json::from_value(trace).unwrap();
    assert_eq!(read.provenance.lean_version.as_deref(), Some("Lean (version 4.28.0-pre)"));
    let again = serde_json::to_value(&read).unwrap();
    assert!(jsonschema::is_valid(&schema("trace_record"), &again), "{again}");

    let response = json!({"task_id": "t", "replacement": "  omega", "metadata": {"cost": 1}});
    let read: leanwright_contract::RunnerResponse = serde_json::from_value(response).unwrap();
    assert_eq!((read.attempt_id.as_str(), read.hole_replacement), ("attempt", None));
}

#[test]
fn verdicts_carry_their_words() {
    let result = json!({
        "task_id": "t", "attempt_id": "a", "status": "rejected", "compile_passed": true, "accepted": false,
        "diagnostic_count": 0, "new_errors": 0, "resolved_original_error": false, "regression": false, "elapsed_ms": 1,
        "guards": {"statement": {"status": "passed"}, "axioms": {"status": "rejected", "reason": "r"},
                   "reverse_dep": {"status": "skipped", "note": "n"}, "negative_control": {"status": "skipped", "note": "n"}},
        "reject_reason": {"guard": "disallowed_axiom", "declaration": "d", "offending": ["x"], "axioms": ["x"]}
    });
    let read: leanwright_contract::ReplayResult = serde_json::from_value(result).unwrap();
    let again = serde_json::to_value(&read).unwrap();
    assert!(jsonschema::is_valid(&schema("replay_result"), &again), "{again}");
    assert_eq!(again["reject_reason"]["guard"], "disallowed_axiom");
}
