//! The contract's statements about processes: arguments, standard streams, exit codes, ends, the shim.
//!
//! Lean is a scripted server built on tower-lsp-server; the editor is async-lsp's client or raw pipes.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, clippy::indexing_slicing, reason = "tests")]

use leanwright_procs::editor::{Editor, file_uri};
use leanwright_testkit::LeanProject;
use leanwright_wire::{FrameReader, write_frame};
use lsp_types as lsp;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

const LEANWRIGHT: &str = env!("CARGO_BIN_EXE_leanwright");
const PATIENCE: Duration = Duration::from_secs(60);
const INITIALIZE: &[u8] = br#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"capabilities":{}}}"#;

/// A project with a folder `bin` first on PATH, in which `lake` is the scripted Lean.
struct Place {
    project: LeanProject,
    bin: PathBuf,
}

impl Place {
    fn new() -> Self {
        let project = LeanProject::new(&[("P.lean", "example : True := sorry\n")]);
        let bin = project.root.parent().unwrap().join("bin");
        std::fs::create_dir(&bin).unwrap();
        let scripted = Path::new(LEANWRIGHT).with_file_name("scripted-lean");
        assert!(scripted.is_file(), "scripted-lean is built with the workspace's tests: `cargo xtask test`");
        std::os::unix::fs::symlink(scripted, bin.join("lake")).unwrap();
        Self { project, bin }
    }

    /// This program under the name `lake`, in a folder before the real one.
    fn shim(&self) -> PathBuf {
        let folder = self.bin.with_file_name("shim");
        std::fs::create_dir_all(&folder).unwrap();
        let shim = folder.join("lake");
        if !shim.exists() {
            std::os::unix::fs::symlink(LEANWRIGHT, &shim).unwrap();
        }
        shim
    }

    fn path(&self, first: &[&Path]) -> std::ffi::OsString {
        let rest = std::env::var_os("PATH").unwrap();
        let folders =
            first.iter().map(|path| path.to_path_buf()).chain([self.bin.clone()]).chain(std::env::split_paths(&rest));
        std::env::join_paths(folders).unwrap()
    }

    fn command(&self, program: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(&self.project.root).env("PATH", self.path(&[program.parent().unwrap()]));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }
}

fn frame(body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(write_frame(&mut bytes, body)).unwrap();
    bytes
}

/// Every body in a byte stream; panics if it is anything but frames.
fn bodies(bytes: &[u8]) -> Vec<serde_json::Value> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let mut reader = FrameReader::new(bytes);
        let mut bodies = Vec::new();
        while let Some(body) = reader.next().await.unwrap() {
            bodies.push(serde_json::from_slice(&body).unwrap());
        }
        bodies
    })
}

/// Shake hands (no message before the answer to `initialize`), send these messages, and close the input if wanted.
/// Returns what was written from the start, and how the process ended.
fn talk(mut command: Command, messages: &[&[u8]], close: bool) -> std::process::Output {
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    stdin.write_all(&frame(INITIALIZE)).unwrap();
    let mut written = Vec::new();
    while !written.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stdout.read_exact(&mut byte).unwrap();
        written.push(byte[0]);
    }
    let header = String::from_utf8(written.clone()).unwrap();
    let mut body = vec![0; header.trim().trim_start_matches("Content-Length: ").parse().unwrap()];
    stdout.read_exact(&mut body).unwrap();
    written.extend(body);
    for message in messages {
        stdin.write_all(&frame(message)).unwrap();
    }
    let open = (!close).then_some(stdin);
    stdout.read_to_end(&mut written).unwrap();
    let mut output = child.wait_with_output().unwrap();
    drop(open);
    output.stdout = written;
    output
}

const INITIALIZED: &[u8] = br#"{"jsonrpc":"2.0","method":"initialized","params":{}}"#;
const SHUTDOWN: &[u8] = br#"{"jsonrpc":"2.0","id":1,"method":"shutdown"}"#;
const EXIT: &[u8] = br#"{"jsonrpc":"2.0","method":"exit"}"#;

