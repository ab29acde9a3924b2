//! Statements 18, 19, 21 to 25: ids, answers, cancellation, our own methods.

use super::*;
use serde_json::json;

#[tokio::test]
async fn contract_18_and_24_ids_of_any_kind_pass_both_ways() {
    let mut bench = Setup::default().ready().await;
    for id in ["7", "\"7\"", "3000000000", "12345678901234567890123", "-1", "\"a\\u0041\""] {
        bench.pass_on(&format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"textDocument/hover","params":{{}}}}"#)).await;
        bench.pass_back(&format!(r#"{{"jsonrpc":"2.0","id":{id},"result":null}}"#)).await;
    }
    for id in ["\"register_lean_watcher\"", "0", "1"] {
        bench
            .pass_back(&format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"client/registerCapability","params":{{}}}}"#))
            .await;
        bench.pass_on(&format!(r#"{{"jsonrpc":"2.0","id":{id},"result":null}}"#)).await;
    }
}

#[tokio::test]
async fn contract_19_answers_to_our_own_requests_never_cross_over() {
    let mut bench = Setup::default().ready().await;
    let question = bench.open_with_hole(URI).await;
    assert_eq!(question["id"], "leanwright/1");
    assert_eq!(question["method"], "$/lean/plainGoal");
    let answer = json!({"jsonrpc": "2.0", "id": "leanwright/1", "result": {"goals": ["⊢ x"], "rendered": ""}});
    bench.lean.send(&answer.to_string()).await;
    bench.lean.send(r#"{"jsonrpc":"2.0","method":"fence"}"#).await;
    let mut seen = Vec::new();
    loop {
        let message = bench.editor.next_json().await;
        if message["method"] == "fence" {
            break;
        }
        seen.push(message["method"].as_str().unwrap_or("an answer").to_owned());
    }
    assert!(seen.iter().all(|method| method.starts_with("leanwright/")), "{seen:?}");
    assert_eq!(bench.holes(5, URI).await["result"]["holes"][0]["goal"]["goals"][0], "⊢ x", "it was for us");
    assert_eq!(bench.lean.next_json().await["method"], "textDocument/waitForDiagnostics");
    bench.editor.send(r#"{"jsonrpc":"2.0","id":"leanwright:9","result":null}"#).await;
    bench.pass_on(r#"{"jsonrpc":"2.0","method":"fence"}"#).await;
}

#[tokio::test]
async fn contract_21_answers_to_lean_are_what_its_parser_takes() {
    let mut bench = Setup::default().ready().await;
    for (sent, received) in [
        (
            r#"{"jsonrpc":"2.0","id":1,"error":{"code":-32803,"message":"m"}}"#,
            r#"{"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"m"}}"#,
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"error":{"message":"m", "code": 1 }}"#,
            r#"{"jsonrpc":"2.0","id":1,"error":{"message":"m", "code": -32603 }}"#,
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"m"}}"#,
            r#"{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"m"}}"#,
        ),
        (r#"{"jsonrpc":"2.0","id":"a"}"#, r#"{"jsonrpc":"2.0","id":"a","result":null}"#),
        (r#"{"jsonrpc":"2.0","id":2,"result":null}"#, r#"{"jsonrpc":"2.0","id":2,"result":null}"#),
    ] {
        bench.editor.send(sent).await;
        assert_eq!(bench.lean.next().await, received);
    }
}

#[tokio::test]
async fn contract_22_our_own_methods_never_reach_lean() {
    let mut bench = Setup::default().ready().await;
    let status = bench.own(1, "leanwright/status", json!(null)).await;
    assert_eq!(status["result"]["off"], json!([]));
    assert_eq!(bench.own(2, "leanwright/nonsense", json!({})).await["error"]["code"], -32601);
    assert_eq!(bench.own(3, "leanwright/holes", json!({"wrong": 1})).await["error"]["code"], -32602);
    bench.editor.send(r#"{"jsonrpc":"2.0","method":"leanwright/aNotification","params":{}}"#).await;
    let item = json!({"title": "t", "data": {"leanwright": {"uri": URI, "version": 3}}});
    assert_eq!(
        bench.own(4, "codeAction/resolve", item).await["error"]["code"],
        -32801,
        "the text is not there any more"
    );
    bench
        .pass_on(
            r#"{"jsonrpc":"2.0","id":5,"method":"codeAction/resolve","params":{"data":{"params":{}},"title":"t"}}"#,
        )
        .await;
}

#[tokio::test]
async fn contract_23_cancellation_reaches_whoever_works_on_it() {
    let mut bench = Setup::default().ready().await;
    bench.pass_on(r#"{"jsonrpc":"2.0","id":8,"method":"textDocument/codeAction","params":{}}"#).await;
    bench.pass_on(r#"{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":8}}"#).await;

    // A proof that waits for its goal: the cancellation is ours, and Lean never hears of it.
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("lakefile.toml"), "name = \"p\"").unwrap();
    let uri = format!("file://{}/P.lean", std::fs::canonicalize(folder.path()).unwrap().display());
    bench.open_with_hole(&uri).await;
    let params = json!({"textDocument": {"uri": uri}, "position": {"line": 1, "character": 2}});
    let prove = json!({"jsonrpc": "2.0", "id": 9, "method": "leanwright/prove", "params": params});
    bench.editor.send(&prove.to_string()).await;
    bench.editor.send(r#"{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":9}}"#).await;
    assert_eq!(bench.editor.answer(9).await["error"]["message"], "cancelled");
    bench.pass_on(r#"{"jsonrpc":"2.0","method":"fence"}"#).await;
}

#[tokio::test(start_paused = true)]
async fn contract_25_our_own_requests_have_a_deadline() {
    let mut bench = Setup::default().ready().await;
    let question = bench.open_with_hole(URI).await;
    let started = tokio::time::Instant::now();
    let cancelled = async {
        loop {
            // Time goes on by itself while everybody waits.
            if let Ok(next) = tokio::time::timeout(Duration::from_secs(600), bench.lean.reader.next()).await {
                return serde_json::from_slice::<Value>(&next.unwrap().unwrap()).unwrap();
            }
        }
    };
    let cancel = cancelled.await;
    assert_eq!((&cancel["method"], &cancel["params"]["id"]), (&json!("$/cancelRequest"), &question["id"]));
    assert!(started.elapsed() < Duration::from_secs(600), "on a clock that only the test moves");
    let again = bench.lean.next_json().await;
    assert_eq!((&again["method"], &again["id"]), (&json!("$/lean/plainGoal"), &json!("leanwright/2")));
}
