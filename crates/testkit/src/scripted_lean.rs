//! A scripted `lake serve`, built on a server framework that nobody here wrote (tower-lsp-server).
//!
//! It says on standard error how it was started, answers hover with its own pid, and publishes a diagnostic for every
//! document. `LEAN_EXIT=N` makes it exit with that code once a document named `exit` is opened.
#![allow(clippy::disallowed_methods, clippy::print_stderr, clippy::exit, reason = "a scripted peer for tests")]

use tower_lsp_server::jsonrpc::Result;
use tower_lsp_server::ls_types::{
    Diagnostic, DidOpenTextDocumentParams, Hover, HoverContents, HoverParams, InitializeParams, InitializeResult,
    InitializedParams, MarkedString, Range, ServerCapabilities, ServerInfo, TextDocumentSyncCapability,
    TextDocumentSyncKind,
};
use tower_lsp_server::{Client, LanguageServer, LspService, Server};

struct Scripted {
    client: Client,
}

impl LanguageServer for Scripted {
    async fn initialize(&self, _: InitializeParams) -> Result<InitializeResult> {
        let sync = TextDocumentSyncCapability::Kind(TextDocumentSyncKind::INCREMENTAL);
        let capabilities = ServerCapabilities { text_document_sync: Some(sync), ..ServerCapabilities::default() };
        let server_info = Some(ServerInfo { name: "Scripted Lean".to_owned(), version: None });
        Ok(InitializeResult { capabilities, server_info, ..InitializeResult::default() })
    }

    async fn initialized(&self, _: InitializedParams) {
        eprintln!("scripted: initialized");
    }

    async fn did_open(&self, params: DidOpenTextDocumentParams) {
        let document = params.text_document;
        if document.uri.as_str().ends_with("/exit") {
            let code = std::env::var("LEAN_EXIT").ok().and_then(|code| code.parse().ok());
            std::process::exit(code.unwrap_or(1));
        }
        let diagnostic = Diagnostic::new_simple(Range::default(), format!("{} bytes", document.text.len()));
        self.client.publish_diagnostics(document.uri, vec![diagnostic], Some(document.version)).await;
    }

    async fn hover(&self, _: HoverParams) -> Result<Option<Hover>> {
        let pid = std::process::id().to_string();
        Ok(Some(Hover { contents: HoverContents::Scalar(MarkedString::String(pid)), range: None }))
    }

    async fn shutdown(&self) -> Result<()> {
        Ok(())
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    eprintln!("scripted: {}", serde_json::json!(arguments));
    eprintln!("scripted: in {}", std::env::current_dir().unwrap_or_default().display());
    let command = arguments.iter().find(|argument| !argument.starts_with(['+', '-', '.']));
    if command.is_none_or(|command| command != "serve") {
        // Everything but `serve`: echo standard input, and exit with a code that nobody makes up.
        let _ = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::stdout().lock());
        std::process::exit(37);
    }
    let (service, socket) = LspService::new(|client| Scripted { client });
    Server::new(tokio::io::stdin(), tokio::io::stdout(), socket).serve(service).await;
}
