//! The two forwarding directions. Each reads frames, forwards them, and only then shows them to the session.

use crate::code_actions;
use crate::route::{FromEditor, FromLean, Merged, from_editor, from_lean};
use crate::services::RunnerSettings;
use crate::session::{Session, SessionSettings};
use crate::shared::{Observation, Pending, Shared, lock, switched_off};
use bytes::Bytes;
use leanwright_procs::{Toolchain, upstream};
use leanwright_wire::{
    Direction, Envelope, FrameError, FrameReader, Kind, RequestId, Tape, is_own_editor_id, is_own_upstream_id, message,
    writer,
};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::ffi::OsString;
use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};

/// Lean's code for a worker, here the whole server, that has crashed.
const WORKER_CRASHED: i32 = -32902;

/// How long Lean may take to end once its input is closed.
const ENDING: Duration = Duration::from_secs(8);

/// How a proxy is set up.
pub struct ServeSettings {
    pub toolchain: Toolchain,
    /// Arguments for `lake`: `serve` and what follows.
    pub arguments: Vec<OsString>,
    /// The working directory, from which Lean takes its root.
    pub directory: PathBuf,
    pub runner: Option<RunnerSettings>,
    pub engine: leanwright_engine::EngineSettings,
    /// Candidates that are compiled at a time.
    pub judges: usize,
    pub tape: Option<Tape>,
    /// Forward only: nothing is observed and nothing is added.
    pub passive: bool,
}

#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error(transparent)]
    Start(#[from] upstream::StartError),
    #[error("the Lean server was lost: {0}")]
    Lost(#[from] std::io::Error),
}

/// Serve one editor until it or Lean ends. Returns Lean's exit code.
pub async fn serve<R, W>(editor_in: R, editor_out: W, settings: ServeSettings) -> Result<i32, ServeError>
where
    R: AsyncRead + Unpin + Send + 'static,
    W: AsyncWrite + Unpin + Send + 'static,
{
    let (mut lean, lean_in, lean_out) =
        upstream::start(&settings.toolchain.lake, &settings.arguments, &settings.directory)?;
    let (to_editor, editor_writer) = writer(editor_out);
    let (to_lean, lean_writer) = writer(lean_in);
    let (shared, observations) = Shared::new(to_editor, to_lean, settings.tape);
    let shared = Arc::new(shared);
    let editor_writer = tokio::spawn(editor_writer.run());
    let lean_writer = tokio::spawn(lean_writer.run());

    if settings.passive {
        shared.switch_off("it was started with --passive");
    }
    let session = Session::new(
        Arc::clone(&shared),
        SessionSettings {
            toolchain: settings.toolchain,
            runner: settings.runner,
            engine: settings.engine,
            judges: settings.judges,
        },
    );
    let session = tokio::spawn(session.run(observations));
    let watch = tokio::spawn(watch_session(Arc::clone(&shared), session));

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
    watch.abort();
    let status = tokio::time::timeout(ENDING, lean.child.wait()).await;
    lean.group.kill();
    lean_writer.abort();
    for id in shared.unanswered() {
        shared.to_editor.try_send(message::error(&id, WORKER_CRASHED, "the Lean server has ended"));
    }
    shared.to_editor.close().await;
    // An editor that does not read any more must not keep us alive.
    let _ = tokio::time::timeout(Duration::from_secs(1), editor_writer).await;
    Ok(match status {
        Ok(status) => exit_code(status?),
        Err(_) => 1,
    })
}

/// As a shell reports it: a process that a signal ended has 128 and the signal's number.
fn exit_code(status: std::process::ExitStatus) -> i32 {
    use std::os::unix::process::ExitStatusExt;
    status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(1)
}

async fn watch_session(shared: Arc<Shared>, session: tokio::task::JoinHandle<()>) {
    if let Err(error) = session.await {
        let why = match error.try_into_panic() {
            Ok(panic) => panic_text(&*panic),
            Err(error) => error.to_string(),
        };
        shared.switch_off(&why);
    }
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a panic without a message".to_owned())
}

async fn pump_editor<R: AsyncRead + Unpin>(mut frames: FrameReader<R>, shared: Arc<Shared>) -> Result<(), FrameError> {
    while let Some(body) = frames.next().await? {
        shared.record(Direction::EditorToLean, &body);
        editor_message(body, &shared).await;
    }
    Ok(())
}

async fn editor_message(body: Bytes, shared: &Shared) {
    let Some(envelope) = Envelope::parse(&body) else {
        shared.to_lean.send(body).await;
        return;
    };
    match envelope.kind() {
        // The answer to a request of ours.
        Kind::Response { id } if is_own_editor_id(id) => {}
        Kind::Response { .. } => {
            let body = clamp_error_code(&body, &envelope).unwrap_or_else(|| body.clone());
            shared.to_lean.send(body).await;
        }
        Kind::Request { id, method } => match from_editor(method) {
            FromEditor::Own => own_request(body.clone(), &RequestId::new(id), shared).await,
            FromEditor::ResolveCodeAction => {
                match envelope.params.and_then(|params| Some((params, code_actions::own_item(params)?))) {
                    Some((params, own)) => resolve(&RequestId::new(id), params, &own, shared).await,
                    None => forward_request(body.clone(), id, Pending::Plain, shared).await,
                }
            }
            FromEditor::Merge(Merged::Capabilities) => {
                forward_request(body.clone(), id, Pending::Capabilities, shared).await;
            }
            FromEditor::Merge(Merged::CodeActions) => {
                forward_request(body.clone(), id, Pending::CodeActions(body.clone()), shared).await;
            }
            _ => forward_request(body.clone(), id, Pending::Plain, shared).await,
        },
        Kind::Notification { method } => match from_editor(method) {
            FromEditor::Own => {}
            FromEditor::Cancel if cancels_own(&envelope, shared) => {
                shared.observe(Observation::FromEditor(body.clone()))
            }
            FromEditor::Observe => {
                note_version(method, &envelope, shared);
                shared.to_lean.send(body.clone()).await;
                shared.observe(Observation::FromEditor(body.clone()));
            }
            _ => {
                shared.to_lean.send(body.clone()).await;
            }
        },
        Kind::Other => {
            shared.to_lean.send(body.clone()).await;
        }
    }
}

async fn forward_request(body: Bytes, id: &str, pending: Pending, shared: &Shared) {
    shared.expect(id, pending);
    shared.to_lean.send(body).await;
}

async fn own_request(body: Bytes, id: &RequestId, shared: &Shared) {
    shared.own_expect(id);
    shared.observe(Observation::FromEditor(body));
    if !shared.is_observing() {
        shared.own_answer(id, switched_off(id, &shared.off())).await;
    }
}

/// Our items carry their edit; resolving one says whether it still applies.
async fn resolve(id: &RequestId, item: &RawValue, (uri, version): &(String, i64), shared: &Shared) {
    let current = lock(&shared.versions).get(uri) == Some(version);
    let answer = if current {
        message::response(id, item)
    } else {
        message::error(id, message::CONTENT_MODIFIED, "the text has changed since this was verified")
    };
    shared.to_editor.send(answer).await;
}

fn cancels_own(envelope: &Envelope<'_>, shared: &Shared) -> bool {
    cancelled_id(envelope).is_some_and(|id| shared.own_is_pending(&id))
}

/// The request that a `$/cancelRequest` is about.
pub(crate) fn cancelled_id(envelope: &Envelope<'_>) -> Option<RequestId> {
    #[derive(Deserialize)]
    struct Cancel<'a> {
        #[serde(borrow)]
        id: &'a RawValue,
    }
    let cancel: Cancel<'_> = serde_json::from_str(envelope.params?.get()).ok()?;
    Some(RequestId::new(cancel.id.get()))
}

