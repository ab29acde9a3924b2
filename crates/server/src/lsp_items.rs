//! What we show of holes, offers and lenses, as LSP has it.

use crate::command_argument::CommandArgument;
use crate::handshake::command_name;
use leanwright_contract::editor::{Position, Range};
use leanwright_contract::{Acceptance, GuardOutcome};
use leanwright_engine::{Lens, Offer};
use leanwright_lean::HoleKind;
use lsp_types as lsp;

fn lsp_range(range: Range) -> lsp::Range {
    let position = |at: Position| lsp::Position::new(at.line, at.character);
    lsp::Range::new(position(range.start), position(range.end))
}

/// One offer as a code action: an edit of exactly this version, which needs no command and no second question.
pub fn offer_item(uri: &lsp::Url, version: i64, range: Range, offer: &Offer) -> lsp::CodeAction {
    let edit = lsp::TextEdit { range: lsp_range(range), new_text: offer.replacement.clone() };
    let document =
        lsp::OptionalVersionedTextDocumentIdentifier { uri: uri.clone(), version: i32::try_from(version).ok() };
    let edit = lsp::TextDocumentEdit { text_document: document, edits: vec![lsp::OneOf::Left(edit)] };
    lsp::CodeAction {
        title: title(offer),
        kind: Some(lsp::CodeActionKind::QUICKFIX),
        is_preferred: Some(offer.verdict.acceptance() == Some(Acceptance::Verified)),
        edit: Some(lsp::WorkspaceEdit {
            document_changes: Some(lsp::DocumentChanges::Edits(vec![edit])),
            ..Default::default()
        }),
        data: Some(serde_json::json!({ "leanwright": { "uri": uri, "version": version, "offer": offer.job.0 } })),
        ..Default::default()
    }
}

/// An item that starts work and changes nothing by itself.
pub fn command_item(title: &str, argument: &CommandArgument, uri: &str, version: i64) -> lsp::CodeAction {
    lsp::CodeAction {
        title: title.to_owned(),
        kind: Some(lsp::CodeActionKind::QUICKFIX),
        command: Some(lsp::Command::new(title.to_owned(), command_name(), Some(vec![serde_json::json!(argument)]))),
        data: Some(serde_json::json!({ "leanwright": { "uri": uri, "version": version } })),
        ..Default::default()
    }
}

fn title(offer: &Offer) -> String {
    let text = offer.replacement.split_whitespace().collect::<Vec<_>>().join(" ");
    let short: String = text.chars().take(60).collect();
    let dots = if short.len() < text.len() { "…" } else { "" };
    let mut notes = vec![offer.verdict.acceptance_text().unwrap_or_default()];
    match offer.verdict.holes_left {
        0 => {}
        1 => notes.push("1 sorry left here".to_owned()),
        count => notes.push(format!("{count} sorries left here")),
    }
    if matches!(offer.verdict.guards.negative_control, GuardOutcome::Warned { .. }) {
        notes.push("the hypotheses seem to contradict each other".to_owned());
    }
    let what = if offer.kind == HoleKind::Error { "proof" } else { "sorry" };
    format!("Replace {what}: {short}{dots} ({})", notes.join("; "))
}

/// A lens that starts work on the holes of its lines.
pub fn lens_item(uri: &str, lens: Lens) -> lsp::CodeLens {
    let argument = CommandArgument::ProveAll { uri: uri.to_owned(), lines: Some(lens.lines) };
    let command = lsp::Command::new(lens.title, command_name(), Some(vec![serde_json::json!(argument)]));
    lsp::CodeLens { range: lsp_range(lens.range), command: Some(command), data: None }
}
