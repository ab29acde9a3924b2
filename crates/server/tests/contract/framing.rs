//! Statements 1 to 4, 14 and 48: bytes, order, frames, back-pressure.

use super::*;

/// Messages that a proxy which parses and prints again would change.
const ODD: [&str; 10] = [
    r#"{"jsonrpc":"2.0","method":"$/lean/futureThing","params":{"z":1,"a":[1e3,12345678901234567890123]}}"#,
    r#"{ "jsonrpc" : "2.0" ,"method":"textDocument/didSave", "params":null }"#,
    r#"{"jsonrpc":"2.0","method":"x","params":"lone \ud835 surrogate and é \u00e9 \/"}"#,
    r#"{"jsonrpc":"2.0","id":"s-1","method":"$/lean/futureRequest","extra":true}"#,
    r#"{"jsonrpc":"2.0","id":3000000000,"method":"textDocument/hover","params":{}}"#,
    r#"{"jsonrpc":"2.0","method":"a","method":"b"}"#,
    r#"{"jsonrpc":"2.0","future":[1,{"id":2}]}"#,
    r#"[{"jsonrpc":"2.0","method":"batch"}]"#,
    "not json at all",
    "",
];

#[tokio::test]
async fn contract_01_and_48_every_body_passes_unchanged() {
    for passive in [false, true] {
        let mut bench = Setup { passive, ..Setup::default() }.start();
        for body in ODD {
            bench.pass_on(body).await;
            bench.pass_back(body).await;
        }
        let binary = [b"\"".as_slice(), &[0xff, 0xfe, 0], b"\""].concat();
        bench.editor.send_raw(format!("Content-Length: {}\r\n\r\n", binary.len()).as_bytes()).await;
        bench.editor.send_raw(&binary).await;
        assert_eq!(bench.lean.next_bytes().await.unwrap(), binary, "not even UTF-8");
    }
}

#[tokio::test]
async fn contract_02_order_is_kept_and_our_messages_stand_between_whole_frames() {
    let bench = Setup { pipe: 97, ..Setup::default() }.ready().await;
    let mut expected: Vec<String> = Vec::new();
    for number in 0..300 {
        expected.push(format!(r#"{{"jsonrpc":"2.0","id":{number},"method":"m"}}"#));
        if number % 50 == 0 {
            // Each document makes the session ask Lean for a goal, somewhere in between.
            expected.push(did_open(&format!("file:///p/{number}.lean"), 1, "example : x := sorry"));
        }
    }
    let sent = expected.clone();
    let Bench { mut editor, mut lean, proxy } = bench;
    let feed = tokio::spawn(async move {
        for body in &sent {
            editor.send(body).await;
        }
        editor
    });
    let (mut forwarded, mut own) = (Vec::new(), 0);
    while forwarded.len() < expected.len() || own < 6 {
        let body = lean.next().await;
        if body.contains("\"leanwright/") {
            own += 1;
        } else {
            forwarded.push(body);
        }
    }
    assert_eq!(forwarded, expected);
    drop((feed.await.unwrap(), lean));
    proxy.await.unwrap();
}

#[tokio::test]
async fn contract_03_frames_are_written_in_one_spelling_and_read_in_any() {
    let ((mut editor, near), (mut lean, far)) = (duplex(1 << 20), duplex(1 << 20));
    let ((editor_in, editor_out), (lean_out, lean_in)) = (tokio::io::split(near), tokio::io::split(far));
    let running = tokio::spawn(proxy(editor_in, editor_out, lean_out, lean_in, Setup::default().settings()));
    let odd = b"Content-Type: application/vscode-jsonrpc; charset=utf-8\r\ncontent-length:  2\r\n\r\n{}";
    editor.write_all(odd).await.unwrap();
    lean.write_all(b"X-New: 1\r\nCONTENT-LENGTH: 4\r\n\r\nnull").await.unwrap();
    editor.shutdown().await.unwrap();
    assert_eq!(read_all(&mut lean).await, b"Content-Length: 2\r\n\r\n{}");
    lean.shutdown().await.unwrap();
    assert_eq!(read_all(&mut editor).await, b"Content-Length: 4\r\n\r\nnull");
    running.await.unwrap();
}

#[tokio::test]
async fn contract_03_a_frame_of_65_mebibytes_passes() {
    let mut bench = Setup { pipe: 1 << 20, ..Setup::default() }.start();
    let body = format!(r#"{{"jsonrpc":"2.0","id":1,"result":"{}"}}"#, "x".repeat(65 << 20));
    let (_, received) = tokio::join!(bench.lean.send(&body), bench.editor.next());
    assert!(received == body);
}

#[tokio::test]
async fn contract_04_an_editor_that_does_not_read_stops_only_its_own_direction() {
    let mut bench = Setup { pipe: 1 << 10, ..Setup::default() }.ready().await;
    let Bench { editor, lean, proxy: _proxy } = &mut bench;
    // Lean writes until nothing more fits into pipe and queue.
    let note = format!(r#"{{"jsonrpc":"2.0","method":"n","params":"{}"}}"#, "x".repeat(4 << 10));
    let (mut reader, mut writer) = (&mut lean.reader, &mut lean.writer);
    let flood = async {
        loop {
            write_frame(&mut writer, note.as_bytes()).await.unwrap();
        }
    };
    let talk = async {
        for number in 0..2000 {
            let body = format!(r#"{{"jsonrpc":"2.0","id":{number},"method":"m"}}"#);
            write_frame(&mut editor.writer, body.as_bytes()).await.unwrap();
            assert_eq!(reader.next().await.unwrap().unwrap(), body.as_bytes());
        }
    };
    tokio::select! {
        () = flood => {}
        () = talk => {}
    }
    let _ = &mut reader;
}
