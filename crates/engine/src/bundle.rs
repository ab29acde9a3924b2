//! Packs what surrounds a hole into a context bundle. The task alone is enough: it holds the whole file.

use crate::names::{NameIndex, declarations};
use crate::walk::parts;
use leanwright_contract::{ContextBundle, ContextDiagnostic, HoleMode, MineTask, SourceLine, Surrounding};
use leanwright_lean::lexer::{Lexer, TokenKind};
use leanwright_lean::scope::scope_at;
use leanwright_lean::{Text, scan};
use std::collections::BTreeMap;

/// How much goes into a bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BundleSize {
    /// Lines before and after the hole's line.
    pub before: usize,
    pub after: usize,
    /// Declarations before this one, and of other files.
    pub earlier: usize,
    pub nearby: usize,
}

impl Default for BundleSize {
    fn default() -> Self {
        Self { before: 8, after: 8, earlier: 40, nearby: 12 }
    }
}

/// The bundle of a task. `module` is left out of `names`.
pub fn bundle(
    task: &MineTask,
    module: &str,
    names: &NameIndex,
    diagnostics: Vec<ContextDiagnostic>,
    size: BundleSize,
) -> ContextBundle {
    let offset = task.source_before.len();
    let source = [task.source_before.as_str(), &task.target_span.text, &task.source_after].concat();
    let scan = scan(&source);
    let scope = scope_at(&source, &scan.outline, offset);
    let text = Text::new(source.clone());
    let declaration = scan.outline.at(offset);
    let start = declaration.map_or(offset, |declaration| declaration.span.start);
    let docstring = declaration.and_then(|declaration| docstring(source.get(declaration.span.clone())?));
    let mut earlier: Vec<_> = declarations(&source, &scan, start).collect();
    earlier.drain(..earlier.len().saturating_sub(size.earlier));
    let goals: Vec<_> = task.goals.iter().map(|goal| parts(goal)).collect();
    let searched = [task.goal_state.as_deref(), task.declaration.as_ref().map(|one| one.source.as_str())];
    let searched = searched.into_iter().flatten().collect::<Vec<_>>().join("\n");
    let mut bundle = ContextBundle {
        file: task.file.clone(),
        line: task.line,
        total_lines: text.line_count(),
        declaration: task.declaration.clone(),
        imports: task.imports.clone(),
        surrounding: surrounding(&text, task.line, size),
        diagnostics,
        goal_state: task.goal_state.clone(),
        goals,
        is_term: task.mode == Some(HoleMode::Term),
        namespace: scope.namespace,
        opened: scope.opened,
        variables: scope.variables,
        universes: scope.universes,
        docstring,
        earlier,
        nearby: names.nearest(&searched, module, size.nearby),
        sizes: BTreeMap::new(),
        provenance: None,
        suggested_prompt: String::new(),
    };
    bundle.suggested_prompt = prompt(&bundle);
    bundle.sizes = sizes(&bundle);
    bundle
}

fn surrounding(text: &Text, line: usize, size: BundleSize) -> Surrounding {
    let first = line.saturating_sub(size.before).max(1);
    let last = (line + size.after).min(text.line_count());
    let lines = (first..=last).filter_map(|number| {
        let (start, end) = text.line_bounds(number - 1)?;
        Some(SourceLine { number, text: text.as_str().get(start..end)?.to_owned(), is_target: number == line })
    });
    Surrounding { start_line: first, end_line: last, target_line: line, lines: lines.collect() }
}

fn docstring(declaration: &str) -> Option<String> {
    let doc = Lexer::new(declaration).take_while(|token| token.is_trivia() || token.kind == TokenKind::Symbol);
    let doc = doc.filter(|token| token.kind == TokenKind::DocComment).last()?;
    let text = doc.text(declaration).strip_prefix("/--")?.strip_suffix("-/")?;
    Some(text.trim().to_owned())
}

