//! `leanwright config`: the settings in force, or the table of all settings, made from their types.

use crate::args::ConfigArguments;
use crate::output::Output;
use crate::settings::{Settings, file};
use serde_json::Value;
use std::process::ExitCode;

pub fn run(arguments: &ConfigArguments) -> anyhow::Result<ExitCode> {
    let mut output = Output::new(false);
    if arguments.table {
        output.line(&table()?);
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(path) = file() {
        let word = if path.is_file() { "read from" } else { "defaults; they would be read from" };
        output.line(&format!("# {word} {}", path.display()));
    }
    output.line(toml::to_string_pretty(&Settings::load()?)?.trim_end());
    Ok(ExitCode::SUCCESS)
}

/// Every setting with its default and its description, as Markdown.
fn table() -> anyhow::Result<String> {
    let schema = serde_json::to_value(schemars::schema_for!(Settings))?;
    let defaults = serde_json::to_value(Settings::default())?;
    let mut lines = vec!["| setting | default | what it does |".to_owned(), "|---|---|---|".to_owned()];
    for (section, keys) in defaults.as_object().into_iter().flatten() {
        for (key, default) in keys.as_object().into_iter().flatten() {
            let reference = schema.pointer(&format!("/properties/{section}/$ref")).and_then(Value::as_str);
            let definition = reference.and_then(|reference| schema.pointer(reference.trim_start_matches('#')));
            let description = definition.and_then(|it| it.pointer(&format!("/properties/{key}/description")));
            let description = description.and_then(Value::as_str).unwrap_or_default().replace('\n', " ");
            lines.push(format!("| `{section}.{key}` | `{default}` | {description} |"));
        }
    }
    Ok(lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readme_has_this_table() {
        let readme = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
        let readme = std::fs::read_to_string(readme).unwrap();
        let table = table().unwrap();
        assert!(table.contains("| `runner.trusted` | `false` | Run the runner"), "{table}");
        assert!(
            readme.contains(&table),
            "the README's table of settings is not that of `leanwright config --table`:\n{table}"
        );
    }
}
