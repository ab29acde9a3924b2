//! A candidate: one edit of one file. The bytes that are judged and the edit that is offered come from here.

use leanwright_contract::Attempt;
use leanwright_lean::{Outline, Text, scan};
use std::ops::Range;
use std::path::{Component, Path, PathBuf};

/// One edit of one file of a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The project's root.
    pub root: PathBuf,
    /// The file, relative to the root.
    pub file: PathBuf,
    /// The file's text without the edit: the editor's, saved or not.
    pub before: String,
    /// The bytes of `before` that are replaced; its ends are character boundaries.
    pub span: Range<usize>,
    pub replacement: String,
}

/// Why an attempt is no edit of this file.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatchError {
    #[error("the path `{0}` leads out of the project")]
    Path(String),
    #[error("lines {start} to {end} are not lines of the file, which has {have}")]
    Lines { start: usize, end: usize, have: usize },
    #[error("bytes {start} to {end} are no characters of the file")]
    Bytes { start: usize, end: usize },
    #[error("the file has {found:?} where the attempt expects {expected:?}: it has changed since the task was made")]
    Stale { found: String, expected: String },
    #[error("the attempt edits `{0}` too: edits of several files are not judged")]
    SeveralFiles(String),
    #[error("could not read `{file}`: {reason}")]
    Unreadable { file: String, reason: String },
    #[error("the attempt has several edits that overlap")]
    Overlap,
}

impl Candidate {
    /// The file's text with the edit.
    pub fn after(&self) -> String {
        let before = self.before.get(..self.span.start).unwrap_or_default();
        let after = self.before.get(self.span.end..).unwrap_or_default();
        [before, &self.replacement, after].concat()
    }

    /// If it replaces a whole body in which no hole is written: the same about a text in which the body is one. A body that does not compile leaves nothing to
    /// compare with, and is judged so.
    pub fn with_open_body(&self) -> Option<Self> {
        const HOLE: &str = "sorry";
        let scan = scan(&self.before);
        let declaration = scan.outline.at(self.span.start)?;
        let is_open =
            scan.holes.iter().any(|hole| self.span.start <= hole.span.start && hole.span.end <= self.span.end);
        if is_open || declaration.term(&self.before)? != self.span {
            return None;
        }
        let mut before = self.before.clone();
        before.replace_range(self.span.clone(), HOLE);
        let span = self.span.start..self.span.start + HOLE.len();
        Some(Self { before, span, ..self.clone() })
    }

    pub fn replaced(&self) -> &str {
        self.before.get(self.span.clone()).unwrap_or_default()
    }
}

/// The path of a record, checked to stay inside the project.
pub fn project_path(written: &str) -> Result<PathBuf, PatchError> {
    let path = Path::new(written);
    let inside = path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    if inside && !written.is_empty() { Ok(path.components().collect()) } else { Err(PatchError::Path(written.into())) }
}

/// The candidate that an attempt makes of the file with this text. Several edits of the file become one.
pub fn apply_attempt(root: &Path, attempt: &Attempt, before: String) -> Result<Candidate, PatchError> {
    let file = project_path(&attempt.allowed_edit.file)?;
    if let Some(target) = &attempt.target_file
        && project_path(target)? != file
    {
        return Err(PatchError::SeveralFiles(target.clone()));
    }
    let mut edits = Vec::new();
    match &attempt.edit {
        Some(edit) => {
            let span = edit.at.start_byte..edit.at.end_byte;
            let found = before.get(span.clone()).ok_or(PatchError::Bytes { start: span.start, end: span.end })?;
            if found != edit.at.expected {
                return Err(PatchError::Stale { found: found.to_owned(), expected: edit.at.expected.clone() });
            }
            edits.push((span, edit.replacement.clone()));
        }
        None => {
            let (start, end) = (attempt.allowed_edit.start_line, attempt.allowed_edit.end_line);
            edits.push(line_edit(&before, start, end, &attempt.replacement)?);
        }
    }
    for extra in &attempt.extra_edits {
        if project_path(&extra.file)? != file {
            return Err(PatchError::SeveralFiles(extra.file.clone()));
        }
        edits.push(line_edit(&before, extra.start_line, extra.end_line, &extra.replacement)?);
    }
    let (span, replacement) = merge(&before, edits)?;
    let candidate = Candidate { root: root.to_path_buf(), file, before, span, replacement };
    // Several edits may reach from one declaration into another.
    let is_repair = attempt.original_diagnostic.is_some() && attempt.extra_edits.is_empty();
    Ok(if is_repair { of_the_body(candidate) } else { candidate })
}

/// The same edit without what it leaves as it is around the body of a declaration: repairs of errors are written as the lines of the declaration.
fn of_the_body(candidate: Candidate) -> Candidate {
    let Candidate { before, span, replacement, .. } = &candidate;
    let outline = Outline::of(before);
    let mut bodies = outline.declarations.iter().filter_map(|declaration| declaration.term(before));
    let Some(body) = bodies.find(|body| span.start <= body.start && body.end <= span.end) else { return candidate };
    let around = before.get(span.start..body.start).zip(before.get(body.end..span.end));
    let new = around.and_then(|(prefix, suffix)| replacement.strip_prefix(prefix)?.strip_suffix(suffix));
    match new.map(str::to_owned) {
        Some(replacement) => Candidate { span: body, replacement, ..candidate },
        None => candidate,
    }
}

