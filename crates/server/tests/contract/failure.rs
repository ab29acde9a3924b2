//! Statements 20 and 50: what happens when something fails, Lean or one of our own parts.

use super::*;
use serde_json::json;

#[tokio::test]
async fn contract_20_every_request_has_one_answer_also_when_lean_ends() {
    let mut bench = Setup::default().ready().await;
    for id in ["1", "\"two\"", "3"] {
        bench.pass_on(&format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"textDocument/hover","params":{{}}}}"#)).await;
    }
    bench.pass_back(r#"{"jsonrpc":"2.0","id":3,"result":null}"#).await;
    drop(bench.lean);
    let mut answers = Vec::new();
    while let Some(message) = bench.editor.next_bytes().await {
        let message: Value = serde_json::from_slice(&message).unwrap();
        assert_eq!(message["error"]["code"], -32902, "{message}");
        answers.push(message["id"].to_string());
    }
    answers.sort();
    assert_eq!(answers, ["\"two\"", "1"], "and the pipe is closed");
    bench.proxy.await.unwrap();
}

#[tokio::test]
async fn a_half_frame_or_garbage_ends_the_connection_and_nothing_hangs() {
    for garbage in [&b"Content-Length: 100\r\n\r\n{"[..], b"Content-Le", b"GET / HTTP/1.1\r\n\r\n", b"\r\n\r\n"] {
        let mut bench = Setup::default().ready().await;
        bench.editor.send_raw(garbage).await;
        bench.editor.close().await;
        assert_eq!(bench.lean.next_bytes().await, None, "Lean's input is closed");
        drop(bench.lean);
        bench.proxy.await.unwrap();

        let mut bench = Setup::default().ready().await;
        bench.lean.send_raw(garbage).await;
        bench.lean.close().await;
        assert_eq!(bench.editor.next_bytes().await, None);
        bench.proxy.await.unwrap();
    }
}

#[tokio::test]
async fn contract_50_a_session_that_panics_is_switched_off_and_forwarding_goes_on() {
    let mut bench = Setup { fault: Some(Fault::Session), ..Setup::default() }.ready().await;
    bench.pass_on(&did_open(URI, 1, "example : x := sorry")).await;
    // Asked while it falls or after: there is an answer, once.
    let prove = json!({"textDocument": {"uri": URI}, "position": {"line": 0, "character": 0}});
    let answer = bench.own(1, "leanwright/prove", prove).await;
    assert!(answer["error"]["message"].as_str().unwrap().contains("fault injected"), "{answer}");
    let status = bench.own(2, "leanwright/status", json!(null)).await;
    assert!(status["result"]["off"][0].as_str().unwrap().contains("session"), "{status}");
    for number in 10..100 {
        bench
            .pass_on(&format!(r#"{{"jsonrpc":"2.0","id":{number},"method":"textDocument/codeAction","params":{{}}}}"#))
            .await;
        bench.pass_back(&format!(r#"{{"jsonrpc":"2.0","id":{number},"result":[]}}"#)).await;
    }
}

#[tokio::test]
async fn contract_50_a_merge_that_panics_leaves_leans_answer() {
    let mut bench = Setup { fault: Some(Fault::Merge), ..Setup::default() }.start();
    bench.pass_on(r#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{}}"#).await;
    bench.pass_back(r#"{"jsonrpc":"2.0","id":0,"result":{"capabilities":{}}}"#).await;
    let status = bench.own(2, "leanwright/status", json!(null)).await;
    assert!(status["result"]["off"][0].as_str().unwrap().contains("capabilities"), "{status}");
    bench.pass_on(r#"{"jsonrpc":"2.0","method":"initialized","params":{}}"#).await;
}

#[tokio::test]
async fn contract_50_a_runner_part_that_panics_is_an_answer() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("lakefile.toml"), "name = \"p\"").unwrap();
    let uri = format!("file://{}/P.lean", std::fs::canonicalize(folder.path()).unwrap().display());
    let runner = RunnerSettings {
        command: vec!["cat".into()],
        access: None,
        deadline: Duration::from_secs(10),
        outgoing: std::sync::Arc::default(),
    };
    for (fault, part) in [(Fault::Runner, "runner"), (Fault::Judge, "judge")] {
        let runner = match fault {
            Fault::Judge => {
                let script = r#"read x; echo '{"task_id":"P.t:2","hole_replacement":"rfl"}'"#;
                RunnerSettings { command: vec!["sh".into(), "-c".into(), script.into()], ..runner.clone() }
            }
            _ => runner.clone(),
        };
        let mut bench = Setup { fault: Some(fault), runner: Ok(runner), ..Setup::default() }.ready().await;
        let question = bench.open_with_hole(&uri).await;
        let goal = json!({"jsonrpc": "2.0", "id": question["id"], "result": {"goals": ["⊢ x"]}});
        bench.lean.send(&goal.to_string()).await;
        let prove = json!({"textDocument": {"uri": uri}, "position": {"line": 1, "character": 2}});
        let answer = bench.own(1, "leanwright/prove", prove).await;
        assert!(answer["result"]["reason"].as_str().unwrap().contains("fault injected"), "{answer}");
        let status = bench.own(2, "leanwright/status", json!(null)).await;
        assert!(status["result"]["off"][0].as_str().unwrap().starts_with(part), "{status}");
        assert_eq!(bench.holes(3, &uri).await["result"]["holes"][0]["work"]["state"], "refused");
    }
}
