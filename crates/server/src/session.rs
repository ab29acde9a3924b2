//! The loop that drives the engine: everything that can wake it is an observation, an event or the clock.

use crate::fault::Fault;
use crate::lean_client::LeanClient;
use crate::progress::Progress;
use crate::recorder::Recorder;
use crate::route::{EditorNotice, LeanNotice};
use crate::rpc::RpcSessions;
use crate::services::{RunnerSettings, Services};
use crate::shared::{Observation, Shared, lock};
use bytes::Bytes;
use leanwright_contract::{SourceFile, editor as own};
use leanwright_engine::{Effect, Engine, EngineSettings, Event, JobId, LeanQuery, ProveToken};
use leanwright_lean::{Position, dialect};
use leanwright_procs::Toolchain;
use leanwright_project::{ImportStamps, Project};
use leanwright_verify::{Candidate, JudgeSettings};
use leanwright_wire::{Envelope, Peer, RequestId, message};
use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

pub struct SessionSettings {
    pub toolchain: Toolchain,
    /// `Err` says why there is none.
    pub runner: Result<RunnerSettings, String>,
    pub engine: EngineSettings,
    pub judge: JudgeSettings,
    pub recorder: Option<Recorder>,
}

/// The one owner of the engine.
pub struct Session {
    pub(crate) shared: Arc<Shared>,
    pub(crate) engine: Engine,
    pub(crate) services: Services,
    events: mpsc::UnboundedReceiver<Event>,
    sender: mpsc::UnboundedSender<Event>,
    pub(crate) lean: LeanClient,
    pub(crate) rpc: RpcSessions,
    /// The engine's queries that are on their way.
    asked: HashMap<LeanQuery, AbortHandle>,
    /// The editor's requests that work goes on for.
    pub(crate) proving: HashMap<ProveToken, Asker>,
    /// The editor's requests that a task of its own answers.
    pub(crate) answering: HashMap<RequestId, AbortHandle>,
    pub(crate) next_token: u64,
    next_editor_request: u64,
    wake_at: Option<u64>,
    progress: Progress,
    /// What was imported when an offer's verdict began.
    stamps: HashMap<JobId, Arc<ImportStamps>>,
    /// The words of each document's lenses, as the editor was told that they have changed.
    lenses_shown: HashMap<String, Vec<String>>,
    recorder: Option<Recorder>,
    pub(crate) toolchain: Toolchain,
    pub(crate) runner: Vec<String>,
}

/// Who wants to know how a proof went.
pub(crate) enum Asker {
    Request(RequestId),
    /// A command: it was answered when the work began, so the user is told.
    User,
}

impl Session {
    pub fn new(shared: Arc<Shared>, settings: SessionSettings) -> Self {
        let (sender, events) = mpsc::unbounded_channel();
        let runner = settings.runner.as_ref().map(|runner| runner.command.clone()).unwrap_or_default();
        let services = Services::new(
            Arc::clone(&shared),
            settings.toolchain.clone(),
            settings.judge,
            settings.runner,
            sender.clone(),
        );
        let lean = LeanClient::new(Arc::clone(&shared));
        Self {
            engine: Engine::new(settings.engine),
            services,
            events,
            sender,
            rpc: RpcSessions::new(Arc::clone(&shared), lean.clone()),
            lean,
            asked: HashMap::new(),
            proving: HashMap::new(),
            answering: HashMap::new(),
            next_token: 0,
            next_editor_request: 1 << 32,
            wake_at: None,
            progress: Progress::default(),
            stamps: HashMap::new(),
            lenses_shown: HashMap::new(),
            recorder: settings.recorder,
            toolchain: settings.toolchain,
            runner,
            shared,
        }
    }

    pub async fn run(mut self, mut observations: mpsc::Receiver<Observation>) {
        loop {
            let now = self.shared.now();
            let sleep = self.wake_at.map(|at| Duration::from_millis(at.saturating_sub(now)));
            tokio::select! {
                // In this order: what the editor has written is seen before an answer of Lean's to something older.
                biased;
                observation = observations.recv() => match observation {
                    None | Some(Observation::EditorGone) => return self.services.end().await,
                    Some(observation) => self.observed(observation).await,
                },
                Some(event) = self.events.recv() => self.step(event).await,
                () = tokio::time::sleep(sleep.unwrap_or_default()), if sleep.is_some() => {
                    self.wake_at = self.wake_at.filter(|at| self.shared.now() < *at);
                    self.step(Event::Tick).await;
                }
            }
        }
    }

