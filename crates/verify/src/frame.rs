//! The text that is compiled for a candidate: whole or cut after the declaration, with an `example` turned into a theorem that
//! has a name. And where in the compiled module its declaration is found again.

use leanwright_lean::scope::scope_at;
use leanwright_lean::signature::binder_names;
use leanwright_lean::{Declaration, DeclarationKind, Outline, Text, Token, TokenKind, tokenize};
use leanwright_olean::{Module, NameId, Store};
use std::ops::Range;

/// The name that an `example` gets on both sides, so that it leaves a constant to compare.
pub const EXAMPLE_NAME: &str = "leanwright_example";

/// How much of a file is compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    Whole,
    /// Up to the end of the declaration.
    Prefix,
}

impl Scope {
    pub fn note(self) -> Option<String> {
        let note = "compiled up to the end of the declaration: what follows has errors, candidate or not";
        (self == Self::Prefix).then(|| note.to_owned())
    }
}

/// A text as it is compiled.
pub struct Framed {
    pub text: String,
    /// The declaration in it, in bytes.
    pub start: usize,
    pub end: usize,
    /// What has been put in or taken out: where in the text as it was written, and by how many bytes the rest has moved.
    moved: Vec<(usize, isize)>,
}

impl Framed {
    /// Where a place of the written text, in bytes, is in this one.
    pub fn place(&self, written: usize) -> usize {
        let moved: isize = self.moved.iter().filter(|(at, _)| *at <= written).map(|(_, by)| by).sum();
        written.saturating_add_signed(moved)
    }
}

/// How a text is framed, the same way without the candidate and with it.
pub struct Frame<'a> {
    pub scope: Scope,
    /// Variables that the proof of an `example` sees: a theorem would leave them out.
    pub included: &'a [String],
    /// Where the header ends, in bytes, and how many empty lines are put in there. Lean writes the place of a `sorry` into the compiled term: a
    /// candidate that does not know the place cannot pretend to be another hole.
    pub shift: (usize, usize),
    /// How many lines the declaration and the empty lines behind it take together: what follows it stands at the same places without the candidate and with
    /// it. Lean writes lines into terms, such as that of a `panic!`.
    pub height: usize,
}

/// Heights are multiples of this, so that candidates of different lengths share what was compiled without them.
const HEIGHT: usize = 64;

/// A height for declarations with these texts.
pub fn height(declarations: [Option<&str>; 2]) -> usize {
    let longest = declarations.map(|text| text.map_or(0, |text| text.matches('\n').count())).into_iter().max();
    (longest.unwrap_or(0) / HEIGHT + 1) * HEIGHT
}

/// Where empty lines can be put in behind a declaration, in bytes: at the end of its line, if nothing else stands there but comments that end with it.
fn end_of_line(text: &str, declaration: &Range<usize>) -> Option<usize> {
    let rest = text.get(declaration.end..)?;
    let line = rest.get(..rest.find('\n')?)?;
    let is_plain = |token: &Token| match token.kind {
        TokenKind::LineComment => true,
        // One that the line cuts off goes on; lines that are put into it all the same (`/- /- -/`) change nothing.
        TokenKind::BlockComment => !token.text(line).starts_with("/--") && token.text(line).ends_with("-/"),
        _ => token.is_trivia(),
    };
    tokenize(line).iter().all(is_plain).then_some(declaration.end + line.len())
}

/// How many empty lines are put in behind a declaration, and where: in bytes of the text as it was written.
pub fn padding(text: &str, declaration: &Range<usize>, height: usize) -> Option<(usize, usize)> {
    let taken = text.get(declaration.clone())?.matches('\n').count();
    Some((end_of_line(text, declaration)?, height.saturating_sub(taken)))
}

