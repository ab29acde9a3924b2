//! The routing table: what happens to each message, one line per method. What is not listed is forwarded.

/// What is done with a message from the editor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FromEditor {
    /// Lean gets it; nothing else happens.
    Forward,
    /// Lean gets it first, then the session sees it.
    Observe,
    /// Lean gets it; its answer is extended.
    Merge(Merged),
    /// It is ours: the session answers, Lean never sees it.
    Own,
    /// Lean gets it first; it tells where the cursor is.
    CursorHint,
    /// Ours if the editor was told that it is, else Lean's.
    Lenses,
    /// Ours if the command is ours, else Lean's.
    Command,
    /// Lean gets it, unless the item that it is about is ours.
    ResolveCodeAction,
    /// Lean gets it, unless the request that it is about is ours.
    Cancel,
}

/// Which answer is extended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Merged {
    Capabilities,
    CodeActions,
}

/// What is done with a notification from Lean; its answers and requests are told apart by their ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FromLean {
    Forward,
    /// The editor gets it first, then the session sees it.
    Observe,
}

/// Methods of the editor.
pub fn from_editor(method: &str) -> FromEditor {
    match method {
        "initialize" => FromEditor::Merge(Merged::Capabilities),
        "initialized" => FromEditor::Observe,
        "textDocument/didOpen" => FromEditor::Observe,
        "textDocument/didChange" => FromEditor::Observe,
        "textDocument/didClose" => FromEditor::Observe,
        "textDocument/didSave" => FromEditor::Observe,
        "workspace/didChangeWatchedFiles" => FromEditor::Observe,
        "textDocument/codeAction" => FromEditor::Merge(Merged::CodeActions),
        "codeAction/resolve" => FromEditor::ResolveCodeAction,
        "$/cancelRequest" => FromEditor::Cancel,
        "textDocument/codeLens" => FromEditor::Lenses,
        "workspace/executeCommand" => FromEditor::Command,
        method if tells_cursor(method) => FromEditor::CursorHint,
        other if other.starts_with("leanwright/") => FromEditor::Own,
        _ => FromEditor::Forward,
    }
}

/// Requests that an editor sends about the place where its cursor is.
pub fn tells_cursor(method: &str) -> bool {
    matches!(method, "$/lean/plainGoal" | "$/lean/plainTermGoal" | "$/lean/rpc/call" | "textDocument/documentHighlight")
}

/// Notifications of Lean.
pub fn from_lean(method: &str) -> FromLean {
    match method {
        "$/lean/fileProgress" => FromLean::Observe,
        "textDocument/publishDiagnostics" => FromLean::Observe,
        _ => FromLean::Forward,
    }
}
