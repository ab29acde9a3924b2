//! Our own requests, one file each: what the editor asks us and not Lean. Here they are told apart and answered.

mod command;
mod context;
mod goals;
mod lenses;
mod params;
mod walk;

use crate::route::OwnRequest;
use crate::session::{Asker, Session};
use leanwright_contract::editor as own;
use leanwright_engine::{Event, ProveToken, Unanswered};
use leanwright_wire::{Envelope, RequestId, message};
use params::{RequestError, position, read};
use serde::Serialize;
use tokio::task::AbortHandle;

impl Session {
    pub(crate) async fn own_request(&mut self, id: &RequestId, request: OwnRequest, envelope: &Envelope<'_>) {
        let params = envelope.params.map_or("null", |params| params.get());
        match request {
            OwnRequest::Holes => {
                let holes = read::<own::DocumentParams>(params).and_then(|params| {
                    Ok(self.engine.view().holes(&params.text_document.uri).ok_or(Unanswered::NotOpen)?)
                });
                self.answer(id, holes).await;
            }
            OwnRequest::Prove => match read::<own::ProveParams>(params) {
                Err(why) => self.answer::<()>(id, Err(why)).await,
                Ok(params) => {
                    let token = self.token(Asker::Request(id.clone()));
                    let (uri, position) = (params.text_document.uri, position(params.position));
                    self.step(Event::Prove { token, uri, position }).await;
                }
            },
            OwnRequest::ProveAll => match read::<own::ProveAllParams>(params) {
                Err(why) => self.answer::<()>(id, Err(why)).await,
                Ok(params) => {
                    let token = self.token(Asker::Request(id.clone()));
                    let lines = params.range.map(|range| (range.start.line, range.end.line));
                    self.step(Event::ProveAll { token, uri: params.text_document.uri, lines }).await;
                }
            },
            OwnRequest::Stop => match read::<own::CancelParams>(params) {
                Err(why) => self.answer::<()>(id, Err(why)).await,
                Ok(params) => {
                    let (uri, position) = (params.text_document.uri, params.position.map(position));
                    self.step(Event::Stop { uri, position }).await;
                    self.answer(id, Ok::<_, RequestError>(())).await;
                }
            },
            OwnRequest::Certificate => {
                let found = match read::<own::ProveParams>(params) {
                    Ok(params) => {
                        let (uri, at) = (params.text_document.uri, position(params.position));
                        self.look_again(&uri, at).await;
                        self.engine.view().certificate(&uri, at).map_err(RequestError::from)
                    }
                    Err(why) => Err(why),
                };
                self.answer(id, found).await;
            }
            OwnRequest::Goals => self.goals(id, params).await,
            OwnRequest::Walk => self.walk(id, params).await,
            OwnRequest::Context => self.context(id, params).await,
            OwnRequest::Status => {
                let status = own::StatusResult {
                    version: env!("CARGO_PKG_VERSION").to_owned(),
                    protocol: own::PROTOCOL_VERSION,
                    toolchain: self.toolchain.describe(),
                    runner: self.runner.clone(),
                    off: self.shared.off(),
                    ..self.engine.view().status()
                };
                self.answer(id, Ok::<_, RequestError>(status)).await;
            }
            OwnRequest::Lenses => {
                let lenses = read::<own::DocumentParams>(params).map(|params| self.lenses(&params.text_document.uri));
                self.answer(id, lenses).await;
            }
            OwnRequest::Command => self.execute_command(id, params).await,
            OwnRequest::Unknown => {
                let unknown = envelope.method.as_deref().unwrap_or_default();
                let answer = message::error(id, message::METHOD_NOT_FOUND, &format!("`{unknown}` is not a method"));
                self.shared.own_answer(id, answer).await;
            }
        }
    }

    fn token(&mut self, asker: Asker) -> ProveToken {
        self.next_token += 1;
        let token = ProveToken(self.next_token);
        self.proving.insert(token, asker);
        token
    }

    /// Remember a task that answers a request, until the request is cancelled.
    fn keep(&mut self, id: &RequestId, task: AbortHandle) {
        self.answering.retain(|_, task| !task.is_finished());
        self.answering.insert(id.clone(), task);
    }

    pub(crate) async fn answer<T: Serialize>(&self, id: &RequestId, result: Result<T, impl Into<RequestError>>) {
        let answer = match result {
            Ok(result) => message::response(id, result),
            Err(why) => message::error(id, message::INVALID_PARAMS, &why.into().to_string()),
        };
        self.shared.own_answer(id, answer).await;
    }
}
