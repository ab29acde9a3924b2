//! The loop that drives the engine: everything that can wake it is an observation, an event or the clock.

use crate::fault::Fault;
use crate::proxy::cancelled_id;
use crate::services::{RunnerSettings, Services};
use crate::shared::{Observation, Shared, lock};
use bytes::Bytes;
use leanwright_contract::editor as own;
use leanwright_engine::{Effect, Engine, EngineSettings, Event, GoalQuestion, Origin, ProveToken};
use leanwright_lean::{ModuleName, Position, dialect};
use leanwright_procs::Toolchain;
use leanwright_verify::Project;
use leanwright_wire::{Envelope, Kind, Origin as IdOrigin, RequestId, message};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// How long Lean may take for a goal before it is asked again, in milliseconds: imports may have to be built first.
const QUESTION_DEADLINE: u64 = 120_000;

pub struct SessionSettings {
    pub toolchain: Toolchain,
    /// `Err` says why there is none.
    pub runner: Result<RunnerSettings, String>,
    pub engine: EngineSettings,
    pub judges: usize,
}

/// The one owner of the engine.
pub struct Session {
    shared: Arc<Shared>,
    engine: Engine,
    services: Services,
    events: mpsc::UnboundedReceiver<Event>,
    /// Goal questions that Lean has not answered, by the number of the request, with the time when they are given up.
    questions: BTreeMap<u64, (u64, GoalQuestion)>,
    /// The editor's `leanwright/prove` requests that are worked on.
    proving: HashMap<ProveToken, RequestId>,
    next_request: u64,
    next_token: u64,
    wake_at: Option<u64>,
    toolchain: Toolchain,
    runner: Vec<String>,
}

impl Session {
    pub fn new(shared: Arc<Shared>, settings: SessionSettings) -> Self {
        let (sender, events) = mpsc::unbounded_channel();
        let runner = settings.runner.as_ref().map(|runner| runner.command.clone()).unwrap_or_default();
        Self {
            engine: Engine::new(settings.engine),
            services: Services::new(
                Arc::clone(&shared),
                settings.toolchain.clone(),
                settings.judges,
                settings.runner,
                sender,
            ),
            events,
            questions: BTreeMap::new(),
            proving: HashMap::new(),
            next_request: 0,
            next_token: 0,
            wake_at: None,
            toolchain: settings.toolchain,
            runner,
            shared,
        }
    }

    pub async fn run(mut self, mut observations: mpsc::Receiver<Observation>) {
        loop {
            let now = self.shared.now();
            let expiry = self.questions.values().next().map(|(deadline, _)| *deadline);
            let next = self.wake_at.into_iter().chain(expiry).min();
            let sleep = next.map(|at| Duration::from_millis(at.saturating_sub(now)));
            tokio::select! {
                observation = observations.recv() => match observation {
                    None | Some(Observation::EditorGone) => return,
                    Some(Observation::FromEditor(body)) => self.seen_from_editor(&body).await,
                    Some(Observation::FromLean(body)) => self.seen_from_lean(&body).await,
                },
                Some(event) = self.events.recv() => self.step(event).await,
                () = tokio::time::sleep(sleep.unwrap_or_default()), if sleep.is_some() => {
                    self.wake_at = self.wake_at.filter(|at| self.shared.now() < *at);
                    self.give_up_questions().await;
                    self.step(Event::Tick).await;
                }
            }
        }
    }

    /// Questions that Lean has not answered in time are taken back; the engine asks again.
    async fn give_up_questions(&mut self) {
        while let Some(entry) = self.questions.first_entry()
            && entry.get().0 <= self.shared.now()
        {
            let (number, (_, question)) = entry.remove_entry();
            let id = RequestId::own(IdOrigin::Upstream, number);
            self.shared.to_lean.send(message::cancel(&id)).await;
            self.step(Event::GoalLost { question }).await;
        }
    }

    async fn step(&mut self, event: Event) {
        if matches!(event, Event::Opened { .. }) {
            Fault::strike(self.shared.fault, Fault::Session);
        }
        let now = self.shared.now();
        for effect in self.engine.handle(now, event) {
            self.perform(effect).await;
        }
    }

