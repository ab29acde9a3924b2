//! `$/progress` for the work on holes, in editors that show it: begins, changes and ends with the work.

use crate::shared::{Shared, lock};
use leanwright_engine::{JobId, Running};
use leanwright_wire::{Peer, RequestId, message};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What the editor has been told about work that goes on.
#[derive(Default)]
pub struct Progress {
    shown: BTreeMap<JobId, &'static str>,
}

impl Progress {
    /// Tell the editor what has changed since it was told last.
    pub fn update(&mut self, shared: &Arc<Shared>, running: &[Running]) {
        if !lock(&shared.handshake).progress {
            return;
        }
        let ended = |job: &JobId| !running.iter().any(|running| running.job == *job);
        let ended: Vec<JobId> = self.shown.keys().filter(|job| ended(job)).copied().collect();
        for job in ended {
            self.shown.remove(&job);
            send(shared, job, json!({ "kind": "end" }));
        }
        for Running { job, what, step, .. } in running {
            match self.shown.insert(*job, step) {
                None => {
                    let id = RequestId::own(Peer::Editor, job.0);
                    let create =
                        message::request(&id, "window/workDoneProgress/create", json!({ "token": token(*job) }));
                    shared.to_editor.try_send(create);
                    let begin = json!({ "kind": "begin", "title": format!("Proving {what}"), "message": step });
                    send(shared, *job, begin);
                }
                Some(before) if before != *step => send(shared, *job, json!({ "kind": "report", "message": step })),
                Some(_) => {}
            }
        }
    }
}

fn token(job: JobId) -> String {
    format!("leanwright/{}", job.0)
}

fn send(shared: &Arc<Shared>, job: JobId, value: serde_json::Value) {
    shared.to_editor.try_send(message::notification("$/progress", json!({ "token": token(job), "value": value })));
}
