//! `cargo xtask attacks [FILTER] [--write]`: attempts that must never be accepted, each judged in three ways on a real Lean.

use crate::{build, cargo, provide, root};

pub fn run(arguments: &[String]) -> anyhow::Result<bool> {
    let filter = arguments.iter().find(|argument| !argument.starts_with("--")).map_or("", String::as_str);
    provide::lean(&build("dev")?)?;
    let mut command = cargo(&["run", "--locked", "--quiet", "--package", "leanwright-verify", "--example", "attacks"]);
    command.args(["--", filter]).env("LEANWRIGHT_VERDICTS", "off");
    if arguments.iter().any(|argument| argument == "--write") {
        anyhow::ensure!(filter.is_empty(), "the table is written of all attacks");
        command.env("LEANWRIGHT_ATTACKS_TABLE", root().join("docs/attacks.md"));
    }
    Ok(command.status()?.success())
}
