//! `leanwright __supervise`: nothing that it has started is left, wherever that went, and nobody waits for it without end.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

use leanwright_procs::{Confinement, Finished, Launcher, RunEnd, Trust, View};
use std::path::Path;
use std::time::Duration;

/// Run a script that writes the number of a process to the file `pid`; returns how it ended, once that process is gone.
async fn check(script: &str, deadline: Duration) -> Finished {
    let folder = std::env::temp_dir().join(format!("leanwright-supervise-{}-{}", std::process::id(), script.len()));
    std::fs::create_dir_all(&folder).unwrap();
    let launcher = Launcher::helped_by(env!("CARGO_BIN_EXE_leanwright").into());
    let run = launcher.run(Trust::User, "/bin/sh", &folder).args(["-c", script]).deadline(deadline);
    let finished = tokio::time::timeout(Duration::from_secs(60), run.run()).await.unwrap().unwrap();
    let pid = std::fs::read_to_string(folder.join("pid")).unwrap();
    assert!(has_ended(&pid), "{script}");
    assert!(!finished.held_open, "{script}");
    std::fs::remove_dir_all(folder).unwrap();
    finished
}

fn has_ended(pid: &str) -> bool {
    let stat = std::fs::read_to_string(Path::new("/proc").join(pid.trim()).join("stat")).unwrap_or_default();
    // A zombie has ended; its parent has not looked yet.
    stat.is_empty() || stat.contains(") Z")
}

/// A session of its own, no parent that is known, and our pipe in its hands.
const ESCAPE: &str = "(setsid sh -c 'echo $$ > new; mv new pid; exec sleep 1000' &); until [ -f pid ]; do :; done; ";

#[tokio::test(flavor = "multi_thread")]
async fn a_grandchild_that_left_its_group_is_gone_when_the_program_ends() {
    let finished = check(&format!("{ESCAPE} echo said; exit 3"), Duration::from_secs(60)).await;
    assert_eq!((finished.status().and_then(|status| status.code()), &finished.stdout[..]), (Some(3), &b"said\n"[..]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grandchild_that_left_its_group_is_gone_after_the_deadline() {
    let finished = check(&format!("{ESCAPE} sleep 1000"), Duration::from_secs(2)).await;
    assert_eq!(finished.end, RunEnd::TimedOut);
}

/// A runner reads what its caller writes: its standard input cannot be the lifeline, so the supervisor looks whether the caller is there.
#[test]
fn what_was_talked_with_ends_when_its_caller_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let talk = format!(
        "{} __supervise $$ sh -c 'echo $$ > new; mv new pid; exec sleep 1000'",
        env!("CARGO_BIN_EXE_leanwright")
    );
    let script = format!("{talk} & until [ -f pid ]; do :; done; kill -9 $$");
    let caller =
        std::process::Command::new("/bin/sh").args(["-c", &script]).current_dir(folder.path()).status().unwrap();
    assert!(!caller.success());
    let pid = std::fs::read_to_string(folder.path().join("pid")).unwrap();
    let begun = std::time::Instant::now();
    while !has_ended(&pid) {
        assert!(begun.elapsed() < Duration::from_secs(60), "it has outlived its caller");
        std::thread::yield_now();
    }
}

/// Who is cancelled is not waited for: what it has started in a session of its own goes with it all the same.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_cancelled_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let script = "(setsid sh -c 'echo $$ > new; mv new pid; while :; do sleep 1 & wait; done' &); sleep 1000";
    let run = Launcher::helped_by(env!("CARGO_BIN_EXE_leanwright").into()).run(Trust::User, "/bin/sh", folder.path());
    let run = run.args(["-c", script]);
    let running = tokio::spawn(async move { run.run().await });
    let pid = loop {
        match std::fs::read_to_string(folder.path().join("pid")) {
            Ok(pid) => break pid,
            Err(_) => tokio::task::yield_now().await,
        }
    };
    assert!(!has_ended(&pid) && !running.is_finished());
    running.abort();
    assert!(running.await.unwrap_err().is_cancelled());
    assert!(has_ended(&pid), "it runs on");
}

/// Something that starts more and more in sessions of their own, each of which loses its parent at once, leaves nothing: whoever is being started just then is not missed.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_being_started_is_not_missed() {
    let folder = tempfile::tempdir().unwrap();
    let script = "while :; do (setsid bash -c \"exec -a $0 sleep 1000\" > /dev/null 2>&1 &); echo > started; done";
    for round in 0..8 {
        let name = format!("left-by-{}-{round}", std::process::id());
        let run = Launcher::helped_by(env!("CARGO_BIN_EXE_leanwright").into());
        let run = run.run(Trust::User, "/bin/bash", folder.path()).args(["-c", script, name.as_str()]);
        let running = tokio::spawn(async move { run.run().await });
        while !folder.path().join("started").exists() {
            tokio::task::yield_now().await;
        }
        running.abort();
        assert!(running.await.unwrap_err().is_cancelled());
        std::fs::remove_file(folder.path().join("started")).unwrap();
        let is_left = |line: &std::path::PathBuf| std::fs::read_to_string(line).is_ok_and(|line| line.contains(&name));
        let left = || {
            let processes = std::fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path().join("cmdline"));
            processes.filter(is_left).count()
        };
        assert_eq!(left(), 0, "round {round}");
    }
}

