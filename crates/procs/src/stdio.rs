//! Our own standard input and output as streams that wait in the event loop, where they are pipes or sockets.
//!
//! tokio's own go through a thread for every read and write, which is most of what a message through a proxy would cost.

use rustix::fs::{FileType, OFlags, fcntl_getfl, fcntl_setfl, fstat};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream as StdStream;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::UnixStream;
use tokio::net::unix::pipe;

/// A stream to read from.
pub type Input = Box<dyn AsyncRead + Unpin + Send>;
/// A stream to write to.
pub type Output = Box<dyn AsyncWrite + Unpin + Send>;

/// Standard input. Must be called inside a tokio runtime.
pub fn input() -> Input {
    match waitable(std::io::stdin().as_fd()) {
        Some((fd, FileType::Fifo)) => {
            if let Ok(receiver) = pipe::Receiver::from_owned_fd(fd) {
                return Box::new(receiver);
            }
        }
        Some((fd, FileType::Socket)) => {
            if let Ok(stream) = UnixStream::from_std(StdStream::from(fd)) {
                return Box::new(stream);
            }
        }
        _ => {}
    }
    Box::new(tokio::io::stdin())
}

/// Standard output. Must be called inside a tokio runtime.
pub fn output() -> Output {
    match waitable(std::io::stdout().as_fd()) {
        Some((fd, FileType::Fifo)) => {
            if let Ok(sender) = pipe::Sender::from_owned_fd(fd) {
                return Box::new(sender);
            }
        }
        Some((fd, FileType::Socket)) => {
            if let Ok(stream) = UnixStream::from_std(StdStream::from(fd)) {
                return Box::new(stream);
            }
        }
        _ => {}
    }
    Box::new(tokio::io::stdout())
}

/// A pipe or socket that was set not to block; `None` for files and terminals, which cannot be waited for or are shared.
fn waitable(fd: impl AsFd) -> Option<(OwnedFd, FileType)> {
    let kind = FileType::from_raw_mode(fstat(&fd).ok()?.st_mode);
    if !matches!(kind, FileType::Fifo | FileType::Socket) {
        return None;
    }
    let owned = fd.as_fd().try_clone_to_owned().ok()?;
    fcntl_setfl(&owned, fcntl_getfl(&owned).ok()? | OFlags::NONBLOCK).ok()?;
    Some((owned, kind))
}
