//! Interactive goals as Lean's widgets get them, reduced to text; and the references in them, which have to be released.
//!
//! Source: `Lean/Widget/InteractiveGoal.lean`, `Lean/Widget/TaggedText.lean`, `Lean/Server/Rpc/Basic.lean`.

use serde::Deserialize;
use serde_json::Value;

/// `InteractiveGoals`.
#[derive(Clone, Debug, Deserialize)]
pub struct InteractiveGoals {
    pub goals: Vec<InteractiveGoal>,
}

/// `InteractiveGoal` and `InteractiveTermGoal`.
#[derive(Clone, Debug, Deserialize)]
pub struct InteractiveGoal {
    pub hyps: Vec<InteractiveHypothesis>,
    #[serde(rename = "type")]
    pub type_: Value,
    #[serde(rename = "userName", default)]
    pub case: Option<String>,
    #[serde(rename = "isInserted", default)]
    pub is_inserted: Option<bool>,
    #[serde(rename = "isRemoved", default)]
    pub is_removed: Option<bool>,
}

/// `InteractiveHypothesisBundle`.
#[derive(Clone, Debug, Deserialize)]
pub struct InteractiveHypothesis {
    pub names: Vec<String>,
    #[serde(rename = "type")]
    pub type_: Value,
    #[serde(rename = "val", default)]
    pub value: Option<Value>,
    #[serde(rename = "isInserted", default)]
    pub is_inserted: Option<bool>,
    #[serde(rename = "isRemoved", default)]
    pub is_removed: Option<bool>,
}

/// The text of a `TaggedText`: `{text}`, `{append: […]}` or `{tag: [what, inner]}`. Depth is bounded by serde_json.
pub fn plain(tagged: &Value) -> String {
    let mut text = String::new();
    write_plain(tagged, &mut text);
    text
}

fn write_plain(tagged: &Value, text: &mut String) {
    if let Some(own) = tagged.get("text").and_then(Value::as_str) {
        text.push_str(own);
    } else if let Some(parts) = tagged.get("append").and_then(Value::as_array) {
        parts.iter().for_each(|part| write_plain(part, text));
    } else if let Some(inner) = tagged.get("tag").and_then(|tag| tag.get(1)) {
        write_plain(inner, text);
    }
}

/// Every RPC reference in an answer: `{"p": "12"}`, or `{"__rpcref": "12"}` where `new_format` (Lean 4.30 and later, if
/// the editor asked for it).
pub fn references(answer: &Value, new_format: bool) -> Vec<Value> {
    let key = if new_format { "__rpcref" } else { "p" };
    let mut found = Vec::new();
    let mut waiting = vec![answer];
    while let Some(value) = waiting.pop() {
        match value {
            Value::Array(elements) => waiting.extend(elements),
            Value::Object(members) => match members.get(key) {
                Some(Value::String(_) | Value::Number(_)) if members.len() == 1 => found.push(value.clone()),
                _ => waiting.extend(members.values()),
            },
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOALS: &str = r#"{"goals":[{"userName":"h","hyps":[{"names":["n","m"],"fvarIds":["a","b"],"type":
        {"tag":[{"subexprPos":"/","info":{"p":"3"}},{"append":[{"text":"Na"},{"text":"t"}]}]},"isInserted":true}],
        "type":{"tag":[{"info":{"p":"4"}},{"text":"n = m"}]},"ctx":{"p":"5"},"mvarId":"x"}]}"#;

    #[test]
    fn goals_are_text_and_references_are_found_in_both_formats() {
        let goals: InteractiveGoals = serde_json::from_str(GOALS).unwrap();
        let goal = &goals.goals[0];
        assert_eq!((plain(&goal.type_), plain(&goal.hyps[0].type_)), ("n = m".into(), "Nat".into()));
        assert_eq!((goal.case.as_deref(), goal.hyps[0].is_inserted), (Some("h"), Some(true)));
        for (text, new) in [(GOALS.to_owned(), false), (GOALS.replace("\"p\"", "\"__rpcref\""), true)] {
            let answer: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(references(&answer, new).len(), 3);
            assert_eq!(references(&answer, !new).len(), 0);
        }
    }
}