/// A runner may start something for each question that outlives its parent and ends.
#[test]
fn a_supervisor_waits_for_what_has_lost_its_parents() {
    let folder = tempfile::tempdir().unwrap();
    let started =
        "for i in 1 2 3; do (sh -c \"echo > done$i\" &); done; until [ -f done1 -a -f done2 -a -f done3 ]; do :; done";
    let supervised = format!(
        "{} __supervise $$ sh -c '{started}; echo $PPID > new; mv new pid; exec sleep 1000'",
        env!("CARGO_BIN_EXE_leanwright")
    );
    // Ends when the supervisor has no child any more that has ended.
    let zombies = "cat /proc/[0-9]*/stat 2>/dev/null | grep -q \") Z $(cat pid) \"";
    let script = format!("{supervised} & until [ -f pid ]; do :; done; while {zombies}; do :; done; kill -9 $$");
    std::process::Command::new("/bin/sh").args(["-c", &script]).current_dir(folder.path()).status().unwrap();
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn what_a_confined_program_leaves_behind_ends_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let view = View { write: Some(folder.path().to_owned()), processes: true, ..View::default() };
    let launcher = Launcher::helped_by(env!("CARGO_BIN_EXE_leanwright").into());
    let confinement = Confinement::bubblewrap(&launcher).unwrap();
    let launcher = launcher.confined_by(Some(confinement));
    let run = launcher.run(Trust::Candidate, "/bin/bash", folder.path()).view(view);
    let left = "(setsid bash -c 'echo > started; while :; do date > written; done' > /dev/null 2>&1 &); until [ -f started ]; do :; done";
    let finished = run.args(["-c", left]).run().await.unwrap();
    assert!(finished.success() && folder.path().join("started").exists(), "{}", finished.text());
    // Nobody is left who could write.
    std::fs::remove_dir_all(folder.path()).unwrap();
    assert!(!folder.path().exists());
}

#[cfg(target_os = "linux")]
#[test]
fn what_we_have_inherited_is_not_handed_on() {
    let script = "exec 9< /; exec \"$0\" __supervise - /bin/sh -c '[ -e /proc/self/fd/9 ] && echo inherited; [ -e /proc/self/fd/1 ] && echo own'";
    let mut command = std::process::Command::new("/bin/sh");
    command.args(["-c", script, env!("CARGO_BIN_EXE_leanwright")]).stdin(std::process::Stdio::piped());
    let child = command.stdout(std::process::Stdio::piped()).spawn().unwrap();
    assert_eq!(String::from_utf8_lossy(&child.wait_with_output().unwrap().stdout), "own\n");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn processors_are_left_to_others_but_for_one() {
    let launcher = Launcher::helped_by(env!("CARGO_BIN_EXE_leanwright").into());
    let mut counted = Vec::new();
    for free in [0, 1, 1000] {
        let run = launcher.clone().free_cores(free).run(Trust::Candidate, "/bin/sh", std::env::temp_dir());
        let finished = run.args(["-c", "nproc"]).run().await.unwrap();
        counted.push(finished.text().parse::<usize>().unwrap());
    }
    let all = counted[0];
    assert_eq!(counted, [all, (all - 1).max(1), 1]);
}
