//! Measures the proxy against a plain byte pump between the same two peers, in turn. Run by `cargo xtask bench proxy`.
//!
//! `run LEANWRIGHT` is the editor and prints the table; `serve` is Lean: it answers every request at once; `pump` copies
//! bytes between its own standard streams and a `serve` behind it.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic
)]
#![allow(clippy::exit, reason = "a measuring program: a failure ends it")]

use bytes::Bytes;
use leanwright_testkit::prompt_lean;
use leanwright_wire::{Envelope, FrameReader, Kind, write_frame};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::io::{AsyncWriteExt, BufWriter};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

const ROUNDS: usize = 5;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some("run") => run(Path::new(&arguments[1])).await,
        Some("pump") => pump(),
        _ => serve().await,
    }
}

/// Lean's side: the answer to `big` has 32 MiB, every other answer is small.
async fn serve() {
    let result =
        |method: &str| if method == "big" { format!("\"{}\"", "x".repeat(32 << 20)) } else { "null".to_owned() };
    prompt_lean::serve(result).await;
}

/// What any proxy does at least: copy bytes both ways, a thread for each.
fn pump() {
    let own = std::env::current_exe().unwrap();
    let mut child = std::process::Command::new(own);
    let mut child = child.arg("serve").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let (to, from) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    std::thread::spawn(move || copy(std::io::stdin().lock(), to));
    copy(from, std::io::stdout().lock());
    std::process::exit(0);
}

fn copy(mut from: impl std::io::Read, mut to: impl std::io::Write) {
    let mut buffer = vec![0; 64 << 10];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        if to.write_all(&buffer[..count]).and_then(|()| to.flush()).is_err() {
            return;
        }
    }
}

/// The editor's end of one session.
struct Session {
    child: Child,
    writer: BufWriter<ChildStdin>,
    reader: FrameReader<ChildStdout>,
    next: u64,
}

impl Session {
    async fn start(program: &Path, word: &str, bin: &Path) -> Self {
        let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
        let mut command = Command::new(program);
        command.arg(word).env("PATH", path).stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().unwrap();
        let writer = BufWriter::new(child.stdin.take().unwrap());
        let reader = FrameReader::new(child.stdout.take().unwrap());
        let mut session = Self { child, writer, reader, next: 0 };
        session.ask("initialize").await;
        session.tell(r#"{"jsonrpc":"2.0","method":"initialized","params":{}}"#).await;
        session
    }

    async fn tell(&mut self, body: &str) {
        write_frame(&mut self.writer, body.as_bytes()).await.unwrap();
        self.writer.flush().await.unwrap();
    }

    async fn ask(&mut self, method: &str) -> Bytes {
        self.next += 1;
        let id = self.next;
        self.tell(&format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"{method}","params":{{}}}}"#)).await;
        loop {
            let body = self.reader.next().await.unwrap().unwrap();
            let Some(envelope) = Envelope::parse(&body) else { continue };
            let answers = matches!(envelope.kind(), Kind::Response { id: answered } if answered == id.to_string());
            drop(envelope);
            if answers {
                return body;
            }
        }
    }

    async fn open(&mut self, uri: &str, text: &str) {
        let text = text.replace('\n', "\\n");
        self.tell(&format!(r#"{{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{{"textDocument":{{"uri":"{uri}","languageId":"lean4","version":1,"text":"{text}"}}}}}}"#)).await;
    }

    /// A line of `/proc/PID/status`, in KiB.
    fn memory(&self, key: &str) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id().unwrap())).unwrap();
        let line = status.lines().find(|line| line.starts_with(key)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }
}

fn lean_text(lines: usize) -> String {
    (0..lines / 2).map(|number| format!("theorem t{number} (n : Nat) (h : 0 < n) : n ≠ 0 := by\n  omega\n")).collect()
}

