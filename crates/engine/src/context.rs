//! Packs a hole into a task for a runner. The server and the batch commands make the same tasks.

use leanwright_contract::{
    AllowedEdit, DeclarationInfo, ExactEdit, HoleMode, MineTask, PreviousAttempt, SCHEMA_VERSION, SourceFile,
    TargetSpan, TaskKind,
};
use leanwright_lean::dialect::Diagnostic;
use leanwright_lean::{Goals, Hole, HoleKind, Scan, Text};
use std::fmt::Write as _;

/// lean-agent's sentence.
const INSTRUCTIONS: &str = "Replace only the target span with a Lean proof that compiles.";

/// What is known of a hole beside its text.
#[derive(Debug, Default)]
pub struct TaskFacts<'a> {
    pub goals: Option<&'a Goals>,
    /// The error that makes it a hole.
    pub error: Option<&'a Diagnostic>,
    /// What was tried before.
    pub previous: Vec<PreviousAttempt>,
}

/// The task for one hole.
pub fn task(source_file: &SourceFile, text: &Text, scan: &Scan, hole: &Hole, facts: TaskFacts<'_>) -> MineTask {
    let TaskFacts { goals, error, previous } = facts;
    let source = text.as_str();
    let (start_line, start_column) = text.lean_position(hole.span.start);
    let (line, column) = error.map_or((start_line, start_column), |error| {
        let start = text.offset(error.range.start);
        text.lean_position(start)
    });
    let (end_line, end_column) = text.lean_position(hole.span.end);
    let slice = |range: std::ops::Range<usize>| source.get(range).unwrap_or_default().to_owned();
    let outline = &scan.outline;
    let declaration = hole.declaration.and_then(|index| outline.declarations.get(index));
    let range = text.range(&hole.span);
    let goal_texts = match goals {
        Some(Goals::Tactic(goals)) => goals.clone(),
        Some(Goals::Term(goal)) => vec![goal.clone()],
        _ => Vec::new(),
    };
    let imports: Vec<String> = outline.header.imports.iter().map(|import| import.module.clone()).collect();
    let statement = declaration.map(|declaration| {
        let end = declaration.body.unwrap_or(declaration.span.end);
        slice(declaration.span.start..end)
    });
    MineTask {
        schema_version: SCHEMA_VERSION,
        task_id: task_id(source_file, text, scan, hole, line),
        hole_id: Some(hole_id(statement.as_deref(), &goal_texts, &imports, ordinal(scan, hole))),
        project: source_file.project.clone(),
        file: source_file.file.clone(),
        declaration: declaration.map(|declaration| DeclarationInfo {
            kind: declaration.kind.keyword().to_owned(),
            name: declaration.name.clone(),
            start_line: text.lean_position(declaration.span.start).0,
            end_line: text.lean_position(declaration.span.end).0,
            source: slice(declaration.span.clone()),
        }),
        kind: match hole.kind {
            HoleKind::Sorry => TaskKind::Sorry,
            HoleKind::Admit => TaskKind::Admit,
            HoleKind::Error => TaskKind::Error,
        },
        line,
        column,
        imports,
        source_before: slice(0..hole.span.start),
        target_span: TargetSpan {
            start_line,
            start_column,
            end_line,
            end_column,
            text: slice(hole.span.clone()),
        },
        source_after: slice(hole.span.end..source.len()),
        diagnostic: error.map(|error| {
            let severity = error.severity_word();
            serde_json::json!({
                "file": source_file.file, "line": line, "column": column, "severity": severity, "message": error.message,
            })
        }),
        goal_state: goals.and_then(Goals::main).map(str::to_owned),
        goals: goal_texts,
        mode: match goals {
            Some(Goals::Tactic(_)) => Some(HoleMode::Tactic),
            Some(Goals::Term(_)) => Some(HoleMode::Term),
            _ => None,
        },
        allowed_edit: AllowedEdit { file: source_file.file.clone(), start_line, end_line },
        edit: Some(ExactEdit {
            start_byte: hole.span.start,
            end_byte: hole.span.end,
            start_utf16: [range.start.line, range.start.character],
            end_utf16: [range.end.line, range.end.character],
            expected: slice(hole.span.clone()),
        }),
        previous_attempts: previous,
        context: None,
        instructions: INSTRUCTIONS.to_owned(),
        other: serde_json::Map::new(),
    }
}

