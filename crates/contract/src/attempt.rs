//! What a runner answers, and the same with the place it is for: the input of a replay.

use crate::{AllowedEdit, ExactEdit, MineTask, TaskKind};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

fn default_attempt_id() -> String {
    "attempt".to_owned()
}

/// One line of a runner's output.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunnerResponse {
    /// The task that is answered.
    pub task_id: String,
    /// Label of this answer among those to one task; `attempt` where absent.
    #[serde(default = "default_attempt_id")]
    pub attempt_id: String,
    /// New text for the task's `allowed_edit`: whole lines. Ignored where `hole_replacement` is present.
    #[serde(default)]
    pub replacement: String,
    /// New text for exactly the hole. An empty `replacement` without this means that the runner gives up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hole_replacement: Option<String>,
    /// Name of the model, if one was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Digest of the prompt; filled in with the digest of the task line where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt_hash: Option<String>,
    /// Anything else: cost, latency, sampling.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Value>,
    /// Members that this version does not know.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// An answer with the place that it is for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Attempt {
    /// Version of this record.
    #[serde(default = "crate::schema_version")]
    pub schema_version: u32,
    /// The task that is answered.
    pub task_id: String,
    /// Label of this answer among those to one task; `attempt` where absent.
    #[serde(default = "default_attempt_id")]
    pub attempt_id: String,
    /// Whole lines that `replacement` replaces.
    pub allowed_edit: AllowedEdit,
    /// New text for those lines.
    pub replacement: String,
    /// The exact place and text, where the runner answered for the hole alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edit: Option<Edit>,
    /// File to compile; the edited file where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_file: Option<String>,
    /// Further edits, applied with the first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extra_edits: Vec<ExtraEdit>,
    /// The error that the attempt is meant to repair.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original_diagnostic: Option<Value>,
    /// Name of the model, if one was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// SHA-256 of the task line that the runner was sent, or what the runner said instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt_hash: Option<String>,
    /// Anything else that the runner said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Value>,
    /// Members that this version does not know.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// An exact place and the text for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Edit {
    /// The place of the text that is replaced.
    #[serde(flatten)]
    pub at: ExactEdit,
    /// The text that is put there.
    pub replacement: String,
}

/// Another edit of whole lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExtraEdit {
    /// Path relative to the project's root.
    pub file: String,
    /// First line that is replaced, 1-based.
    pub start_line: usize,
    /// Last line that is replaced, 1-based and inclusive.
    pub end_line: usize,
    /// New text for those lines.
    pub replacement: String,
}

/// The edit of its file that a response to a task asks for; `None` if the runner gives up, or if it answered for whole lines of which the task does not have
/// the text.
#[must_use]
pub fn edit_of(task: &MineTask, response: &RunnerResponse) -> Option<Edit> {
    let replacement = response.hole_replacement.as_ref().unwrap_or(&response.replacement);
    if replacement.trim().is_empty() {
        return None;
    }
    let (prefix, suffix) = around(task);
    let hole = || {
        let start = [line_from_0(task.target_span.start_line), utf16(prefix)];
        task.edit.clone().unwrap_or_else(|| exact(task.source_before.len(), start, task.target_span.text.clone()))
    };
    if response.hole_replacement.is_some() {
        return Some(Edit { at: hole(), replacement: replacement.clone() });
    }
    if task.kind == TaskKind::Error {
        // What of the lines is not the body has to stay as it is.
        let body = replacement.strip_prefix(prefix).and_then(|rest| rest.trim_end().strip_suffix(suffix));
        return Some(Edit { at: hole(), replacement: body.unwrap_or(replacement).to_owned() });
    }
    let at = hole();
    let is_whole = at.start_utf16[1] == utf16(prefix)
        && task.allowed_edit.start_line == task.target_span.start_line
        && task.allowed_edit.end_line == task.target_span.end_line;
    let lines = [prefix, &task.target_span.text, suffix].concat();
    let start = at.start_byte.checked_sub(prefix.len()).filter(|_| is_whole)?;
    Some(Edit { at: exact(start, [at.start_utf16[0], 0], lines), replacement: replacement.clone() })
}

/// The answer for a task's whole lines that a response for the hole alone comes to, as lean-agent reads attempts.
#[must_use]
pub fn lines_of(task: &MineTask, response: &RunnerResponse) -> String {
    let (prefix, suffix) = around(task);
    let body = edit_of(task, response).filter(|_| task.kind == TaskKind::Error);
    if let Some(Edit { replacement, .. }) = body {
        return [prefix, &replacement, suffix].concat();
    }
    match &response.hole_replacement {
        Some(replacement) if !replacement.trim().is_empty() => [prefix, replacement, suffix].concat(),
        Some(_) => String::new(),
        None => response.replacement.clone(),
    }
}

