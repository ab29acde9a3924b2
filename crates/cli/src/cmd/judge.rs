//! `leanwright judge`: the judge as a program. Requests come in and events go out, one JSON object a line. What comes in may be anything; each line gets an answer.

use super::replay::{judge_attempt, judge_name};
use crate::settings::{Settings, toolchain};
use anyhow::Context;
use leanwright_contract::{JudgeEvent, JudgeRequest};
use leanwright_procs::stdio;
use leanwright_project::Project;
use leanwright_verify::{JudgeService, OpenLemmas};
use std::collections::HashMap;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// The longest line that is read, in bytes.
const MAX_LINE: usize = 64 << 20;

/// Requests that have not ended, each with what cancels it. An entry is taken out by nobody but the request itself.
type Open = Arc<Mutex<HashMap<String, CancellationToken>>>;

pub async fn run() -> anyhow::Result<ExitCode> {
    let toolchain = toolchain(false, &mut |_| {})?;
    let ready = JudgeEvent::Ready { judge: judge_name(), toolchain: toolchain.describe() };
    let service = Arc::new(JudgeService::start(toolchain, Settings::load()?.judge()));
    let answered = answer(Arc::clone(&service), ready).await;
    service.end().await;
    answered
}

/// Answer the requests on standard input, behind a first event.
async fn answer(service: Arc<JudgeService>, ready: JudgeEvent) -> anyhow::Result<ExitCode> {
    let (events, waiting) = mpsc::unbounded_channel();
    let _ = events.send(ready);
    let mut desk = Desk { service, events, open: Open::default(), judging: JoinSet::new() };
    let writing = tokio::spawn(write_events(waiting));
    tokio::pin!(writing);
    let mut input = BufReader::new(stdio::input());
    let mut lines = Lines::default();
    loop {
        tokio::select! {
            // Whoever does not read any more has no use for a judge.
            written = &mut writing => {
                written?.context("could not write an event")?;
                return Ok(ExitCode::FAILURE);
            }
            read = lines.read(&mut input) => match read.context("could not read a request")? {
                true => desk.take(&lines.line),
                false => break,
            }
        }
        while desk.judging.try_join_next().is_some() {}
    }
    // The input has ended: what was asked is still answered.
    let Desk { events, mut judging, .. } = desk;
    drop(events);
    let answering = async { while judging.join_next().await.is_some() {} };
    tokio::select! {
        written = &mut writing => written?.context("could not write an event")?,
        () = answering => (&mut writing).await?.context("could not write an event")?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Where requests arrive.
struct Desk {
    service: Arc<JudgeService>,
    events: mpsc::UnboundedSender<JudgeEvent>,
    open: Open,
    judging: JoinSet<()>,
}

impl Desk {
    fn take(&mut self, line: &[u8]) {
        if line.trim_ascii().is_empty() {
            return;
        }
        let request = if line.len() > MAX_LINE {
            Err(format!("longer than {MAX_LINE} bytes"))
        } else {
            serde_json::from_slice(line).map_err(|error| error.to_string())
        };
        match request {
            Ok(JudgeRequest::Cancel { id }) => {
                if let Some(open) = lock(&self.open).get(&id) {
                    open.cancel();
                }
            }
            Ok(JudgeRequest::Judge { id, .. }) if lock(&self.open).contains_key(&id) => {
                let why = format!("a request with the id `{id}` has not ended");
                let _ = self.events.send(JudgeEvent::Refused { id: Some(id), why });
            }
            Ok(request) => self.begin(request),
            Err(error) => {
                let request = serde_json::from_slice::<serde_json::Value>(line).ok();
                let id = request.and_then(|request| Some(request.get("id")?.as_str()?.to_owned()));
                let _ = self.events.send(JudgeEvent::Refused { id, why: format!("not a request: {error}") });
            }
        }
    }

    fn begin(&mut self, request: JudgeRequest) {
        let JudgeRequest::Judge { id, root, attempt, text } = request else { return };
        let cancelled = CancellationToken::new();
        lock(&self.open).insert(id.clone(), cancelled.clone());
        let (service, events, open) = (Arc::clone(&self.service), self.events.clone(), Arc::clone(&self.open));
        self.judging.spawn(async move {
            let (own, steps) = (id.clone(), events.clone());
            // A task of its own: whatever becomes of it, there is a last event.
            let judging = tokio::spawn(async move {
                let finding = tokio::task::spawn_blocking(move || {
                    let root = std::fs::canonicalize(&root).with_context(|| format!("could not find `{root}`"))?;
                    anyhow::Ok(Project::of(&root)?)
                });
                let project = finding.await??;
                let step = |step| drop(steps.send(JudgeEvent::Step { id: own.clone(), step }));
                let (root, open_lemmas) = (&project.root, OpenLemmas::Refused);
                anyhow::Ok(judge_attempt(&service, root, &attempt, text, open_lemmas, step, &cancelled).await)
            });
            let event = match judging.await {
                Ok(Ok(Some((result, _)))) => JudgeEvent::Judged { id: id.clone(), result: Box::new(result) },
                Ok(Ok(None)) => JudgeEvent::Cancelled { id: id.clone() },
                Ok(Err(error)) => JudgeEvent::Refused { id: Some(id.clone()), why: format!("{error:#}") },
                Err(error) => {
                    JudgeEvent::Refused { id: Some(id.clone()), why: format!("the judge has failed: {error}") }
                }
            };
            // Who reads the last event may use the id again.
            lock(&open).remove(&id);
            let _ = events.send(event);
        });
    }
}

/// Reads lines of any bytes, of which at most one more than `MAX_LINE` is kept.
#[derive(Default)]
struct Lines {
    line: Vec<u8>,
    is_whole: bool,
}

impl Lines {
    /// Read the next one; `false` at the end of the input.
    async fn read(&mut self, input: &mut (impl AsyncBufRead + Unpin)) -> std::io::Result<bool> {
        if std::mem::take(&mut self.is_whole) {
            self.line.clear();
        }
        while !self.is_whole {
            let rest = input.fill_buf().await?;
            if rest.is_empty() {
                self.is_whole = true;
                return Ok(!self.line.is_empty());
            }
            let end = rest.iter().position(|byte| *byte == b'\n');
            let part = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
            let room = (MAX_LINE + 1).saturating_sub(self.line.len());
            self.line.extend_from_slice(part.get(..room.min(part.len())).unwrap_or_default());
            self.is_whole = end.is_some();
            let read = part.len() + usize::from(end.is_some());
            input.consume(read);
        }
        Ok(true)
    }
}

async fn write_events(mut waiting: mpsc::UnboundedReceiver<JudgeEvent>) -> std::io::Result<()> {
    let mut out = stdio::output();
    let mut line = Vec::new();
    while let Some(event) = waiting.recv().await {
        line.clear();
        leanwright_contract::write_line(&mut line, &event)?;
        out.write_all(&line).await?;
        out.flush().await?;
    }
    Ok(())
}

fn lock(open: &Open) -> MutexGuard<'_, HashMap<String, CancellationToken>> {
    open.lock().unwrap_or_else(PoisonError::into_inner)
}
