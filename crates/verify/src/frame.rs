//! The text that is compiled for a candidate: whole or cut after the declaration, with an `example` turned into a theorem that
//! has a name. And where in the compiled module its declaration is found again.

use leanwright_lean::scope::scope_at;
use leanwright_lean::signature::binder_names;
use leanwright_lean::{Declaration, DeclarationKind, Outline, Text, TokenKind, tokenize};
use leanwright_olean::{Module, NameId, Store};

/// The name that an `example` gets on both sides, so that it leaves a constant to compare.
const EXAMPLE_NAME: &str = "leanwright_example";

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
}

/// The text to compile. `included` are variables that an `example` uses in its body: a theorem would leave them out.
pub fn frame(text: &str, declaration: &Declaration, scope: Scope, included: &[String]) -> Framed {
    let mut framed = text.to_owned();
    let (start, mut end) = (declaration.span.start, declaration.span.end);
    if scope == Scope::Prefix {
        framed.truncate(end);
        framed.push('\n');
    }
    if declaration.kind == DeclarationKind::Example {
        let named = format!("theorem {EXAMPLE_NAME}");
        framed.replace_range(declaration.keyword.clone(), &named);
        end = end + named.len() - declaration.keyword.len();
        if !included.is_empty() {
            let include = format!("include {} in ", included.join(" "));
            framed.insert_str(start, &include);
            end += include.len();
        }
    }
    Framed { text: framed, start, end }
}

/// The variables in scope that the bodies of an `example`, before and after, mention.
pub fn included_variables(sides: [(&str, &Outline, &Declaration); 2]) -> Vec<String> {
    let [(before, outline, declaration), _] = sides;
    if declaration.kind != DeclarationKind::Example {
        return Vec::new();
    }
    let scope = scope_at(before, outline, declaration.span.start);
    let mut variables = Vec::new();
    for name in scope.variables.iter().flat_map(|binders| binder_names(binders)) {
        if !variables.contains(&name) {
            variables.push(name);
        }
    }
    let mentions = |name: &str| {
        sides.iter().any(|(text, _, declaration)| {
            let body = declaration.body.and_then(|body| text.get(body..declaration.span.end)).unwrap_or_default();
            let tokens = tokenize(body);
            tokens.iter().any(|token| {
                let text = token.text(body);
                token.kind == TokenKind::Ident && (text == name || text.strip_prefix(name).is_some_and(is_projection))
            })
        })
    };
    variables.retain(|name| mentions(name));
    variables
}

/// `h.symm` mentions `h`.
fn is_projection(rest: &str) -> bool {
    rest.starts_with('.')
}

/// The constants whose source is in the declaration; the declaration's own comes first.
pub fn targets(module: &Module, store: &Store, framed: &Framed) -> Vec<NameId> {
    let text = Text::new(framed.text.clone());
    let offset = |(line, column): (u64, u64)| {
        let place = (usize::try_from(line), usize::try_from(column));
        if let (Ok(line), Ok(column)) = place { text.offset_of_lean(line, column) } else { usize::MAX }
    };
    let mut found: Vec<(usize, usize, NameId)> = module
        .ranges
        .iter()
        .filter(|(name, _)| module.constants.contains_key(name))
        .map(|(name, range)| (offset(range.start), store.name(*name).0.len(), *name))
        .filter(|(start, _, _)| framed.start <= *start && *start < framed.end)
        .collect();
    found.sort_unstable();
    found.into_iter().map(|(_, _, name)| name).collect()
}