    pub(crate) async fn step(&mut self, event: Event) {
        if matches!(event, Event::Opened { .. }) {
            Fault::strike(self.shared.fault, Fault::Session);
        }
        if let Event::LeanAnswered { query, .. } | Event::Lost { query } = &event {
            self.asked.remove(query);
        }
        if let Event::Judged { job, .. } = &event
            && let Some(stamps) = self.services.take_stamps(*job)
        {
            self.stamps.insert(*job, stamps);
        }
        let now = self.shared.now();
        let recorded = self.recorder.is_some().then(|| event.clone());
        let effects = self.engine.handle(now, event);
        self.services.keep_only(|job| self.engine.view().is_worked_on(job));
        if let (Some(recorder), Some(event)) = (&mut self.recorder, recorded) {
            recorder.record(now, &event, &effects);
        }
        // What has changed can be asked for before anybody is answered: who asked for a proof may ask for the offer at once.
        let is_change = |effect: &Effect| matches!(effect, Effect::OffersChanged { .. } | Effect::HolesChanged { .. });
        let (changes, others): (Vec<_>, Vec<_>) = effects.into_iter().partition(is_change);
        for effects in [changes, others] {
            let mut changed = BTreeSet::new();
            for effect in effects {
                self.perform(effect, &mut changed).await;
            }
            self.tell_changes(&changed);
        }
    }

    async fn perform(&mut self, effect: Effect, changed: &mut BTreeSet<(String, bool)>) {
        match effect {
            Effect::AskLean { query } => self.ask(query),
            Effect::Withdraw { query } => {
                if let Some(task) = self.asked.remove(&query) {
                    task.abort();
                }
            }
            Effect::AskRunner { job, root, task } => self.services.ask(job, root.into(), task),
            Effect::Judge { job, uri, version, source_file, before, span, replacement } => {
                let (root, file) = (source_file.root.into(), source_file.file.into());
                self.services.judge(job, uri, version, Candidate { root, file, before, span, replacement });
            }
            Effect::RespondProve { token, result } => {
                let (id, result) = match (self.proving.remove(&token), result) {
                    (Some(Asker::Request(id)), result) => (id, result),
                    (Some(Asker::User), result) => {
                        self.tell_user(result.as_ref().map(|result| std::slice::from_ref(&**result)));
                        return;
                    }
                    (None, _) => return,
                };
                self.answer(&id, result.map(|result| *result)).await;
            }
            Effect::RespondProveAll { token, result } => match self.proving.remove(&token) {
                Some(Asker::Request(id)) => self.answer(&id, result).await,
                Some(Asker::User) => self.tell_user(result.as_ref().map(|all| all.results.as_slice())),
                None => {}
            },
            Effect::HolesChanged { uri } => {
                changed.insert((uri, false));
            }
            Effect::OffersChanged { uri } => {
                changed.insert((uri, true));
            }
            Effect::WakeAt { at } => self.wake_at = Some(self.wake_at.map_or(at, |earlier| earlier.min(at))),
        }
    }

