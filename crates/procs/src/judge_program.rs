//! A judge in a process of its own, that speaks as `leanwright judge` does. It may die: it is started again for the next request, and every request gets its
//! last event. Nothing is decided here about what it says.

use crate::launcher::Launcher;
use leanwright_contract::{Attempt, JudgeEvent, JudgeRequest};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinSet;

/// The longest event that is read, in bytes.
const MAX_LINE: u64 = 64 << 20;

/// A judge that says nothing for so long while it has something to judge is taken for dead: the longest step that it may take without a word is a compile of a
/// quarter of an hour, or what the user lets it take for modules that import a patched one.
const SILENCE: Duration = Duration::from_secs(4 * 3600);

/// How long a judge may take to put its folders away when nobody asks any more.
const ENDING: Duration = Duration::from_secs(5);

/// A judge's program. Dropping it kills the process; what was asked gets a last event.
#[derive(Debug)]
pub struct JudgeProgram {
    asked: mpsc::UnboundedSender<Asked>,
    next: AtomicU64,
    keeper: Mutex<JoinSet<()>>,
}

/// How a judge's process came to an end, or to be given up.
#[derive(Debug, thiserror::Error)]
enum JudgeDied {
    #[error("no program is given for the judge")]
    NoProgram,
    #[error("could not start the judge `{program}`: {reason}")]
    NotStarted { program: String, reason: String },
    #[error("the judge `{program}` has ended")]
    Ended { program: String },
    #[error("the judge `{program}` has written a line of more than {MAX_LINE} bytes")]
    TooLong { program: String },
    #[error("the judge `{program}` has written what is no event: {error}")]
    NoEvent { program: String, error: serde_json::Error },
    #[error("the judge `{program}` could not read what it was asked: {why}")]
    NotUnderstood { program: String, why: String },
    #[error("the judge `{program}` has said nothing for {SILENCE:.0?}")]
    Silent { program: String },
}

/// One attempt before the judge. Dropping it cancels the request.
#[derive(Debug)]
pub struct Request {
    id: String,
    events: mpsc::UnboundedReceiver<JudgeEvent>,
    asked: mpsc::UnboundedSender<Asked>,
}

#[derive(Debug)]
enum Asked {
    Judge { id: String, line: Vec<u8>, events: mpsc::UnboundedSender<JudgeEvent> },
    Cancel { id: String },
    End,
}

impl JudgeProgram {
    /// Program and arguments, and the folder to run it in. It is started when it is asked for the first time.
    pub fn new(launcher: Launcher, command: Vec<String>, directory: PathBuf) -> Self {
        let (asked, waiting) = mpsc::unbounded_channel();
        let mut keeper = JoinSet::new();
        keeper.spawn(keep(launcher, command, directory, waiting));
        Self { asked, next: AtomicU64::new(1), keeper: Mutex::new(keeper) }
    }

    /// Let the process end by itself: it removes its copies of projects then. What is still asked gets a last event.
    pub async fn end(&self) {
        let _ = self.asked.send(Asked::End);
        while self.keeper.lock().await.join_next().await.is_some() {}
    }

    /// Have an attempt for the project at this root judged.
    pub fn submit(&self, root: &Path, attempt: &Attempt) -> Request {
        let id = self.next.fetch_add(1, Ordering::Relaxed).to_string();
        let (root, attempt) = (root.display().to_string(), Box::new(attempt.clone()));
        let request = JudgeRequest::Judge { id: id.clone(), root, attempt, text: None };
        let (sender, events) = mpsc::unbounded_channel();
        let mut line = Vec::new();
        // Writing into memory does not fail; without the line the request is over at once, and says so.
        if leanwright_contract::write_line(&mut line, &request).is_ok() {
            let _ = self.asked.send(Asked::Judge { id: id.clone(), line, events: sender });
        }
        Request { id, events, asked: self.asked.clone() }
    }
}

impl Request {
    /// The next event. The last one is not a step; if the judge has died, it is `refused` and says so.
    pub async fn next_event(&mut self) -> JudgeEvent {
        let id = Some(self.id.clone());
        self.events.recv().await.unwrap_or_else(|| JudgeEvent::Refused { id, why: "the judge has ended".to_owned() })
    }
}

impl Drop for Request {
    fn drop(&mut self) {
        let _ = self.asked.send(Asked::Cancel { id: std::mem::take(&mut self.id) });
    }
}

/// Whom the events of each request go to.
type Open = HashMap<String, mpsc::UnboundedSender<JudgeEvent>>;

