//! A borrowed view of one message: which of the envelope's members are there, without parsing what is in them.

use crate::id::RequestId;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use std::borrow::Cow;

/// The members of a JSON-RPC message. Absent and `null` are different: `"result": null` is an answer.
#[derive(Debug, Deserialize)]
pub struct Envelope<'a> {
    #[serde(borrow, default, deserialize_with = "present")]
    pub id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub method: Option<Cow<'a, str>>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub params: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub result: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub error: Option<&'a RawValue>,
}

/// What a message is, by the members that it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind<'a> {
    Request {
        id: &'a str,
        method: &'a str,
    },
    Notification {
        method: &'a str,
    },
    Response {
        id: &'a str,
    },
    /// Something that no rule of ours is about; it passes through.
    Other,
}

// `Option<&RawValue>` on its own would read an explicit `null` as absent.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

impl<'a> Envelope<'a> {
    /// `None` when the body is not one JSON object with unique members that we can read: then it is forwarded, and
    /// nothing is concluded from it.
    pub fn parse(body: &'a [u8]) -> Option<Self> {
        // A derived struct would also be read from an array: a batch, which Lean does not speak.
        let is_object = body.trim_ascii_start().starts_with(b"{");
        is_object.then(|| serde_json::from_slice(body).ok()).flatten()
    }

    pub fn kind(&self) -> Kind<'_> {
        match (self.id, self.method.as_deref()) {
            (Some(id), Some(method)) => Kind::Request { id: id.get(), method },
            (None, Some(method)) => Kind::Notification { method },
            (Some(id), None) => Kind::Response { id: id.get() },
            (None, None) => Kind::Other,
        }
    }

    /// The request that a `$/cancelRequest` is about.
    pub fn cancelled(&self) -> Option<RequestId> {
        #[derive(Deserialize)]
        struct Cancel<'a> {
            #[serde(borrow)]
            id: &'a RawValue,
        }
        let cancel: Cancel<'_> = serde_json::from_str(self.params?.get()).ok()?;
        Some(RequestId::new(cancel.id.get()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &str) -> String {
        let Some(envelope) = Envelope::parse(body.as_bytes()) else { return "unreadable".into() };
        let result = envelope.result.map(|raw| format!(" result {}", raw.get())).unwrap_or_default();
        format!("{:?}{result}", envelope.kind())
    }

    #[test]
    fn odd_messages_keep_their_members() {
        insta_like(&[
            (r#"{"id":3000000000,"method":"m"}"#, r#"Request { id: "3000000000", method: "m" }"#),
            (r#"{"id":"a","result":null}"#, r#"Response { id: "\"a\"" } result null"#),
            (r#"{"id":null,"error":{}}"#, r#"Response { id: "null" }"#),
            (r#"{"id":12345678901234567890123,"result":1}"#, r#"Response { id: "12345678901234567890123" } result 1"#),
            (
                r#"{"method":"$/lean/futureThing","params":"\ud835"}"#,
                r#"Notification { method: "$/lean/futureThing" }"#,
            ),
            (r#"{"method":"a\/b"}"#, r#"Notification { method: "a/b" }"#),
            (r#"{"jsonrpc":"2.0","new":[1,{"id":2}]}"#, "Other"),
            (r#"[{"id":1,"method":"m"}]"#, "unreadable"),
            ("{", "unreadable"),
        ]);
    }

    fn insta_like(cases: &[(&str, &str)]) {
        for (body, expected) in cases {
            assert_eq!(check(body), *expected, "{body}");
        }
    }
}
