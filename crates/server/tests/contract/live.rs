//! Statements 35, 36, 40 and 41: what is asked of Lean while the user types; and what is ours in the editor.

use super::*;
use serde_json::json;

/// A proxy between an editor that shows progress and a Lean with `leanSorryLike`; RPC references in the new format or not.
async fn modern(new_references: bool) -> Bench {
    let mut bench = Setup::default().start();
    bench
        .pass_on(
            r#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"capabilities":{"window":{"workDoneProgress":true},"workspace":{"codeLens":{"refreshSupport":true}}}}}"#,
        )
        .await;
    let format = if new_references { json!({"rpcProvider": {"rpcWireFormat": "v1"}}) } else { json!({}) };
    let legend = json!({"tokenTypes": ["keyword", "leanSorryLike"], "tokenModifiers": []});
    let capabilities = json!({
        "codeActionProvider": {}, "experimental": format, "semanticTokensProvider": {"legend": legend, "full": true},
    });
    bench.lean.send(&json!({"jsonrpc": "2.0", "id": 0, "result": {"capabilities": capabilities}}).to_string()).await;
    let answer = bench.editor.next_json().await;
    assert!(answer["result"]["capabilities"]["codeLensProvider"].is_object(), "{answer}");
    bench.pass_on(r#"{"jsonrpc":"2.0","method":"initialized","params":{}}"#).await;
    bench
}

/// Lean answers the next request, which must be of this method; returns its parameters.
async fn answers(bench: &mut Bench, method: &str, result: Value) -> Value {
    let request = bench.lean.next_json().await;
    assert_eq!(request["method"], method, "{request}");
    assert!(request["id"].as_str().unwrap().starts_with("leanwright/"), "{request}");
    bench.lean.send(&json!({"jsonrpc": "2.0", "id": request["id"], "result": result}).to_string()).await;
    request["params"].clone()
}

/// The editor asks; what is sent to it besides the answer is returned, too.
async fn editor_asks(bench: &mut Bench, id: u64, method: &str, params: Value) -> (Value, Vec<Value>) {
    bench.editor.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}).to_string()).await;
    let mut others = Vec::new();
    loop {
        let message = bench.editor.next_json().await;
        if message["id"] == id {
            return (message, others);
        }
        others.push(message);
    }
}

#[tokio::test]
async fn contract_35_36_and_41_what_lean_is_asked_and_in_which_order() {
    let mut bench = modern(false).await;
    let text = "theorem t : x := by\n  sorry\n";
    bench.pass_on(&did_open(URI, 1, text)).await;
    answers(&mut bench, "$/lean/plainGoal", json!({"goals": ["⊢ x"], "rendered": ""})).await;
    let params = answers(&mut bench, "textDocument/waitForDiagnostics", json!({})).await;
    assert_eq!((&params["version"], &params["uri"]), (&json!(1), &json!(URI)));
    let tokens = json!({"data": [1, 2, 5, 1, 0]});
    answers(&mut bench, "textDocument/semanticTokens/full", tokens).await;
    // Nothing else is asked: the next message to Lean is the editor's own.
    bench.pass_on(r#"{"jsonrpc":"2.0","method":"fence"}"#).await;
    let (holes, _) = editor_asks(&mut bench, 5, "leanwright/holes", json!({"textDocument": {"uri": URI}})).await;
    assert_eq!(holes["result"]["elaborated"], true);
    assert_eq!(holes["result"]["holes"][0]["seenByLean"]["state"], "yes");

    // An edit: the version is waited for only after it has been forwarded, and one question is on its way at a time.
    bench
        .pass_on(&did_change(
            URI,
            2,
            json!([{"range": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}}, "text": " "}]),
        ))
        .await;
    let goal = bench.lean.next_json().await;
    assert_eq!(goal["method"], "$/lean/plainGoal");
    bench
        .pass_on(&did_change(
            URI,
            3,
            json!([{"range": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}}, "text": " "}]),
        ))
        .await;
    let cancelled = bench.lean.next_json().await;
    assert_eq!((&cancelled["method"], &cancelled["params"]["id"]), (&json!("$/cancelRequest"), &goal["id"]));
    let late = json!({"jsonrpc": "2.0", "id": goal["id"], "result": {"goals": ["⊢ stale"], "rendered": ""}});
    bench.lean.send(&late.to_string()).await;
    answers(&mut bench, "$/lean/plainGoal", json!({"goals": ["⊢ fresh"], "rendered": ""})).await;
    let params = answers(&mut bench, "textDocument/waitForDiagnostics", json!({})).await;
    assert_eq!(params["version"], 3);
    let (holes, _) = editor_asks(&mut bench, 6, "leanwright/holes", json!({"textDocument": {"uri": URI}})).await;
    assert_eq!(holes["result"]["holes"][0]["goal"]["goals"][0], "⊢ fresh");
}

