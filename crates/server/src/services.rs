//! What the session has done by others: the runner, one request at a time, and the judge, several candidates at a time.

use crate::fault::{Fault, panic_text};
use crate::shared::{Shared, lock};
use crate::task_packer::TaskPacker;
use leanwright_contract::{MineTask, RunnerResponse, VerdictState};
use leanwright_engine::{Event, JobId, Outgoing};
use leanwright_procs::{Launcher, Runner, RunnerAccess, RunnerCommand, Toolchain};
use leanwright_project::ImportStamps;
use leanwright_verify::{Candidate, Finding, JudgeService, JudgeSettings, Judgement};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinError;
use tokio_util::sync::CancellationToken;

/// Which runner is asked, and how patiently.
#[derive(Clone, Debug)]
pub struct RunnerSettings {
    /// Program and arguments.
    pub command: Vec<String>,
    /// What it is confined to, unless it is trusted.
    pub access: Option<RunnerAccess>,
    pub deadline: Duration,
    /// What may leave the machine.
    pub outgoing: Arc<Outgoing>,
}

/// The session's hands. A fault in one of them is an answer like any other, and is shown in the status.
pub struct Services {
    shared: Arc<Shared>,
    packer: TaskPacker,
    judge: Arc<JudgeService>,
    /// Whether offers get a negative control.
    control: bool,
    /// One control at a time: by its turn, an offer may be gone.
    controls: Arc<tokio::sync::Mutex<()>>,
    /// What was imported when a job's verdict began, until the session takes it.
    stamps: Arc<Mutex<HashMap<JobId, Arc<ImportStamps>>>>,
    /// What takes back the work on a job.
    jobs: HashMap<JobId, CancellationToken>,
    events: mpsc::UnboundedSender<Event>,
    requests: mpsc::UnboundedSender<RunnerRequest>,
}

/// A runner and the folder that it was started in.
type Running = (PathBuf, Runner);

/// A task for the runner.
struct RunnerRequest {
    job: JobId,
    withdrawn: CancellationToken,
    root: PathBuf,
    task: Box<MineTask>,
}

impl Services {
    pub fn new(
        shared: Arc<Shared>,
        toolchain: Toolchain,
        judge: JudgeSettings,
        runner: Result<RunnerSettings, String>,
        events: mpsc::UnboundedSender<Event>,
    ) -> Self {
        let (requests, waiting) = mpsc::unbounded_channel();
        let outgoing = runner.as_ref().map(|runner| Arc::clone(&runner.outgoing)).unwrap_or_default();
        let packer = TaskPacker::new(outgoing);
        let launcher = toolchain.launcher.clone();
        tokio::spawn(ask_runner(Arc::clone(&shared), launcher, runner, packer.clone(), waiting, events.clone()));
        // The control of an offer runs when nothing else is waiting for a verdict.
        let control = judge.control;
        let judge = Arc::new(JudgeService::start(toolchain, JudgeSettings { control: false, ..judge }));
        let (controls, stamps) = (Arc::default(), Arc::default());
        Self { shared, packer, judge, control, controls, stamps, jobs: HashMap::new(), events, requests }
    }

    pub fn ask(&mut self, job: JobId, root: PathBuf, task: Box<MineTask>) {
        let withdrawn = self.jobs.entry(job).or_default().clone();
        // The other end goes only with the session itself.
        let _ = self.requests.send(RunnerRequest { job, withdrawn, root, task });
    }

    /// Take back all work on jobs that nobody wants any more: what is judged for them is stopped, and the runner is not asked if it was not yet.
    pub fn keep_only(&mut self, wanted: impl Fn(JobId) -> bool) {
        self.jobs.retain(|job, withdrawn| {
            let keep = wanted(*job);
            if !keep {
                withdrawn.cancel();
            }
            keep
        });
    }

    /// The judge gives up what it is doing; its processes are gone before its copies are.
    pub async fn end(&self) {
        self.judge.end().await;
    }

    /// What shows the user what a runner would get.
    pub fn packer(&self) -> TaskPacker {
        self.packer.clone()
    }

    /// What was imported when the verdict of this job began.
    pub fn take_stamps(&self, job: JobId) -> Option<Arc<ImportStamps>> {
        lock(&self.stamps).remove(&job)
    }

