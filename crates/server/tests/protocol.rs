//! The examples of `protocol.md` are values of the types, and every method is documented.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, reason = "tests")]

use leanwright_contract::{GoalsResult, Walk, editor as own};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

fn same<T: DeserializeOwned + Serialize>(example: &Value) {
    let read: T = serde_json::from_value(example.clone()).unwrap_or_else(|error| panic!("{error}: {example}"));
    assert_eq!(serde_json::to_value(read).unwrap(), *example, "a member is missing or unknown");
}

#[test]
fn the_examples_are_values_of_the_types() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/protocol.md")).unwrap();
    let mut found = 0;
    for block in text.split("```json ").skip(1) {
        let (head, rest) = block.split_once('\n').unwrap();
        let example: Value = serde_json::from_str(rest.split("```").next().unwrap()).unwrap();
        match head.split(' ').next_back().unwrap() {
            "DocumentParams" => same::<own::DocumentParams>(&example),
            "HolesResult" => same::<own::HolesResult>(&example),
            "ProveParams" => same::<own::ProveParams>(&example),
            "ProveResult" => same::<own::ProveResult>(&example),
            "GoalsResult" => same::<GoalsResult>(&example),
            "Walk" => same::<Walk>(&example),
            "ProveAllParams" => same::<own::ProveAllParams>(&example),
            "ProveAllResult" => same::<own::ProveAllResult>(&example),
            "CancelParams" => same::<own::CancelParams>(&example),
            "CertificateResult" => same::<own::CertificateResult>(&example),
            "StatusResult" => same::<own::StatusResult>(&example),
            other => panic!("no type {other}"),
        }
        found += 1;
    }
    assert!(found >= 16, "{found} examples");
    let methods = [
        own::HOLES,
        own::GOALS,
        own::PROVE,
        own::PROVE_ALL,
        own::CANCEL,
        own::CONTEXT,
        own::CERTIFICATE,
        own::WALK,
        own::STATUS,
        own::HOLES_CHANGED,
        own::OFFERS_CHANGED,
    ];
    for method in methods {
        assert!(text.contains(&format!("`{method}`")), "{method} is not documented");
    }
}