/// What stands on the target's lines before it and behind it.
fn around(task: &MineTask) -> (&str, &str) {
    let prefix = task.source_before.rsplit('\n').next().unwrap_or_default();
    let suffix = task.source_after.split('\n').next().unwrap_or_default();
    (prefix, suffix.strip_suffix('\r').unwrap_or(suffix))
}

fn exact(start_byte: usize, start_utf16: [u32; 2], expected: String) -> ExactEdit {
    let lines = u32::try_from(expected.matches('\n').count()).unwrap_or(u32::MAX);
    let last = utf16(expected.rsplit('\n').next().unwrap_or_default());
    let column = if lines == 0 { start_utf16[1] + last } else { last };
    let end_utf16 = [start_utf16[0] + lines, column];
    ExactEdit { start_byte, end_byte: start_byte + expected.len(), start_utf16, end_utf16, expected }
}

fn utf16(text: &str) -> u32 {
    u32::try_from(text.encode_utf16().count()).unwrap_or(u32::MAX)
}

fn line_from_0(line: usize) -> u32 {
    u32::try_from(line.saturating_sub(1)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// A task for the text between the marks; what an answer makes of the whole text, by the exact edit.
    fn check(kind: &str, marked: &str, answer: serde_json::Value) -> Option<String> {
        let parts: Vec<&str> = marked.split('¦').collect();
        let (before, target, after) = (parts[0], parts[1], parts[2]);
        let (start_line, end_line) =
            (before.matches('\n').count() + 1, (before.to_owned() + target).matches('\n').count() + 1);
        let task = json!({
            "task_id": "t", "project": "p", "file": "A.lean", "kind": kind, "line": start_line, "column": 0, "imports": [],
            "source_before": before, "source_after": after, "instructions": "",
            "target_span": {"start_line": start_line, "start_column": 0, "end_line": end_line, "end_column": 0, "text": target},
            "allowed_edit": {"file": "A.lean", "start_line": start_line, "end_line": end_line},
        });
        let task: MineTask = serde_json::from_value(task).unwrap();
        let mut answer = answer;
        answer["task_id"] = "t".into();
        let response = serde_json::from_value(answer).unwrap();
        let edit = edit_of(&task, &response)?;
        let mut text = [before, target, after].concat();
        // Who reads whole lines, as lean-agent does, gets the same.
        let mut lines: Vec<&str> = text.split('\n').collect();
        let whole = lines_of(&task, &response);
        let whole = whole.strip_suffix('\n').unwrap_or(&whole);
        let end = if lines[end_line - 1].ends_with('\r') { "\r" } else { "" };
        let whole = format!("{whole}{end}");
        lines.splice(start_line - 1..end_line, [whole.as_str()]);
        let by_lines = lines.join("\n");
        assert_eq!(&text[edit.at.start_byte..edit.at.end_byte], edit.at.expected);
        text.replace_range(edit.at.start_byte..edit.at.end_byte, &edit.replacement);
        assert_eq!(by_lines, text);
        Some(text)
    }

    #[test]
    fn an_answer_is_for_the_hole_or_for_its_lines() {
        let text = "theorem 𝓝 : a := by\r\n  exact ¦sorry¦ -- c\r\nend";
        let hole = check("sorry", text, json!({"hole_replacement": "h", "replacement": "ignored"}));
        assert_eq!(hole.as_deref(), Some("theorem 𝓝 : a := by\r\n  exact h -- c\r\nend"));
        let lines = check("sorry", text, json!({"replacement": "  simp"}));
        assert_eq!(lines.as_deref(), Some("theorem 𝓝 : a := by\r\n  simp\r\nend"));
        assert_eq!(check("sorry", text, json!({"replacement": "  "})), None);
        assert_eq!(check("sorry", text, json!({"hole_replacement": "", "replacement": "x"})), None);
    }

    #[test]
    fn lines_for_a_body_with_an_error_become_the_body() {
        let text = "theorem t : a := ¦by\n  wrong¦ -- c\nend";
        let lines = check("error", text, json!({"replacement": "theorem t : a := by\n  right -- c\n"}));
        assert_eq!(lines.as_deref(), Some("theorem t : a := by\n  right -- c\nend"));
        let body = check("error", text, json!({"replacement": "by right"}));
        assert_eq!(body.as_deref(), Some("theorem t : a := by right -- c\nend"));
    }
}
