//! The parts of a declaration's head: its name, its binders, its statement; and the names that binders bind.

use crate::lexer::{Lexer, Token, TokenKind, tokenize};
use crate::outline::Declaration;
use std::ops::Range;

/// Where the parts of a declaration's head are, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// `None` for `example` and unnamed instances.
    pub name: Option<Range<usize>>,
    /// Between the name and the colon.
    pub binders: Range<usize>,
    /// From behind the colon to the body.
    pub statement: Range<usize>,
}

/// The parts of a declaration that has a colon and a body; `None` for others.
pub fn signature_of(source: &str, declaration: &Declaration) -> Option<Signature> {
    let end = declaration.body?;
    let start = declaration.keyword.end;
    let head = source.get(start..end)?;
    let tokens: Vec<Token> = tokenize(head).into_iter().filter(|token| !token.is_trivia()).collect();
    let first = tokens.first().filter(|token| token.kind == TokenKind::Ident && declaration.name.is_some());
    let name = first.map(|token| start + token.start..start + token.end);
    let mut depth = 0_i64;
    let colon = tokens.iter().find(|token| {
        depth += opens(token.text(head));
        depth == 0 && token.text(head) == ":"
    })?;
    let behind_name = name.as_ref().map_or(start, |name| name.end);
    Some(Signature { name, binders: behind_name..start + colon.start, statement: start + colon.end..end })
}

/// The names that binders like `{α : Type} [inst : Inhabited α] (x y : α)` bind.
pub fn binder_names(binders: &str) -> Vec<String> {
    let (mut names, mut group, mut depth, mut open) = (Vec::new(), Vec::new(), 0_i64, false);
    let mut instance = false;
    for token in Lexer::new(binders).filter(|token| !token.is_trivia()) {
        let text = token.text(binders);
        match (opens(text), depth) {
            (1, 0) => {
                (open, instance) = (true, text == "[");
                group.clear();
            }
            // `(x y)` changes how variables are bound; `[Inhabited α]` binds no name.
            (-1, 1) if open && !instance => names.append(&mut group),
            (0, 1) if open && text == ":" => {
                names.append(&mut group);
                open = false;
            }
            (0, 1) if open && token.kind == TokenKind::Ident && text != "_" => group.push(text.to_owned()),
            _ => {}
        }
        depth += opens(text);
    }
    names
}

fn opens(symbol: &str) -> i64 {
    match symbol {
        "(" | "[" | "{" | "⟨" | "⦃" => 1,
        ")" | "]" | "}" | "⟩" | "⦄" => -1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Outline;

    /// `name | binders | statement`.
    fn check(source: &str) -> Option<String> {
        let outline = Outline::of(source);
        let signature = signature_of(source, outline.declarations.first().unwrap())?;
        let name = signature.name.map_or("", |name| &source[name]);
        Some(format!("{name}|{}|{}", &source[signature.binders], &source[signature.statement]))
    }

    #[test]
    fn heads_are_cut() {
        assert_eq!(check("theorem a.b (n : Nat) {m} : n = m := x").unwrap(), "a.b| (n : Nat) {m} | n = m ");
        assert_eq!(check("example : 1 = (1 : Nat) := rfl").unwrap(), "| | 1 = (1 : Nat) ");
        assert_eq!(check("theorem t.{u} (α : Sort u) : x := y").unwrap(), "t|.{u} (α : Sort u) | x ");
        assert_eq!(check("def x := 1"), None);
        assert_eq!(check("theorem t : ∀ x : Nat, x = x\n  | _ => rfl").unwrap(), "t| | ∀ x : Nat, x = x\n  ");
    }

    #[test]
    fn binders_have_names() {
        let names =
            binder_names("{α : Type u} [Inhabited α] [inst : DecidableEq α] (x y : α) (h : (x : α) = y) {z} ⦃w : α⦄");
        assert_eq!(names, ["α", "inst", "x", "y", "h", "z", "w"]);
    }
}
