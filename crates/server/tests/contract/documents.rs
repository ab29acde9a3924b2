//! Statements 26, 28 to 30, 32, 34 and 44: documents and what Lean says about them.

use super::*;
use serde_json::json;

async fn declarations(bench: &mut Bench, id: u64, uri: &str) -> Vec<String> {
    let answer = bench.holes(id, uri).await;
    let holes = answer["result"]["holes"].as_array().unwrap_or_else(|| panic!("{answer}")).clone();
    let shown = |hole: &Value| {
        format!(
            "{} {}:{}",
            hole["declaration"].as_str().unwrap(),
            hole["range"]["start"]["line"],
            hole["range"]["start"]["character"]
        )
    };
    holes.iter().map(shown).collect()
}

/// Pass a message on; questions of ours in between are passed over and remembered.
async fn pass_on(bench: &mut Bench, body: &str, own: &mut Vec<String>) {
    bench.editor.send(body).await;
    loop {
        let next = bench.lean.next().await;
        if next == body {
            return;
        }
        assert!(next.contains("leanwright/"), "{next}");
        own.push(next);
    }
}

#[tokio::test]
async fn contract_26_and_30_documents_are_forwarded_and_followed_and_never_touched() {
    let mut bench = Setup::default().ready().await;
    let mut own = Vec::new();
    pass_on(&mut bench, &did_open(URI, 1, "theorem 𝓝 : x := sorry\r\n"), &mut own).await;
    assert_eq!(declarations(&mut bench, 1, URI).await, ["𝓝 0:18"]);
    let at = |line: u32, from: u32, to: u32| json!({"start": {"line": line, "character": from}, "end": {"line": line, "character": to}});
    let changes =
        json!([{"range": at(1, 0, 0), "text": "theorem u : y := sorry\n"}, {"range": at(0, 0, 0), "text": "-- 𝕜\n"}]);
    pass_on(&mut bench, &did_change(URI, 5, changes), &mut own).await;
    assert_eq!(declarations(&mut bench, 2, URI).await, ["𝓝 1:18", "u 2:17"]);
    pass_on(&mut bench, &did_change(URI, 9, json!([{"text": "theorem v : x := sorry"}])), &mut own).await;
    assert_eq!(declarations(&mut bench, 3, URI).await, ["v 0:17"]);
    pass_on(&mut bench, &did_change(URI, 10, json!([])), &mut own).await;
    let save = r#"{"jsonrpc":"2.0","method":"textDocument/didSave","params":{"text":"t","textDocument":{"uri":"file:///p/P.lean"}}}"#;
    pass_on(&mut bench, save, &mut own).await;
    let close =
        r#"{"jsonrpc":"2.0","method":"textDocument/didClose","params":{"textDocument":{"uri":"file:///p/P.lean"}}}"#;
    pass_on(&mut bench, close, &mut own).await;
    assert_eq!(bench.holes(4, URI).await["error"]["code"], -32602);
    let allowed = ["$/lean/plainGoal", "$/lean/plainTermGoal", "$/cancelRequest"];
    for message in own {
        let message: Value = serde_json::from_str(&message).unwrap();
        assert!(allowed.contains(&message["method"].as_str().unwrap()), "{message}");
    }
}

#[tokio::test]
async fn contract_28_a_document_that_is_opened_again_starts_anew() {
    let mut bench = Setup::default().ready().await;
    let mut own = Vec::new();
    pass_on(&mut bench, &did_open(URI, 5, "theorem t : x := sorry\n"), &mut own).await;
    pass_on(&mut bench, &did_change(URI, 50, json!([{"text": "theorem u : x := sorry\n"}])), &mut own).await;
    let before = bench.holes(1, URI).await["result"].clone();
    let close =
        r#"{"jsonrpc":"2.0","method":"textDocument/didClose","params":{"textDocument":{"uri":"file:///p/P.lean"}}}"#;
    pass_on(&mut bench, close, &mut own).await;
    pass_on(&mut bench, &did_open(URI, 0, "theorem w : x := sorry\n"), &mut own).await;
    let after = bench.holes(2, URI).await["result"].clone();
    assert_eq!((&before["version"], &after["version"]), (&json!(50), &json!(0)));
    assert_eq!(after["holes"][0]["declaration"], "w");
    assert_ne!(before["holes"][0]["id"], after["holes"][0]["id"]);
}

