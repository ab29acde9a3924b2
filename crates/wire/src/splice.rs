//! Replaces one member's value inside a message and leaves every other byte as it was.

use bytes::Bytes;
use serde_json::value::RawValue;

/// The message `body` with `replacement` where `part` was. `part` must be a value that was borrowed from `body`;
/// otherwise `None`.
pub fn splice(body: &Bytes, part: &RawValue, replacement: &[u8]) -> Option<Bytes> {
    let start = (part.get().as_ptr() as usize).checked_sub(body.as_ptr() as usize)?;
    let before = body.get(..start)?;
    let after = body.get(start.checked_add(part.get().len())?..)?;
    let mut spliced = Vec::with_capacity(before.len() + replacement.len() + after.len());
    spliced.extend_from_slice(before);
    spliced.extend_from_slice(replacement);
    spliced.extend_from_slice(after);
    Some(spliced.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Envelope;

    #[test]
    fn only_the_part_changes() {
        let body = Bytes::from_static(br#"{ "x" : "\ud835", "result" : [1] , "id":  7}"#);
        let envelope = Envelope::parse(&body).unwrap();
        let spliced = splice(&body, envelope.result.unwrap(), b"[1,2]").unwrap();
        assert_eq!(&spliced[..], br#"{ "x" : "\ud835", "result" : [1,2] , "id":  7}"#);
        let other = Bytes::from_static(b"[]");
        assert_eq!(splice(&other, envelope.result.unwrap(), b""), None);
    }
}