/// Run one process after the other, for as long as somebody may ask.
async fn keep(launcher: Launcher, command: Vec<String>, directory: PathBuf, mut asked: mpsc::UnboundedReceiver<Asked>) {
    let mut open = Open::new();
    while let Some(first) = asked.recv().await {
        match first {
            Asked::Judge { .. } => {}
            Asked::Cancel { .. } => continue,
            Asked::End => return,
        }
        let Err(why) = serve(&launcher, &command, &directory, first, &mut asked, &mut open).await else { return };
        tracing::warn!(%why, requests = open.len(), "the judge is started again for the next request");
        for (id, events) in open.drain() {
            let _ = events.send(JudgeEvent::Refused { id: Some(id), why: why.to_string() });
        }
    }
}

/// Run the program until nobody asks any more; an error says how it ended before.
async fn serve(
    launcher: &Launcher,
    command: &[String],
    directory: &Path,
    first: Asked,
    asked: &mut mpsc::UnboundedReceiver<Asked>,
    open: &mut Open,
) -> Result<(), JudgeDied> {
    // A program that cannot be started has had this request, too.
    let mut line_to_write = take(first, open);
    let (program, arguments) = command.split_first().ok_or(JudgeDied::NoProgram)?;
    let started = launcher.talk(program.as_ref(), arguments, directory, Stdio::inherit());
    let name = || program.clone();
    let not_started = |reason: String| JudgeDied::NotStarted { program: name(), reason };
    let (mut child, _group) = started.map_err(|error| not_started(error.to_string()))?;
    let (Some(mut stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(not_started("no pipes".to_owned()));
    };
    // Written by a task of its own: a judge that does not read must not keep its events from being read.
    let (writer, mut written) = mpsc::unbounded_channel::<Vec<u8>>();
    let mut writing = JoinSet::new();
    writing.spawn(async move {
        while let Some(line) = written.recv().await {
            // What has ended does not read; that is noticed by its output.
            if stdin.write_all(&line).await.is_err() || stdin.flush().await.is_err() {
                return;
            }
        }
    });
    let mut stdout = BufReader::new(stdout);
    let mut line = Vec::new();
    loop {
        if let Some(line) = line_to_write.take() {
            let _ = writer.send(line);
        }
        let is_waiting = !open.is_empty();
        tokio::select! {
            // In this order: nothing is handed to a program that has ended.
            biased;
            event = read_event(&mut stdout, &mut line, program) => match event? {
                JudgeEvent::Refused { id: None, why } => return Err(JudgeDied::NotUnderstood { program: name(), why }),
                event => deliver(event, open),
            },
            more = asked.recv() => match more {
                Some(Asked::End) | None => {
                    // With its input it ends.
                    drop(writer);
                    let _ = tokio::time::timeout(ENDING, async { while writing.join_next().await.is_some() {} child.wait().await }).await;
                    return Ok(());
                }
                Some(more) => line_to_write = take(more, open),
            },
            () = tokio::time::sleep(SILENCE), if is_waiting => return Err(JudgeDied::Silent { program: name() }),
        }
    }
}

/// The line for what was asked, and who waits for its events; none for a request that is over.
fn take(asked: Asked, open: &mut Open) -> Option<Vec<u8>> {
    match asked {
        Asked::Judge { id, line, events } => {
            open.insert(id, events);
            Some(line)
        }
        Asked::End => None,
        Asked::Cancel { id } => {
            open.remove(&id)?;
            let mut line = Vec::new();
            leanwright_contract::write_line(&mut line, &JudgeRequest::Cancel { id }).ok()?;
            Some(line)
        }
    }
}

/// Read one event into a buffer that keeps what has been read if this is given up.
async fn read_event(
    stdout: &mut BufReader<impl AsyncRead + Unpin>,
    line: &mut Vec<u8>,
    program: &str,
) -> Result<JudgeEvent, JudgeDied> {
    let name = || program.to_owned();
    loop {
        let left = (MAX_LINE + 1).saturating_sub(line.len() as u64);
        match (&mut *stdout).take(left).read_until(b'\n', line).await {
            Ok(0) | Err(_) => return Err(JudgeDied::Ended { program: name() }),
            Ok(_) if line.len() as u64 > MAX_LINE => {
                return Err(JudgeDied::TooLong { program: name() });
            }
            Ok(_) if !line.ends_with(b"\n") => continue,
            Ok(_) => {}
        }
        let event = serde_json::from_slice(line).map_err(|error| JudgeDied::NoEvent { program: name(), error });
        let is_empty = line.trim_ascii().is_empty();
        line.clear();
        if !is_empty {
            return event;
        }
    }
}

/// Hand an event to whoever waits for it. The first line and events of requests that were cancelled are nobody's.
fn deliver(event: JudgeEvent, open: &mut Open) {
    let (id, is_last) = match &event {
        JudgeEvent::Step { id, .. } => (Some(id.clone()), false),
        JudgeEvent::Judged { id, .. } | JudgeEvent::Cancelled { id } => (Some(id.clone()), true),
        JudgeEvent::Refused { id, .. } => (id.clone(), true),
        JudgeEvent::Ready { .. } => (None, false),
    };
    let Some(id) = id else { return };
    let events = if is_last { open.remove(&id) } else { open.get(&id).cloned() };
    if let Some(events) = events {
        let _ = events.send(event);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program(script: &str) -> JudgeProgram {
        JudgeProgram::new(Launcher::default(), vec!["/bin/sh".into(), "-c".into(), script.into()], "/".into())
    }

    fn attempt() -> Attempt {
        let attempt = r#"{"task_id": "t", "attempt_id": "a", "replacement": "",
            "allowed_edit": {"file": "P.lean", "start_line": 1, "end_line": 1}}"#;
        serde_json::from_str(attempt).unwrap()
    }

    /// The last event of each request, and the steps in front of it.
    async fn ending(mut request: Request) -> (usize, JudgeEvent) {
        let mut steps = 0;
        loop {
            match tokio::time::timeout(Duration::from_secs(60), request.next_event()).await.unwrap() {
                JudgeEvent::Step { .. } => steps += 1,
                last => return (steps, last),
            }
        }
    }

    const ANSWER: &str = r#"
        echo '{"type": "ready", "judge": "j", "toolchain": "t"}'
        echo '{"type": "step", "id": "1", "step": "baseline"}'
        read one; read other
        echo '{"type": "cancelled", "id": "2"}'
        echo '{"type": "refused", "id": "1", "why": "no"}'
        read third"#;

    #[tokio::test]
    async fn each_request_gets_its_own_events() {
        let program = program(ANSWER);
        let [one, other] = [(); 2].map(|()| program.submit(Path::new("/p"), &attempt()));
        let id = "2".to_owned();
        assert_eq!(ending(other).await, (0, JudgeEvent::Cancelled { id }));
        let (id, why) = (Some("1".to_owned()), "no".to_owned());
        assert_eq!(ending(one).await, (1, JudgeEvent::Refused { id, why }));
    }

    #[tokio::test]
    async fn a_judge_puts_its_folders_away_when_nobody_asks_any_more() {
        let folder = tempfile::tempdir().unwrap();
        let copy = folder.path().join("copy");
        let refusal = r#"echo '{"type": "refused", "id": "1", "why": "no"}'"#;
        let program = program(&format!("mkdir {0}; read one; {refusal}; read none; rmdir {0}", copy.display()));
        ending(program.submit(Path::new("/p"), &attempt())).await;
        assert!(copy.exists());
        program.end().await;
        assert!(!copy.exists());
    }

    #[tokio::test]
    async fn a_judge_that_cannot_read_what_it_is_asked_is_given_up() {
        let program = program(r#"read one; echo '{"type": "refused", "why": "no JSON"}'; read none"#);
        let (_, event) = ending(program.submit(Path::new("/p"), &attempt())).await;
        let JudgeEvent::Refused { why, .. } = event else { panic!("{event:?}") };
        assert!(why.ends_with("could not read what it was asked: no JSON"), "{why}");
    }

    #[tokio::test]
    async fn a_judge_that_dies_has_answered_all_and_is_started_again() {
        let folder = tempfile::tempdir().unwrap();
        let starts = folder.path().join("starts");
        let script = format!("echo x >> {}; read one; exit 3", starts.display());
        let program = program(&script);
        for _ in 0..3 {
            let (steps, event) = ending(program.submit(Path::new("/p"), &attempt())).await;
            let JudgeEvent::Refused { why, .. } = event else { panic!("{event:?}") };
            assert!(steps == 0 && why.ends_with("has ended"), "{why}");
        }
        assert_eq!(std::fs::read_to_string(starts).unwrap(), "x\nx\nx\n");
    }

    #[tokio::test]
    async fn what_is_no_judge_is_named() {
        for (script, expected) in [("read one; echo nonsense; sleep 100", "no event"), ("exit 1", "has ended")] {
            let (_, event) = ending(program(script).submit(Path::new("/p"), &attempt())).await;
            let JudgeEvent::Refused { why, .. } = event else { panic!("{event:?}") };
            assert!(why.contains(expected), "{why}");
        }
        let missing = JudgeProgram::new(Launcher::default(), vec!["/no/such/judge".into()], "/".into());
        let (_, event) = ending(missing.submit(Path::new("/p"), &attempt())).await;
        let JudgeEvent::Refused { why, .. } = event else { panic!("{event:?}") };
        assert!(why.contains("could not start the judge `/no/such/judge`"), "{why}");
    }
}
