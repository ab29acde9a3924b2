//! `leanwright verdicts gc`: keeps the store of verdicts small.

use crate::args::{VerdictsArguments, VerdictsCommand};
use crate::output::Output;
use crate::settings::{Settings, verdict_store};
use std::process::ExitCode;

pub fn run(arguments: &VerdictsArguments) -> anyhow::Result<ExitCode> {
    let VerdictsCommand::Gc { mib } = arguments.command;
    let mut output = Output::new(true);
    let settings = Settings::load()?;
    let Some(store) = verdict_store(&settings.judge)? else {
        output.line("verdicts are not remembered: judge.store_mib is 0, or LEANWRIGHT_VERDICTS is off");
        return Ok(ExitCode::SUCCESS);
    };
    let swept = store.sweep(mib.unwrap_or(settings.judge.store_mib) << 20)?;
    output.line(&format!(
        "{} verdicts in {} KiB are left; {} old and {} damaged ones were removed",
        swept.entries,
        swept.bytes.div_ceil(1024),
        swept.removed,
        swept.damaged
    ));
    Ok(ExitCode::SUCCESS)
}
