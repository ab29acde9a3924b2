//! A document's text with the three ways to name a place in it: bytes (ours), UTF-16 (LSP), code points (Lean's messages).
//!
//! Lines end at `\n` only, as for Lean; a `\r` before it belongs to the line's end.

use serde::{Deserialize, Serialize};

/// A place as LSP writes it: 0-based line, 0-based UTF-16 code units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Position {
    pub line: u32,
    pub character: u32,
}

/// Two places as LSP writes them; the end is exclusive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Range {
    pub start: Position,
    pub end: Position,
}

/// One element of `contentChanges`: without a range, `text` is the whole new document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<Range>,
    pub text: String,
}

/// A text and the offsets at which its lines begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    content: String,
    line_starts: Vec<usize>,
}

impl Default for Text {
    fn default() -> Self {
        Self::new(String::new())
    }
}

impl Text {
    pub fn new(content: String) -> Self {
        let line_starts =
            std::iter::once(0).chain(memchr::memchr_iter(b'\n', content.as_bytes()).map(|at| at + 1)).collect();
        Self { content, line_starts }
    }

    pub fn as_str(&self) -> &str {
        &self.content
    }

    /// The number of lines; a final newline begins one more, empty line.
    pub fn line_count(&self) -> usize {
        self.line_starts.len()
    }

    /// Byte offsets of a 0-based line's first byte and of its end, line break excluded.
    pub fn line_bounds(&self, line: usize) -> Option<(usize, usize)> {
        let start = *self.line_starts.get(line)?;
        let end = self.line_starts.get(line + 1).map_or(self.content.len(), |next| next - 1);
        let content = self.content.get(start..end)?;
        Some((start, start + content.strip_suffix('\r').unwrap_or(content).len()))
    }

    /// The 0-based line of a byte offset.
    pub fn line_of(&self, offset: usize) -> usize {
        self.line_starts.partition_point(|start| *start <= offset).saturating_sub(1)
    }

    /// The byte offset of an LSP position. A column past the end of its line is the end of the line, a line past the
    /// end of the text the end of the text, a column inside a surrogate pair the start of the character (LSP 3.17).
    pub fn offset(&self, position: Position) -> usize {
        let Some((start, end)) = self.line_bounds(position.line as usize) else { return self.content.len() };
        let line = self.content.get(start..end).unwrap_or_default();
        let mut units = 0;
        for (at, character) in line.char_indices() {
            units += u32::try_from(character.len_utf16()).unwrap_or(2);
            if units > position.character {
                return start + at;
            }
        }
        end
    }

    /// The LSP position of a byte offset; an offset inside a character is the character's start.
    pub fn position(&self, offset: usize) -> Position {
        let (line, before) = self.before(offset);
        let character = before.chars().map(char::len_utf16).sum::<usize>();
        Position { line: to_u32(line), character: to_u32(character) }
    }

    /// The place of a byte offset as Lean prints it: 1-based line, 0-based code points.
    pub fn lean_position(&self, offset: usize) -> (usize, usize) {
        let (line, before) = self.before(offset);
        (line + 1, before.chars().count())
    }

    /// The byte offset of a place as Lean prints it; past the end it is the end.
    pub fn offset_of_lean(&self, line: usize, column: usize) -> usize {
        let Some((start, end)) = self.line_bounds(line.saturating_sub(1)) else { return self.content.len() };
        let text = self.content.get(start..end).unwrap_or_default();
        text.char_indices().nth(column).map_or(end, |(at, _)| start + at)
    }

    fn before(&self, offset: usize) -> (usize, &str) {
        let mut offset = offset.min(self.content.len());
        while !self.content.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self.line_of(offset);
        let start = self.line_starts.get(line).copied().unwrap_or_default();
        (line, self.content.get(start..offset).unwrap_or_default())
    }

    pub fn range(&self, span: &std::ops::Range<usize>) -> Range {
        Range { start: self.position(span.start), end: self.position(span.end) }
    }

    pub fn span(&self, range: Range) -> std::ops::Range<usize> {
        let start = self.offset(range.start);
        start..self.offset(range.end).max(start)
    }

