//! `leanwright tape`: recorded sessions.

use crate::args::{TapeAction, TapeArguments};
use crate::output::Output;
use anyhow::Context;
use bytes::Bytes;
use leanwright_engine::EngineSettings;
use leanwright_procs::{Launcher, Toolchain, ToolchainSource};
use leanwright_server::{ProxySettings, proxy};
use leanwright_verify::JudgeSettings;
use leanwright_wire::{
    Direction, Envelope, FrameReader, Kind, TapeEntry, is_own_editor_id, is_own_upstream_id, read_tape, write_frame,
};
use std::io::BufReader;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;
use tokio::io::{AsyncWriteExt, DuplexStream, duplex};

/// How long a message may take through a proxy that does nothing else.
const PATIENCE: Duration = Duration::from_secs(30);

pub async fn run(arguments: TapeArguments) -> anyhow::Result<ExitCode> {
    let mut output = Output::new(true);
    let same = match arguments.action {
        TapeAction::Show { tape } => {
            for entry in read(&tape)? {
                output.line(&show(&entry)?);
            }
            true
        }
        TapeAction::Events { file, times } => crate::cmd::events::replay(&mut output, &file, times)?,
        TapeAction::Diff { one, other } => compare(&mut output, &read(&one)?, &read(&other)?)?,
        TapeAction::Replay { tape } => {
            let mut recorded = read(&tape)?;
            recorded.retain(|entry| !is_ours(entry));
            let played = replay(&recorded).await?;
            compare(&mut output, &recorded, &played)?
        }
    };
    Ok(ExitCode::from(u8::from(!same)))
}

fn read(path: &Path) -> anyhow::Result<Vec<TapeEntry>> {
    let file = std::fs::File::open(path).with_context(|| format!("could not read {}", path.display()))?;
    read_tape(BufReader::new(file)).with_context(|| path.display().to_string())
}

fn show(entry: &TapeEntry) -> anyhow::Result<String> {
    let body = entry.body()?;
    let arrow = if entry.direction == Direction::EditorToLean { "->" } else { "<-" };
    let envelope = Envelope::parse(&body);
    let what = match envelope.as_ref().map(Envelope::kind) {
        Some(Kind::Request { id, method }) => format!("{method} {id}"),
        Some(Kind::Notification { method }) => method.to_owned(),
        Some(Kind::Response { id }) => format!("answer to {id}"),
        Some(Kind::Other) | None => "(unreadable)".to_owned(),
    };
    Ok(format!("{:8} ms {arrow} {what} ({} bytes)", entry.at, body.len()))
}

/// Our own traffic, which neither side of a session without us would see.
fn is_ours(entry: &TapeEntry) -> bool {
    let Ok(body) = entry.body() else { return false };
    match Envelope::parse(&body).as_ref().map(Envelope::kind) {
        Some(Kind::Request { method, .. } | Kind::Notification { method }) => method.starts_with("leanwright/"),
        Some(Kind::Response { id }) => is_own_upstream_id(id) || is_own_editor_id(id),
        Some(Kind::Other) | None => false,
    }
}

fn bodies(tape: &[TapeEntry], direction: Direction) -> anyhow::Result<Vec<Bytes>> {
    let entries = tape.iter().filter(|entry| entry.direction == direction);
    entries.map(|entry| Ok(entry.body()?)).collect()
}

/// Say where two tapes differ first, in each direction.
fn compare(output: &mut Output, one: &[TapeEntry], other: &[TapeEntry]) -> anyhow::Result<bool> {
    let mut same = true;
    for (direction, words) in [(Direction::EditorToLean, "editor to Lean"), (Direction::LeanToEditor, "Lean to editor")]
    {
        let (one, other) = (bodies(one, direction)?, bodies(other, direction)?);
        let bytes: usize = one.iter().map(Bytes::len).sum();
        match one.iter().zip(&other).position(|(one, other)| one != other) {
            None if one.len() == other.len() => {
                output.line(&format!("{words}: {} messages, {bytes} bytes, identical", one.len()));
            }
            None => {
                same = false;
                output.line(&format!("{words}: {} messages, the other has {}", one.len(), other.len()));
            }
            Some(at) => {
                same = false;
                let text =
                    |bodies: &[Bytes]| String::from_utf8_lossy(bodies.get(at).map_or(&[], |body| body)).into_owned();
                output.line(&format!("{words}: message {} differs:\n  {}\n  {}", at + 1, text(&one), text(&other)));
            }
        }
    }
    Ok(same)
}

/// Play both sides of a tape to a passive proxy, in the recorded order; returns what came out at the other sides.
async fn replay(tape: &[TapeEntry]) -> anyhow::Result<Vec<TapeEntry>> {
    let (editor, editor_end) = duplex(64 << 10);
    let (lean, lean_end) = duplex(64 << 10);
    let (editor_in, editor_out) = tokio::io::split(editor_end);
    let (lean_out, lean_in) = tokio::io::split(lean_end);
    let running = tokio::spawn(proxy(editor_in, editor_out, lean_out, lean_in, passive()));
    let (mut editor, mut lean) = (Side::new(editor), Side::new(lean));
    let mut played = Vec::new();
    for entry in tape {
        let body = entry.body()?;
        // One message at a time: the recorded order of both directions is kept.
        let (from, to) = match entry.direction {
            Direction::EditorToLean => (&mut editor, &mut lean),
            Direction::LeanToEditor => (&mut lean, &mut editor),
        };
        let pass = async { tokio::join!(write_frame(&mut from.writer, &body), to.reader.next()) };
        let passed = tokio::time::timeout(PATIENCE, pass).await;
        let (sent, received) = passed.with_context(|| format!("nothing came out for message {}", played.len() + 1))?;
        sent?;
        let received = received?.context("the proxy has ended")?;
        played.push(TapeEntry::new(entry.at, entry.direction, &received));
    }
    editor.writer.shutdown().await?;
    lean.writer.shutdown().await?;
    running.await?;
    Ok(played)
}

struct Side {
    reader: FrameReader<tokio::io::ReadHalf<DuplexStream>>,
    writer: tokio::io::WriteHalf<DuplexStream>,
}

impl Side {
    fn new(stream: DuplexStream) -> Self {
        let (reader, writer) = tokio::io::split(stream);
        Self { reader: FrameReader::new(reader), writer }
    }
}

fn passive() -> ProxySettings {
    ProxySettings {
        toolchain: Toolchain { lake: "lake".into(), source: ToolchainSource::Path, launcher: Launcher::default() },
        runner: Err("a replay asks no runner".to_owned()),
        engine: EngineSettings::default(),
        judge: JudgeSettings::default(),
        tape: None,
        recorder: None,
        passive: true,
        fault: None,
        own_thread: false,
    }
}