#[test]
fn contract_05_06_and_07_streams_and_arguments_are_leans() {
    let place = Place::new();
    for (program, arguments, seen) in [
        (
            PathBuf::from(LEANWRIGHT),
            vec!["serve", "--", "/some/root", "-Dx=y"],
            r#"["serve","--","/some/root","-Dx=y"]"#,
        ),
        (place.shim(), vec!["+v4.28.0", "serve", "--", "/some/root"], r#"["+v4.28.0","serve","--","/some/root"]"#),
        (PathBuf::from(LEANWRIGHT), vec!["lake", "-d", ".", "serve"], r#"["-d",".","serve"]"#),
    ] {
        let output = talk(place.command(&program, &arguments), &[INITIALIZED, SHUTDOWN, EXIT], true);
        let stderr = String::from_utf8(output.stderr).unwrap();
        let root = place.project.root.display();
        let expected = format!("scripted: {seen}\nscripted: in {root}\nscripted: initialized\n");
        assert_eq!(stderr, expected, "nothing but what Lean writes");
        let bodies = bodies(&output.stdout);
        assert_eq!(bodies[0]["result"]["serverInfo"]["name"], "Scripted Lean");
        assert_eq!(bodies[1]["id"], 1);
        assert!(output.status.success(), "{}", output.status);
    }
}

#[test]
fn contract_08_the_shim_is_the_real_lake_for_everything_else() {
    let place = Place::new();
    for (program, leading) in [(place.shim(), vec![]), (PathBuf::from(LEANWRIGHT), vec!["lake"])] {
        let arguments: Vec<&str> = leading.iter().copied().chain(["+toolchain", "build", "--", "serve"]).collect();
        let mut child = place.command(&program, &arguments).spawn().unwrap();
        child.stdin.take().unwrap().write_all(b"through\0me").unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!((output.status.code(), &output.stdout[..]), (Some(37), &b"through\0me"[..]));
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(stderr.starts_with(r#"scripted: ["+toolchain","build","--","serve"]"#), "{stderr}");
    }
}

#[test]
fn contract_08_shims_do_not_call_each_other_for_ever() {
    let place = Place::new();
    let shim = place.shim();
    // A copy of the program under the name of lake is no real lake either.
    std::fs::remove_file(place.bin.join("lake")).unwrap();
    std::fs::copy(LEANWRIGHT, place.bin.join("lake")).unwrap();
    let mut command = place.command(&shim, &["build"]);
    command.env("PATH", std::env::join_paths([shim.parent().unwrap(), &place.bin]).unwrap());
    command.env("XDG_CACHE_HOME", place.project.root.join("empty"));
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no `lake` on PATH"));
    // Two wrappers that lead to each other end, too.
    let script = format!("#!/bin/sh\nexec {} \"$@\"\n", shim.display());
    std::fs::remove_file(place.bin.join("lake")).unwrap();
    std::fs::write(place.bin.join("lake"), script).unwrap();
    std::fs::set_permissions(place.bin.join("lake"), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let output = place.command(&shim, &["build"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("leads back here"));
}

fn did_open(uri: &str) -> String {
    format!(
        r#"{{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{{"textDocument":{{"uri":"{uri}","languageId":"lean4","version":1,"text":""}}}}}}"#
    )
}

#[test]
fn contract_11_leans_exit_code_is_ours() {
    let place = Place::new();
    for code in [0, 1, 7] {
        let mut command = place.command(Path::new(LEANWRIGHT), &["serve"]);
        command.env("LEAN_EXIT", code.to_string());
        // The editor's end stays open: Lean's end is enough.
        let output = talk(command, &[INITIALIZED, did_open("file:///p/exit").as_bytes()], false);
        assert_eq!(output.status.code(), Some(code));
    }
}

/// The pid of the scripted Lean behind a proxy.
async fn lean_pid(editor: &Editor, uri: &lsp::Url) -> u32 {
    let document = lsp::TextDocumentIdentifier::new(uri.clone());
    let params = lsp::HoverParams {
        text_document_position_params: lsp::TextDocumentPositionParams::new(document, lsp::Position::default()),
        work_done_progress_params: lsp::WorkDoneProgressParams::default(),
    };
    let hover = editor.request::<lsp::request::HoverRequest>(params, PATIENCE).await.unwrap().unwrap();
    match hover.contents {
        lsp::HoverContents::Scalar(lsp::MarkedString::String(pid)) => pid.parse().unwrap(),
        other => panic!("{other:?}"),
    }
}

/// Wait until a process is gone or only waits to be reaped.
fn gone(pid: u32) -> bool {
    let started = std::time::Instant::now();
    while started.elapsed() < Duration::from_secs(10) {
        let state = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        if state.is_empty() || state.contains(") Z ") {
            return true;
        }
        std::thread::yield_now();
    }
    false
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn contract_12_no_lean_is_left_however_we_end() {
    let place = Place::new();
    let uri = file_uri(&place.project.root.join("P.lean")).unwrap();
    for signal in ["-KILL", "-TERM", "-INT", "-HUP"] {
        // `env` sets PATH for the server only.
        let path = format!("PATH={}", place.path(&[]).to_str().unwrap());
        let command = ["/usr/bin/env", &path, LEANWRIGHT, "serve"].map(std::ffi::OsString::from);
        let editor = Editor::start(&command, &place.project.root).await.unwrap();
        let pid = lean_pid(&editor, &uri).await;
        let parent = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
        let parent = parent.rsplit(") ").next().unwrap().split(' ').nth(1).unwrap().to_owned();
        assert!(Command::new("kill").args([signal, &parent]).status().unwrap().success());
        assert!(gone(pid), "Lean {pid} has outlived us after {signal}");
    }
}

#[test]
fn contract_12_lean_ends_when_the_editor_goes_without_a_word() {
    let place = Place::new();
    let output = talk(place.command(Path::new(LEANWRIGHT), &["serve"]), &[INITIALIZED], true);
    assert!(output.status.code().is_some(), "it ended by itself: {}", output.status);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn contract_13_shutdown_does_not_wait_for_our_own_work() {
    let place = Place::new();
    let path = format!("PATH={}", place.path(&[]).to_str().unwrap());
    // This Lean never answers `$/lean/plainGoal`: a question of ours is open when the editor says goodbye.
    let words = ["/usr/bin/env", &path, LEANWRIGHT, "serve"];
    let editor = Editor::start(&words.map(std::ffi::OsString::from), &place.project.root).await.unwrap();
    let uri = file_uri(&place.project.root.join("P.lean")).unwrap();
    editor.open(&uri, 1, "example : True := sorry\n").unwrap();
    let status = editor.shutdown(PATIENCE).await.unwrap();
    assert!(status.is_some_and(|status| status.success()), "{status:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_of_another_framework_works_behind_us() {
    let place = Place::new();
    let path = format!("PATH={}", place.path(&[]).to_str().unwrap());
    let words = ["/usr/bin/env", &path, LEANWRIGHT, "serve"].map(std::ffi::OsString::from);
    let editor = Editor::start(&words, &place.project.root).await.unwrap();
    let uri = file_uri(&place.project.root.join("P.lean")).unwrap();
    editor.open(&uri, 1, "12345").unwrap();
    // This framework answers and publishes side by side: ask until both have arrived.
    let arrived = async {
        while editor.diagnostics(&uri).is_empty() {
            lean_pid(&editor, &uri).await;
        }
    };
    tokio::time::timeout(PATIENCE, arrived).await.unwrap();
    let messages: Vec<String> = editor.diagnostics(&uri).into_iter().map(|one| one.message).collect();
    assert_eq!(messages, ["5 bytes"]);
    editor.shutdown(PATIENCE).await.unwrap();
}