/// Replace whole lines (1-based, inclusive) verbatim; the last line keeps its line break, as in lean-agent.
fn line_edit(text: &str, start: usize, end: usize, replacement: &str) -> Result<(Range<usize>, String), PatchError> {
    let lines = Text::new(text.to_owned());
    let bounds = |line: usize| line.checked_sub(1).and_then(|line| lines.line_bounds(line));
    match (bounds(start), bounds(end)) {
        (Some((first, _)), Some((_, last))) if first <= last => Ok((first..last, replacement.to_owned())),
        _ => Err(PatchError::Lines { start, end, have: lines.line_count() }),
    }
}

/// One edit that does what several do.
fn merge(text: &str, mut edits: Vec<(Range<usize>, String)>) -> Result<(Range<usize>, String), PatchError> {
    edits.sort_by_key(|(span, _)| span.start);
    let mut merged: Option<(Range<usize>, String)> = None;
    for (span, replacement) in edits {
        merged = Some(match merged {
            None => (span, replacement),
            Some((before, _)) if span.start < before.end => return Err(PatchError::Overlap),
            Some((before, mut text_so_far)) => {
                text_so_far.push_str(text.get(before.end..span.start).unwrap_or_default());
                text_so_far.push_str(&replacement);
                (before.start..span.end, text_so_far)
            }
        });
    }
    merged.ok_or(PatchError::Overlap)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt(json: serde_json::Value) -> Attempt {
        serde_json::from_value(json).unwrap()
    }

    fn check(before: &str, json: serde_json::Value) -> Result<String, String> {
        let candidate = apply_attempt(Path::new("/p"), &attempt(json), before.to_owned());
        candidate.map(|candidate| candidate.after()).map_err(|error| error.to_string())
    }

    #[test]
    fn lines_and_exact_places() {
        let text = "a\r\nb sorry\r\nc";
        let lines = |replacement: &str| {
            serde_json::json!({"task_id": "t", "replacement": replacement,
                "allowed_edit": {"file": "A.lean", "start_line": 2, "end_line": 2}})
        };
        assert_eq!(check(text, lines("b x")).unwrap(), "a\r\nb x\r\nc");
        let mut exact = lines("ignored");
        exact["edit"] = serde_json::json!({"start_byte": 5, "end_byte": 10, "start_utf16": [1, 2], "end_utf16": [1, 7],
            "expected": "sorry", "replacement": "x"});
        assert_eq!(check(text, exact.clone()).unwrap(), "a\r\nb x\r\nc");
        exact["edit"]["expected"] = "admit".into();
        assert!(check(text, exact).unwrap_err().contains("has changed"));
    }

    #[test]
    fn a_body_with_an_error_is_a_hole() {
        let text = "theorem t : a :=\n  wrong\n\ntheorem u : b := by\n  simp\n";
        let repair = |start: usize, end: usize, replacement: &str| {
            let json = serde_json::json!({"task_id": "t", "replacement": replacement, "original_diagnostic": {"message": "m"},
                "allowed_edit": {"file": "A.lean", "start_line": start, "end_line": end}});
            let candidate = apply_attempt(Path::new("/p"), &attempt(json), text.to_owned()).unwrap();
            let lines: Vec<&str> = text.lines().collect();
            let whole = [&lines[..start - 1], &[replacement], &lines[end..]].concat().join("\n") + "\n";
            assert_eq!(candidate.after(), whole, "the bytes that the attempt writes");
            let opened = candidate.with_open_body().unwrap_or(candidate);
            format!("{}|{}|{}", opened.before.replace('\n', "/"), opened.replaced(), opened.replacement)
        };
        let open = "theorem t : a :=/  sorry//theorem u : b := by/  simp/|sorry|right";
        assert_eq!(repair(2, 2, "  right"), open);
        assert_eq!(
            repair(1, 2, "theorem t : a :=\n  right"),
            open,
            "all lines of the declaration, as lean-agent has it"
        );
        assert!(repair(2, 2, "  right\t").ends_with("|sorry|right\t"), "nothing is cut off");
        let other = repair(1, 2, "theorem t : True :=\n  trivial");
        assert!(other.starts_with("theorem t : a :=/  wrong/"), "another statement: {other}");
        assert!(repair(5, 5, "  simp_all").starts_with("theorem t : a :=/  wrong/"), "a part of a body");
    }

    #[test]
    fn paths_and_ranges_stay_inside() {
        let at = |file: &str, line: usize| {
            serde_json::json!({"task_id": "t", "replacement": "",
                "allowed_edit": {"file": file, "start_line": line, "end_line": line}})
        };
        assert!(check("a", at("../A.lean", 1)).unwrap_err().contains("out of the project"));
        assert!(check("a", at("/A.lean", 1)).unwrap_err().contains("out of the project"));
        assert!(check("a", at("A.lean", 7)).unwrap_err().contains("which has 1"));
        assert!(check("a", at("A.lean", 0)).unwrap_err().contains("which has 1"));
        let mut two = at("A.lean", 1);
        two["extra_edits"] = serde_json::json!([{"file": "B.lean", "start_line": 1, "end_line": 1, "replacement": ""}]);
        assert!(check("a", two).unwrap_err().contains("several files"));
    }
}
