//! Any bytes: reading frames ends, what was read is written back as it was, and envelopes keep what they show.
#![no_main]

use leanwright_wire::{Envelope, FrameReader, splice, write_frame};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let mut reader = FrameReader::new(data);
        let mut bodies = Vec::new();
        while let Ok(Some(body)) = reader.next().await {
            if let Some(envelope) = Envelope::parse(&body) {
                let _ = envelope.kind();
                for part in [envelope.id, envelope.params, envelope.result, envelope.error].into_iter().flatten() {
                    assert_eq!(splice(&body, part, part.get().as_bytes()).unwrap(), body, "the same in the same place");
                }
            }
            bodies.push(body);
        }
        let mut written = Vec::new();
        for body in &bodies {
            write_frame(&mut written, body).await.unwrap();
        }
        let mut again = FrameReader::new(&written[..]);
        for body in &bodies {
            assert_eq!(again.next().await.unwrap().as_ref(), Some(body));
        }
        assert!(again.next().await.unwrap().is_none());
    });
});
