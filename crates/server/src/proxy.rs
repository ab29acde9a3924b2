//! One proxy from its start to its end: pumps, writers and session around four pipes, and the process at two of them.

use crate::fault::{Fault, panic_text};
use crate::pumps::{pump_editor, pump_lean};
use crate::recorder::Recorder;
use crate::services::RunnerSettings;
use crate::session::{Session, SessionSettings};
use crate::shared::{Observation, Shared};
use leanwright_procs::{Toolchain, upstream};
use leanwright_verify::JudgeSettings;
use leanwright_wire::{FrameReader, Tape, message, writer};
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};

/// Lean's code for a worker, here the whole server, that has crashed.
const WORKER_CRASHED: i32 = -32902;

/// How long Lean may take to end once its input is closed, and how long we may take after it.
const ENDING: Duration = Duration::from_secs(8);

/// How our own part is set up.
pub struct ProxySettings {
    pub toolchain: Toolchain,
    /// `Err` says why there is none.
    pub runner: Result<RunnerSettings, String>,
    pub engine: leanwright_engine::EngineSettings,
    pub judge: JudgeSettings,
    pub tape: Option<Tape>,
    /// Keeps what the engine is told and asks for.
    pub recorder: Option<Recorder>,
    /// Forward only: nothing is observed and nothing is added.
    pub passive: bool,
    /// For tests: the part that is to fail.
    pub fault: Option<Fault>,
    /// Run the session in a thread of its own, so that forwarding never waits for a scan; tests that stop the clock
    /// need it in theirs.
    pub own_thread: bool,
}

/// How a server is started.
pub struct ServeSettings {
    /// Arguments for `lake`: `serve` and what follows.
    pub arguments: Vec<OsString>,
    /// The working directory, from which Lean takes its root.
    pub directory: PathBuf,
    pub proxy: ProxySettings,
}

#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error(transparent)]
    Start(#[from] upstream::StartError),
    #[error("the Lean server was lost: {0}")]
    Lost(#[from] std::io::Error),
}

/// Start `lake serve` and serve one editor until it or Lean ends. Returns Lean's exit code.
pub async fn serve<R, W>(editor_in: R, editor_out: W, settings: ServeSettings) -> Result<i32, ServeError>
where
    R: AsyncRead + Unpin + Send + 'static,
    W: AsyncWrite + Unpin + Send + 'static,
{
    let Toolchain { lake, launcher, .. } = &settings.proxy.toolchain;
    let (mut lean, lean_in, lean_out) = upstream::start(launcher, lake, &settings.arguments, &settings.directory)?;
    let proxying = proxy(editor_in, editor_out, lean_out, lean_in, settings.proxy);
    tokio::pin!(proxying);
    let status = tokio::select! {
        () = &mut proxying => tokio::time::timeout(ENDING, lean.child.wait()).await,
        status = lean.child.wait() => {
            // What Lean has left behind may keep its output open; what Lean wrote itself is in the pipe.
            lean.group.kill();
            let _ = tokio::time::timeout(ENDING, &mut proxying).await;
            Ok(status)
        }
    };
    lean.group.kill();
    Ok(match status {
        Ok(status) => exit_code(status?),
        Err(_) => 1,
    })
}

/// Proxy between an editor and a Lean server that are both there, until one of them ends. Lean's input is closed then;
/// the editor's pipe is closed after everything that Lean wrote.
pub async fn proxy(
    editor_in: impl AsyncRead + Unpin + Send + 'static,
    editor_out: impl AsyncWrite + Unpin + Send + 'static,
    lean_out: impl AsyncRead + Unpin + Send + 'static,
    lean_in: impl AsyncWrite + Unpin + Send + 'static,
    settings: ProxySettings,
) {
    let (to_editor, editor_writer) = writer(editor_out);
    let (to_lean, lean_writer) = writer(lean_in);
    let (shared, observations) = Shared::new(to_editor, to_lean, settings.tape, settings.fault);
    let shared = Arc::new(shared);
    let editor_writer = tokio::spawn(editor_writer.run());
    let lean_writer = tokio::spawn(lean_writer.run());
    if settings.passive {
        shared.switch_off("it was started with --passive");
    }
    let session = SessionSettings {
        toolchain: settings.toolchain,
        runner: settings.runner,
        engine: settings.engine,
        judge: settings.judge,
        recorder: settings.recorder,
    };
    let running = if settings.own_thread {
        session_thread(Arc::clone(&shared), session, observations)
    } else {
        tokio::spawn(Session::new(Arc::clone(&shared), session).run(observations))
    };
    let watch = tokio::spawn(watch_session(Arc::clone(&shared), running));

    let from_editor = tokio::spawn(pump_editor(FrameReader::new(editor_in), Arc::clone(&shared)));
    let mut from_lean = tokio::spawn(pump_lean(FrameReader::new(lean_out), Arc::clone(&shared)));
    let editor_gone = async {
        if let Ok(Err(error)) = from_editor.await {
            tracing::error!("reading from the editor: {error}");
        }
        shared.observe(Observation::EditorGone);
        shared.to_lean.close().await;
    };
    tokio::select! {
        () = editor_gone => {
            // Lean ends when its input does; it may still have answers to write.
            let _ = tokio::time::timeout(ENDING, &mut from_lean).await;
        }
        ended = &mut from_lean => {
            if let Ok(Err(error)) = ended {
                tracing::error!("reading from Lean: {error}");
            }
        }
    }
    shared.observe(Observation::EditorGone);
    lean_writer.abort();
    for id in shared.unanswered() {
        shared.to_editor.try_send(message::error(&id, WORKER_CRASHED, "the Lean server has ended"));
    }
    shared.to_editor.close().await;
    // An editor that does not read any more must not keep us alive, nor a session that does not end: with it go the
    // runner, the judge's processes and the copies.
    let ending = async { tokio::join!(editor_writer, watch) };
    let _ = tokio::time::timeout(ENDING, ending).await;
}

/// The session in a thread and runtime of its own; the handle ends as the session does.
fn session_thread(
    shared: Arc<Shared>,
    settings: SessionSettings,
    observations: tokio::sync::mpsc::Receiver<Observation>,
) -> tokio::task::JoinHandle<()> {
    tokio::task::spawn_blocking(move || match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(async { Session::new(shared, settings).run(observations).await }),
        Err(error) => shared.switch_off(&format!("no runtime for the session: {error}")),
    })
}

/// As a shell reports it: a process that a signal ended has 128 and the signal's number.
fn exit_code(status: std::process::ExitStatus) -> i32 {
    use std::os::unix::process::ExitStatusExt;
    status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(1)
}

/// A session that panics is switched off; the pumps do not notice.
async fn watch_session(shared: Arc<Shared>, session: tokio::task::JoinHandle<()>) {
    if let Err(error) = session.await {
        let why = match error.try_into_panic() {
            Ok(panic) => panic_text(&*panic),
            Err(error) => error.to_string(),
        };
        shared.switch_off(&why);
    }
}
