//! The routing table: what happens to each message, one line per method. What is not listed is forwarded. Nobody else looks at a method.

use leanwright_contract::editor as own;

/// What is done with a message from the editor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FromEditor {
    /// Lean gets it; nothing else happens.
    Forward,
    /// Lean gets it first, then the session sees it.
    Observe(EditorNotice),
    /// Lean gets it; its answer is extended.
    Merge(Merged),
    /// It is ours: the session answers, Lean never sees it.
    Own(OwnRequest),
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

/// A notification of the editor's that the session sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EditorNotice {
    Initialized,
    Opened,
    Changed,
    Closed,
    Saved,
    FilesChanged,
}

/// A request that the session answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnRequest {
    Holes,
    Prove,
    ProveAll,
    Stop,
    Certificate,
    Goals,
    Walk,
    Context,
    Status,
    Lenses,
    Command,
    /// Called like one of ours, and none.
    Unknown,
}

/// A notification of Lean's that the session sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeanNotice {
    Progress,
    Diagnostics,
}

/// What is done with a notification from Lean; its answers and requests are told apart by their ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FromLean {
    Forward,
    /// The editor gets it first, then the session sees it.
    Observe(LeanNotice),
}

/// Methods of the editor.
pub fn from_editor(method: &str) -> FromEditor {
    match method {
        "initialize" => FromEditor::Merge(Merged::Capabilities),
        "initialized" => FromEditor::Observe(EditorNotice::Initialized),
        "textDocument/didOpen" => FromEditor::Observe(EditorNotice::Opened),
        "textDocument/didChange" => FromEditor::Observe(EditorNotice::Changed),
        "textDocument/didClose" => FromEditor::Observe(EditorNotice::Closed),
        "textDocument/didSave" => FromEditor::Observe(EditorNotice::Saved),
        "workspace/didChangeWatchedFiles" => FromEditor::Observe(EditorNotice::FilesChanged),
        "textDocument/codeAction" => FromEditor::Merge(Merged::CodeActions),
        "codeAction/resolve" => FromEditor::ResolveCodeAction,
        "$/cancelRequest" => FromEditor::Cancel,
        "textDocument/codeLens" => FromEditor::Lenses,
        "workspace/executeCommand" => FromEditor::Command,
        // An editor asks these about the place where its cursor is.
        "$/lean/plainGoal" | "$/lean/plainTermGoal" | "$/lean/rpc/call" | "textDocument/documentHighlight" => {
            FromEditor::CursorHint
        }
        own::HOLES => FromEditor::Own(OwnRequest::Holes),
        own::PROVE => FromEditor::Own(OwnRequest::Prove),
        own::PROVE_ALL => FromEditor::Own(OwnRequest::ProveAll),
        own::CANCEL => FromEditor::Own(OwnRequest::Stop),
        own::CERTIFICATE => FromEditor::Own(OwnRequest::Certificate),
        own::GOALS => FromEditor::Own(OwnRequest::Goals),
        own::WALK => FromEditor::Own(OwnRequest::Walk),
        own::CONTEXT => FromEditor::Own(OwnRequest::Context),
        own::STATUS => FromEditor::Own(OwnRequest::Status),
        other if other.starts_with("leanwright/") => FromEditor::Own(OwnRequest::Unknown),
        _ => FromEditor::Forward,
    }
}

/// Notifications of Lean.
pub fn from_lean(method: &str) -> FromLean {
    match method {
        "$/lean/fileProgress" => FromLean::Observe(LeanNotice::Progress),
        "textDocument/publishDiagnostics" => FromLean::Observe(LeanNotice::Diagnostics),
        _ => FromLean::Forward,
    }
}