    /// Tell the editor what is worth asking for again. Notifications are dropped rather than waited for.
    fn tell_changes(&mut self, changed: &BTreeSet<(String, bool)>) {
        if changed.is_empty() {
            return;
        }
        self.stamps.retain(|job, _| self.engine.view().is_offered(*job));
        for (uri, offers) in changed {
            let (offered, open) = (self.engine.view().offers(uri), self.engine.view().open_holes(uri));
            let commands = lock(&self.shared.handshake).own_command;
            lock(&self.shared.actions).set(uri, offered, &self.stamps, &open, commands);
            let method = if *offers { own::OFFERS_CHANGED } else { own::HOLES_CHANGED };
            let params = own::DocumentParams { text_document: own::DocumentUri { uri: uri.clone() } };
            self.shared.to_editor.try_send(message::notification(method, params));
        }
        self.progress.update(&self.shared, &self.engine.view().running());
        let wanted = {
            let handshake = lock(&self.shared.handshake);
            handshake.own_lenses && handshake.lens_refresh
        };
        if !wanted {
            return;
        }
        // Editors ask for lenses again by themselves after an edit: only new words are worth a request.
        let mut lenses_differ = false;
        for (uri, _) in changed {
            let titles: Vec<String> = self.engine.view().lenses(uri).into_iter().map(|lens| lens.title).collect();
            lenses_differ |= self.lenses_shown.insert(uri.clone(), titles.clone()) != Some(titles);
        }
        if lenses_differ {
            self.next_editor_request += 1;
            let id = RequestId::own(Peer::Editor, self.next_editor_request);
            self.shared.to_editor.try_send(message::request(&id, "workspace/codeLens/refresh", ()));
        }
    }

    /// Ask Lean in a task of its own, which is aborted when the query is withdrawn.
    fn ask(&mut self, query: LeanQuery) {
        let (lean, sender, asked) = (self.lean.clone(), self.sender.clone(), query.clone());
        let task = tokio::spawn(async move {
            let answer = lean.ask(&asked).await;
            // Newer text has been forwarded: the engine is about to hear of it and to take the query back.
            if !lean.is_current(&asked.uri, asked.version) {
                return;
            }
            let event = match answer {
                Ok(reply) => Event::LeanAnswered { query: asked, answer: Ok(reply) },
                Err(fault) if fault.is_lost() => Event::Lost { query: asked },
                Err(fault) => Event::LeanAnswered { query: asked, answer: Err(fault.message) },
            };
            let _ = sender.send(event);
        });
        self.asked.insert(query, task.abort_handle());
    }

    async fn observed(&mut self, observation: Observation) {
        match observation {
            Observation::EditorNotified(notice, body) => self.notified(notice, params_of(&body)).await,
            Observation::Asked(request, body) => {
                let Some(envelope) = Envelope::parse(&body) else { return };
                if let Some(id) = envelope.id {
                    self.own_request(&RequestId::new(id.get()), request, &envelope).await;
                }
            }
            Observation::TakenBack(id) => self.taken_back(&id).await,
            Observation::Cursor(body) => {
                if let Ok(at) = serde_json::from_str::<dialect::DocumentPosition>(params_of(&body)) {
                    self.step(Event::Cursor { uri: at.document.uri, position: at.position }).await;
                }
            }
            Observation::LeanNotified(notice, body) => {
                if let Some(event) = lean_event(notice, params_of(&body)) {
                    self.step(event).await;
                }
            }
            Observation::LeanAnswered(body) => {
                let Some(envelope) = Envelope::parse(&body) else { return };
                if let Some(id) = envelope.id {
                    self.lean.answered(&envelope, id.get());
                }
            }
            Observation::Outdated(uri) => self.outdated(&uri).await,
            Observation::EditorGone => {}
        }
    }

    async fn notified(&mut self, notice: EditorNotice, params: &str) {
        let written = match notice {
            EditorNotice::Saved => {
                let saved = serde_json::from_str::<dialect::DidSave>(params);
                saved.map(|saved| BTreeSet::from([saved.document.uri])).unwrap_or_default()
            }
            EditorNotice::FilesChanged => {
                let watched = serde_json::from_str::<dialect::DidChangeWatchedFiles>(params);
                watched.map(|watched| watched.changes.into_iter().map(|file| file.uri).collect()).unwrap_or_default()
            }
            EditorNotice::Initialized | EditorNotice::Opened | EditorNotice::Changed | EditorNotice::Closed => {
                if let Some(event) = document_event(notice, params) {
                    self.step(event).await;
                }
                return;
            }
        };
        for event in self.files_changed(&written) {
            self.step(event).await;
        }
    }

