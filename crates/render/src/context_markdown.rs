//! A context bundle as Markdown: what a person, or a model that wants prose, is shown.

use leanwright_contract::{ContextBundle, KnownDeclaration};

/// The bundle; empty parts are left out.
pub fn context_markdown(bundle: &ContextBundle) -> String {
    let name = bundle.declaration.as_ref().and_then(|declaration| declaration.name.clone());
    let mut text = format!("# {}\n\n{}:{}\n", name.unwrap_or_else(|| "Hole".to_owned()), bundle.file, bundle.line);
    text.push_str(&format!("\n{}\n", bundle.suggested_prompt));
    if let Some(goal) = &bundle.goal_state {
        let title = if bundle.is_term { "Expected type" } else { "Goal" };
        section(&mut text, title, &fenced(goal));
    }
    if let Some(declaration) = &bundle.declaration {
        section(&mut text, "Declaration", &fenced(&declaration.source));
    }
    let mut scope = Vec::new();
    let mut add = |what: &str, all: &[String]| {
        if !all.is_empty() {
            scope
                .push(format!("- {what}: {}", all.iter().map(|one| format!("`{one}`")).collect::<Vec<_>>().join(", ")));
        }
    };
    add("imports", &bundle.imports);
    add(
        "namespace",
        &[bundle.namespace.clone()].map(Some).into_iter().flatten().filter(|name| !name.is_empty()).collect::<Vec<_>>(),
    );
    add("open", &bundle.opened);
    add("variables", &bundle.variables);
    add("universes", &bundle.universes);
    if !scope.is_empty() {
        section(&mut text, "In scope", &scope.join("\n"));
    }
    if !bundle.diagnostics.is_empty() {
        let shown =
            bundle.diagnostics.iter().map(|one| format!("- line {}: {}: {}", one.line, one.severity, one.message));
        section(&mut text, "Lean says", &shown.collect::<Vec<_>>().join("\n"));
    }
    if !bundle.earlier.is_empty() {
        section(&mut text, "Earlier in this file", &known(&bundle.earlier));
    }
    if !bundle.nearby.is_empty() {
        section(&mut text, "Elsewhere in this project", &known(&bundle.nearby));
    }
    if !bundle.surrounding.lines.is_empty() {
        let lines = bundle
            .surrounding
            .lines
            .iter()
            .map(|line| format!("{:>4}{} {}", line.number, if line.is_target { " >" } else { "  " }, line.text));
        section(&mut text, "Around it", &fenced(&lines.collect::<Vec<_>>().join("\n")));
    }
    text
}

fn section(text: &mut String, title: &str, body: &str) {
    text.push_str(&format!("\n## {title}\n\n{body}\n"));
}

/// A code block whose fence is longer than any in the text.
fn fenced(text: &str) -> String {
    let longest = text.split(|character| character != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}lean\n{text}\n{fence}")
}

fn known(all: &[KnownDeclaration]) -> String {
    let lines = all.iter().map(|one| match &one.module {
        Some(module) => format!("{}  -- {module}", one.signature),
        None => one.signature.clone(),
    });
    fenced(&lines.collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fence_in_the_text_does_not_end_it() {
        assert_eq!(fenced("a ``` b"), "````lean\na ``` b\n````");
        let bundle =
            ContextBundle { goal_state: Some("⊢ x".into()), opened: vec!["Nat".into()], ..Default::default() };
        let text = context_markdown(&bundle);
        assert!(text.contains("## Goal\n\n```lean\n⊢ x\n```") && text.contains("- open: `Nat`"), "{text}");
        assert!(!text.contains("namespace") && !text.contains("Earlier"), "{text}");
    }
}