    async fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::AskGoal(question) => self.ask_goal(question).await,
            Effect::AskRunner { job, root, task } => self.services.ask(job, root.into(), task),
            Effect::Judge { job, origin, before, span, replacement } => {
                self.services.judge(job, origin, before, span, replacement);
            }
            Effect::Reply { token, result } => {
                let Some(id) = self.proving.remove(&token) else { return };
                let answer = match result {
                    Ok(result) => message::response(&id, &*result),
                    Err(why) => message::error(&id, message::INVALID_PARAMS, &why),
                };
                self.shared.own_answer(&id, answer).await;
            }
            Effect::HolesChanged { uri } => self.notify(own::HOLES_CHANGED, uri),
            Effect::OffersChanged { uri } => {
                lock(&self.shared.actions).set(&uri, self.engine.offers(&uri));
                self.notify(own::OFFERS_CHANGED, uri);
            }
            Effect::WakeAt(at) => self.wake_at = Some(self.wake_at.map_or(at, |earlier| earlier.min(at))),
        }
    }

    /// Notifications are dropped rather than waited for: the editor asks when it wants to know.
    fn notify(&self, method: &str, uri: String) {
        let params = own::DocumentParams { text_document: own::DocumentUri { uri } };
        self.shared.to_editor.try_send(message::notification(method, params));
    }

    async fn ask_goal(&mut self, question: GoalQuestion) {
        self.next_request += 1;
        let id = RequestId::own(IdOrigin::Upstream, self.next_request);
        let method = if question.term { "$/lean/plainTermGoal" } else { "$/lean/plainGoal" };
        let params = dialect::DocumentPosition {
            document: dialect::DocumentId { uri: question.uri.clone(), version: None },
            position: question.position,
        };
        // Numbers and deadlines rise together: the first question is the first to be given up.
        self.questions.insert(self.next_request, (self.shared.now() + QUESTION_DEADLINE, question));
        self.shared.to_lean.send(message::request(&id, method, params)).await;
    }

    async fn seen_from_editor(&mut self, body: &Bytes) {
        let Some(envelope) = Envelope::parse(body) else { return };
        match envelope.kind() {
            Kind::Request { id, method } => {
                let id = RequestId::new(id);
                self.own_request(&id, method, &envelope).await;
            }
            Kind::Notification { method: "$/cancelRequest" } => {
                let cancelled = cancelled_id(&envelope);
                let token =
                    self.proving.iter().find(|(_, id)| Some(*id) == cancelled.as_ref()).map(|(token, _)| *token);
                if let Some(token) = token {
                    self.step(Event::Cancel { token }).await;
                }
            }
            Kind::Notification { method } => {
                if let Some(event) = editor_event(method, &envelope) {
                    self.step(event).await;
                }
            }
            Kind::Response { .. } | Kind::Other => {}
        }
    }

    async fn own_request(&mut self, id: &RequestId, method: &str, envelope: &Envelope<'_>) {
        let params = envelope.params.map_or("null", |params| params.get());
        match method {
            own::HOLES => {
                let holes =
                    serde_json::from_str::<own::DocumentParams>(params).map_err(|error| error.to_string()).and_then(
                        |params| self.engine.holes(&params.text_document.uri).ok_or("the document is not open".into()),
                    );
                self.answer(id, holes).await;
            }
            own::PROVE => match serde_json::from_str::<own::ProveParams>(params) {
                Err(error) => self.answer::<()>(id, Err(error.to_string())).await,
                Ok(params) => {
                    self.next_token += 1;
                    let token = ProveToken(self.next_token);
                    self.proving.insert(token, id.clone());
                    let position = Position { line: params.position.line, character: params.position.character };
                    self.step(Event::Prove { token, uri: params.text_document.uri, position }).await;
                }
            },
            own::STATUS => {
                let status = own::StatusResult {
                    version: env!("CARGO_PKG_VERSION").to_owned(),
                    toolchain: self.toolchain.describe(),
                    runner: self.runner.clone(),
                    off: self.shared.off(),
                    ..self.engine.status()
                };
                self.answer(id, Ok(status)).await;
            }
            unknown => {
                let answer = message::error(id, message::METHOD_NOT_FOUND, &format!("`{unknown}` is not a method"));
                self.shared.own_answer(id, answer).await;
            }
        }
    }

    async fn answer<T: Serialize>(&self, id: &RequestId, result: Result<T, String>) {
        let answer = match result {
            Ok(result) => message::response(id, result),
            Err(why) => message::error(id, message::INVALID_PARAMS, &why),
        };
        self.shared.own_answer(id, answer).await;
    }

    async fn seen_from_lean(&mut self, body: &Bytes) {
        let Some(envelope) = Envelope::parse(body) else { return };
        match envelope.kind() {
            Kind::Response { id } => {
                let number = RequestId::new(id).own_number(IdOrigin::Upstream);
                let Some((_, question)) = number.and_then(|number| self.questions.remove(&number)) else { return };
                let event = match goal_answer(&question, &envelope) {
                    Ok(goals) => Event::Goal { question, answer: Ok(goals) },
                    Err(fault) if LOST.contains(&fault.code) => Event::GoalLost { question },
                    Err(fault) => Event::Goal { question, answer: Err(fault.message) },
                };
                self.step(event).await;
            }
            Kind::Notification { method: "$/lean/fileProgress" } => {
                let progress =
                    envelope.params.and_then(|raw| serde_json::from_str::<dialect::FileProgress>(raw.get()).ok());
                let Some(progress) = progress else { return };
                if progress.processing.iter().any(|part| part.kind == Some(dialect::PROGRESS_FATAL)) {
                    self.step(Event::Crashed { uri: progress.document.uri }).await;
                }
            }
            Kind::Notification { method: "textDocument/publishDiagnostics" } => {
                let raw = envelope.params.map_or("null", |params| params.get());
                let Ok(published) = serde_json::from_str::<dialect::PublishDiagnostics>(raw) else { return };
                self.step(Event::Diagnostics { published: Box::new(published) }).await;
            }
            _ => {}
        }
    }
}

