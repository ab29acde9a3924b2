//! What is in scope at a place: the namespace, what is open, variables and universes.

use crate::lexer::Lexer;
use crate::module::components;
use crate::outline::{Command, CommandKind, Outline};

/// As it was written, in the order of the text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// `A.B`; empty outside of any namespace.
    pub namespace: String,
    /// What stands behind `open`.
    pub opened: Vec<String>,
    /// What stands behind `variable`.
    pub variables: Vec<String>,
    /// What stands behind `universe`.
    pub universes: Vec<String>,
}

/// What a `namespace` or `section` began.
#[derive(Default)]
struct Frame {
    namespace: Option<String>,
    opened: Vec<String>,
    variables: Vec<String>,
    universes: Vec<String>,
}

/// The scope at a byte offset, which is in or before a declaration.
pub fn scope_at(source: &str, outline: &Outline, offset: usize) -> Scope {
    let mut frames = vec![Frame::default()];
    for command in outline.commands.iter().take_while(|command| command.span.start < offset) {
        let words = words(source, command);
        let text = words.get(1..).unwrap_or_default();
        match command.kind {
            CommandKind::Namespace | CommandKind::Section => {
                let name = text.first().map_or(String::new(), |name| (*name).to_owned());
                for part in components(&name) {
                    let namespace = (command.kind == CommandKind::Namespace).then_some(part);
                    frames.push(Frame { namespace, ..Frame::default() });
                }
            }
            CommandKind::Mutual => frames.push(Frame::default()),
            CommandKind::End => {
                let scopes = text.first().map_or(1, |name| components(name).len());
                frames.truncate(frames.len().saturating_sub(scopes).max(1));
            }
            CommandKind::Open | CommandKind::Variable | CommandKind::Universe => {
                // `open A in` is for what follows only.
                let (text, only_next) = match text.split_last() {
                    Some((&"in", rest)) => (rest, true),
                    _ => (text, false),
                };
                if only_next && !is_next(outline, command, offset) {
                    continue;
                }
                let written = text.join(" ");
                let Some(frame) = frames.last_mut() else { continue };
                match command.kind {
                    CommandKind::Open => frame.opened.push(written),
                    CommandKind::Variable => frame.variables.push(source_of(source, command, only_next)),
                    _ => frame.universes.push(written),
                }
            }
            _ => {}
        }
    }
    let mut scope = Scope::default();
    let mut namespace: Vec<String> = Vec::new();
    for frame in frames {
        namespace.extend(frame.namespace);
        scope.opened.extend(frame.opened);
        scope.variables.extend(frame.variables);
        scope.universes.extend(frame.universes);
    }
    scope.namespace = namespace.join(".");
    scope
}

/// Nothing but other `… in` stands between a command and the place.
fn is_next(outline: &Outline, command: &Command, offset: usize) -> bool {
    let behind =
        outline.declarations.iter().filter(|one| one.span.start >= command.span.end && one.span.start <= offset);
    behind.count() <= 1
}

/// The words of a command, from its keyword on; modifiers and attributes are left out.
fn words<'a>(source: &'a str, command: &Command) -> Vec<&'a str> {
    let text = source.get(command.span.clone()).unwrap_or_default();
    let keywords = ["namespace", "section", "mutual", "end", "open", "variable", "universe"];
    let all = Lexer::new(text).filter(|token| !token.is_trivia()).map(|token| token.text(text));
    all.skip_while(|word| !keywords.contains(word)).collect()
}

/// The binders as they were written, in one line.
fn source_of(source: &str, command: &Command, only_next: bool) -> String {
    let text = source.get(command.span.clone()).unwrap_or_default();
    let text = text.split_once("variable").map_or(text, |(_, binders)| binders);
    let text = if only_next { text.trim_end().trim_end_matches("in") } else { text };
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Scope at the `!` in the text, as `namespace | opened | variables | universes`.
    fn check(marked: &str, expected: &str) {
        let offset = marked.find('!').unwrap();
        let source = marked.replace('!', "");
        let scope = scope_at(&source, &Outline::of(&source), offset);
        let shown = [scope.namespace, scope.opened.join(","), scope.variables.join(","), scope.universes.join(",")];
        assert_eq!(shown.join(" | "), expected, "{marked}");
    }

    #[test]
    fn blocks_end_what_they_began() {
        check(
            "open Nat\nuniverse u v\nnamespace A.B\nvariable {α : Type u}\n  [Inhabited α]\ntheorem t : x := by !sorry",
            "A.B | Nat | {α : Type u} [Inhabited α] | u v",
        );
        check(
            "namespace A\nsection S\nopen X\nvariable (n : Nat)\nend S\ntheorem t : x := !sorry\nend A",
            "A |  |  | ",
        );
        check("namespace A.B\nend B\ntheorem t : x := !sorry", "A |  |  | ");
        check("open X in\ntheorem s : x := y\nopen Y Z in\ntheorem t : x := !sorry", " | Y Z |  | ");
        check("noncomputable section\nopen A (b c)\ntheorem t : x := !sorry\nend", " | A ( b c ) |  | ");
    }
}