    /// What files that were written mean to the open documents: any of a project may be imported by any other.
    fn files_changed(&self, uris: &BTreeSet<String>) -> Vec<Event> {
        let paths: Vec<PathBuf> = uris.iter().filter_map(|uri| path_of(uri)).collect();
        let roots = self.engine.view().roots().into_iter();
        let touched = roots.filter(|root| paths.iter().any(|path| path.starts_with(root)));
        // What the only one imports is as it was.
        let by = uris.first().filter(|_| uris.len() == 1).cloned();
        touched.map(|root| Event::ImportsChanged { root: root.to_owned(), by: by.clone() }).collect()
    }

    /// Something that a document imports has changed, and nobody has told us.
    pub(crate) async fn outdated(&mut self, uri: &str) {
        if let Some(root) = self.engine.view().root_of(uri).map(str::to_owned) {
            self.step(Event::ImportsChanged { root, by: None }).await;
        }
    }

    /// Withdraw the offer for the hole at a place if what the document imports has changed on disk.
    pub(crate) async fn look_again(&mut self, uri: &str, at: Position) {
        let stamps = self.engine.view().offer_at(uri, at).map(|offer| self.stamps.get(&offer.job));
        if stamps.is_some_and(|stamps| stamps.is_none_or(|stamps| !stamps.hold())) {
            self.outdated(uri).await;
        }
    }

    async fn taken_back(&mut self, id: &RequestId) {
        if let Some(task) = self.answering.remove(id) {
            task.abort();
            self.shared.own_answer(id, message::error(id, message::REQUEST_CANCELLED, "cancelled")).await;
        }
        let is_it = |asker: &Asker| matches!(asker, Asker::Request(asked) if asked == id);
        if let Some(token) = self.proving.iter().find(|(_, asker)| is_it(asker)).map(|(token, _)| *token) {
            self.step(Event::Cancel { token }).await;
        }
    }
}

/// The parameters of a message, as JSON.
fn params_of(body: &Bytes) -> &str {
    Envelope::parse(body).and_then(|envelope| envelope.params).map_or("null", |params| params.get())
}

/// What a notification of Lean's means to the engine.
fn lean_event(notice: LeanNotice, params: &str) -> Option<Event> {
    match notice {
        LeanNotice::Progress => {
            let progress: dialect::FileProgress = serde_json::from_str(params).ok()?;
            let has_crashed = progress.processing.iter().any(|part| part.kind == Some(dialect::PROGRESS_FATAL));
            has_crashed.then_some(Event::Crashed { uri: progress.document.uri })
        }
        LeanNotice::Diagnostics => {
            let published: dialect::PublishDiagnostics = serde_json::from_str(params).ok()?;
            Some(Event::Diagnostics { published: Box::new(published) })
        }
    }
}

/// What a notification of the editor's about a document means to the engine.
fn document_event(notice: EditorNotice, params: &str) -> Option<Event> {
    match notice {
        EditorNotice::Initialized => Some(Event::Ready),
        EditorNotice::Opened => {
            let document = serde_json::from_str::<dialect::DidOpen>(params).ok()?.document;
            let source_file = source_file_of(&document.uri);
            Some(Event::Opened { uri: document.uri, version: document.version, text: document.text, source_file })
        }
        EditorNotice::Changed => {
            let dialect::DidChange { document, changes } = serde_json::from_str(params).ok()?;
            Some(Event::Changed { uri: document.uri, version: document.version.unwrap_or_default(), changes })
        }
        EditorNotice::Closed => {
            Some(Event::Closed { uri: serde_json::from_str::<dialect::DidClose>(params).ok()?.document.uri })
        }
        EditorNotice::Saved | EditorNotice::FilesChanged => None,
    }
}

/// The file of a URI with its folder's links followed, as roots of projects are written.
fn path_of(uri: &str) -> Option<PathBuf> {
    let path = uri.parse::<lsp_types::Url>().ok()?.to_file_path().ok()?;
    let folder = path.parent().and_then(|folder| std::fs::canonicalize(folder).ok());
    Some(folder.and_then(|folder| Some(folder.join(path.file_name()?))).unwrap_or(path))
}

/// Where a document belongs; `None` for one that is in no project.
fn source_file_of(uri: &str) -> Option<SourceFile> {
    let path = uri.parse::<lsp_types::Url>().ok()?.to_file_path().ok()?;
    Project::locate(&path).ok().map(|(_, source_file)| source_file)
}
