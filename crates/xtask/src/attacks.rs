//! `cargo xtask attacks [FILTER | --missing] [--write]`: attempts that must never be accepted, each judged in three ways on a real Lean. `--write` puts
//! what came out into `docs/attacks.md`; `--missing` runs those that are not there.

use crate::{build, cargo, provide, root};

pub fn run(arguments: &[String]) -> anyhow::Result<bool> {
    let filter = arguments.iter().find(|argument| *argument != "--write").map_or("", String::as_str);
    provide::lean(&build("dev")?)?;
    let mut command = cargo(&["run", "--locked", "--quiet", "--package", "leanwright-verify", "--example", "attacks"]);
    command.args(["--", filter]).env("LEANWRIGHT_VERDICTS", "off");
    if filter == "--missing" || arguments.iter().any(|argument| argument == "--write") {
        command.env("LEANWRIGHT_ATTACKS_TABLE", root().join("docs/attacks.md"));
    }
    Ok(command.status()?.success())
}
