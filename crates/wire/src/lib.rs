//! Bytes to JSON-RPC messages and back: framing, a borrowed view of the envelope, ids, splicing, one writer per pipe.
//!
//! Must not know a method name except `$/cancelRequest`, and must never re-encode a message that passes through.

mod envelope;
mod frame;
mod id;
mod link;
pub mod message;
mod splice;
mod tape;

pub use envelope::{Envelope, Kind};
pub use frame::{FrameError, FrameReader, MAX_FRAME, write_frame};
pub use id::{Peer, RequestId, is_own_editor_id, is_own_upstream_id};
pub use link::{Outbox, QUEUE, WriterEnd, writer};
pub use splice::splice;
pub use tape::{Direction, Tape, TapeEntry, TapeError, read_tape};
