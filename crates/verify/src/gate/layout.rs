//! Layout: no line of a replacement may begin at or left of the column at which the block ends that the hole stands in. Otherwise
//! what is written for one goal would go on in the block around it.

use leanwright_lean::tactic::steps;
use leanwright_lean::{Declaration, Token, TokenKind, tokenize};

/// A column in code points, as Lean counts.
pub fn column(text: &str, offset: usize) -> usize {
    let before = text.get(..offset).unwrap_or_default();
    let line = before.rfind('\n').map_or(0, |at| at + 1);
    before.get(line..).map_or(0, |line| line.chars().count())
}

/// How much deeper in brackets it is behind this token.
pub fn nesting(word: &str) -> i64 {
    match word {
        "(" | "[" | "{" | "⟨" | "⦃" | "‹" => 1,
        ")" | "]" | "}" | "⟩" | "⦄" | "›" => -1,
        _ => 0,
    }
}

/// Whether nothing but blanks and comments stands before a place on its line: Lean counts the columns of tokens.
pub fn is_first_on_line(text: &str, offset: usize) -> bool {
    let before = text.get(..offset).unwrap_or_default();
    let line = before.rfind('\n').map_or(0, |at| at + 1);
    let line = before.get(line..).unwrap_or_default();
    // A comment that has begun on a line above may end here.
    let above = line.find("-/").filter(|end| line.find("/-").is_none_or(|start| start > *end));
    let line = above.and_then(|end| line.get(end + 2..)).unwrap_or(line);
    tokenize(line).iter().all(|token| match token.kind {
        TokenKind::Space => token.text(line).chars().all(|character| character == ' '),
        TokenKind::BlockComment | TokenKind::DocComment => true,
        _ => false,
    })
}

/// The column of the first token on a place's line.
pub fn indentation(text: &str, offset: usize) -> usize {
    let before = text.get(..offset).unwrap_or_default();
    let line = before.rfind('\n').map_or(0, |at| at + 1);
    before.get(line..).unwrap_or_default().chars().take_while(|character| *character == ' ').count()
}

/// The column of what has the hole in its body: of a field or helper behind the last `where`, or of the declaration.
fn column_of_body(text: &str, declaration: &Declaration, hole: usize) -> usize {
    let tokens = tokenize(text.get(declaration.span.start..hole).unwrap_or_default());
    let own: Vec<_> = tokens.into_iter().filter(|token| !token.is_trivia()).collect();
    let word = |token: &Token| token.text(text.get(declaration.span.start..).unwrap_or_default());
    let last = own.iter().rposition(|token| token.kind == TokenKind::Ident && word(token) == "where");
    let first = last.and_then(|last| own.get(last + 1)).map_or(0, |token| token.start);
    column(text, declaration.span.start + first)
}

/// The column that lines of a replacement must be right of, and why.
pub struct Margin {
    pub column: usize,
    /// The hole is the first of its line: its own column is allowed.
    inclusive: bool,
}

impl Margin {
    /// The margin for what stands behind the body of a declaration.
    pub fn around(text: &str, declaration: &Declaration) -> Self {
        Self { column: column(text, declaration.span.start), inclusive: false }
    }

    /// The margin for what replaces the hole at `hole`.
    pub fn of(text: &str, declaration: &Declaration, hole: usize) -> Self {
        let steps = steps(text, &declaration.span);
        // Spans of steps end where their last token does: the innermost that contains the hole is the last that begins before it.
        let inside = steps
            .iter()
            .enumerate()
            .filter(|(_, step)| step.span.start <= hole && hole < step.span.end.max(step.span.start + 1));
        let line = Self { column: indentation(text, hole), inclusive: is_first_on_line(text, hole) };
        let Some((index, step)) = inside.max_by_key(|(_, step)| (step.depth, step.span.start)) else {
            // A term: what goes on at or left of its line belongs to what is around it, another alternative for example.
            // A whole body has nothing around it, however far to the right its statement ends.
            let around = Self::around(text, declaration);
            let in_front = declaration.body.and_then(|body| text.get(body..hole)?.strip_prefix(":="));
            let is_whole_body = in_front.is_some_and(|in_front| in_front.trim().is_empty());
            return if line.column > around.column && !is_whole_body { line } else { around };
        };
        let here = column(text, step.span.start);
        if step.span.start < hole {
            return Self { column: here, inclusive: false };
        }
        let is_first_of_block = !steps.iter().any(|earlier| earlier.next == Some(index));
        if !is_first_of_block || is_first_on_line(text, hole) {
            return Self { column: here, inclusive: true };
        }
        // `by sorry`, `· sorry`, `=> sorry`: the block has no column of its own yet. It ends where the one around it goes on.
        let around = steps.iter().rev().find(|outer| outer.depth < step.depth && outer.span.start < hole);
        let column =
            around.map_or_else(|| column_of_body(text, declaration, hole), |outer| column(text, outer.span.start));
        Self { column, inclusive: false }
    }

    /// The first token of a line that stands too far left.
    pub fn violation<'t>(&self, text: &str, tokens: &'t [Token]) -> Option<&'t Token> {
        tokens.iter().filter(|token| is_first_on_line(text, token.start)).find(|token| {
            let column = column(text, token.start);
            column < self.column || (column == self.column && !self.inclusive)
        })
    }
}
