//! What the session has done by others: the runner, one question at a time, and the judge, several candidates at a time.

use leanwright_contract::{MineTask, RunnerResponse, Verdict};
use leanwright_engine::{Answer, Event, JobId, Origin};
use leanwright_procs::{Runner, RunnerCommand, RunnerError, Toolchain};
use leanwright_verify::{Candidate, Judge};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// Which runner is asked, and how patiently.
#[derive(Clone, Debug)]
pub struct RunnerSettings {
    /// Program and arguments.
    pub command: Vec<String>,
    pub deadline: Duration,
}

/// The session's hands.
pub struct Services {
    judge: Arc<Judge>,
    events: mpsc::UnboundedSender<Event>,
    questions: mpsc::UnboundedSender<(JobId, PathBuf, Box<MineTask>)>,
}

impl Services {
    pub fn new(
        toolchain: Toolchain,
        judges: usize,
        runner: Option<RunnerSettings>,
        events: mpsc::UnboundedSender<Event>,
    ) -> Self {
        let (questions, waiting) = mpsc::unbounded_channel();
        tokio::spawn(ask_runner(runner, waiting, events.clone()));
        Self { judge: Arc::new(Judge::new(toolchain, judges)), events, questions }
    }

    pub fn ask(&self, job: JobId, root: PathBuf, task: Box<MineTask>) {
        // The other end goes only with the session itself.
        let _ = self.questions.send((job, root, task));
    }

    pub fn judge(&self, job: JobId, origin: Origin, before: String, span: Range<usize>, replacement: String) {
        let (judge, events) = (Arc::clone(&self.judge), self.events.clone());
        tokio::spawn(async move {
            let candidate = Candidate { root: origin.root.into(), file: origin.file.into(), before, span, replacement };
            let verdict: Box<Verdict> = Box::new(judge.judge(&candidate).await.verdict);
            let _ = events.send(Event::Judged { job, verdict });
        });
    }
}

/// Ask the runner one question after the other. A runner that fails is started anew for the next question.
async fn ask_runner(
    settings: Option<RunnerSettings>,
    mut waiting: mpsc::UnboundedReceiver<(JobId, PathBuf, Box<MineTask>)>,
    events: mpsc::UnboundedSender<Event>,
) {
    let mut running: Option<(PathBuf, Runner)> = None;
    while let Some((job, root, task)) = waiting.recv().await {
        let answer = match &settings {
            None => Err(RunnerError::NotConfigured.to_string()),
            Some(settings) => ask(settings, &mut running, root, &task).await,
        };
        if events.send(Event::Attempted { job, answer }).is_err() {
            return;
        }
    }
}

async fn ask(
    settings: &RunnerSettings,
    running: &mut Option<(PathBuf, Runner)>,
    root: PathBuf,
    task: &MineTask,
) -> Result<Answer, String> {
    let line = serde_json::to_string(task).map_err(|error| error.to_string())?;
    let mut runner = match running.take() {
        Some((started_in, runner)) if started_in == root => runner,
        _ => {
            let how = RunnerCommand { command: settings.command.clone(), lake_root: root.clone() };
            Runner::start(&how).map_err(|error| error.to_string())?
        }
    };
    let answer = runner.ask(&line, settings.deadline).await.map_err(|error| error.to_string())?;
    *running = Some((root, runner));
    let response: RunnerResponse =
        serde_json::from_str(&answer).map_err(|error| format!("the runner's answer is not a response: {error}"))?;
    if response.task_id != task.task_id {
        return Err(format!("the runner answered the task `{}`, not `{}`", response.task_id, task.task_id));
    }
    Ok(Answer { response: Box::new(response) })
}
