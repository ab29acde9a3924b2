//! Our own requests, the lenses and the command: what the editor asks us and not Lean.

use crate::handshake::command_name;
use crate::lean_client::{LeanClient, place};
use crate::session::{Asker, Session, position};
use leanwright_contract::{Acceptance, editor as own};
use leanwright_engine::{Event, ProveToken, WalkPlan};
use leanwright_lean::{Goals, dialect};
use leanwright_wire::{Envelope, RequestId, message};
use lsp_types as lsp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;
use tokio::task::AbortHandle;

/// What our command does; its one argument.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "camelCase")]
pub enum CommandArgument {
    /// Prove the hole at a place.
    Prove { uri: String, position: own::Position },
    /// Prove all holes in some lines, or all.
    ProveAll { uri: String, lines: Option<(u32, u32)> },
}

/// An error that is the text's fault and not the request's.
const CHANGED: &str = "the text has changed meanwhile";

impl Session {
    pub(crate) async fn own_request(&mut self, id: &RequestId, method: &str, envelope: &Envelope<'_>) {
        let params = envelope.params.map_or("null", |params| params.get());
        match method {
            own::HOLES => {
                let holes = read::<own::DocumentParams>(params).and_then(|params| {
                    self.engine.holes(&params.text_document.uri).ok_or_else(|| "the document is not open".to_owned())
                });
                self.answer(id, holes).await;
            }
            own::PROVE => match read::<own::ProveParams>(params) {
                Err(why) => self.answer::<()>(id, Err(why)).await,
                Ok(params) => {
                    let token = self.token(Asker::Request(id.clone()));
                    let (uri, position) = (params.text_document.uri, position(params.position));
                    self.step(Event::Prove { token, uri, position }).await;
                }
            },
            own::PROVE_ALL => match read::<own::ProveAllParams>(params) {
                Err(why) => self.answer::<()>(id, Err(why)).await,
                Ok(params) => {
                    let token = self.token(Asker::Request(id.clone()));
                    let lines = params.range.map(|range| (range.start.line, range.end.line));
                    self.step(Event::ProveAll { token, uri: params.text_document.uri, lines }).await;
                }
            },
            own::CANCEL => match read::<own::CancelParams>(params) {
                Err(why) => self.answer::<()>(id, Err(why)).await,
                Ok(params) => {
                    let (uri, position) = (params.text_document.uri, params.position.map(position));
                    self.step(Event::Stop { uri, position }).await;
                    self.answer(id, Ok(())).await;
                }
            },
            own::CERTIFICATE => {
                let found = match read::<own::ProveParams>(params) {
                    Ok(params) => {
                        let (uri, at) = (params.text_document.uri, position(params.position));
                        self.look_again(&uri, at).await;
                        self.engine.certificate(&uri, at)
                    }
                    Err(why) => Err(why),
                };
                self.answer(id, found).await;
            }
            own::GOALS => self.goals(id, params).await,
            own::WALK => self.walk(id, params).await,
            own::CONTEXT => self.context(id, params).await,
            own::STATUS => {
                let status = own::StatusResult {
                    version: env!("CARGO_PKG_VERSION").to_owned(),
                    protocol: own::PROTOCOL_VERSION,
                    toolchain: self.toolchain.describe(),
                    runner: self.runner.clone(),
                    off: self.shared.off(),
                    ..self.engine.status()
                };
                self.answer(id, Ok(status)).await;
            }
            "textDocument/codeLens" => {
                let lenses = read::<own::DocumentParams>(params).map(|params| self.lenses(&params.text_document.uri));
                self.answer(id, lenses).await;
            }
            "workspace/executeCommand" => {
                let argument = read::<Command>(params).map(|command| command.arguments.into_iter().next());
                match argument {
                    Ok(Some(argument)) => {
                        self.answer(id, Ok(())).await;
                        self.command(argument).await;
                    }
                    Ok(None) => self.answer::<()>(id, Err("the command has no argument".to_owned())).await,
                    Err(why) => self.answer::<()>(id, Err(why)).await,
                }
            }
            unknown => {
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

    async fn command(&mut self, argument: CommandArgument) {
        let token = self.token(Asker::User);
        self.step(match argument {
            CommandArgument::Prove { uri, position: at } => Event::Prove { token, uri, position: position(at) },
            CommandArgument::ProveAll { uri, lines } => Event::ProveAll { token, uri, lines },
        })
        .await;
    }

    fn lenses(&self, uri: &str) -> Vec<lsp::CodeLens> {
        let at = |at: own::Position| lsp::Position::new(at.line, at.character);
        let lenses = self.engine.lenses(uri).into_iter().map(|lens| {
            let argument = CommandArgument::ProveAll { uri: uri.to_owned(), lines: Some(lens.lines) };
            lsp::CodeLens {
                range: lsp::Range::new(at(lens.range.start), at(lens.range.end)),
                command: Some(lsp::Command::new(lens.title, command_name(), Some(vec![json!(argument)]))),
                data: None,
            }
        });
        lenses.collect()
    }

    /// The user started the work by a command, which was answered long ago: say how it ended.
    pub(crate) fn tell_user(&self, result: Result<&[own::ProveResult], &String>) {
        let text = match result {
            Err(why) => why.clone(),
            Ok([one]) => match (&one.replacement, &one.reason) {
                (Some(replacement), _) => {
                    let kind = one.acceptance.map_or("verified", Acceptance::words);
                    format!("{kind}: {replacement}. Take it from the code actions.")
                }
                (None, reason) => format!("no proof found: {}", reason.as_deref().unwrap_or("nothing was tried")),
            },
            Ok([]) => "There is nothing to prove here.".to_owned(),
            Ok(all) => {
                let count = |kind| all.iter().filter(|one| one.acceptance == Some(kind)).count();
                let mut text = format!("{} of {} verified", count(Acceptance::Verified), all.len());
                for (kind, words) in
                    [(Acceptance::OpenLemmas, "on open lemmas"), (Acceptance::Warned, "with a warning")]
                {
                    if count(kind) > 0 {
                        text.push_str(&format!(", {} {words}", count(kind)));
                    }
                }
                text + ". Take them from the code actions."
            }
        };
        let params = json!({ "type": lsp::MessageType::INFO, "message": format!("Leanwright: {text}") });
        self.shared.to_editor.try_send(message::notification("window/showMessage", params));
    }

    async fn goals(&mut self, id: &RequestId, params: &str) {
        let place = read::<own::ProveParams>(params).and_then(|params| {
            let uri = params.text_document.uri;
            let version = self.engine.version(&uri).ok_or_else(|| "the document is not open".to_owned())?;
            Ok((uri, version, position(params.position)))
        });
        let (uri, version, position) = match place {
            Ok(place) => place,
            Err(why) => return self.answer::<()>(id, Err(why)).await,
        };
        let (rpc, lean, shared, asker) = (self.rpc.clone(), self.lean.clone(), Arc::clone(&self.shared), id.clone());
        let task = tokio::spawn(async move {
            let goals = rpc.goals(&uri, version, position).await;
            let answer = match goals {
                _ if !lean.is_current(&uri, version) => message::error(&asker, message::CONTENT_MODIFIED, CHANGED),
                Ok(goals) => message::response(&asker, goals),
                Err(fault) => message::error(&asker, message::INTERNAL_ERROR, &fault.message),
            };
            shared.own_answer(&asker, answer).await;
        });
        self.keep(id, task.abort_handle());
    }

    async fn walk(&mut self, id: &RequestId, params: &str) {
        let plan = read::<own::ProveParams>(params)
            .and_then(|params| self.engine.walk_plan(&params.text_document.uri, position(params.position)));
        let plan = match plan {
            Ok(plan) => plan,
            Err(why) => return self.answer::<()>(id, Err(why)).await,
        };
        let (lean, shared, asker) = (self.lean.clone(), Arc::clone(&self.shared), id.clone());
        let task = tokio::spawn(async move {
            let answers = walk_answers(&lean, &plan).await;
            let answer = match answers {
                _ if !lean.is_current(&plan.uri, plan.version) => {
                    message::error(&asker, message::CONTENT_MODIFIED, CHANGED)
                }
                Ok(answers) => message::response(&asker, plan.finish(&answers)),
                Err(why) => message::error(&asker, message::INTERNAL_ERROR, &why),
            };
            shared.own_answer(&asker, answer).await;
        });
        self.keep(id, task.abort_handle());
    }

    async fn context(&mut self, id: &RequestId, params: &str) {
        let task = read::<own::ProveParams>(params)
            .and_then(|params| self.engine.task_at(&params.text_document.uri, position(params.position)));
        let (source_file, task, diagnostics) = match task {
            Ok(found) => found,
            Err(why) => return self.answer::<()>(id, Err(why)).await,
        };
        let (packer, shared, asker) = (self.services.packer(), Arc::clone(&self.shared), id.clone());
        let work = tokio::task::spawn_blocking(move || {
            packer.task(std::path::Path::new(&source_file.root), &task, diagnostics)
        });
        let task = tokio::spawn(async move {
            let answer = match work.await {
                Ok(Ok(sent)) => message::response(&asker, sent),
                Ok(Err(why)) => message::error(&asker, message::INVALID_PARAMS, &why),
                Err(error) => message::error(&asker, message::INTERNAL_ERROR, &error.to_string()),
            };
            shared.own_answer(&asker, answer).await;
        });
        self.keep(id, task.abort_handle());
    }

    /// Remember a task that answers a request, until the request is cancelled.
    fn keep(&mut self, id: &RequestId, task: AbortHandle) {
        self.answering.retain(|_, task| !task.is_finished());
        self.answering.insert(id.clone(), task);
    }

    pub(crate) async fn answer<T: Serialize>(&self, id: &RequestId, result: Result<T, String>) {
        let answer = match result {
            Ok(result) => message::response(id, result),
            Err(why) => message::error(id, message::INVALID_PARAMS, &why),
        };
        self.shared.own_answer(id, answer).await;
    }
}

#[derive(Deserialize)]
struct Command {
    #[serde(default)]
    arguments: Vec<CommandArgument>,
}

fn read<T: DeserializeOwned>(params: &str) -> Result<T, String> {
    serde_json::from_str(params).map_err(|error| error.to_string())
}

/// The goals at the places of a walk, one question after the other.
async fn walk_answers(lean: &LeanClient, plan: &WalkPlan) -> Result<Vec<Goals>, String> {
    let mut answers = Vec::new();
    for at in &plan.places {
        let raw = lean.request("$/lean/plainGoal", place(&plan.uri, *at)).await.map_err(|fault| fault.message)?;
        answers.push(dialect::tactic_goals(raw.get()).map_err(|error| error.to_string())?);
    }
    Ok(answers)
}