/// The text to compile.
pub fn frame(text: &str, declaration: &Declaration, frame: &Frame<'_>) -> Framed {
    let mut framed = text.to_owned();
    let mut moved = Vec::new();
    // From the back to the front: what stands before a change has not moved yet.
    if frame.scope == Scope::Prefix {
        framed.truncate(declaration.span.end);
        framed.push('\n');
    } else if let Some((at, lines)) = padding(text, &declaration.span, frame.height) {
        framed.insert_str(at, &"\n".repeat(lines));
        moved.push((at + 1, lines as isize));
    }
    if declaration.kind == DeclarationKind::Example {
        let named = format!("theorem {EXAMPLE_NAME}");
        let longer = named.len() as isize - declaration.keyword.len() as isize;
        framed.replace_range(declaration.keyword.clone(), &named);
        moved.push((declaration.keyword.end, longer));
        // No theorem is computed.
        let modifiers = declaration.span.start..declaration.keyword.start;
        let written = framed.get(modifiers.clone()).unwrap_or_default();
        let tokens = tokenize(written);
        if let Some(modifier) = tokens.iter().find(|token| token.text(written) == "noncomputable") {
            let (start, end) = (modifiers.start + modifier.start, modifiers.start + modifier.end);
            framed.replace_range(start..end, &" ".repeat(end - start));
        }
        if !frame.included.is_empty() {
            let include = format!("include {} in ", frame.included.join(" "));
            framed.insert_str(declaration.span.start, &include);
            moved.push((declaration.span.start + 1, include.len() as isize));
        }
    }
    let (header, lines) = frame.shift;
    framed.insert_str(header, &"\n".repeat(lines));
    moved.push((header, lines as isize));
    let mut framed = Framed { text: framed, start: 0, end: 0, moved };
    framed.start = framed.place(declaration.span.start);
    framed.end = framed.place(declaration.span.end);
    framed
}

/// The variables in scope of an `example`: its proof sees all of them, a theorem's only those that are included.
pub fn included_variables(text: &str, outline: &Outline, declaration: &Declaration) -> Vec<String> {
    if declaration.kind != DeclarationKind::Example {
        return Vec::new();
    }
    let scope = scope_at(text, outline, declaration.span.start);
    let mut variables = Vec::new();
    for name in scope.variables.iter().flat_map(|binders| binder_names(binders)) {
        if !variables.contains(&name) {
            variables.push(name);
        }
    }
    variables
}

/// The constants whose source is in the declaration; the declaration's own comes first.
pub fn targets(module: &Module, store: &Store, text: &str, declaration: Range<usize>) -> Vec<NameId> {
    let text = Text::new(text.to_owned());
    let offset = |(line, column): (u64, u64)| {
        let place = (usize::try_from(line), usize::try_from(column));
        if let (Ok(line), Ok(column)) = place { text.offset_of_lean(line, column) } else { usize::MAX }
    };
    let mut found: Vec<(usize, usize, NameId)> = module
        .ranges
        .iter()
        .filter(|(name, _)| module.constants.contains_key(name))
        .map(|(name, range)| (offset(range.start), store.name(*name).0.len(), *name))
        .filter(|(start, _, _)| declaration.contains(start))
        .collect();
    found.sort_unstable();
    found.into_iter().map(|(_, _, name)| name).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    /// What follows a declaration stands in the same line whatever its hole is filled with.
    #[track_caller]
    fn check(behind: &str, is_padded: bool) {
        let lines = ["sorry", "skip\n  trivial", "skip\n  trivial -- why"].map(|filling| {
            let text = format!("theorem t : True := by\n  {filling}{behind}\nend");
            let outline = Outline::of(&text);
            let declaration = outline.declarations.first().unwrap();
            let height = height([text.get(declaration.span.clone()), Some("\n\n")]);
            let frame_with = Frame { scope: Scope::Whole, included: &[], shift: (0, 3), height };
            let framed = frame(&text, declaration, &frame_with);
            assert_eq!(framed.text.get(framed.start..framed.end), text.get(declaration.span.clone()));
            assert_eq!(framed.place(text.len()), framed.text.len());
            framed.text.matches('\n').count()
        });
        assert_eq!(lines.iter().all(|line| *line == lines[0]), is_padded, "{lines:?}");
    }

    #[test]
    fn what_follows_a_declaration_stays_where_it_is() {
        check("", true);
        check("\n\n/-- It. -/", true);
        check(" -- and that is it", true);
        check(" /- a comment -/ -- and another", true);
        check("\r", true);
        // It could be anything: nothing is put into it.
        check(" /- a comment\n-/", false);
    }
}
