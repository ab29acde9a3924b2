//! One writer task per pipe: whole frames only, in the order in which they were queued.
//!
//! The queue is bounded: a peer that does not read stops the side that feeds it, and nothing else.

use crate::write_frame;
use bytes::Bytes;
use tokio::io::{AsyncWrite, AsyncWriteExt, BufWriter};
use tokio::sync::mpsc;

/// How many frames may wait for a pipe.
pub const QUEUE: usize = 256;

/// Puts frames into the queue of one pipe. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Outbox(mpsc::Sender<Option<Bytes>>);

/// The task that empties the queue: run it, or nothing is written.
#[derive(Debug)]
pub struct WriterEnd<W> {
    queue: mpsc::Receiver<Option<Bytes>>,
    pipe: W,
}

pub fn writer<W: AsyncWrite + Unpin>(pipe: W) -> (Outbox, WriterEnd<W>) {
    let (sender, queue) = mpsc::channel(QUEUE);
    (Outbox(sender), WriterEnd { queue, pipe })
}

impl Outbox {
    /// Queue one frame; waits while the queue is full. `false` when the pipe is gone.
    pub async fn send(&self, body: Bytes) -> bool {
        self.0.send(Some(body)).await.is_ok()
    }

    /// Close the pipe once everything that is queued has been written.
    pub async fn close(&self) {
        let _ = self.0.send(None).await;
    }

    /// Queue one frame if there is room. For traffic of our own that may be dropped rather than delay anything.
    pub fn try_send(&self, body: Bytes) -> bool {
        self.0.try_send(Some(body)).is_ok()
    }

    /// Whether the writer has ended.
    pub fn is_closed(&self) -> bool {
        self.0.is_closed()
    }
}

impl<W: AsyncWrite + Unpin> WriterEnd<W> {
    /// Write until the pipe is to be closed, or every `Outbox` is gone; then close it.
    pub async fn run(mut self) -> std::io::Result<()> {
        let mut pipe = BufWriter::with_capacity(64 << 10, self.pipe);
        'frames: while let Some(Some(body)) = self.queue.recv().await {
            write_frame(&mut pipe, &body).await?;
            drop(body); // a large body must not outlive its writing
            while let Ok(next) = self.queue.try_recv() {
                let Some(body) = next else { break 'frames };
                write_frame(&mut pipe, &body).await?;
            }
            pipe.flush().await?;
        }
        pipe.shutdown().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FrameReader;

    #[tokio::test]
    async fn frames_leave_whole_and_in_order() {
        let (near, far) = tokio::io::duplex(7);
        let (outbox, end) = writer(near);
        let task = tokio::spawn(end.run());
        let sender = tokio::spawn(async move {
            for number in 0..1000 {
                assert!(outbox.send(Bytes::from(number.to_string())).await);
            }
        });
        let mut reader = FrameReader::new(far);
        for number in 0..1000 {
            assert_eq!(reader.next().await.unwrap().unwrap(), number.to_string().as_bytes());
        }
        sender.await.unwrap();
        assert!(reader.next().await.unwrap().is_none());
        task.await.unwrap().unwrap();
    }
}
