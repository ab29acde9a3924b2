//! One JSON object per line: reading names the line that is wrong, writing never leaves half a line behind on purpose.

use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io::{BufRead, Write};

/// A line that is not the record that was expected.
#[derive(Debug, thiserror::Error)]
pub enum LineError {
    /// The file could not be read.
    #[error("could not read line {line}: {source}")]
    Io {
        /// Number of the line, 1-based.
        line: usize,
        /// Error of the operating system.
        source: std::io::Error,
    },
    /// The line is not that record.
    #[error("line {line} is not a record of this kind: {source}")]
    Record {
        /// Number of the line, 1-based.
        line: usize,
        /// Error of the JSON parser.
        source: serde_json::Error,
    },
}

/// The records of `input`, with the 1-based numbers of their lines; blank lines are skipped.
pub fn read_lines<T: DeserializeOwned>(input: impl BufRead) -> impl Iterator<Item = (usize, Result<T, LineError>)> {
    let mut is_lost = false;
    // What cannot be read cannot be read on, but for a line that is not UTF-8.
    let lines = input.lines().take_while(move |text| {
        let was_lost = is_lost;
        is_lost |= matches!(text, Err(error) if error.kind() != std::io::ErrorKind::InvalidData);
        !was_lost
    });
    (1..).zip(lines).filter_map(|(line, text)| match text {
        Err(source) => Some((line, Err(LineError::Io { line, source }))),
        Ok(text) if text.trim().is_empty() => None,
        Ok(text) => Some((line, serde_json::from_str(&text).map_err(|source| LineError::Record { line, source }))),
    })
}

/// Write one record as one line.
pub fn write_line(output: &mut impl Write, record: &impl Serialize) -> std::io::Result<()> {
    let mut line = serde_json::to_vec(record)?;
    line.push(b'\n');
    output.write_all(&line)
}
