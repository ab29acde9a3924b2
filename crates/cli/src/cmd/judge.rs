//! `leanwright judge`: the judge as a program. Requests come in and events go out, one JSON object a line.

use super::replay::{judge_attempt, judge_name};
use crate::settings::{Settings, toolchain};
use leanwright_contract::{JudgeEvent, JudgeRequest};
use leanwright_verify::{JudgeService, OpenLemmas};
use std::collections::HashMap;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

/// Requests that have not ended, each with what cancels it.
type Open = Arc<Mutex<HashMap<String, oneshot::Sender<()>>>>;

pub async fn run() -> anyhow::Result<ExitCode> {
    let toolchain = toolchain(false, &mut |_| {})?;
    let said = toolchain.describe();
    let service = Arc::new(JudgeService::start(toolchain, Settings::load()?.judge()));
    let (events, mut waiting) = mpsc::unbounded_channel::<JudgeEvent>();
    let writing = tokio::task::spawn_blocking(move || {
        let mut out = std::io::stdout().lock();
        while let Some(event) = waiting.blocking_recv() {
            // Whoever does not read any more has no use for a judge: the end of our input says so.
            let _ = leanwright_contract::write_line(&mut out, &event).and_then(|()| out.flush());
        }
    });
    let _ = events.send(JudgeEvent::Ready { judge: judge_name(), toolchain: said });
    let (open, mut judging) = (Open::default(), JoinSet::new());
    let mut lines = BufReader::new(leanwright_procs::stdio::input()).lines();
    while let Some(line) = lines.next_line().await? {
        while judging.try_join_next().is_some() {}
        match serde_json::from_str(&line) {
            _ if line.trim().is_empty() => {}
            Ok(JudgeRequest::Cancel { id }) => {
                if let Some(cancel) = lock(&open).remove(&id) {
                    let _ = cancel.send(());
                }
            }
            Ok(JudgeRequest::Judge { id, .. }) if lock(&open).contains_key(&id) => {
                let why = format!("a request with the id `{id}` has not ended");
                let _ = events.send(JudgeEvent::Refused { id: Some(id), why });
            }
            Ok(JudgeRequest::Judge { id, root, attempt, text }) => {
                let (cancel, cancelled) = oneshot::channel();
                lock(&open).insert(id.clone(), cancel);
                let (service, events, open) = (Arc::clone(&service), events.clone(), Arc::clone(&open));
                judging.spawn(async move {
                    let root = PathBuf::from(root);
                    let steps = events.clone();
                    let step = |step| drop(steps.send(JudgeEvent::Step { id: id.clone(), step }));
                    let judged = judge_attempt(&service, &root, &attempt, text, OpenLemmas::Refused, step, cancelled);
                    let event = match judged.await {
                        Some((result, _)) => JudgeEvent::Judged { id: id.clone(), result: Box::new(result) },
                        None => JudgeEvent::Cancelled { id: id.clone() },
                    };
                    // Who reads the last event may use the id again.
                    lock(&open).remove(&id);
                    let _ = events.send(event);
                });
            }
            Err(error) => {
                let id = serde_json::from_str::<serde_json::Value>(&line).ok();
                let id = id.and_then(|request| Some(request.get("id")?.as_str()?.to_owned()));
                let _ = events.send(JudgeEvent::Refused { id, why: format!("not a request: {error}") });
            }
        }
    }
    // The input has ended: what was asked is still answered.
    while judging.join_next().await.is_some() {}
    drop(events);
    writing.await?;
    Ok(ExitCode::SUCCESS)
}

fn lock(open: &Open) -> std::sync::MutexGuard<'_, HashMap<String, oneshot::Sender<()>>> {
    open.lock().unwrap_or_else(PoisonError::into_inner)
}
