//! Statements 9, 10, 14 to 17: the handshake.

use super::*;

const INITIALIZE: &str = r#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"trace":"off","processId":1,"clientInfo":{"name":"x"},"capabilities":{"lean":{"silentDiagnosticSupport":true,"rpcWireFormat":"v1","incrementalDiagnosticSupport":true},"general":{"positionEncodings":["utf-16"]}},"initializationOptions":{"hasWidgets":true,"editDelay":10},"workspaceFolders":null,"workDoneToken":"t"}}"#;

/// As Lean 4.35 answers.
const ANSWER: &str = r#"{"id":0,"jsonrpc":"2.0","result":{"capabilities":{"codeActionProvider":{"codeActionKinds":["quickfix","refactor"],"resolveProvider":true},"experimental":{"moduleHierarchyProvider":{},"rpcProvider":{"rpcWireFormat":"v1"}},"semanticTokensProvider":{"full":true,"legend":{"tokenModifiers":[],"tokenTypes":["keyword","leanSorryLike"]},"range":true},"textDocumentSync":{"change":2,"openClose":true}},"serverInfo":{"name":"Lean 4 Server","version":"0.3.0"}}}"#;

#[tokio::test(start_paused = true)]
async fn contract_09_and_10_nothing_of_ours_before_initialized_however_long_it_takes() {
    let mut bench = Setup::default().start();
    bench.pass_on(INITIALIZE).await;
    tokio::time::advance(Duration::from_secs(3600)).await;
    bench.lean.send(ANSWER).await;
    assert!(bench.editor.next().await.contains("leanSorryLike"));
    // The very next message that Lean sees is `initialized`, though there is a document with a hole right behind it.
    bench.editor.send(r#"{"jsonrpc":"2.0","method":"initialized","params":{}}"#).await;
    bench.editor.send(&did_open(URI, 1, "example : x := sorry")).await;
    assert_eq!(bench.lean.next_json().await["method"], "initialized");
    assert_eq!(bench.lean.next_json().await["method"], "textDocument/didOpen");
    assert_eq!(bench.lean.next_json().await["method"], "$/lean/plainGoal");
}

#[tokio::test]
async fn contract_14_the_editors_capabilities_reach_lean_unchanged() {
    let mut bench = Setup::default().start();
    bench.pass_on(INITIALIZE).await;
}

#[tokio::test]
async fn contract_15_16_and_17_leans_answer_passes_and_nothing_is_advertised_twice() {
    let mut answers = Vec::new();
    for _ in 0..2 {
        let mut bench = Setup::default().start();
        bench.pass_on(INITIALIZE).await;
        bench.lean.send(ANSWER).await;
        answers.push(bench.editor.next().await);
    }
    for answer in answers {
        // What we add stands in front; behind it not a byte differs.
        let (before, own) = answer.split_once(r#""codeLensProvider":{"resolveProvider":false},"#).unwrap();
        let (command, rest) = own.split_once(r#""]},"#).unwrap();
        assert_eq!(format!("{before}{rest}"), ANSWER);
        // The name of the command is this process's own: editors keep one table for all servers of a window.
        let number = command.strip_prefix(r#""executeCommandProvider":{"commands":["leanwright.prove."#).unwrap();
        assert_eq!(number, std::process::id().to_string());
        assert!(!answer.contains("positionEncoding\""));
    }
    // A Lean without code actions gets them, and everything else stays as it was written.
    let mut bench = Setup::default().start();
    bench.pass_on(INITIALIZE).await;
    bench.lean.send(r#"{"id":0,"result":{"capabilities":{"experimental" : {"x":1e1}},"serverInfo":{}}}"#).await;
    let answer = bench.editor.next().await;
    assert!(answer.contains(r#""experimental" : {"x":1e1}},"serverInfo":{}}"#), "{answer}");
    assert!(answer.contains("codeActionProvider"), "{answer}");
    // Switched off, we add nothing.
    let mut bench = Setup { passive: true, ..Setup::default() }.start();
    bench.pass_on(INITIALIZE).await;
    bench.pass_back(ANSWER).await;
}
