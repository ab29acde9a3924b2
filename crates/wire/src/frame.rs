//! LSP base protocol framing: `Content-Length` headers and a body of that many bytes.
//!
//! Reads any header order, spelling and extra headers; writes exactly `Content-Length: N\r\n\r\n`, the only form that
//! every Lean watchdog accepts.

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// The largest body that is accepted, in bytes.
pub const MAX_FRAME: usize = 256 << 20;

/// The largest header block that is accepted, in bytes: real ones have 30 to 80.
const MAX_HEADER: usize = 16 << 10;

/// Why a byte stream is not a sequence of frames. None of these can be recovered from: where the next frame begins is
/// no longer known.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    #[error("could not read: {0}")]
    Io(#[from] std::io::Error),
    #[error("the stream ended inside a message ({have} of {want} bytes had arrived)")]
    Truncated { have: usize, want: usize },
    #[error("a message header without a usable Content-Length: {0:?}")]
    BadHeader(String),
    #[error("a message header of more than {MAX_HEADER} bytes: this is not a language server's output")]
    HeaderTooLong,
    #[error("a message of {0} bytes: the limit is {MAX_FRAME}")]
    TooLarge(usize),
}

/// Splits a byte stream into message bodies.
#[derive(Debug)]
pub struct FrameReader<R> {
    inner: R,
    buffer: BytesMut,
}

impl<R: AsyncRead + Unpin> FrameReader<R> {
    pub fn new(inner: R) -> Self {
        Self { inner, buffer: BytesMut::with_capacity(16 << 10) }
    }

    /// The next body, or `None` when the stream ended between two frames. The body shares the read buffer: nothing is
    /// copied, and a large one is read straight into an allocation of its size.
    pub async fn next(&mut self) -> Result<Option<Bytes>, FrameError> {
        let (length, header) = loop {
            if let Some(end) = memchr::memmem::find(&self.buffer, b"\r\n\r\n") {
                let block = self.buffer.get(..end).unwrap_or_default();
                break (content_length(block)?, end + 4);
            }
            if self.buffer.len() > MAX_HEADER {
                return Err(FrameError::HeaderTooLong);
            }
            self.buffer.reserve(8 << 10);
            if self.inner.read_buf(&mut self.buffer).await? == 0 {
                return match self.buffer.len() {
                    0 => Ok(None),
                    have => Err(FrameError::Truncated { have, want: have + 1 }),
                };
            }
        };
        if length > MAX_FRAME {
            return Err(FrameError::TooLarge(length));
        }
        self.buffer.advance(header);
        if let Some(missing) = length.checked_sub(self.buffer.len()) {
            self.buffer.reserve(missing);
        }
        while self.buffer.len() < length {
            if self.inner.read_buf(&mut self.buffer).await? == 0 {
                return Err(FrameError::Truncated { have: self.buffer.len(), want: length });
            }
        }
        Ok(Some(self.buffer.split_to(length).freeze()))
    }
}

/// The `Content-Length` of a header block without its final blank line.
fn content_length(block: &[u8]) -> Result<usize, FrameError> {
    let bad =
        || FrameError::BadHeader(String::from_utf8_lossy(block.get(..block.len().min(200)).unwrap_or_default()).into());
    let mut length = None;
    for line in block.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let Some(colon) = memchr::memchr(b':', line) else {
            return Err(bad());
        };
        let (name, value) = line.split_at(colon);
        if name.trim_ascii().eq_ignore_ascii_case(b"content-length") {
            let value = value.strip_prefix(b":").unwrap_or_default().trim_ascii();
            let digits = std::str::from_utf8(value).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
            length = Some(digits.and_then(|text| text.parse().ok()).ok_or_else(bad)?);
        }
    }
    length.ok_or_else(bad)
}

/// Write one frame. Does not flush.
pub async fn write_frame<W: AsyncWrite + Unpin>(writer: &mut W, body: &[u8]) -> std::io::Result<()> {
    let mut header = [0_u8; 48];
    let mut cursor = std::io::Cursor::new(header.as_mut_slice());
    std::io::Write::write_fmt(&mut cursor, format_args!("Content-Length: {}\r\n\r\n", body.len()))?;
    let used = usize::try_from(cursor.position()).unwrap_or_default();
    writer.write_all(header.get(..used).unwrap_or_default()).await?;
    writer.write_all(body).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Feeds `input` in pieces of `step` bytes and collects the bodies, or the error's text.
    fn check(input: &[u8], step: usize) -> Result<Vec<String>, String> {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let (mut far, near) = tokio::io::duplex(step.max(1));
            let input = input.to_vec();
            let feed = tokio::spawn(async move {
                let _ = far.write_all(&input).await;
            });
            let mut reader = FrameReader::new(near);
            let mut bodies = Vec::new();
            let outcome = loop {
                match reader.next().await {
                    Ok(Some(body)) => bodies.push(String::from_utf8_lossy(&body).into_owned()),
                    Ok(None) => break Ok(bodies),
                    Err(error) => break Err(error.to_string()),
                }
            };
            feed.abort();
            outcome
        })
    }

    #[test]
    fn header_order_case_and_extra_headers_are_accepted() {
        let input = b"content-type: x\r\nCONTENT-LENGTH:2\r\n\r\n{}Content-Length: 4\r\nX: y\r\n\r\nnull";
        assert_eq!(check(input, 3), Ok(vec!["{}".into(), "null".into()]));
    }

    #[test]
    fn a_half_frame_is_an_error_and_not_an_end() {
        assert!(check(b"Content-Length: 5\r\n\r\nab", 64).unwrap_err().contains("2 of 5 bytes"));
        assert!(check(b"Content-Le", 64).unwrap_err().contains("inside a message"));
    }

    #[test]
    fn garbage_and_giants_are_refused() {
        assert!(check(b"warning: something\r\n\r\n", 64).unwrap_err().contains("Content-Length"));
        assert!(check(b"hello\r\n\r\n", 64).unwrap_err().contains("Content-Length"));
        assert!(check(b"Content-Length: -1\r\n\r\n", 64).unwrap_err().contains("Content-Length"));
        assert!(check(b"Content-Length: 99999999999999999999\r\n\r\n", 64).unwrap_err().contains("Content-Length"));
        assert!(check(b"Content-Length: 300000000\r\n\r\n", 64).unwrap_err().contains("limit"));
        assert!(check(&vec![b'a'; 40 << 10], 4096).unwrap_err().contains("header"));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(bodies in prop::collection::vec(".{0,300}", 0..8), step in 1_usize..700) {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let mut bytes = Vec::new();
            runtime.block_on(async {
                for body in &bodies {
                    write_frame(&mut bytes, body.as_bytes()).await.unwrap();
                }
            });
            prop_assert_eq!(check(&bytes, step), Ok(bodies));
        }
    }
}
