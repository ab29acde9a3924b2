//! A headless editor: starts a language server, opens documents in it, asks, and keeps the diagnostics that arrive.
//!
//! Drives `leanwright serve` for the demo and `prove`, and `lake serve` where goals are wanted without an editor. It is
//! built on async-lsp: one loop, so notifications and answers arrive in the order in which they were sent.

use crate::group::GroupGuard;
use crate::launcher::Launcher;
use async_lsp::router::Router;
use async_lsp::{MainLoop, ServerSocket};
use leanwright_contract::editor as own;
use leanwright_lean::{Diagnostics, dialect};
use lsp_types as lsp;
use lsp_types::notification as note;
use lsp_types::request::{self as ask, Request};
use std::collections::HashMap;
use std::ffi::OsString;
use std::ops::ControlFlow;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::process::Child;
use tokio::sync::watch;
use tokio_util::compat::{TokioAsyncReadCompatExt, TokioAsyncWriteCompatExt};

#[derive(Debug, thiserror::Error)]
pub enum EditorError {
    #[error("could not start the language server `{program}`: {source}")]
    Start { program: String, source: std::io::Error },
    #[error("{method}: {source}")]
    Request { method: &'static str, source: async_lsp::Error },
    #[error("{method}: no answer within {after:.0?}")]
    TimedOut { method: &'static str, after: Duration },
    #[error("not a path that a URI can name: {0}")]
    Path(String),
}

macro_rules! request {
    ($name:ident, $method:expr, $params:ty, $result:ty) => {
        #[doc = concat!("The request `", stringify!($method), "`.")]
        #[derive(Debug)]
        pub enum $name {}
        impl Request for $name {
            type Params = $params;
            type Result = $result;
            const METHOD: &'static str = $method;
        }
    };
}

request!(Holes, own::HOLES, own::DocumentParams, own::HolesResult);
request!(Prove, own::PROVE, own::ProveParams, own::ProveResult);
request!(ProveAll, own::PROVE_ALL, own::ProveAllParams, own::ProveAllResult);
request!(Cancel, own::CANCEL, own::CancelParams, Option<()>);
request!(Goals, own::GOALS, own::ProveParams, leanwright_contract::GoalsResult);
request!(Walk, own::WALK, own::ProveParams, leanwright_contract::Walk);
request!(TaskContext, own::CONTEXT, own::ProveParams, serde_json::Value);
request!(Certificate, own::CERTIFICATE, own::ProveParams, own::CertificateResult);
request!(StatusRequest, own::STATUS, Option<()>, own::StatusResult);
request!(WaitForDiagnostics, "textDocument/waitForDiagnostics", serde_json::Value, serde_json::Value);
request!(RpcConnect, "$/lean/rpc/connect", serde_json::Value, serde_json::Value);
request!(RpcCall, "$/lean/rpc/call", serde_json::Value, serde_json::Value);
request!(PlainGoal, "$/lean/plainGoal", lsp::TextDocumentPositionParams, serde_json::Value);
request!(PlainTermGoal, "$/lean/plainTermGoal", lsp::TextDocumentPositionParams, serde_json::Value);

/// `leanwright/holesChanged`.
#[derive(Debug)]
pub enum HolesChanged {}
impl note::Notification for HolesChanged {
    type Params = own::DocumentParams;
    const METHOD: &'static str = own::HOLES_CHANGED;
}

/// `textDocument/publishDiagnostics`, with what Lean adds to it.
#[derive(Debug)]
enum PublishDiagnostics {}
impl note::Notification for PublishDiagnostics {
    type Params = dialect::PublishDiagnostics;
    const METHOD: &'static str = note::PublishDiagnostics::METHOD;
}

/// What was published, by URI.
type Published = Arc<Mutex<HashMap<String, Diagnostics>>>;

/// An editor without a window, connected to a language server of its own.
pub struct Editor {
    /// Ends before the socket that it reads from.
    _main_loop: AbortOnDrop,
    server: ServerSocket,
    diagnostics: Published,
    /// Counts `leanwright/holesChanged` notifications.
    changes: watch::Receiver<u64>,
    child: Child,
    group: GroupGuard,
    /// What the server said that it can do.
    pub capabilities: lsp::ServerCapabilities,
}

struct AbortOnDrop(tokio::task::AbortHandle);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Editor {
    /// Start a server in `root` and shake hands.
    pub async fn start(command: &[OsString], root: &Path) -> Result<Self, EditorError> {
        let (program, arguments) = command.split_first().ok_or_else(|| EditorError::Path(String::new()))?;
        let failed = |source| EditorError::Start { program: program.display().to_string(), source };
        // A server ends when its input does: it needs no supervisor.
        let started = Launcher::default().talk(program, arguments, root, Stdio::inherit());
        let (mut child, group) = started.map_err(failed)?;
        let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(failed(std::io::Error::other("no pipes")));
        };
        let diagnostics = Published::default();
        let (changed, changes) = watch::channel(0);
        let (main_loop, server) = MainLoop::new_client(|_| router(Arc::clone(&diagnostics), changed));
        let main_loop = tokio::spawn(async move {
            if let Err(error) = main_loop.run_buffered(stdout.compat(), stdin.compat_write()).await {
                tracing::debug!("the language server's loop ended: {error}");
            }
        });
        let capabilities = lsp::ServerCapabilities::default();
        let _main_loop = AbortOnDrop(main_loop.abort_handle());
        let mut editor = Self { _main_loop, server, diagnostics, changes, child, group, capabilities };
        let answer = editor.request::<ask::Initialize>(initialize_params(root)?, Duration::from_secs(600)).await?;
        editor.capabilities = answer.capabilities;
        editor.notify::<note::Initialized>(lsp::InitializedParams {})?;
        Ok(editor)
    }

    pub async fn request<R: Request>(&self, params: R::Params, deadline: Duration) -> Result<R::Result, EditorError> {
        match tokio::time::timeout(deadline, self.server.request::<R>(params)).await {
            Ok(answer) => answer.map_err(|source| EditorError::Request { method: R::METHOD, source }),
            Err(_) => Err(EditorError::TimedOut { method: R::METHOD, after: deadline }),
        }
    }

    pub fn notify<N: note::Notification>(&self, params: N::Params) -> Result<(), EditorError> {
        self.server.notify::<N>(params).map_err(|source| EditorError::Request { method: N::METHOD, source })
    }

    pub fn open(&self, uri: &lsp::Url, version: i32, text: &str) -> Result<(), EditorError> {
        let item = lsp::TextDocumentItem::new(uri.clone(), "lean4".into(), version, text.to_owned());
        self.notify::<note::DidOpenTextDocument>(lsp::DidOpenTextDocumentParams { text_document: item })
    }

    pub fn change(&self, uri: &lsp::Url, version: i32, range: lsp::Range, text: &str) -> Result<(), EditorError> {
        let change = lsp::TextDocumentContentChangeEvent { range: Some(range), range_length: None, text: text.into() };
        self.notify::<note::DidChangeTextDocument>(lsp::DidChangeTextDocumentParams {
            text_document: lsp::VersionedTextDocumentIdentifier::new(uri.clone(), version),
            content_changes: vec![change],
        })
    }

    pub fn close(&self, uri: &lsp::Url) -> Result<(), EditorError> {
        let document = lsp::TextDocumentIdentifier::new(uri.clone());
        self.notify::<note::DidCloseTextDocument>(lsp::DidCloseTextDocumentParams { text_document: document })
    }

    /// Wait until this version has been elaborated; then its diagnostics have arrived.
    pub async fn elaborated(&self, uri: &lsp::Url, version: i32, deadline: Duration) -> Result<(), EditorError> {
        let params = serde_json::json!({ "uri": uri, "version": version });
        self.request::<WaitForDiagnostics>(params, deadline).await.map(drop)
    }

    /// The diagnostics of a document, as an editor has put them together.
    pub fn diagnostics(&self, uri: &lsp::Url) -> Vec<dialect::Diagnostic> {
        let all = self.diagnostics.lock().ok();
        all.and_then(|all| all.get(uri.as_str()).map(|one| one.all().to_vec())).unwrap_or_default()
    }

    /// Every document that anything was published about.
    pub fn published(&self) -> Vec<String> {
        self.diagnostics.lock().map(|all| all.keys().cloned().collect()).unwrap_or_default()
    }

    /// The server's process.
    pub fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// A watch on changes of holes and goals: mark it seen, ask, and wait on it if the answer is not good enough.
    pub fn hole_changes(&self) -> watch::Receiver<u64> {
        self.changes.clone()
    }

    /// Say goodbye and wait for the server's end; after the deadline it is killed.
    pub async fn shutdown(mut self, deadline: Duration) -> Result<Option<ExitStatus>, EditorError> {
        self.request::<ask::Shutdown>((), deadline).await?;
        self.notify::<note::Exit>(())?;
        let status = tokio::time::timeout(deadline, self.child.wait()).await;
        self.group.kill();
        Ok(status.ok().and_then(Result::ok))
    }
}

/// The URI of a file, as VS Code and Neovim write it.
pub fn file_uri(path: &Path) -> Result<lsp::Url, EditorError> {
    lsp::Url::from_file_path(path).map_err(|()| EditorError::Path(path.display().to_string()))
}

fn router(diagnostics: Published, changed: watch::Sender<u64>) -> Router<Published> {
    let mut router = Router::new(diagnostics);
    router
        .notification::<PublishDiagnostics>(|diagnostics, params| {
            if let Ok(mut all) = diagnostics.lock() {
                all.entry(params.uri.clone()).or_default().publish(params);
            }
            ControlFlow::Continue(())
        })
        .request::<ask::RegisterCapability, _>(|_, _| async { Ok(()) })
        .request::<ask::SemanticTokensRefresh, _>(|_, ()| async { Ok(()) })
        .request::<ask::InlayHintRefreshRequest, _>(|_, ()| async { Ok(()) })
        .notification::<HolesChanged>(move |_, _| {
            changed.send_modify(|count| *count += 1);
            ControlFlow::Continue(())
        })
        .unhandled_notification(|_, _| ControlFlow::Continue(()));
    router
}

/// Lean reads its root from the working directory; what it decodes of the capabilities must be complete.
fn initialize_params(root: &Path) -> Result<lsp::InitializeParams, EditorError> {
    let uri = file_uri(root)?;
    Ok(lsp::InitializeParams {
        process_id: Some(std::process::id()),
        capabilities: lsp::ClientCapabilities {
            workspace: Some(lsp::WorkspaceClientCapabilities {
                apply_edit: Some(true),
                workspace_edit: Some(lsp::WorkspaceEditClientCapabilities {
                    document_changes: Some(true),
                    ..Default::default()
                }),
                ..Default::default()
            }),
            ..Default::default()
        },
        initialization_options: Some(serde_json::json!({ "hasWidgets": false })),
        workspace_folders: Some(vec![lsp::WorkspaceFolder { name: uri.path().to_owned(), uri }]),
        ..Default::default()
    })
}
