//! Bodies of our own messages. Nothing that passes through is ever built here.

use crate::RequestId;
use bytes::Bytes;
use serde::Serialize;
use serde_json::value::RawValue;

/// JSON-RPC's code for a fault of the server.
pub const INTERNAL_ERROR: i32 = -32603;
/// JSON-RPC's code for parameters of the wrong shape.
pub const INVALID_PARAMS: i32 = -32602;
/// LSP's code for a method that nobody answers.
pub const METHOD_NOT_FOUND: i32 = -32601;
/// LSP's code for an answer about a text that has changed meanwhile.
pub const CONTENT_MODIFIED: i32 = -32801;
/// LSP's code for the answer to a request that was cancelled.
pub const REQUEST_CANCELLED: i32 = -32800;

/// The codes that Lean's own parser accepts in a response; any other makes the whole message undecodable and ends the
/// watchdog (`Lean/Data/JsonRpc.lean`).
pub const LEAN_ERROR_CODES: [i32; 12] =
    [-32700, -32600, -32601, -32602, -32603, -32002, -32001, -32800, -32801, -32900, -32901, -32902];

#[derive(Serialize)]
struct Request<'a, P> {
    jsonrpc: &'static str,
    id: &'a RawValue,
    method: &'a str,
    params: P,
}

#[derive(Serialize)]
struct Notification<'a, P> {
    jsonrpc: &'static str,
    method: &'a str,
    params: P,
}

#[derive(Serialize)]
struct Response<'a, R> {
    jsonrpc: &'static str,
    id: &'a RawValue,
    result: R,
}

#[derive(Serialize)]
struct Failure<'a> {
    jsonrpc: &'static str,
    id: &'a RawValue,
    error: ErrorObject<'a>,
}

#[derive(Serialize)]
struct ErrorObject<'a> {
    code: i32,
    message: &'a str,
}

fn encode(message: &impl Serialize) -> Bytes {
    // Only a map with keys that are not strings can fail here, and our types have none.
    serde_json::to_vec(message).unwrap_or_default().into()
}

fn raw(id: &RequestId) -> Box<RawValue> {
    RawValue::from_string(id.raw().to_owned()).unwrap_or_default()
}

pub fn request(id: &RequestId, method: &str, params: impl Serialize) -> Bytes {
    encode(&Request { jsonrpc: "2.0", id: &raw(id), method, params })
}

pub fn notification(method: &str, params: impl Serialize) -> Bytes {
    encode(&Notification { jsonrpc: "2.0", method, params })
}

pub fn response(id: &RequestId, result: impl Serialize) -> Bytes {
    encode(&Response { jsonrpc: "2.0", id: &raw(id), result })
}

pub fn error(id: &RequestId, code: i32, message: &str) -> Bytes {
    encode(&Failure { jsonrpc: "2.0", id: &raw(id), error: ErrorObject { code, message } })
}

/// `$/cancelRequest` for one of our own requests.
pub fn cancel(id: &RequestId) -> Bytes {
    #[derive(Serialize)]
    struct Params<'a> {
        id: &'a RawValue,
    }
    notification("$/cancelRequest", Params { id: &raw(id) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_have_the_shapes_of_the_specification() {
        let id = RequestId::new("\"a\"");
        assert_eq!(&request(&id, "m", [1])[..], br#"{"jsonrpc":"2.0","id":"a","method":"m","params":[1]}"#);
        assert_eq!(&response(&id, ())[..], br#"{"jsonrpc":"2.0","id":"a","result":null}"#);
        let text = error(&id, CONTENT_MODIFIED, "changed");
        assert_eq!(&text[..], br#"{"jsonrpc":"2.0","id":"a","error":{"code":-32801,"message":"changed"}}"#);
        assert_eq!(&cancel(&id)[..], br#"{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":"a"}}"#);
    }
}