    /// Apply one change. Returns the byte span that it replaced in the text before.
    pub fn apply(&mut self, change: &Change) -> std::ops::Range<usize> {
        let span = change.range.map_or(0..self.content.len(), |range| self.span(range));
        self.replace(span.clone(), &change.text);
        span
    }

    /// Replace a span of bytes; its ends are character boundaries that `span` or a scan of this text gave.
    pub fn replace(&mut self, span: std::ops::Range<usize>, replacement: &str) {
        if !self.content.is_char_boundary(span.start) || !self.content.is_char_boundary(span.end) {
            return;
        }
        self.content.replace_range(span.clone(), replacement);
        let first = self.line_starts.partition_point(|start| *start <= span.start);
        let last = self.line_starts.partition_point(|start| *start <= span.end);
        let fresh: Vec<usize> =
            memchr::memchr_iter(b'\n', replacement.as_bytes()).map(|at| span.start + at + 1).collect();
        let added = fresh.len();
        self.line_starts.splice(first..last, fresh);
        for start in self.line_starts.iter_mut().skip(first + added) {
            *start = *start + replacement.len() - span.len();
        }
    }
}

fn to_u32(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn columns_are_utf16_and_code_points() {
        let text = Text::new("a𝓝b\r\n⟨x⟩\n".into());
        assert_eq!(text.position(5), Position { line: 0, character: 3 });
        assert_eq!(text.offset(Position { line: 0, character: 2 }), 1, "inside a surrogate pair");
        assert_eq!(text.offset(Position { line: 0, character: 99 }), 6, "before the carriage return");
        assert_eq!(text.offset(Position { line: 9, character: 0 }), text.as_str().len());
        assert_eq!(text.lean_position(5), (1, 2));
        assert_eq!(text.offset_of_lean(2, 2), 12);
        assert_eq!(text.line_count(), 3);
    }

    /// An oracle that knows only UTF-16 arrays.
    fn apply_utf16(text: &str, range: Range, replacement: &str) -> String {
        let units: Vec<u16> = text.encode_utf16().collect();
        let at = |position: Position| {
            let mut starts = vec![0];
            starts.extend(units.iter().enumerate().filter(|(_, unit)| **unit == 10).map(|(at, _)| at + 1));
            let Some(start) = starts.get(position.line as usize).copied() else { return units.len() };
            let mut end = starts.get(position.line as usize + 1).map_or(units.len(), |next| next - 1);
            if end > start && units[end - 1] == 13 {
                end -= 1;
            }
            let at = (start + position.character as usize).min(end);
            let inside = at > start && (0xDC00..0xE000).contains(units.get(at).unwrap_or(&0));
            if inside { at - 1 } else { at }
        };
        let (start, end) = (at(range.start), at(range.end).max(at(range.start)));
        let mut result = units[..start].to_vec();
        result.extend(replacement.encode_utf16());
        result.extend(&units[end..]);
        String::from_utf16(&result).unwrap()
    }

    proptest! {
        #[test]
        fn contract_27_edits_equal_the_utf16_oracle(
            start in "[a𝓝é\r\n⟨ ]{0,60}",
            edits in prop::collection::vec(((0_u32..8, 0_u32..12), (0_u32..8, 0_u32..12), "[b𝕜\r\n ]{0,9}"), 0..8),
        ) {
            let mut text = Text::new(start.clone());
            let mut oracle = start;
            for ((line, character), (end_line, end_character), replacement) in edits {
                let range = Range {
                    start: Position { line, character },
                    end: Position { line: end_line, character: end_character },
                };
                oracle = apply_utf16(&oracle, range, &replacement);
                text.apply(&Change { range: Some(range), text: replacement });
                prop_assert_eq!(text.as_str(), &oracle);
                prop_assert_eq!(&text, &Text::new(oracle.clone()), "line starts");
            }
        }

        #[test]
        fn positions_and_offsets_are_inverse(content in "[a𝓝é\n⟨]{0,60}") {
            let text = Text::new(content.clone());
            for (offset, _) in content.char_indices() {
                prop_assert_eq!(text.offset(text.position(offset)), offset);
                let (line, column) = text.lean_position(offset);
                prop_assert_eq!(text.offset_of_lean(line, column), offset);
            }
        }
    }
}