#[tokio::test]
async fn contract_29_uris_are_opaque() {
    let mut bench = Setup::default().ready().await;
    let mut own = Vec::new();
    for (number, uri) in
        ["file:///c%3A/P.lean", "file:///c:/P.lean", "FILE:///c:/P.lean", "untitled:Untitled-1"].into_iter().enumerate()
    {
        let text = format!("theorem t{number} : x := sorry");
        pass_on(&mut bench, &did_open(uri, 1, &text), &mut own).await;
    }
    assert_eq!(declarations(&mut bench, 1, "file:///c%3A/P.lean").await, ["t0 0:18"]);
    assert_eq!(declarations(&mut bench, 2, "file:///c:/P.lean").await, ["t1 0:18"]);
    assert_eq!(declarations(&mut bench, 3, "FILE:///c:/P.lean").await, ["t2 0:18"]);
    assert_eq!(bench.holes(4, "file:///C%3A/P.lean").await["error"]["code"], -32602);
}

#[tokio::test]
async fn contract_32_34_and_44_diagnostics_pass_and_none_are_ours() {
    let mut bench = Setup::default().ready().await;
    bench.open_with_hole(URI).await;
    bench.lean.send(r#"{"jsonrpc":"2.0","id":"leanwright/1","result":null}"#).await;
    let messages = [
        r#"{"jsonrpc":"2.0","method":"$/lean/fileProgress","params":{"processing":[{"kind":1,"range":{"end":{"character":0,"line":2},"start":{"character":0,"line":0}},"new":1}],"textDocument":{"uri":"file:///p/P.lean","version":1}}}"#,
        r#"{"jsonrpc":"2.0","method":"textDocument/publishDiagnostics","params":{"diagnostics":[{"fullRange":{"end":{"character":1,"line":0},"start":{"character":0,"line":0}},"leanTags":[1],"message":"m","new":[1],"range":{"end":{"character":1,"line":0},"start":{"character":0,"line":0}},"severity":1}],"isIncremental":true,"uri":"file:///p/P.lean","version":1}}"#,
        r#"{"jsonrpc":"2.0","method":"textDocument/publishDiagnostics","params":"of no known shape"}"#,
    ];
    for message in messages {
        bench.lean.send(message).await;
    }
    let mut received = Vec::new();
    while received.len() < messages.len() {
        let message = bench.editor.next().await;
        if !message.contains("leanwright/") {
            received.push(message);
        }
    }
    assert_eq!(received, messages);
    assert_eq!(bench.holes(1, URI).await["result"]["errors"], 1);
}

#[tokio::test]
async fn contract_26_saved_and_watched_files_are_forwarded_and_change_no_version() {
    let mut bench = Setup::default().ready().await;
    let mut own = Vec::new();
    pass_on(&mut bench, &did_open(URI, 3, "theorem t : x := by\n  skip\n"), &mut own).await;
    for message in [
        r#"{"jsonrpc":"2.0","method":"textDocument/didSave","params":{"text":"x","textDocument":{"uri":"file:///p/P.lean"}}}"#,
        r#"{"jsonrpc":"2.0","method":"workspace/didChangeWatchedFiles","params":{"changes":[{"uri":"file:///p/Q.lean","type":2},{"type":3,"uri":"no uri"}]}}"#,
        r#"{"jsonrpc":"2.0","method":"workspace/didChangeWatchedFiles","params":"of no known shape"}"#,
    ] {
        pass_on(&mut bench, message, &mut own).await;
    }
    assert_eq!(bench.holes(1, URI).await["result"]["version"], 3);
    let item = |offer: Value| json!({"title": "t", "data": {"leanwright": {"uri": URI, "version": 3, "offer": offer}}});
    let answer = bench.own(2, "codeAction/resolve", item(Value::Null)).await;
    assert_eq!(answer["result"]["title"], "t", "an item that starts work applies to the version as it is");
    let answer = bench.own(3, "codeAction/resolve", item(json!(7))).await;
    assert_eq!(answer["error"]["code"], -32801, "an offer that nobody has made, or that was withdrawn");
}
