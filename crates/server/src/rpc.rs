//! Our own RPC sessions with Lean's workers, one per document: interactive goals, reduced to parts.
//!
//! The editor's sessions are not touched. References are released as soon as the answer has been read.

use crate::lean_client::{LeanClient, LeanFault, OUTDATED_SESSION, place};
use crate::shared::{Shared, lock};
use leanwright_contract::{GoalParts, GoalsResult, HypothesisView, Mark};
use leanwright_lean::Position;
use leanwright_lean::interactive::{InteractiveGoal, InteractiveGoals, plain, references};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::Instant;

/// Lean ends a session 30 s after it was last kept alive.
const KEEP_ALIVE: Duration = Duration::from_secs(10);

/// A session that nobody has used for this long is left to end.
const UNUSED: Duration = Duration::from_secs(60);

struct RpcSession {
    id: String,
    used: Instant,
}

/// The sessions that are open.
#[derive(Clone)]
pub struct RpcSessions {
    shared: Arc<Shared>,
    lean: LeanClient,
    open: Arc<Mutex<HashMap<String, RpcSession>>>,
}

impl RpcSessions {
    pub fn new(shared: Arc<Shared>, lean: LeanClient) -> Self {
        Self { shared, lean, open: Arc::default() }
    }

    /// The goals at a place, tactic and term, for the version that the document has.
    pub async fn goals(&self, uri: &str, version: i64, position: Position) -> Result<GoalsResult, LeanFault> {
        let tactic = self.call(uri, "Lean.Widget.getInteractiveGoals", position).await?;
        let term = self.call(uri, "Lean.Widget.getInteractiveTermGoal", position).await?;
        let unreadable = |error: serde_json::Error| LeanFault {
            code: leanwright_wire::message::INTERNAL_ERROR,
            message: format!("Lean's answer cannot be read: {error}"),
        };
        let tactic: Option<InteractiveGoals> = serde_json::from_value(tactic).map_err(unreadable)?;
        let term: Option<InteractiveGoal> = serde_json::from_value(term).map_err(unreadable)?;
        Ok(GoalsResult {
            version,
            goals: tactic.map(|tactic| tactic.goals.iter().map(goal_parts).collect()),
            term_goal: term.as_ref().map(goal_parts),
        })
    }

    /// Call a method that answers with references, and release those. A session that has ended is opened anew, once.
    async fn call(&self, uri: &str, method: &str, position: Position) -> Result<Value, LeanFault> {
        let mut again = true;
        loop {
            let session = self.session(uri).await?;
            let at = serde_json::to_value(place(uri, position)).unwrap_or_default();
            let mut params = at.clone();
            if let Some(members) = params.as_object_mut() {
                members.insert("sessionId".into(), session.clone().into());
                members.insert("method".into(), method.into());
                members.insert("params".into(), at);
            }
            match self.lean.request("$/lean/rpc/call", params).await {
                Ok(answer) => {
                    let answer: Value = serde_json::from_str(answer.get()).unwrap_or_default();
                    let refs = references(&answer, lock(&self.shared.handshake).new_references);
                    if !refs.is_empty() {
                        let release = json!({ "uri": uri, "sessionId": session, "refs": refs });
                        self.lean.notify("$/lean/rpc/release", release).await;
                    }
                    return Ok(answer);
                }
                Err(fault) if fault.code == OUTDATED_SESSION && again => {
                    again = false;
                    lock(&self.open).remove(uri);
                }
                Err(fault) => {
                    if fault.is_lost() {
                        lock(&self.open).remove(uri);
                    }
                    return Err(fault);
                }
            }
        }
    }

    async fn session(&self, uri: &str) -> Result<String, LeanFault> {
        if let Some(session) = lock(&self.open).get_mut(uri) {
            session.used = Instant::now();
            return Ok(session.id.clone());
        }
        let answer = self.lean.request("$/lean/rpc/connect", json!({ "uri": uri })).await?;
        // An opaque string: it has 64 bits, which a JSON number would not keep.
        let answer: Value = serde_json::from_str(answer.get()).unwrap_or_default();
        let Some(id) = answer.get("sessionId").and_then(Value::as_str).map(str::to_owned) else {
            let message = "Lean opened no RPC session".to_owned();
            return Err(LeanFault { code: leanwright_wire::message::INTERNAL_ERROR, message });
        };
        lock(&self.open).insert(uri.to_owned(), RpcSession { id: id.clone(), used: Instant::now() });
        tokio::spawn(self.clone().keep_alive(uri.to_owned(), id.clone()));
        Ok(id)
    }

    async fn keep_alive(self, uri: String, id: String) {
        loop {
            tokio::time::sleep(KEEP_ALIVE).await;
            {
                let mut open = lock(&self.open);
                let Some(session) = open.get(&uri).filter(|session| session.id == id) else { return };
                let closed = !lock(&self.shared.versions).contains_key(&uri);
                if closed || session.used.elapsed() > UNUSED {
                    open.remove(&uri);
                    return;
                }
            }
            self.lean.notify("$/lean/rpc/keepAlive", json!({ "uri": uri, "sessionId": id })).await;
        }
    }
}

fn goal_parts(goal: &InteractiveGoal) -> GoalParts {
    let mark = |inserted: Option<bool>, removed: Option<bool>| match (inserted, removed) {
        (Some(true), _) => Mark::New,
        (_, Some(true)) => Mark::Gone,
        _ => Mark::Same,
    };
    let hypotheses = goal.hyps.iter().map(|one| HypothesisView {
        names: one.names.iter().filter(|name| *name != "[anonymous]").cloned().collect(),
        type_: plain(&one.type_),
        value: one.value.as_ref().map(plain),
        mark: mark(one.is_inserted, one.is_removed),
    });
    GoalParts {
        case: goal.case.clone().filter(|case| !case.is_empty()),
        hypotheses: hypotheses.collect(),
        target: plain(&goal.type_),
        mark: mark(goal.is_inserted, goal.is_removed),
    }
}