/// Remember a document's version before Lean sees it, so that no older offer is shown for it.
fn note_version(method: &str, envelope: &Envelope<'_>, shared: &Shared) {
    #[derive(Deserialize)]
    struct Params {
        #[serde(rename = "textDocument")]
        document: Document,
    }
    #[derive(Deserialize)]
    struct Document {
        uri: String,
        #[serde(default)]
        version: i64,
    }
    let Some(params) = envelope.params.and_then(|raw| serde_json::from_str::<Params>(raw.get()).ok()) else { return };
    let mut versions = lock(&shared.versions);
    if method == "textDocument/didClose" {
        versions.remove(&params.document.uri);
    } else {
        versions.insert(params.document.uri, params.document.version);
    }
}

/// Lean's parser knows a closed list of error codes; another one ends the server.
fn clamp_error_code(body: &Bytes, envelope: &Envelope<'_>) -> Option<Bytes> {
    #[derive(Deserialize)]
    struct Code<'a> {
        #[serde(borrow)]
        code: &'a RawValue,
    }
    let error: Code<'_> = serde_json::from_str(envelope.error?.get()).ok()?;
    let known = error.code.get().parse::<i32>().is_ok_and(|code| message::LEAN_ERROR_CODES.contains(&code));
    (!known)
        .then(|| leanwright_wire::splice(body, error.code, message::INTERNAL_ERROR.to_string().as_bytes()))
        .flatten()
}

async fn pump_lean<R: AsyncRead + Unpin>(mut frames: FrameReader<R>, shared: Arc<Shared>) -> Result<(), FrameError> {
    while let Some(body) = frames.next().await? {
        shared.record(Direction::LeanToEditor, &body);
        lean_message(body, &shared).await;
    }
    Ok(())
}

async fn lean_message(body: Bytes, shared: &Shared) {
    let Some(envelope) = Envelope::parse(&body) else {
        shared.to_editor.send(body).await;
        return;
    };
    match envelope.kind() {
        Kind::Response { id } if is_own_upstream_id(id) => shared.observe(Observation::FromLean(body.clone())),
        Kind::Response { id } => {
            let merged = match shared.answered(id) {
                Some(Pending::CodeActions(request)) => extended(shared, "code actions", || {
                    code_actions::merge(&lock(&shared.actions), &lock(&shared.versions), &request, &body)
                }),
                Some(Pending::Capabilities) => {
                    extended(shared, "capabilities", || code_actions::merge_capabilities(&body))
                }
                Some(Pending::Plain) | None => None,
            };
            shared.to_editor.send(merged.unwrap_or_else(|| body.clone())).await;
        }
        Kind::Notification { method } => {
            let observed = from_lean(method) == FromLean::Observe;
            shared.to_editor.send(body.clone()).await;
            if observed {
                shared.observe(Observation::FromLean(body.clone()));
            }
        }
        Kind::Request { .. } | Kind::Other => {
            shared.to_editor.send(body.clone()).await;
        }
    }
}

/// Extend an answer of Lean's; a fault in doing so leaves the answer as it is and switches our part off.
fn extended(shared: &Shared, part: &str, extend: impl FnOnce() -> Option<Bytes>) -> Option<Bytes> {
    if !shared.is_observing() {
        return None;
    }
    std::panic::catch_unwind(AssertUnwindSafe(extend)).unwrap_or_else(|panic| {
        shared.switch_off(&format!("{part}: {}", panic_text(&*panic)));
        None
    })
}
