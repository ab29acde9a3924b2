//! Writes the JSON Schemas of the records; a test of crate contract holds the files equal to the types.

use anyhow::Context;

pub fn write() -> anyhow::Result<()> {
    let folder = crate::root().join("schemas");
    std::fs::create_dir_all(&folder)?;
    for (name, schema) in leanwright_contract::schemas() {
        let text = serde_json::to_string_pretty(&schema)? + "\n";
        let path = folder.join(format!("{name}.schema.json"));
        std::fs::write(&path, text).with_context(|| format!("could not write {}", path.display()))?;
    }
    let path = crate::root().join("editors/vscode/src/protocol.ts");
    std::fs::write(&path, crate::typescript::protocol()).with_context(|| format!("could not write {}", path.display()))
}
