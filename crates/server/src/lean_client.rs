//! Our own requests to Lean: numbered as ours, with a deadline, and taken back when nobody waits for them any more.

use crate::shared::{Shared, lock};
use leanwright_engine::{LeanQuery, LeanReply, Subject};
use leanwright_lean::{Position, Range, dialect};
use leanwright_wire::{Envelope, Peer, RequestId, message};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::oneshot;

/// How long Lean may take before it is asked again: imports may have to be built first.
pub const DEADLINE: Duration = Duration::from_secs(120);

/// An error of Lean's.
#[derive(Clone, Debug, Deserialize)]
pub struct LeanFault {
    #[serde(default)]
    pub code: i32,
    #[serde(default)]
    pub message: String,
}

impl LeanFault {
    fn unreadable(message: String) -> Self {
        Self { code: message::INTERNAL_ERROR, message }
    }

    /// The query was lost, not answered: Lean's worker did not live to answer it, an edit overtook it, or there was no
    /// answer in time.
    pub fn is_lost(&self) -> bool {
        [message::CONTENT_MODIFIED, message::REQUEST_CANCELLED, OUTDATED_SESSION, -32901, -32902].contains(&self.code)
    }
}

/// Lean's code for an RPC session that it does not know any more.
pub const OUTDATED_SESSION: i32 = -32900;

type Waiting = HashMap<u64, oneshot::Sender<Result<Box<RawValue>, LeanFault>>>;

/// A way to ask Lean that can be cloned into tasks.
#[derive(Clone)]
pub struct LeanClient {
    shared: Arc<Shared>,
    waiting: Arc<Mutex<(u64, Waiting)>>,
}

/// Takes a request back when it is dropped before the answer is there.
struct Guard<'a> {
    client: &'a LeanClient,
    number: u64,
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        if lock(&self.client.waiting).1.remove(&self.number).is_some() {
            let id = RequestId::own(Peer::Upstream, self.number);
            self.client.shared.to_lean.try_send(message::cancel(&id));
        }
    }
}

impl LeanClient {
    pub fn new(shared: Arc<Shared>) -> Self {
        Self { shared, waiting: Arc::default() }
    }

    /// Ask, and wait for the answer for as long as the deadline lets.
    pub async fn request(&self, method: &str, params: impl Serialize) -> Result<Box<RawValue>, LeanFault> {
        let (sender, answer) = oneshot::channel();
        let number = {
            let mut waiting = lock(&self.waiting);
            waiting.0 += 1;
            let number = waiting.0;
            waiting.1.insert(number, sender);
            number
        };
        let _guard = Guard { client: self, number };
        let id = RequestId::own(Peer::Upstream, number);
        self.shared.to_lean.send(message::request(&id, method, params)).await;
        match tokio::time::timeout(DEADLINE, answer).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(LeanFault { code: message::REQUEST_CANCELLED, message: "the session has ended".into() }),
            Err(_) => Err(LeanFault {
                code: message::REQUEST_CANCELLED,
                message: format!("Lean has not answered within {} s", DEADLINE.as_secs()),
            }),
        }
    }

    pub async fn notify(&self, method: &str, params: impl Serialize) {
        self.shared.to_lean.send(message::notification(method, params)).await;
    }

    /// An answer of Lean's to one of our requests.
    pub fn answered(&self, envelope: &Envelope<'_>, id: &str) {
        let number = RequestId::new(id).own_number(Peer::Upstream);
        let sender = number.and_then(|number| lock(&self.waiting).1.remove(&number));
        let Some(sender) = sender else { return };
        let answer = match (envelope.result, envelope.error) {
            (Some(result), _) => Ok(result.to_owned()),
            (None, Some(error)) => Err(serde_json::from_str(error.get())
                .unwrap_or_else(|_| LeanFault::unreadable("Lean's error cannot be read".to_owned()))),
            (None, None) => Err(LeanFault::unreadable("Lean's answer is empty".to_owned())),
        };
        // Whoever asked may have gone.
        let _ = sender.send(answer);
    }

    /// Whether the editor's newest version of a document is this one. As long as it is, whatever Lean has answered is
    /// about this version or an older one that was asked about: newer text has not been forwarded.
    pub fn is_current(&self, uri: &str, version: i64) -> bool {
        lock(&self.shared.versions).get(uri) == Some(&version)
    }

    /// Ask one of the engine's queries.
    pub async fn ask(&self, query: &LeanQuery) -> Result<LeanReply, LeanFault> {
        let uri = &query.uri;
        match query.about {
            Subject::TacticGoals { position, .. } => {
                let raw = self.request("$/lean/plainGoal", place(uri, position)).await?;
                dialect::tactic_goals(raw.get()).map(LeanReply::Goals).map_err(unreadable)
            }
            Subject::TermGoal { position, .. } => {
                let raw = self.request("$/lean/plainTermGoal", place(uri, position)).await?;
                dialect::term_goal(raw.get()).map(LeanReply::Goals).map_err(unreadable)
            }
            Subject::Elaborated => {
                let params = serde_json::json!({ "uri": uri, "version": query.version });
                self.request("textDocument/waitForDiagnostics", params).await.map(|_| LeanReply::Elaborated)
            }
            Subject::SorryTokens => {
                let Some(kind) = lock(&self.shared.handshake).sorry_token else { return Ok(LeanReply::Unsupported) };
                let params = serde_json::json!({ "textDocument": { "uri": uri } });
                let raw = self.request("textDocument/semanticTokens/full", params).await?;
                semantic_tokens(raw.get(), kind).map(LeanReply::SorryTokens).map_err(unreadable)
            }
        }
    }
}

fn unreadable(error: serde_json::Error) -> LeanFault {
    LeanFault::unreadable(format!("Lean's answer cannot be read: {error}"))
}

/// Parameters that name a place.
pub fn place(uri: &str, position: Position) -> dialect::DocumentPosition {
    dialect::DocumentPosition { document: dialect::DocumentId { uri: uri.to_owned(), version: None }, position }
}

/// The tokens of one type out of LSP's encoding: five numbers each, line and column relative to the token before.
fn semantic_tokens(raw: &str, kind: u32) -> Result<Vec<Range>, serde_json::Error> {
    #[derive(Deserialize)]
    struct Tokens {
        data: Vec<u32>,
    }
    let tokens: Option<Tokens> = serde_json::from_str(raw)?;
    let mut at = Position::default();
    let mut found = Vec::new();
    for token in tokens.map(|tokens| tokens.data).unwrap_or_default().chunks_exact(5) {
        let [lines, columns, length, token_kind, _] = token else { continue };
        at.character = if *lines == 0 { at.character.saturating_add(*columns) } else { *columns };
        at.line = at.line.saturating_add(*lines);
        if *token_kind == kind {
            let end = Position { character: at.character.saturating_add(*length), ..at };
            found.push(Range { start: at, end });
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_relative_to_each_other() {
        let found = semantic_tokens(r#"{"data":[1,2,5,7,0, 0,6,3,1,0, 0,4,5,7,0, 2,0,5,7,0]}"#, 7).unwrap();
        let shown: Vec<_> =
            found.iter().map(|range| (range.start.line, range.start.character, range.end.character)).collect();
        assert_eq!(shown, [(1, 2, 7), (1, 12, 17), (3, 0, 5)]);
        assert!(semantic_tokens("null", 7).unwrap().is_empty());
        assert!(semantic_tokens("{}", 7).is_err());
    }
}
