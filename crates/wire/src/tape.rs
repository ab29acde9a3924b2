//! Tapes: a session's messages with their direction, one JSON line each, to be looked at and replayed.
//!
//! Bodies are kept as text when they are UTF-8 and as hexadecimal digits otherwise, so that every byte comes back.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::io::{BufRead, Write};

/// Which way a message went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    EditorToLean,
    LeanToEditor,
}

/// One message of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TapeEntry {
    /// Milliseconds since the recording began.
    pub at: u64,
    pub direction: Direction,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hex: Option<String>,
}

#[derive(Debug, thiserror::Error)]
pub enum TapeError {
    #[error("could not read the tape: {0}")]
    Io(#[from] std::io::Error),
    #[error("line {line} of the tape is not an entry: {reason}")]
    Entry { line: usize, reason: String },
}

impl TapeEntry {
    pub fn new(at: u64, direction: Direction, body: &[u8]) -> Self {
        match std::str::from_utf8(body) {
            Ok(text) => Self { at, direction, text: Some(text.to_owned()), hex: None },
            Err(_) => Self { at, direction, text: None, hex: Some(to_hex(body)) },
        }
    }

    /// The message's body, byte for byte.
    pub fn body(&self) -> Result<Bytes, NoBody> {
        match (&self.text, &self.hex) {
            (Some(text), None) => Ok(Bytes::copy_from_slice(text.as_bytes())),
            (None, Some(hex)) => from_hex(hex).map(Bytes::from).ok_or(NoBody::Digits),
            _ => Err(NoBody::Members),
        }
    }
}

/// Why an entry of a tape has no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoBody {
    #[error("odd hexadecimal digits")]
    Digits,
    #[error("exactly one of `text` and `hex` is needed")]
    Members,
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hex(digits: &str) -> Option<Vec<u8>> {
    let pairs = digits.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok().filter(|_| pair.len() == 2)).collect()
}

/// A tape being written. A failed write ends the recording and nothing else.
pub struct Tape {
    sink: Option<Box<dyn Write + Send>>,
}

impl Tape {
    pub fn new(sink: Box<dyn Write + Send>) -> Self {
        Self { sink: Some(sink) }
    }

    pub fn push(&mut self, entry: &TapeEntry) {
        let Some(sink) = &mut self.sink else { return };
        let Ok(mut line) = serde_json::to_vec(entry) else { return };
        line.push(b'\n');
        if sink.write_all(&line).and_then(|()| sink.flush()).is_err() {
            self.sink = None;
        }
    }
}

/// Read a tape. A last line that was cut off by the end of the recording is dropped.
pub fn read_tape(mut input: impl BufRead) -> Result<Vec<TapeEntry>, TapeError> {
    let mut entries = Vec::new();
    let mut line = String::new();
    for number in 1.. {
        line.clear();
        if input.read_line(&mut line)? == 0 {
            break;
        }
        match serde_json::from_str(&line) {
            Ok(entry) => entries.push(entry),
            Err(_) if !line.ends_with('\n') => break,
            Err(error) => return Err(TapeError::Entry { line: number, reason: error.to_string() }),
        }
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_byte_comes_back(bodies in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..8)) {
            let mut lines = Vec::new();
            for (at, body) in (0..).zip(&bodies) {
                let entry = TapeEntry::new(at, Direction::LeanToEditor, body);
                serde_json::to_writer(&mut lines, &entry).unwrap();
                lines.push(b'\n');
            }
            let read: Vec<_> = read_tape(&lines[..]).unwrap().iter().map(|entry| entry.body().unwrap().to_vec()).collect();
            prop_assert_eq!(read, bodies);
        }
    }
}