/// Lean's codes for a question that its worker did not live to answer, or that an edit overtook.
const LOST: [i32; 5] = [message::CONTENT_MODIFIED, message::REQUEST_CANCELLED, -32900, -32901, -32902];

/// An error of Lean's.
#[derive(serde::Deserialize)]
struct LeanFault {
    #[serde(default)]
    code: i32,
    #[serde(default)]
    message: String,
}

fn goal_answer(question: &GoalQuestion, envelope: &Envelope<'_>) -> Result<leanwright_lean::Goals, LeanFault> {
    let unreadable = |message: String| LeanFault { code: message::INTERNAL_ERROR, message };
    if let Some(result) = envelope.result {
        let read = if question.term { dialect::term_goal(result.get()) } else { dialect::tactic_goals(result.get()) };
        return read.map_err(|error| unreadable(format!("Lean's answer cannot be read: {error}")));
    }
    let error = envelope.error.and_then(|error| serde_json::from_str::<LeanFault>(error.get()).ok());
    Err(error.unwrap_or_else(|| unreadable("Lean's answer is empty".to_owned())))
}

/// What a notification of the editor's means to the engine.
fn editor_event(method: &str, envelope: &Envelope<'_>) -> Option<Event> {
    let params = envelope.params.map_or("null", |params| params.get());
    match method {
        "initialized" => Some(Event::Ready),
        "textDocument/didOpen" => {
            let document = serde_json::from_str::<dialect::DidOpen>(params).ok()?.document;
            let origin = origin_of(&document.uri);
            Some(Event::Opened { uri: document.uri, version: document.version, text: document.text, origin })
        }
        "textDocument/didChange" => {
            let dialect::DidChange { document, changes } = serde_json::from_str(params).ok()?;
            Some(Event::Changed { uri: document.uri, version: document.version.unwrap_or_default(), changes })
        }
        "textDocument/didClose" => {
            Some(Event::Closed { uri: serde_json::from_str::<dialect::DidClose>(params).ok()?.document.uri })
        }
        _ => None,
    }
}

/// The project, file and module that a document is; `None` for one that is in no project.
fn origin_of(uri: &str) -> Option<Origin> {
    let path = uri.parse::<lsp_types::Url>().ok()?.to_file_path().ok()?;
    // A file that has never been saved has a folder all the same.
    let project = Project::of(path.parent()?).ok()?;
    let folder = std::fs::canonicalize(path.parent()?).ok()?;
    let file = folder.join(path.file_name()?);
    let relative = project.relative(&file)?;
    let module = project.module_of(relative).ok().map(|(module, _): (ModuleName, _)| module.to_string());
    Some(Origin {
        root: project.root.to_str()?.to_owned(),
        project: name_of(&project.root),
        file: relative.to_str()?.to_owned(),
        module: module.unwrap_or_default(),
    })
}

fn name_of(root: &Path) -> String {
    root.file_name().and_then(|name| name.to_str()).unwrap_or("project").to_owned()
}
