//! `leanwright serve`: an editor on standard input and output.

use crate::args::ServeArguments;
use crate::settings::{Settings, toolchain};
use leanwright_server::{ServeSettings, serve};
use leanwright_wire::Tape;
use std::process::ExitCode;

pub async fn run(arguments: ServeArguments) -> anyhow::Result<ExitCode> {
    let settings = Settings::with(&arguments.runner)?;
    let toolchain = toolchain(false, &mut |_| {})?;
    let tape = match &arguments.record {
        None => None,
        Some(path) => Some(Tape::new(Box::new(std::fs::File::create(path)?))),
    };
    let mut lake = vec!["serve".into()];
    if !arguments.lake.is_empty() {
        lake.push("--".into());
        lake.extend(arguments.lake);
    }
    let code = serve(
        tokio::io::stdin(),
        tokio::io::stdout(),
        ServeSettings {
            toolchain,
            arguments: lake,
            directory: std::env::current_dir()?,
            runner: Some(settings.runner()?),
            engine: settings.engine(),
            judges: settings.judge.parallel,
            tape,
            passive: arguments.passive,
        },
    )
    .await?;
    Ok(ExitCode::from(u8::try_from(code).unwrap_or(1)))
}
