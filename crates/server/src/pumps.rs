//! The two forwarding directions. Each reads frames, forwards them, and only then shows them to the session.
//!
//! Nothing here waits for anything but the next frame and room in the queue of the pipe that it feeds.

use crate::code_actions::{self, CodeActionRequest, Matching, OwnItem};
use crate::fault::{Fault, panic_text};
use crate::handshake::{Handshake, command_name};
use crate::route::{EditorNotice, FromEditor, FromLean, Merged, OwnRequest, from_editor, from_lean};
use crate::shared::{Observation, Pending, Shared, lock, switched_off};
use bytes::Bytes;
use leanwright_contract::editor as own;
use leanwright_wire::{
    Direction, Envelope, FrameError, FrameReader, Kind, RequestId, is_own_editor_id, is_own_upstream_id, message,
};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use tokio::io::AsyncRead;

/// From the editor to Lean, until the editor's end.
pub(crate) async fn pump_editor<R: AsyncRead + Unpin>(
    mut frames: FrameReader<R>,
    shared: Arc<Shared>,
) -> Result<(), FrameError> {
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
            let body = acceptable(&body, &envelope).unwrap_or_else(|| body.clone());
            shared.to_lean.send(body).await;
        }
        Kind::Request { id, method } => match from_editor(method) {
            FromEditor::Own(request) => own_request(body.clone(), &RequestId::new(id), request, shared).await,
            FromEditor::ResolveCodeAction => {
                match envelope.params.and_then(|params| Some((params, code_actions::own_item(params)?))) {
                    Some((params, own)) => resolve(&RequestId::new(id), params, &own, shared).await,
                    None => forward_request(body.clone(), id, Pending::Plain, shared).await,
                }
            }
            FromEditor::CursorHint => {
                forward_request(body.clone(), id, Pending::Plain, shared).await;
                if shared.may_hint() {
                    shared.observe(Observation::Cursor(body.clone()));
                }
            }
            FromEditor::Lenses if lock(&shared.handshake).own_lenses => {
                own_request(body.clone(), &RequestId::new(id), OwnRequest::Lenses, shared).await;
            }
            FromEditor::Command if is_own_command(&envelope) => {
                own_request(body.clone(), &RequestId::new(id), OwnRequest::Command, shared).await;
            }
            FromEditor::Merge(Merged::Capabilities) => {
                *lock(&shared.handshake) = Handshake::of_editor(&body);
                forward_request(body.clone(), id, Pending::Capabilities, shared).await;
            }
            FromEditor::Merge(Merged::CodeActions) => {
                let shown = shared.is_observing().then(|| code_actions::without_hints(&body, &envelope)).flatten();
                forward_request(shown.unwrap_or_else(|| body.clone()), id, Pending::CodeActions(body.clone()), shared)
                    .await;
            }
            _ => forward_request(body.clone(), id, Pending::Plain, shared).await,
        },
        Kind::Notification { method } => match from_editor(method) {
            FromEditor::Own(_) => {}
            FromEditor::Cancel => match envelope.cancelled().filter(|id| shared.own_is_pending(id)) {
                Some(id) => shared.observe(Observation::TakenBack(id)),
                None => {
                    shared.to_lean.send(body.clone()).await;
                }
            },
            FromEditor::Observe(notice) => {
                note_version(notice, &envelope, shared);
                shared.to_lean.send(body.clone()).await;
                shared.observe(Observation::EditorNotified(notice, body.clone()));
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

async fn own_request(body: Bytes, id: &RequestId, request: OwnRequest, shared: &Shared) {
    shared.own_expect(id);
    shared.observe(Observation::Asked(request, body));
    if !shared.is_observing() {
        let off = shared.off();
        let answer = match request {
            OwnRequest::Status => message::response(id, own::StatusResult { off, ..own::StatusResult::default() }),
            OwnRequest::Lenses => message::response(id, [(); 0]),
            _ => switched_off(id, &off),
        };
        shared.own_answer(id, answer).await;
    }
}

/// Our items carry their edit; resolving one says whether it still applies.
async fn resolve(id: &RequestId, item: &RawValue, own: &OwnItem, shared: &Shared) {
    let current = lock(&shared.versions).get(&own.uri) == Some(&own.version);
    let actions = lock(&shared.actions).of(&own.uri);
    let answer = if !current {
        message::error(id, message::CONTENT_MODIFIED, "the text has changed since this was verified")
    } else if own.offer.is_none() || actions.is_some_and(|actions| actions.holds(own)) {
        message::response(id, item)
    } else {
        shared.observe(Observation::Outdated(own.uri.clone()));
        message::error(id, message::CONTENT_MODIFIED, "what the file imports has changed since this was verified")
    };
    shared.to_editor.send(answer).await;
}

/// Lean's answer with our items: those whose imports are still what they were verified with.
fn with_own_actions(shared: &Shared, request: &Bytes, answer: &Bytes) -> Option<Bytes> {
    let request = CodeActionRequest::of(request)?;
    let actions = lock(&shared.actions).of(request.uri())?;
    let version = lock(&shared.versions).get(request.uri()).copied();
    let Matching { items, outdated } = actions.matching(&request, version);
    if outdated {
        shared.observe(Observation::Outdated(request.uri().to_owned()));
    }
    code_actions::merge(&items, answer)
}

fn is_own_command(envelope: &Envelope<'_>) -> bool {
    #[derive(Deserialize)]
    struct Command {
        command: String,
    }
    let read = envelope.params.and_then(|raw| serde_json::from_str::<Command>(raw.get()).ok());
    read.is_some_and(|read| read.command == command_name())
}

/// Remember a document's version before Lean sees it, so that no older offer is shown for it.
fn note_version(notice: EditorNotice, envelope: &Envelope<'_>, shared: &Shared) {
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
    match notice {
        EditorNotice::Opened | EditorNotice::Changed => {
            versions.insert(params.document.uri, params.document.version);
        }
        EditorNotice::Closed => {
            versions.remove(&params.document.uri);
        }
        EditorNotice::Initialized | EditorNotice::Saved | EditorNotice::FilesChanged => {}
    }
}

/// Lean's parser knows a closed list of error codes and wants a result or an error; anything else ends the server.
/// Returns the answer as Lean takes it, or `None` if it is fine as it is.
fn acceptable(body: &Bytes, envelope: &Envelope<'_>) -> Option<Bytes> {
    #[derive(Deserialize)]
    struct Code<'a> {
        #[serde(borrow)]
        code: &'a RawValue,
    }
    let Some(error) = envelope.error else {
        let id = RequestId::new(envelope.id?.get());
        return envelope.result.is_none().then(|| message::response(&id, ()));
    };
    let Ok(Code { code }) = serde_json::from_str::<Code<'_>>(error.get()) else {
        let id = RequestId::new(envelope.id?.get());
        return Some(message::error(&id, message::INTERNAL_ERROR, "the editor's answer has no error code"));
    };
    let known = code.get().parse::<i32>().is_ok_and(|code| message::LEAN_ERROR_CODES.contains(&code));
    (!known).then(|| leanwright_wire::splice(body, code, message::INTERNAL_ERROR.to_string().as_bytes())).flatten()
}

