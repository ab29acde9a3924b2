//! Measures what judging costs the editor: goal requests at a steady rate, while nothing is judged and while candidates are. Run by `cargo xtask bench judging`.
//!
//! `run LEANWRIGHT LAKE` is the editor, in a project of 3,000 files. `serve` is Lean's server: it answers at once, so that what is measured is ours. What is judged is
//! compiled by the real Lean behind LAKE.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use leanwright_contract::editor as own;
use leanwright_testkit::{LeanProject, prompt_lean, script};
use leanwright_wire::{FrameReader, write_frame};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::io::{AsyncWriteExt, BufWriter};
use tokio::process::{ChildStdin, Command};

const FILES: usize = 3_000;
/// Holes of the file that is open: enough for all of the measurement.
const HOLES: usize = 60;
/// Between two requests: 200 per second.
const PERIOD: Duration = Duration::from_millis(5);
const MEASURED: Duration = Duration::from_secs(30);

/// A method that nobody answers but Lean, and that is asked for nothing else.
const GOAL: &str = "$/lean/plainGoal";

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some("run") => run(Path::new(&arguments[1]), &arguments[2]).await,
        _ => serve().await,
    }
}

/// Lean's side: every goal is to be proved, whatever else is asked has no answer.
async fn serve() {
    let result = |method: &str| match method {
        GOAL => r#"{"goals":["n : Nat\n⊢ n + 0 = n"],"rendered":""}"#,
        "initialize" => r#"{"capabilities":{"textDocumentSync":2}}"#,
        _ => "null",
    };
    prompt_lean::serve(|method| result(method).to_owned()).await;
}

/// When each request was due; the times of those that were answered, in milliseconds.
#[derive(Default)]
struct Times {
    due: HashMap<u64, Instant>,
    taken: Vec<f64>,
    /// Other answers, by the request's number.
    answers: HashMap<u64, Value>,
}

struct Session {
    writer: BufWriter<ChildStdin>,
    times: Arc<Mutex<Times>>,
    next: u64,
}

impl Session {
    async fn tell(&mut self, body: &Value) {
        write_frame(&mut self.writer, body.to_string().as_bytes()).await.unwrap();
        self.writer.flush().await.unwrap();
    }

    async fn ask(&mut self, method: &str, params: Value) -> u64 {
        self.next += 1;
        self.tell(&json!({"jsonrpc": "2.0", "id": self.next, "method": method, "params": params})).await;
        self.next
    }

    async fn answer(&self, number: u64) -> Value {
        loop {
            if let Some(answer) = self.times.lock().unwrap().answers.remove(&number) {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Ask for goals at the steady rate: median, 99th percentile and greatest of the times from when a request was due to its answer, in milliseconds; and how many.
    async fn measure(&mut self, uri: &str) -> ([f64; 3], usize) {
        self.times.lock().unwrap().taken.clear();
        let (start, mut sent) = (Instant::now(), 0);
        let mut ticks = tokio::time::interval(PERIOD);
        while start.elapsed() < MEASURED {
            ticks.tick().await;
            let due = start + PERIOD * sent;
            self.times.lock().unwrap().due.insert(self.next + 1, due);
            let place = json!({"textDocument": {"uri": uri}, "position": {"line": 1, "character": 2}});
            self.ask(GOAL, place).await;
            sent += 1;
        }
        while !self.times.lock().unwrap().due.is_empty() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let mut taken = std::mem::take(&mut self.times.lock().unwrap().taken);
        taken.sort_by(f64::total_cmp);
        let at = |percent: usize| taken[(taken.len() - 1) * percent / 100];
        ([at(50), at(99), at(100)], taken.len())
    }
}

async fn run(leanwright: &Path, lake: &str) {
    // It is started in the project's folder.
    let leanwright = std::path::absolute(leanwright).unwrap();
    let project = LeanProject::new(&[]);
    for number in 0..FILES {
        let text = format!("theorem m{number} (n : Nat) : n + {number} = {number} + n := Nat.add_comm n {number}\n");
        project.write(&format!("P/M{number}.lean"), &text);
    }
    let holes = (0..HOLES).map(|number| format!("theorem t{number} (n : Nat) : n + 0 = n := by\n  sorry\n\n"));
    let text: String = holes.collect();
    project.write("P.lean", &text);
    let bin = project.root.parent().unwrap().join("bin");
    let own = std::env::current_exe().unwrap();
    script(&bin, "lake", &format!("[ \"$1\" = serve ] && exec {} serve\nexec {lake} \"$@\"", own.display()));
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let mut command = Command::new(leanwright);
    command.arg("serve").current_dir(&project.root).env("PATH", path).env("LEANWRIGHT_VERDICTS", "off");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
    let mut reader = FrameReader::new(child.stdout.take().unwrap());
    let times = Arc::new(Mutex::new(Times::default()));
    let arrived = Arc::clone(&times);
    tokio::spawn(async move {
        while let Ok(Some(body)) = reader.next().await {
            let now = Instant::now();
            let Ok(message) = serde_json::from_slice::<Value>(&body) else { continue };
            let (Some(id), None) = (message["id"].as_u64(), message.get("method")) else { continue };
            let mut times = arrived.lock().unwrap();
            match times.due.remove(&id) {
                Some(due) => times.taken.push(now.saturating_duration_since(due).as_secs_f64() * 1000.0),
                None => drop(times.answers.insert(id, message)),
            }
        }
    });
    let mut session = Session { writer: BufWriter::new(child.stdin.take().unwrap()), times, next: 0 };
    let root = format!("file://{}", project.root.display());
    let first = session.ask("initialize", json!({"rootUri": root, "capabilities": {}})).await;
    session.answer(first).await;
    session.tell(&json!({"jsonrpc": "2.0", "method": "initialized", "params": {}})).await;
    let uri = format!("{root}/P.lean");
    let document = json!({"uri": uri, "languageId": "lean4", "version": 1, "text": text});
    session
        .tell(&json!({"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {"textDocument": document}}))
        .await;

    let ([median, high, most], count) = session.measure(&uri).await;
    println!(
        "{count} goal requests, 200 per second, nothing judged: median {median:.2} ms, 99th percentile {high:.2}, greatest {most:.2}"
    );
    let begun = session.ask(own::PROVE_ALL, json!({"textDocument": {"uri": uri}})).await;
    let ([median, judging, most], count) = session.measure(&uri).await;
    println!(
        "{count} goal requests while {FILES} files are copied and candidates judged: median {median:.2} ms, 99th percentile {judging:.2}, greatest {most:.2}"
    );
    println!("the 99th percentile is {:.2} times that without judging", judging / high);
    let status = session.ask(own::HOLES, json!({"textDocument": {"uri": uri}})).await;
    let holes = session.answer(status).await;
    let holes = holes["result"]["holes"].as_array().cloned().unwrap_or_default();
    let judged = holes.iter().filter(|hole| hole["work"]["state"] == "offered").count();
    println!("{judged} of {} holes have an offer", holes.len());
    assert!(
        judged > 0 && !session.times.lock().unwrap().answers.contains_key(&begun),
        "candidates were judged all the time"
    );
    child.kill().await.unwrap();
}