/// Round trips in microseconds while 200 edits and 200 goal requests pass in a second.
async fn latency(session: &mut Session) -> Vec<f64> {
    session.open("file:///bench/A.lean", &lean_text(300)).await;
    let mut times = Vec::new();
    let mut tick = tokio::time::interval(Duration::from_millis(5));
    for version in 2..602 {
        tick.tick().await;
        session.tell(&format!(r#"{{"jsonrpc":"2.0","method":"textDocument/didChange","params":{{"textDocument":{{"uri":"file:///bench/A.lean","version":{version}}},"contentChanges":[{{"range":{{"start":{{"line":5,"character":0}},"end":{{"line":5,"character":0}}}},"text":"-"}}]}}}}"#)).await;
        let started = Instant::now();
        session.ask("$/lean/plainGoal").await;
        times.push(started.elapsed().as_secs_f64() * 1e6);
    }
    times.sort_by(f64::total_cmp);
    times
}

/// Messages of 1 KiB per second, from the first to the answer behind the last.
async fn throughput(session: &mut Session) -> f64 {
    const COUNT: usize = 60_000;
    let body = format!(r#"{{"jsonrpc":"2.0","method":"n","params":"{}"}}"#, "x".repeat(985));
    let started = Instant::now();
    for _ in 0..COUNT {
        write_frame(&mut session.writer, body.as_bytes()).await.unwrap();
    }
    session.ask("last").await;
    COUNT as f64 / started.elapsed().as_secs_f64()
}

fn at(sorted: &[f64], part: f64) -> f64 {
    sorted[((sorted.len() - 1) as f64 * part) as usize]
}

/// Minimum, median, maximum.
fn spread(mut values: Vec<f64>) -> (f64, f64, f64) {
    values.sort_by(f64::total_cmp);
    (values[0], at(&values, 0.5), values[values.len() - 1])
}

async fn run(leanwright: &Path) {
    let own = std::env::current_exe().unwrap();
    let bin = std::env::temp_dir().join(format!("leanwright-bench-{}", std::process::id()));
    std::fs::create_dir_all(&bin).unwrap();
    std::os::unix::fs::symlink(&own, bin.join("lake")).unwrap();
    let kinds: [(PathBuf, &str); 2] = [(own, "pump"), (leanwright.to_path_buf(), "serve")];
    let mut figures: [[Vec<f64>; 3]; 2] = Default::default();
    for _ in 0..ROUNDS {
        for (kind, (program, word)) in kinds.iter().enumerate() {
            let mut session = Session::start(program, word, &bin).await;
            let times = latency(&mut session).await;
            figures[kind][0].push(at(&times, 0.5));
            figures[kind][1].push(at(&times, 0.99));
            figures[kind][2].push(throughput(&mut session).await);
        }
    }
    println!("{:46} {:>10} {:>10} {:>10}", format!("{ROUNDS} rounds, pump and proxy in turn"), "min", "median", "max");
    let line =
        |name: &str, (min, median, max): (f64, f64, f64)| println!("{name:46} {min:>10.2} {median:>10.2} {max:>10.2}");
    for (index, name) in
        ["round trip, median, µs", "round trip, 99 %, µs", "1 KiB messages per second"].iter().enumerate()
    {
        line(&format!("pump:  {name}"), spread(figures[0][index].clone()));
        line(&format!("proxy: {name}"), spread(figures[1][index].clone()));
    }
    let pairs = |index: usize, of: fn(f64, f64) -> f64| -> Vec<f64> {
        figures[0][index].iter().zip(&figures[1][index]).map(|(pump, proxy)| of(*pump, *proxy)).collect()
    };
    // A round trip is two messages.
    let added = spread(pairs(0, |pump, proxy| (proxy - pump) / 2.0));
    let slowest = spread(pairs(1, |pump, proxy| (proxy - pump) / 2.0));
    let ratio = spread(pairs(2, |pump, proxy| proxy / pump));
    line("added per message, median, µs (at most 60)", added);
    line("added per message, 99 %, µs (at most 1000)", slowest);
    line("throughput, proxy / pump (at least 0.5)", ratio);

    let mut session = Session::start(leanwright, "serve", &bin).await;
    let before = session.memory("VmHWM");
    session.ask("big").await;
    let copies = (session.memory("VmHWM") - before) / f64::from(32 << 10);
    let mut session = Session::start(leanwright, "serve", &bin).await;
    let text = lean_text(2000);
    for number in 0..50 {
        session.open(&format!("file:///bench/{number}.lean"), &text).await;
    }
    session.ask("leanwright/status").await;
    let resident = session.memory("VmRSS") / 1024.0;
    println!("{:46} {copies:>32.2}", "memory of a 32 MiB answer, copies (at most 2.5)");
    println!("{:46} {resident:>32.1}", "50 open files of 2,000 lines, MiB (at most 60)");
    std::fs::remove_dir_all(bin).unwrap();
    let met = added.1 <= 60.0 && slowest.1 <= 1000.0 && ratio.1 >= 0.5 && copies <= 2.5 && resident <= 60.0;
    println!("{}", if met { "every limit is kept" } else { "a limit is not kept" });
    std::process::exit(i32::from(!met));
}