/// From Lean to the editor, until Lean's end.
pub(crate) async fn pump_lean<R: AsyncRead + Unpin>(
    mut frames: FrameReader<R>,
    shared: Arc<Shared>,
) -> Result<(), FrameError> {
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
        Kind::Response { id } if is_own_upstream_id(id) => shared.observe(Observation::LeanAnswered(body.clone())),
        Kind::Response { id } => {
            let merged = match shared.answered(id) {
                Some(Pending::CodeActions(request)) => {
                    extended(shared, "code actions", || with_own_actions(shared, &request, &body))
                }
                Some(Pending::Capabilities) => {
                    extended(shared, "capabilities", || lock(&shared.handshake).merge_answer(&body))
                }
                Some(Pending::Plain) | None => None,
            };
            shared.to_editor.send(merged.unwrap_or_else(|| body.clone())).await;
        }
        Kind::Notification { method } => {
            let route = from_lean(method);
            shared.to_editor.send(body.clone()).await;
            if let FromLean::Observe(notice) = route {
                shared.observe(Observation::LeanNotified(notice, body.clone()));
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
    let extend = || {
        Fault::strike(shared.fault, Fault::Merge);
        extend()
    };
    std::panic::catch_unwind(AssertUnwindSafe(extend)).unwrap_or_else(|panic| {
        shared.switch_off(&format!("{part}: {}", panic_text(&*panic)));
        None
    })
}