fn prompt(bundle: &ContextBundle) -> String {
    let name = bundle.declaration.as_ref().and_then(|declaration| declaration.name.as_deref());
    let place = name.map_or_else(|| format!("line {}", bundle.line), |name| format!("`{name}`"));
    let kind = if bundle.is_term { "a term" } else { "a tactic proof" };
    format!("Replace the hole in {place} of {} by {kind} that compiles. Change nothing else.", bundle.file)
}

/// Characters, not bytes.
fn sizes(bundle: &ContextBundle) -> BTreeMap<String, usize> {
    let count = |texts: &[&str]| texts.iter().map(|text| text.chars().count()).sum::<usize>();
    let known = |all: &[leanwright_contract::KnownDeclaration]| {
        all.iter().map(|one| one.signature.chars().count()).sum::<usize>()
    };
    let all = |texts: &[String]| texts.iter().map(|text| text.chars().count()).sum::<usize>();
    let parts = [
        ("declaration", bundle.declaration.as_ref().map_or(0, |one| count(&[&one.source]))),
        ("goal_state", bundle.goal_state.as_deref().map_or(0, |goal| count(&[goal]))),
        ("surrounding", bundle.surrounding.lines.iter().map(|line| count(&[&line.text])).sum()),
        ("imports", all(&bundle.imports)),
        ("variables", all(&bundle.variables)),
        ("docstring", bundle.docstring.as_deref().map_or(0, |doc| count(&[doc]))),
        ("earlier", known(&bundle.earlier)),
        ("nearby", known(&bundle.nearby)),
        ("diagnostics", bundle.diagnostics.iter().map(|one| count(&[&one.message])).sum()),
    ];
    parts.into_iter().map(|(name, size)| (name.to_owned(), size)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::{TaskFacts, task};
    use leanwright_contract::SourceFile;
    use leanwright_lean::Goals;

    const SOURCE: &str = "import A\nopen Nat\nnamespace B\nuniverse u\nvariable (n : Nat)\n\n\
        theorem easy : n = n := rfl\n\n/-- What it says. -/\n@[simp] theorem hard (h : n = 1) : foo n = 2 := by\n  sorry\n\
        theorem later : n = n := rfl\nend B\n";

    #[test]
    fn everything_that_is_in_scope() {
        let text = Text::new(SOURCE.to_owned());
        let scan = scan(SOURCE);
        let source_file =
            SourceFile { root: "/p".into(), project: "p".into(), file: "B.lean".into(), module: "B".into() };
        let goals = Goals::Tactic(vec!["n : Nat\nh : n = 1\n⊢ foo n = 2".into()]);
        let task =
            task(&source_file, &text, &scan, &scan.holes[0], TaskFacts { goals: Some(&goals), ..TaskFacts::default() });
        let names = NameIndex::of_file("A", "theorem foo_two : foo 1 = 2 := rfl\ntheorem foo_zero : True := trivial");
        let bundle =
            bundle(&task, "B", &names, Vec::new(), BundleSize { before: 1, after: 0, ..BundleSize::default() });
        assert_eq!(
            (bundle.namespace.as_str(), bundle.opened.join(","), bundle.variables.join(",")),
            ("B", "Nat".into(), "(n : Nat)".into())
        );
        assert_eq!(bundle.docstring.as_deref(), Some("What it says."));
        assert_eq!(bundle.earlier.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["B.easy"]);
        assert_eq!(bundle.earlier[0].signature, "theorem easy : n = n");
        assert_eq!(bundle.nearby.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["foo_two"]);
        assert_eq!(bundle.goals[0].hypotheses[1].names, ["h"]);
        assert_eq!(bundle.surrounding.lines.iter().map(|line| line.number).collect::<Vec<_>>(), [10, 11]);
        assert_eq!(bundle.sizes["goal_state"], 29);
        assert_eq!((bundle.total_lines, bundle.universes.join(",")), (14, "u".into()));
    }
}
