//! TypeScript types of the editor protocol, made from its JSON Schema: what the extension expects cannot drift from what the
//! server says.

use serde_json::{Map, Value};
use std::fmt::Write;

/// The whole file.
pub fn protocol() -> String {
    let mut text =
        "// The editor protocol of `leanwright serve`, made from the server's own types by `cargo xtask schema`.\n\
        // Positions are LSP's: lines and UTF-16 columns from 0.\n"
            .to_owned();
    let _ = writeln!(
        text,
        "\n/** The version of the protocol that these types are of. */\nexport const PROTOCOL = {};",
        leanwright_contract::editor::PROTOCOL_VERSION
    );
    let schemas = leanwright_contract::schemas();
    let schema = schemas.iter().find(|(name, _)| *name == "editor").map(|(_, schema)| schema.as_value());
    let definitions = schema.and_then(|schema| schema.get("$defs")).and_then(Value::as_object);
    for (name, definition) in definitions.into_iter().flatten() {
        text.push('\n');
        comment(&mut text, "", definition);
        if definition.get("properties").is_some() && definition.get("oneOf").is_none() {
            let _ = writeln!(text, "export interface {name} {}", object(definition, ""));
        } else {
            let _ = writeln!(text, "export type {name} = {};", of(definition, ""));
        }
    }
    text
}

fn comment(text: &mut String, indent: &str, schema: &Value) {
    if let Some(said) = schema.get("description").and_then(Value::as_str) {
        let _ = writeln!(text, "{indent}/** {} */", said.replace('\n', " "));
    }
}

/// An expression for what a schema allows. Only what schemars makes of our types is known here.
fn of(schema: &Value, indent: &str) -> String {
    let list = |key: &str| schema.get(key).and_then(Value::as_array);
    if let Some(Value::String(name)) = schema.get("$ref") {
        return name.rsplit('/').next().unwrap_or(name).to_owned();
    }
    if let Some(constant) = schema.get("const") {
        return constant.to_string();
    }
    if let Some(words) = list("enum") {
        return words.iter().map(Value::to_string).collect::<Vec<_>>().join(" | ");
    }
    if let Some(several) = list("oneOf").or_else(|| list("anyOf")) {
        let all = several.iter().map(|one| of(one, indent)).collect::<Vec<_>>().join(" | ");
        let shared = schema.get("properties").map(|_| format!(" & {}", object(schema, indent)));
        return shared.map_or(all.clone(), |shared| format!("({all}){shared}"));
    }
    match schema.get("type") {
        Some(Value::String(kind)) => named(kind, schema, indent),
        Some(Value::Array(kinds)) => {
            let kinds = kinds.iter().filter_map(Value::as_str).filter(|kind| *kind != "null");
            kinds.map(|kind| named(kind, schema, indent)).collect::<Vec<_>>().join(" | ")
        }
        _ => "unknown".to_owned(),
    }
}

fn named(kind: &str, schema: &Value, indent: &str) -> String {
    match kind {
        "integer" | "number" => "number".to_owned(),
        "array" => {
            let items = schema.get("items").map_or("unknown".to_owned(), |items| of(items, indent));
            match schema.get("maxItems").and_then(Value::as_u64) {
                Some(count) if count == schema.get("minItems").and_then(Value::as_u64).unwrap_or(0) => {
                    format!("[{}]", vec![items; count as usize].join(", "))
                }
                _ if items.contains(' ') => format!("({items})[]"),
                _ => format!("{items}[]"),
            }
        }
        "object" => object(schema, indent),
        other => other.to_owned(),
    }
}

fn object(schema: &Value, indent: &str) -> String {
    let none = Map::new();
    let members = schema.get("properties").and_then(Value::as_object).unwrap_or(&none);
    let required = schema.get("required").and_then(Value::as_array);
    let is_required = |name: &str| required.is_some_and(|all| all.iter().any(|one| one == name));
    let deeper = format!("{indent}  ");
    let mut text = "{\n".to_owned();
    for (name, member) in members {
        comment(&mut text, &deeper, member);
        let optional = if is_required(name) { "" } else { "?" };
        let _ = writeln!(text, "{deeper}{name}{optional}: {};", of(member, &deeper));
    }
    text + indent + "}"
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_extension_has_the_protocol_of_the_server() {
        let file = crate::root().join("editors/vscode/src/protocol.ts");
        let written = std::fs::read_to_string(file).unwrap();
        assert!(written == super::protocol(), "run `cargo xtask schema`");
    }
}
