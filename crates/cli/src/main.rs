//! The command `leanwright`. Parses arguments, sets up logging, and turns errors into exit codes.
//!
//! Exit codes: 0 done, 1 done with something refused or left open, 2 could not be done.
#![allow(clippy::disallowed_methods, reason = "a command reads its arguments, its settings and the user's files")]

mod args;
mod cmd;
mod output;
mod proof_session;
mod settings;

use args::{Arguments, Command};
use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    start_logging(arguments.log.as_deref());
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return report(&error.into()),
    };
    let code = match runtime.block_on(run(arguments.command)) {
        Ok(code) => code,
        Err(error) => return report(&error),
    };
    // Standard input is read in a thread that nothing can wake: the process must not wait for it.
    runtime.shutdown_background();
    code
}

async fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Serve(arguments) => cmd::serve::run(arguments).await,
        Command::Demo(arguments) => cmd::demo::run(arguments).await,
        Command::Prove(arguments) => cmd::prove::run(arguments).await,
        Command::Mine(arguments) => cmd::mine::run(arguments).await,
        Command::Eval(arguments) => cmd::eval::run(arguments).await,
        Command::Replay(arguments) => cmd::replay::run(arguments).await,
        Command::Report(arguments) => cmd::report::run(&arguments),
        Command::Toolchain(arguments) => cmd::toolchain::run(&arguments).await,
        Command::Config(arguments) => cmd::config::run(&arguments),
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
