//! `leanwright serve`: an editor on standard input and output.

use crate::args::ServeArguments;
use crate::settings::{Settings, toolchain};
use leanwright_procs::stdio;
use leanwright_server::{Fault, ProxySettings, Recorder, ServeSettings, serve};
use leanwright_wire::Tape;
use std::ffi::OsString;
use std::process::ExitCode;

pub async fn run(arguments: ServeArguments) -> anyhow::Result<ExitCode> {
    let settings = Settings::with(&arguments.runner)?;
    let toolchain = toolchain(false, &mut |_| {})?;
    let tape = match &arguments.record {
        None => None,
        Some(path) => Some(Tape::new(Box::new(std::fs::File::create(path)?))),
    };
    let recorder = match &arguments.record_events {
        None => None,
        Some(path) => Some(Recorder::new(Box::new(std::fs::File::create(path)?), &settings.engine())),
    };
    let mut lake: Vec<OsString> = vec!["serve".into()];
    if !arguments.lake.is_empty() {
        lake.push("--".into());
        lake.extend(arguments.lake);
    }
    let proxy = ProxySettings {
        toolchain,
        runner: Ok(settings.runner()?),
        engine: settings.engine(),
        judge: settings.judge_beside_editor(),
        tape,
        recorder,
        passive: arguments.passive,
        fault: fault(),
        own_thread: true,
    };
    run_proxy(lake, proxy).await
}

/// Serve the editor on standard input and output, and end as Lean ends.
pub async fn run_proxy(lake: Vec<OsString>, proxy: ProxySettings) -> anyhow::Result<ExitCode> {
    let directory = std::env::current_dir()?;
    let settings = ServeSettings { arguments: lake, directory, proxy };
    let code = serve(stdio::input(), stdio::output(), settings).await?;
    Ok(ExitCode::from(u8::try_from(code).unwrap_or(1)))
}

/// The test hook, which is not there in release builds.
pub fn fault() -> Option<Fault> {
    let set = std::env::var("LEANWRIGHT_FAULT").ok().filter(|_| cfg!(debug_assertions));
    set.and_then(|name| Fault::parse(&name))
}
