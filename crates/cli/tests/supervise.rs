//! `leanwright __supervise`: nothing that it has started is left, wherever that went, and nobody waits for it without end.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

use leanwright_procs::{Finished, Invocation};
use std::path::Path;
use std::time::Duration;

/// Run a script that writes the number of a process to the file `pid`; returns how it ended, once that process is gone.
async fn check(script: &str, deadline: Duration) -> Finished {
    let folder = std::env::temp_dir().join(format!("leanwright-supervise-{}-{}", std::process::id(), script.len()));
    std::fs::create_dir_all(&folder).unwrap();
    let supervisor = [env!("CARGO_BIN_EXE_leanwright"), "__supervise"].map(Into::into);
    let run = Invocation::new("/bin/sh", &folder).args(["-c", script]).deadline(deadline).supervisor(Some(&supervisor));
    let finished = tokio::time::timeout(Duration::from_secs(60), run.run()).await.unwrap().unwrap();
    let pid = std::fs::read_to_string(folder.join("pid")).unwrap();
    let stat = std::fs::read_to_string(Path::new("/proc").join(pid.trim()).join("stat")).unwrap_or_default();
    // A zombie has ended; its parent has not looked yet.
    assert!(stat.is_empty() || stat.contains(") Z"), "{script}: {stat}");
    assert!(!finished.held_open, "{script}");
    std::fs::remove_dir_all(folder).unwrap();
    finished
}

/// A session of its own, no parent that is known, and our pipe in its hands.
const ESCAPE: &str = "(setsid sh -c 'echo $$ > new; mv new pid; exec sleep 1000' &); until [ -f pid ]; do :; done; ";

#[tokio::test(flavor = "multi_thread")]
async fn a_grandchild_that_left_its_group_is_gone_when_the_program_ends() {
    let finished = check(&format!("{ESCAPE} echo said; exit 3"), Duration::from_secs(60)).await;
    assert_eq!((finished.status.and_then(|status| status.code()), &finished.stdout[..]), (Some(3), &b"said\n"[..]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grandchild_that_left_its_group_is_gone_after_the_deadline() {
    let finished = check(&format!("{ESCAPE} sleep 1000"), Duration::from_secs(2)).await;
    assert!(finished.status.is_none());
}
