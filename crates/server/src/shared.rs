//! What the two forwarding directions and the session share. Every lock is held for a few lines and never across a wait.

use crate::code_actions::OwnActions;
use crate::fault::Fault;
use crate::handshake::Handshake;
use crate::route::{EditorNotice, LeanNotice, OwnRequest};
use bytes::Bytes;
use leanwright_wire::{Direction, Outbox, RequestId, Tape, TapeEntry};
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::mpsc;
use tokio::time::Instant;

/// How many messages may wait for the session. It is quick; if it falls this far behind, it is broken.
pub const OBSERVATIONS: usize = 4096;

/// A message for the session, after it has been forwarded.
#[derive(Debug)]
pub enum Observation {
    EditorNotified(EditorNotice, Bytes),
    /// A request that the session answers.
    Asked(OwnRequest, Bytes),
    /// The editor takes back a request that the session answers.
    TakenBack(RequestId),
    /// A request to Lean about the place where the editor's cursor is.
    Cursor(Bytes),
    LeanNotified(LeanNotice, Bytes),
    /// The answer to a request of ours.
    LeanAnswered(Bytes),
    /// Something on disk that this document imports is not what it was when its offers were verified.
    Outdated(String),
    EditorGone,
}

/// A request of the editor that Lean has not answered.
#[derive(Clone, Debug)]
pub enum Pending {
    Plain,
    Capabilities,
    /// The request's body, to find out which document and range it is about.
    CodeActions(Bytes),
}

/// Shared state. A lock that a panic left behind is used as it is: the data under it is whole after every statement.
pub struct Shared {
    pub to_editor: Outbox,
    pub to_lean: Outbox,
    observer: mpsc::Sender<Observation>,
    observing: AtomicBool,
    pending: Mutex<HashMap<RequestId, Pending>>,
    /// Requests of the editor that the session must answer.
    own_pending: Mutex<HashSet<RequestId>>,
    /// Versions of open documents, as of the last message that was forwarded.
    pub versions: Mutex<HashMap<String, i64>>,
    pub actions: Mutex<OwnActions>,
    /// What the handshake said.
    pub handshake: Mutex<Handshake>,
    off: Mutex<Vec<String>>,
    tape: Option<Mutex<Tape>>,
    pub fault: Option<Fault>,
    started: Instant,
    /// When the session was last shown where the cursor is.
    last_hint: AtomicU64,
}

pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    pub fn new(
        to_editor: Outbox,
        to_lean: Outbox,
        tape: Option<Tape>,
        fault: Option<Fault>,
    ) -> (Self, mpsc::Receiver<Observation>) {
        let (observer, observations) = mpsc::channel(OBSERVATIONS);
        let shared = Self {
            to_editor,
            to_lean,
            observer,
            observing: AtomicBool::new(true),
            pending: Mutex::default(),
            own_pending: Mutex::default(),
            versions: Mutex::default(),
            actions: Mutex::default(),
            handshake: Mutex::default(),
            off: Mutex::default(),
            tape: tape.map(Mutex::new),
            fault,
            started: Instant::now(),
            last_hint: AtomicU64::new(0),
        };
        (shared, observations)
    }

    /// Milliseconds since the start.
    pub fn now(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Whether it is time for another look at where the cursor is: a hint for an order is not worth waking the session for
    /// with every message of an editor that asks for goals as fast as it can.
    pub fn may_hint(&self) -> bool {
        const EVERY: u64 = 100;
        let now = self.now() + EVERY;
        let last = self.last_hint.load(Ordering::Relaxed);
        now >= last + EVERY && self.last_hint.compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }

    pub fn record(&self, direction: Direction, body: &Bytes) {
        if let Some(tape) = &self.tape {
            lock(tape).push(&TapeEntry::new(self.now(), direction, body));
        }
    }

    /// Show a message to the session. Never waits: a session that does not keep up is switched off.
    pub fn observe(&self, observation: Observation) {
        if self.is_observing() && self.observer.try_send(observation).is_err() {
            self.switch_off("the session does not keep up with the editor");
        }
    }

    pub fn is_observing(&self) -> bool {
        self.observing.load(Ordering::Acquire)
    }

    /// Switch our own part off: forwarding goes on, what is on offer is withdrawn, who waits for us is answered.
    pub fn switch_off(&self, why: &str) {
        if !self.observing.swap(false, Ordering::AcqRel) {
            return;
        }
        tracing::error!("switched off: {why}");
        lock(&self.off).push(format!("session: {why}"));
        lock(&self.actions).clear();
        let waiting: Vec<RequestId> = lock(&self.own_pending).drain().collect();
        for id in waiting {
            self.to_editor.try_send(switched_off(&id, &self.off()));
        }
    }

    /// A part of ours has failed that the session can do without.
    pub fn part_off(&self, part: &str, why: &str) {
        tracing::error!("{part}: {why}");
        let text = format!("{part}: {why}");
        let mut off = lock(&self.off);
        if !off.contains(&text) {
            off.push(text);
        }
    }

    /// The parts that are off, with reasons.
    pub fn off(&self) -> Vec<String> {
        lock(&self.off).clone()
    }

    pub fn expect(&self, id: &str, pending: Pending) {
        lock(&self.pending).insert(RequestId::new(id), pending);
    }

    /// Lean has answered: what was the request? `None` if the editor did not ask.
    pub fn answered(&self, id: &str) -> Option<Pending> {
        lock(&self.pending).remove(&RequestId::new(id))
    }

    /// The editor's requests that Lean will never answer.
    pub fn unanswered(&self) -> Vec<RequestId> {
        lock(&self.pending).drain().map(|(id, _)| id).collect()
    }

    pub fn own_expect(&self, id: &RequestId) {
        lock(&self.own_pending).insert(id.clone());
    }

    pub fn own_is_pending(&self, id: &RequestId) -> bool {
        lock(&self.own_pending).contains(id)
    }

    /// Answer one of our own requests, once: later answers are dropped.
    pub async fn own_answer(&self, id: &RequestId, answer: Bytes) {
        let waits = lock(&self.own_pending).remove(id);
        if waits {
            self.to_editor.send(answer).await;
        }
    }
}

/// The answer to one of our own requests while our part is off.
pub fn switched_off(id: &RequestId, off: &[String]) -> Bytes {
    let why = format!("Leanwright's own part is off ({}); Lean itself goes on", off.join("; "));
    leanwright_wire::message::error(id, leanwright_wire::message::INTERNAL_ERROR, &why)
}