    /// Judge a candidate for this version of a document.
    pub fn judge(&mut self, job: JobId, uri: String, version: i64, candidate: Candidate) {
        let (shared, judge, events) = (Arc::clone(&self.shared), Arc::clone(&self.judge), self.events.clone());
        let (controls, kept) = (Arc::clone(&self.controls), Arc::clone(&self.stamps));
        let fault = self.shared.fault;
        let control = self.control.then(|| Arc::clone(&self.judge));
        let withdrawn = self.jobs.entry(job).or_default().clone();
        tokio::spawn(async move {
            let again = candidate.clone();
            let judged = tokio::spawn(async move {
                Fault::strike(fault, Fault::Judge);
                let mut question = judge.submit(candidate);
                withdrawn.run_until_cancelled(question.judgement()).await.transpose()
            });
            let judge = control;
            let verdict = match judged.await {
                Ok(Ok(None)) => return,
                Ok(Ok(Some(Judgement { verdict, stamps, .. }))) => {
                    if !stamps.hold() {
                        let root = again.root.display().to_string();
                        let _ = events.send(Event::ImportsChanged { root, by: None });
                    }
                    lock(&kept).insert(job, stamps);
                    verdict
                }
                Ok(Err(error)) | Err(error) => {
                    let why = fault_text(error);
                    shared.part_off("judge", &why);
                    Judgement::unknown(&again, &format!("the judge has failed: {why}")).verdict
                }
            };
            let accepted = verdict.state == VerdictState::Accepted;
            let _ = events.send(Event::Judged { job, verdict: Box::new(verdict) });
            let Some(judge) = judge.filter(|_| accepted) else { return };
            let _one_at_a_time = controls.lock().await;
            if lock(&shared.versions).get(&uri) == Some(&version)
                && let Ok(Some(Finding { outcome, note })) = judge.control_when_idle(again).await
            {
                let _ = events.send(Event::Controlled { job, outcome, note });
            }
        });
    }
}

fn fault_text(error: JoinError) -> String {
    match error.try_into_panic() {
        Ok(panic) => panic_text(&*panic),
        Err(error) => error.to_string(),
    }
}

/// Ask the runner one request after the other. A runner that fails is started anew for the next request.
async fn ask_runner(
    shared: Arc<Shared>,
    launcher: Launcher,
    settings: Result<RunnerSettings, String>,
    packer: TaskPacker,
    mut waiting: mpsc::UnboundedReceiver<RunnerRequest>,
    events: mpsc::UnboundedSender<Event>,
) {
    let mut running: Option<Running> = None;
    while let Some(RunnerRequest { job, withdrawn, root, task }) = waiting.recv().await {
        if withdrawn.is_cancelled() {
            continue;
        }
        let answer = match settings.clone() {
            Err(why) => Err(why),
            Ok(settings) => {
                let (taken, fault, packer) = (running.take(), shared.fault, packer.clone());
                let launcher = launcher.clone();
                let asked = tokio::spawn(async move {
                    Fault::strike(fault, Fault::Runner);
                    ask(&launcher, &settings, &packer, taken, root, &task).await
                });
                match asked.await {
                    Ok(Ok((kept, answer))) => {
                        running = Some(kept);
                        answer
                    }
                    Ok(Err(why)) => Err(why),
                    Err(error) => {
                        let why = fault_text(error);
                        shared.part_off("runner", &why);
                        Err(format!("asking the runner has failed: {why}"))
                    }
                }
            }
        };
        if events.send(Event::RunnerAnswered { job, answer }).is_err() {
            return;
        }
    }
}

/// Send one request. The outer error means that the runner is of no more use.
async fn ask(
    launcher: &Launcher,
    settings: &RunnerSettings,
    packer: &TaskPacker,
    running: Option<Running>,
    root: PathBuf,
    task: &MineTask,
) -> Result<(Running, Result<Box<RunnerResponse>, String>), String> {
    let (packer, place, own) = (packer.clone(), root.clone(), task.clone());
    let sent = tokio::task::spawn_blocking(move || packer.task(&place, &own, Vec::new())).await;
    let line = sent.map_err(|error| error.to_string())?.map_err(|error| error.to_string())?.to_string();
    let mut runner = match running {
        Some((started_in, runner)) if started_in == root => runner,
        _ => {
            let RunnerSettings { command, access, .. } = settings.clone();
            let how = RunnerCommand { command, lake_root: root.clone(), access };
            Runner::start(launcher, &how).await.map_err(|error| error.to_string())?
        }
    };
    let answer = runner.ask(&line, settings.deadline).await.map_err(|error| error.to_string())?;
    let response: RunnerResponse =
        serde_json::from_str(&answer).map_err(|error| format!("the runner's answer is not a response: {error}"))?;
    if response.task_id != task.task_id {
        return Err(format!("the runner answered the task `{}`, not `{}`", response.task_id, task.task_id));
    }
    Ok(((root, runner), Ok(Box::new(response))))
}
