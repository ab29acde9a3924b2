//! The contract of a transparent proxy, statement by statement, between two scripted peers that see every byte.
//!
//! The statements are those of `docs/proxy-contract.md`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![allow(clippy::disallowed_methods, reason = "tests")]

mod documents;
mod failure;
mod framing;
mod handshake;
mod live;
mod requests;

use leanwright_engine::EngineSettings;
use leanwright_procs::{Launcher, Toolchain, ToolchainSource};
use leanwright_server::{Fault, ProxySettings, RunnerSettings, proxy};
use leanwright_verify::JudgeSettings;
use leanwright_wire::{FrameReader, write_frame};
use serde_json::Value;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, ReadHalf, WriteHalf, duplex};
use tokio::task::JoinHandle;

/// How long a message may take to arrive on a busy machine. Nothing is measured by it.
const PATIENCE: Duration = Duration::from_secs(60);

/// A proxy between two scripted peers.
pub struct Bench {
    pub editor: Peer,
    pub lean: Peer,
    pub proxy: JoinHandle<()>,
}

/// One side of the proxy, as the peer there sees it.
pub struct Peer {
    reader: FrameReader<ReadHalf<DuplexStream>>,
    writer: WriteHalf<DuplexStream>,
}

/// What differs between tests.
pub struct Setup {
    pub passive: bool,
    pub fault: Option<Fault>,
    /// Bytes that a pipe holds before its writer waits.
    pub pipe: usize,
    pub runner: Result<RunnerSettings, String>,
}

impl Default for Setup {
    fn default() -> Self {
        Self { passive: false, fault: None, pipe: 64 << 10, runner: Err("no runner in this test".into()) }
    }
}

impl Setup {
    pub fn settings(self) -> ProxySettings {
        ProxySettings {
            toolchain: Toolchain {
                lake: "/no/lake".into(),
                source: ToolchainSource::Path,
                launcher: Launcher::default(),
            },
            runner: self.runner,
            engine: EngineSettings { pause: 0, ..EngineSettings::default() },
            judge: JudgeSettings::default(),
            tape: None,
            recorder: None,
            passive: self.passive,
            fault: self.fault,
            own_thread: false,
        }
    }

    pub fn start(self) -> Bench {
        let ((editor, near), (lean, far)) = (duplex(self.pipe), duplex(self.pipe));
        let ((editor_in, editor_out), (lean_out, lean_in)) = (tokio::io::split(near), tokio::io::split(far));
        let proxy = tokio::spawn(proxy(editor_in, editor_out, lean_out, lean_in, self.settings()));
        Bench { editor: Peer::new(editor), lean: Peer::new(lean), proxy }
    }

    /// A proxy with the handshake behind it. This Lean has everything that we could add, so that every byte is the same.
    pub async fn ready(self) -> Bench {
        let mut bench = self.start();
        bench.pass_on(r#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"capabilities":{}}}"#).await;
        let answer = r#"{"jsonrpc":"2.0","id":0,"result":{"capabilities":{"codeActionProvider":{},"codeLensProvider":{},"executeCommandProvider":{}}}}"#;
        bench.pass_back(answer).await;
        bench.pass_on(r#"{"jsonrpc":"2.0","method":"initialized","params":{}}"#).await;
        bench
    }
}

impl Bench {
    /// The editor sends this and Lean gets exactly this, next.
    pub async fn pass_on(&mut self, body: &str) {
        self.editor.send(body).await;
        assert_eq!(self.lean.next().await, body);
    }

    /// Lean sends this and the editor gets exactly this, next.
    pub async fn pass_back(&mut self, body: &str) {
        self.lean.send(body).await;
        assert_eq!(self.editor.next().await, body);
    }

    /// Open a document with one hole; returns the goal question that Lean is asked.
    pub async fn open_with_hole(&mut self, uri: &str) -> Value {
        self.editor.send(&did_open(uri, 1, "theorem t : x := by\n  sorry\n")).await;
        assert_eq!(self.lean.next().await, did_open(uri, 1, "theorem t : x := by\n  sorry\n"));
        self.lean.next_json().await
    }

    /// The editor asks one of our own methods, and is answered.
    pub async fn own(&mut self, id: u64, method: &str, params: Value) -> Value {
        let request = serde_json::json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
        self.editor.send(&request.to_string()).await;
        self.editor.answer(id).await
    }

    pub async fn holes(&mut self, id: u64, uri: &str) -> Value {
        self.own(id, "leanwright/holes", serde_json::json!({"textDocument": {"uri": uri}})).await
    }
}

impl Peer {
    fn new(stream: DuplexStream) -> Self {
        let (reader, writer) = tokio::io::split(stream);
        Self { reader: FrameReader::new(reader), writer }
    }

    pub async fn send(&mut self, body: &str) {
        write_frame(&mut self.writer, body.as_bytes()).await.unwrap();
    }

    pub async fn send_raw(&mut self, bytes: &[u8]) {
        self.writer.write_all(bytes).await.unwrap();
    }

    pub async fn close(&mut self) {
        self.writer.shutdown().await.unwrap();
    }

    /// The next message, byte for byte.
    pub async fn next_bytes(&mut self) -> Option<Vec<u8>> {
        let next = tokio::time::timeout(PATIENCE, self.reader.next()).await.expect("a message in time");
        next.unwrap().map(|body| body.to_vec())
    }

    pub async fn next(&mut self) -> String {
        String::from_utf8(self.next_bytes().await.expect("the pipe is open")).unwrap()
    }

    pub async fn next_json(&mut self) -> Value {
        serde_json::from_str(&self.next().await).unwrap()
    }

    /// The answer with this id; everything before it is passed over.
    pub async fn answer_among(&mut self, id: u64) -> Value {
        loop {
            let message = self.next_json().await;
            if message["id"] == id && message.get("method").is_none() {
                return message;
            }
        }
    }

    /// The answer with this id; our own notifications before it are passed over, anything else is a fault.
    pub async fn answer(&mut self, id: u64) -> Value {
        loop {
            let message = self.next_json().await;
            if message["id"] == id {
                return message;
            }
            let method = message["method"].as_str().unwrap_or_default();
            assert!(method.starts_with("leanwright/"), "{message}");
        }
    }
}

/// Every byte that a peer is sent until the pipe ends.
pub async fn read_all(stream: &mut DuplexStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.unwrap();
    bytes
}

pub fn did_open(uri: &str, version: i64, text: &str) -> String {
    serde_json::json!({
        "jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {
            "dependencyBuildMode": "never",
            "textDocument": {"languageId": "lean4", "text": text, "uri": uri, "version": version},
        },
    })
    .to_string()
}

pub fn did_change(uri: &str, version: i64, changes: Value) -> String {
    serde_json::json!({
        "jsonrpc": "2.0", "method": "textDocument/didChange",
        "params": {"contentChanges": changes, "textDocument": {"uri": uri, "version": version}},
    })
    .to_string()
}

pub const URI: &str = "file:///p/P.lean";