/// Module, declaration and 1-based line; for the second hole of a kind on a line of a declaration, as in lean-agent, its column too.
fn task_id(source_file: &SourceFile, text: &Text, scan: &Scan, hole: &Hole, line: usize) -> String {
    let SourceFile { module, file, .. } = source_file;
    let module = if module.is_empty() { file } else { module };
    let declaration = hole.declaration.and_then(|index| scan.outline.declarations.get(index));
    let mut id = match declaration.and_then(|declaration| declaration.name.as_deref()) {
        Some(name) => format!("{module}.{name}:{line}"),
        None => format!("{module}:{line}"),
    };
    let (hole_line, column) = text.lean_position(hole.span.start);
    let is_before = |other: &&Hole| {
        let is_alike = other.kind == hole.kind && other.declaration == hole.declaration;
        is_alike && other.span.start < hole.span.start && text.line_of(other.span.start) + 1 == hole_line
    };
    if scan.holes.iter().any(|other| is_before(&other)) {
        let _ = write!(id, ":{column}");
    }
    id
}

/// How many holes of the declaration stand before this one.
fn ordinal(scan: &Scan, hole: &Hole) -> usize {
    let before = |other: &&Hole| other.declaration == hole.declaration && other.span.start < hole.span.start;
    hole.declaration.map_or(0, |_| scan.holes.iter().filter(before).count())
}

/// The same for the same problem, wherever it moves in the file.
fn hole_id(statement: Option<&str>, goals: &[String], imports: &[String], ordinal: usize) -> String {
    let mut hasher = blake3::Hasher::new();
    let mut feed = |text: &str| {
        hasher.update(&(text.len() as u64).to_le_bytes()).update(text.as_bytes());
    };
    let mut words = String::with_capacity(statement.map_or(0, str::len));
    for word in statement.unwrap_or_default().split_whitespace() {
        if !words.is_empty() {
            words.push(' ');
        }
        words.push_str(word);
    }
    feed(&words);
    goals.iter().for_each(|goal| feed(goal));
    imports.iter().for_each(|import| feed(import));
    feed(&ordinal.to_string());
    hasher.finalize().to_hex().chars().take(16).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use leanwright_lean::scan;

    fn check(source: &str, number: usize) -> MineTask {
        let text = Text::new(source.to_owned());
        let scan = scan(source);
        let source_file =
            SourceFile { root: "/p".into(), project: "p".into(), file: "A/B.lean".into(), module: "A.B".into() };
        task(&source_file, &text, &scan, &scan.holes[number], TaskFacts::default())
    }

    #[test]
    fn the_three_parts_are_the_file() {
        let source = "import A\ntheorem «t 𝓝» : x := by\n  sorry -- α\n";
        let task = check(source, 0);
        assert_eq!([task.source_before.as_str(), &task.target_span.text, &task.source_after].concat(), source);
        assert_eq!(task.task_id, "A.B.«t 𝓝»:3");
        assert_eq!((task.line, task.column), (3, 2));
        assert_eq!(task.imports, ["A"]);
    }

    #[test]
    fn a_hole_is_the_same_after_edits_elsewhere() {
        let before = check("theorem t : x := by\n  sorry\n", 0);
        let after = check("def unrelated := 1\n\n\ntheorem t :\n    x := by\n  sorry\n", 0);
        assert_eq!(before.hole_id, after.hole_id);
        assert_ne!(before.hole_id, check("theorem t : y := by\n  sorry\n", 0).hole_id);
        let two = "theorem t : x := ⟨sorry, sorry⟩";
        assert_ne!(check(two, 0).hole_id, check(two, 1).hole_id);
    }
}