async fn interactive(new: bool) {
    let mut bench = modern(new).await;
    bench.pass_on(&did_open(URI, 1, "theorem t : x := by\n  skip\n")).await;
    answers(&mut bench, "textDocument/waitForDiagnostics", json!({})).await;
    answers(&mut bench, "textDocument/semanticTokens/full", json!({"data": []})).await;
    let reference = |number: &str| if new { json!({"__rpcref": number}) } else { json!({"p": number}) };
    let goal = json!({
        "hyps": [{"names": ["h"], "type": {"tag": [{"info": reference("1"), "subexprPos": "/"}, {"text": "a"}]}, "isInserted": true}],
        "type": {"text": "x"}, "ctx": reference("2"), "mvarId": "m",
    });
    let ask = json!({"textDocument": {"uri": URI}, "position": {"line": 1, "character": 2}});
    let request = json!({"jsonrpc": "2.0", "id": 5, "method": "leanwright/goals", "params": ask});
    bench.editor.send(&request.to_string()).await;
    answers(&mut bench, "$/lean/rpc/connect", json!({"sessionId": "18446744073709551615"})).await;
    let outdated = bench.lean.next_json().await;
    assert_eq!(outdated["params"]["sessionId"], "18446744073709551615", "64 bits, not a number of JSON");
    let error = json!({"code": -32900, "message": "Outdated RPC session"});
    bench.lean.send(&json!({"jsonrpc": "2.0", "id": outdated["id"], "error": error}).to_string()).await;
    answers(&mut bench, "$/lean/rpc/connect", json!({"sessionId": "7"})).await;
    let call = answers(&mut bench, "$/lean/rpc/call", json!({"goals": [goal]})).await;
    assert_eq!((&call["method"], &call["sessionId"]), (&json!("Lean.Widget.getInteractiveGoals"), &json!("7")));
    let release = bench.lean.next_json().await;
    assert_eq!(release["method"], "$/lean/rpc/release");
    assert_eq!(release["params"]["refs"].as_array().unwrap().len(), 2, "{release}");
    answers(&mut bench, "$/lean/rpc/call", Value::Null).await;
    loop {
        let message = bench.editor.next_json().await;
        if message["id"] == 5 {
            let goal = &message["result"]["goals"][0];
            assert_eq!((&goal["target"], &goal["hypotheses"][0]["mark"]), (&json!("x"), &json!("new")), "{message}");
            assert!(message["result"].get("termGoal").is_none());
            break;
        }
    }
}

#[tokio::test]
async fn contract_40_an_rpc_session_of_our_own_in_both_formats() {
    interactive(false).await;
    interactive(true).await;
}

