//! For measurements only: Lean's side of a pipe, which answers every request at once.

use leanwright_wire::{Envelope, FrameReader, Kind, write_frame};
use tokio::io::{AsyncWriteExt, BufWriter};

/// Answer what arrives on standard input until it ends; `result` is the JSON of the answer to a method.
pub async fn serve(result: impl Fn(&str) -> String) {
    let mut reader = FrameReader::new(leanwright_procs::stdio::input());
    let mut writer = BufWriter::new(leanwright_procs::stdio::output());
    while let Ok(Some(body)) = reader.next().await {
        let Some(envelope) = Envelope::parse(&body) else { continue };
        let Kind::Request { id, method } = envelope.kind() else { continue };
        let answer = format!(r#"{{"id":{id},"jsonrpc":"2.0","result":{}}}"#, result(method));
        if write_frame(&mut writer, answer.as_bytes()).await.is_err() || writer.flush().await.is_err() {
            return;
        }
    }
}
