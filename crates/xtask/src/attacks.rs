//! `cargo xtask attacks [FILTER] [--write]`: attempts that must never be accepted, each judged in three ways on a real Lean.

use crate::{build, cargo, provide, root};

pub fn run(arguments: &[String]) -> anyhow::Result<bool> {
    let filter = arguments.iter().find(|argument| !argument.starts_with("--")).map_or("", String::as_str);
    provide::lean(&build("dev")?)?;
    let mut command =
        cargo(&["test", "--locked", "--quiet", "--package", "leanwright-verify", "--test", "lean_attacks"]);
    command.args(["--", "--ignored", "--nocapture"]).env("LEANWRIGHT_ATTACKS", filter);
    if arguments.iter().any(|argument| argument == "--write") {
        anyhow::ensure!(filter.is_empty(), "the table is written of all attacks");
        command.env("LEANWRIGHT_ATTACKS_TABLE", root().join("docs/attacks.md"));
    }
    Ok(command.status()?.success())
}
