//! The command `leanwright`. Parses arguments, sets up logging, and turns errors into exit codes.
//!
//! Exit codes: 0 done, 1 done with something refused or left open, 2 could not be done.
#![allow(clippy::disallowed_methods, reason = "a command reads its arguments, its settings and the user's files")]

mod args;
mod cmd;
mod output;
mod proof_session;
mod provenance;
mod records;
mod settings;
mod source_text;
mod target;

use args::{Arguments, Command};
use clap::Parser;
use leanwright_procs::confinement::escapes::{self, ESCAPE};
use leanwright_procs::confinement::restraint::{RESTRAIN, restrain};
use leanwright_procs::supervisor::SUPERVISE;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut words = std::env::args_os();
    let name = words.next().map(PathBuf::from);
    let words: Vec<OsString> = words.collect();
    let called_lake = name.as_deref().and_then(Path::file_name).is_some_and(|name| name == "lake");
    match words.split_first() {
        _ if called_lake => return lake(&words),
        Some((first, rest)) if first == "lake" => return lake(rest),
        Some((first, rest)) if first == SUPERVISE => {
            return leanwright_procs::supervisor::supervise(rest).map_or(ExitCode::from(127), code);
        }
        Some((first, rest)) if first == RESTRAIN => {
            report(&restrain(rest).into());
            // As a shell that finds no program.
            return ExitCode::from(127);
        }
        Some((first, rest)) if first == ESCAPE => {
            return escapes::try_all(rest).map_or_else(|error| report(&error.into()), |()| ExitCode::SUCCESS);
        }
        Some((first, [file])) if first == settings::EXAMINE => {
            return cmd::examine::run(Path::new(file)).unwrap_or_else(|error| report(&error));
        }
        _ => {}
    }
    let arguments = Arguments::parse();
    start_logging(arguments.log.as_deref());
    in_runtime(run(arguments.command))
}

/// We are `lake`: `serve` is ours, everything else is the real lake's.
fn lake(words: &[OsString]) -> ExitCode {
    start_logging(std::env::var_os("LEANWRIGHT_LOG").map(PathBuf::from).as_deref());
    if cmd::lake::is_serve(words) {
        return in_runtime(cmd::lake::serve(words.to_vec()));
    }
    report(&cmd::lake::become_real(words))
}

fn code(code: i32) -> ExitCode {
    ExitCode::from(u8::try_from(code).unwrap_or(1))
}

fn in_runtime(work: impl Future<Output = anyhow::Result<ExitCode>>) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return report(&error.into()),
    };
    let code = runtime.block_on(work).unwrap_or_else(|error| report(&error));
    // Standard input is read in a thread that nothing can wake: the process must not wait for it.
    runtime.shutdown_background();
    code
}

async fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Serve(arguments) => cmd::serve::run(arguments).await,
        Command::Demo(arguments) => cmd::demo::run(arguments).await,
        Command::Prove(arguments) => cmd::prove::run(arguments).await,
        Command::Trace(arguments) => cmd::trace::run(arguments).await,
        Command::Walk(arguments) => cmd::walk::run(arguments).await,
        Command::Context(arguments) => cmd::context::run(arguments).await,
        Command::Mine(arguments) => cmd::mine::run(arguments).await,
        Command::Eval(arguments) => cmd::eval::run(arguments).await,
        Command::Replay(arguments) => cmd::replay::run(arguments).await,
        Command::Judge => cmd::judge::run().await,
        Command::Report(arguments) => cmd::report::run(&arguments),
        Command::Toolchain(arguments) => cmd::toolchain::run(&arguments).await,
        Command::Tape(arguments) => cmd::tape::run(arguments).await,
        Command::Config(arguments) => cmd::config::run(&arguments),
        Command::Doctor(arguments) => cmd::doctor::run(arguments).await,
        Command::Certificate(arguments) => cmd::certificate::run(arguments).await,
        Command::Verdicts(arguments) => cmd::verdicts::run(&arguments),
        Command::Olean(arguments) => cmd::olean::run(&arguments),
        Command::Page(arguments) => cmd::page::run(&arguments),
        Command::Completions(arguments) => cmd::completions::run(&arguments),
        Command::Manual { folder } => cmd::completions::manual(&folder),
    }
}

/// An error for a person: what happened, and what caused it.
fn report(error: &anyhow::Error) -> ExitCode {
    let mut text = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !text.contains(&cause) {
            text = format!("{text}\n  because: {cause}");
        }
    }
    let _ = std::io::Write::write_fmt(&mut anstream::stderr(), format_args!("leanwright: {text}\n"));
    ExitCode::from(2)
}

/// The log goes to a file only: editors show standard error to the user.
fn start_logging(file: Option<&std::path::Path>) {
    let Some(file) = file.and_then(|path| std::fs::File::options().create(true).append(true).open(path).ok()) else {
        return;
    };
    let filter = tracing_subscriber::EnvFilter::try_from_env("LEANWRIGHT_LOG_FILTER");
    let filter = filter.unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_writer(std::sync::Mutex::new(file)).init();
}