#[tokio::test(start_paused = true)]
async fn contract_40_the_session_is_kept_alive_and_left_when_unused() {
    let mut bench = modern(false).await;
    bench.pass_on(&did_open(URI, 1, "theorem t : x := by\n  skip\n")).await;
    answers(&mut bench, "textDocument/waitForDiagnostics", json!({})).await;
    answers(&mut bench, "textDocument/semanticTokens/full", json!({"data": []})).await;
    let ask = json!({"textDocument": {"uri": URI}, "position": {"line": 1, "character": 2}});
    let request = json!({"jsonrpc": "2.0", "id": 5, "method": "leanwright/goals", "params": ask});
    bench.editor.send(&request.to_string()).await;
    answers(&mut bench, "$/lean/rpc/connect", json!({"sessionId": "7"})).await;
    for _ in 0..2 {
        answers(&mut bench, "$/lean/rpc/call", Value::Null).await;
    }
    // The clock goes on by itself while everybody waits: 10 s from one sign of life to the next, until a minute is over.
    for _ in 0..6 {
        let alive = bench.lean.next_json().await;
        assert_eq!((&alive["method"], &alive["params"]["sessionId"]), (&json!("$/lean/rpc/keepAlive"), &json!("7")));
    }
    tokio::time::sleep(Duration::from_secs(40)).await;
    bench.pass_on(r#"{"jsonrpc":"2.0","method":"fence"}"#).await;
}

#[tokio::test]
async fn lenses_commands_and_progress_are_ours() {
    let mut bench = modern(false).await;
    // In no project: there is nothing to work on, and the user who asked is told.
    bench.pass_on(&did_open(URI, 1, "theorem t : x := by\n  sorry\n")).await;
    let (lenses, others) =
        editor_asks(&mut bench, 5, "textDocument/codeLens", json!({"textDocument": {"uri": URI}})).await;
    let lens = &lenses["result"][0];
    assert_eq!((&lens["command"]["title"], &lens["range"]["start"]["line"]), (&json!("1 sorry: prove"), &json!(0)));
    assert!(others.iter().any(|message| message["method"] == "workspace/codeLens/refresh"), "{others:?}");
    let params = json!({"command": lens["command"]["command"], "arguments": lens["command"]["arguments"]});
    let (done, _) = editor_asks(&mut bench, 6, "workspace/executeCommand", params).await;
    assert!(done["result"].is_null() && done.get("error").is_none(), "{done}");
    let told = loop {
        let message = bench.editor.next_json().await;
        if message["method"] == "window/showMessage" {
            break message;
        }
    };
    assert!(told["params"]["message"].as_str().unwrap().contains("no Lake project"), "{told}");
    // Somebody else's command is Lean's to refuse.
    assert_eq!(bench.lean.next_json().await["method"], "$/lean/plainGoal");
    bench.pass_on(r#"{"jsonrpc":"2.0","id":7,"method":"workspace/executeCommand","params":{"command":"other"}}"#).await;
}

#[tokio::test]
async fn a_walk_is_one_answer_and_stale_ones_are_errors() {
    let mut bench = modern(false).await;
    bench.pass_on(&did_open(URI, 1, "theorem t : a → b := by\n  intro h\n  simp\n")).await;
    answers(&mut bench, "textDocument/waitForDiagnostics", json!({})).await;
    answers(&mut bench, "textDocument/semanticTokens/full", json!({"data": []})).await;
    let params = json!({"textDocument": {"uri": URI}, "position": {"line": 1, "character": 0}});
    let request =
        |id: u64| json!({"jsonrpc": "2.0", "id": id, "method": "leanwright/walk", "params": params}).to_string();
    bench.editor.send(&request(5)).await;
    answers(&mut bench, "$/lean/plainGoal", json!({"goals": ["⊢ a → b"], "rendered": ""})).await;
    answers(&mut bench, "$/lean/plainGoal", json!({"goals": ["h : a\n⊢ b"], "rendered": ""})).await;
    answers(&mut bench, "$/lean/plainGoal", json!({"goals": [], "rendered": "no goals"})).await;
    let walk = bench.editor.answer_among(5).await;
    let steps = walk["result"]["steps"].as_array().unwrap();
    assert_eq!((steps.len(), &steps[0]["text"], &steps[1]["after"]), (2, &json!("intro h"), &json!([])));
    assert_eq!(steps[0]["after"][0]["hypotheses"][0]["mark"], "new");
    // The text changes while Lean is asked: no answer is made of two versions.
    bench.editor.send(&request(6)).await;
    let first = bench.lean.next_json().await;
    bench.pass_on(&did_change(URI, 2, json!([{"text": "theorem t : a → b := by\n  simp\n"}]))).await;
    let answer = json!({"jsonrpc": "2.0", "id": first["id"], "error": {"code": -32801, "message": "m"}});
    bench.lean.send(&answer.to_string()).await;
    assert_eq!(bench.editor.answer_among(6).await["error"]["code"], -32801);
}
