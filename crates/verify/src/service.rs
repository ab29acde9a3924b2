//! The judge as a service: it works on threads of its own, so that copying, hashing and decoding never keep an editor waiting. Its users submit a
//! candidate and hold a question, which they can watch, wait for, or drop: then it is cancelled and its processes are gone.

use crate::candidate::Candidate;
use crate::control::Finding;
use crate::judge::Judge;
use crate::judge_settings::JudgeSettings;
use crate::judgement::Judgement;
use leanwright_contract::{JudgeStep, SandboxTier};
use leanwright_procs::Toolchain;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::mpsc;
use tokio::task::{JoinError, JoinHandle};

/// How long the end of what a judge is doing is waited for.
const ENDING: Duration = Duration::from_secs(4);

/// A judge and its threads.
pub struct JudgeService {
    judge: Arc<Judge>,
    /// `None` if no thread could be started: then it works on its callers' threads.
    threads: Option<Handle>,
    /// `None` as well once it has ended.
    runtime: Mutex<Option<Runtime>>,
}

/// A candidate that is being judged. Dropping it cancels the judgement.
#[derive(Debug)]
pub struct Question {
    task: JoinHandle<Judgement>,
    steps: mpsc::UnboundedReceiver<JudgeStep>,
}

impl JudgeService {
    pub fn start(toolchain: Toolchain, settings: JudgeSettings) -> Self {
        // One for what compiles at a time, and one that goes on while they read.
        let threads = settings.parallel.max(1) + 1;
        let runtime = Builder::new_multi_thread().worker_threads(threads).thread_name("judge").enable_all().build();
        let runtime = runtime.inspect_err(|error| tracing::warn!(%error, "the judge has no threads of its own"));
        let runtime = runtime.ok();
        let threads = runtime.as_ref().map(|runtime| runtime.handle().clone());
        Self { judge: Arc::new(Judge::new(toolchain, settings)), threads, runtime: Mutex::new(runtime) }
    }

    /// Give up what it is doing and wait until that is gone, but not for long. The projects' copies go with the service itself; a process that ends without this
    /// may leave one behind, until the next process makes a copy.
    pub async fn end(&self) {
        if let Some(runtime) = self.take_runtime() {
            let _ = tokio::task::spawn_blocking(move || runtime.shutdown_timeout(ENDING)).await;
        }
    }

    fn take_runtime(&self) -> Option<Runtime> {
        self.runtime.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// What confines candidates; why nothing does although something should.
    pub fn sandbox(&self) -> Result<SandboxTier, String> {
        self.judge.sandbox()
    }

    /// Judge a candidate. As many are compiled at a time as the settings say; the others wait.
    pub fn submit(&self, candidate: Candidate) -> Question {
        let (progress, steps) = mpsc::unbounded_channel();
        let judge = Arc::clone(&self.judge);
        Question { task: self.spawn(async move { judge.judge_with_progress(&candidate, &progress).await }), steps }
    }

    /// The negative control for a candidate that was accepted without it, once nothing is being judged. Dropping the handle does not end it.
    pub fn control_when_idle(&self, candidate: Candidate) -> JoinHandle<Option<Finding>> {
        let judge = Arc::clone(&self.judge);
        self.spawn(async move { judge.control_when_idle(&candidate).await })
    }

    fn spawn<R: Send + 'static>(&self, work: impl Future<Output = R> + Send + 'static) -> JoinHandle<R> {
        match &self.threads {
            Some(threads) => threads.spawn(work),
            None => tokio::spawn(work),
        }
    }
}

impl Drop for JudgeService {
    /// What it is doing is given up: whoever drops it may be on a thread that must not wait.
    fn drop(&mut self) {
        if let Some(runtime) = self.take_runtime() {
            runtime.shutdown_background();
        }
    }
}

impl Question {
    /// The judgement.
    ///
    /// # Errors
    /// If the judge has a defect and panics.
    pub async fn judgement(&mut self) -> Result<Judgement, JoinError> {
        (&mut self.task).await
    }

    /// The next step, once it has begun; `None` when there are no more.
    pub async fn next_step(&mut self) -> Option<JudgeStep> {
        self.steps.recv().await
    }

    /// Cancel it, and wait until its processes are gone.
    pub async fn cancel(mut self) {
        self.task.abort();
        let _ = (&mut self.task).await;
    }
}

impl Drop for Question {
    fn drop(&mut self) {
        self.task.abort();
    }
}
