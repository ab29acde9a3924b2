//! What a confined process can do, tried by one that means ill: each of these works outside, and none of them inside.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::disallowed_methods, clippy::indexing_slicing, reason = "tests")]

use leanwright_procs::confinement::escapes;
use leanwright_procs::{
    Confinement, Finished, Launcher, NoConfinement, RunEnd, Runner, RunnerAccess, RunnerCommand, Trust, View,
};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

const HELPER: &str = env!("CARGO_BIN_EXE_leanwright");

type Find = fn(&Launcher) -> Result<Confinement, NoConfinement>;
const NAMESPACES: Find = Confinement::bubblewrap;
const RULES: Find = Confinement::landlock;

fn confined(find: Find) -> Launcher {
    let launcher = Launcher::helped_by(HELPER.into());
    let confinement = find(&launcher).unwrap();
    launcher.confined_by(Some(confinement))
}

/// A folder with a project, a secret and a socket, and an output folder in it.
fn prepare() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("project")).unwrap();
    std::fs::create_dir(folder.path().join("output")).unwrap();
    std::fs::write(folder.path().join("project/P.lean"), "theorem t : 1 = 1 := rfl\n").unwrap();
    std::fs::write(folder.path().join("secret"), "secret").unwrap();
    drop(std::os::unix::net::UnixListener::bind(folder.path().join("socket")).unwrap());
    folder
}

/// The text and the mode of the project's file, and what there is beside the output.
fn state(folder: &Path) -> (String, u32, usize) {
    let file = folder.join("project/P.lean");
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    (std::fs::read_to_string(file).unwrap(), mode, std::fs::read_dir(folder).unwrap().count())
}

/// Run a script in a folder that it may write to, beside a project that it may read.
async fn run(launcher: &Launcher, folder: &Path, script: &str, processes: bool) -> Finished {
    let output = folder.join("output");
    let view = View { read: vec![folder.join("project")], write: Some(output.clone()), processes, network: false };
    let run = launcher.run(Trust::Candidate, "/bin/bash", &output).view(view);
    run.args(["-c", script]).env("FOLDER", folder).deadline(Duration::from_secs(60)).run().await.unwrap()
}

/// A script that changes something outside of its output, or prints `did` if it could do what it must not be able to: outside, and in these tiers.
async fn check(script: &str, tiers: &[Find]) {
    let launchers = std::iter::once(Launcher::default()).chain(tiers.iter().map(|find| confined(*find)));
    let mut could = Vec::new();
    for launcher in launchers {
        let folder = prepare();
        let folder = std::fs::canonicalize(folder.path()).map(|path| (path, folder)).unwrap();
        let before = state(&folder.0);
        let finished = run(&launcher, &folder.0, script, true).await;
        let did = String::from_utf8_lossy(&finished.stdout).contains("did");
        could.push(did || state(&folder.0) != before);
    }
    assert!(could[0], "this shows nothing, as it does not work outside either: {script}");
    assert!(could[1..].iter().all(|could| !could), "{could:?}: {script}");
}

#[tokio::test]
async fn nothing_but_what_it_is_given_can_be_reached() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let own = std::process::id();
    for script in [
        "echo x > $FOLDER/beside".to_owned(),
        "echo x >> $FOLDER/project/P.lean".to_owned(),
        "chmod 777 $FOLDER/project/P.lean".to_owned(),
        "ln -s $FOLDER/beside link && echo x > link".to_owned(),
        "ln $FOLDER/project/P.lean twin && echo x >> twin".to_owned(),
        "grep -q secret $FOLDER/secret && echo did".to_owned(),
        "cat /etc/passwd && echo did".to_owned(),
        "ls ~root && echo did".to_owned(),
        format!("cat /proc/{own}/environ && echo did"),
        format!("kill -0 {own} && echo did"),
        format!("exec 3<>/dev/tcp/127.0.0.1/{port} && echo did"),
        "unshare --user true && echo did".to_owned(),
        "echo x > /dev/shm/$$ && rm /dev/shm/$$ && [ $(df --output=size /dev/shm | tail -1) -gt 262144 ] && echo did"
            .to_owned(),
        // keyctl(2): the key rings of a session have no namespace.
        calls("syscall(250, 0, -3, 0) >= 0"),
        // ptrace(2), of a process of one's own.
        calls("syscall(101, 0, 0, 0, 0) >= 0"),
        // The same by the numbers of x32, and io_uring_setup(2).
        calls("syscall(250 | 0x40000000, 0, -3, 0) >= 0 or syscall(250, 0, -3, 0) >= 0"),
        calls("socket.socket(socket.AF_UNIX)"),
        // setxattrat(2) and file_setattr(2), which are newer than the list.
        calls("syscall(463, -100, b\"/dev/null\", 0, b\"user.x\", 0, 0) == 0 or ctypes.get_errno() not in (1, 38)"),
        calls("syscall(469, -100, b\"/dev/null\", 0, 0, 0) == 0 or ctypes.get_errno() not in (1, 38)"),
        // Whom a pipe sends signals to, and datagrams through a pair.
        calls("fcntl.fcntl(os.pipe()[0], 8, os.getpid()) == 0"),
        calls("socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)"),
        calls("os.memfd_create(\"m\")"),
        calls("socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)"),
        "truncate --size 600M long && echo did".to_owned(),
    ] {
        check(&script, &[NAMESPACES, RULES]).await;
    }
    // By rules alone what is there can be seen, but not read.
    for script in [
        "[ -e /root ] || [ -e /home ] && echo did",
        "[ -e /etc/passwd ] && echo did",
        "[ -S $FOLDER/socket ] && echo did",
    ] {
        check(script, &[NAMESPACES]).await;
    }
    // Elsewhere these are a namespace's own.
    for script in [
        "touch -d @0 $FOLDER/project && echo did".to_owned(),
        "touch -d @0 $FOLDER/secret && echo did".to_owned(),
        // rt_tgsigqueueinfo(2), to the parent.
        calls(
            "syscall(297, os.getppid(), os.getppid(), 0, (ctypes.c_int * 32)(0, 0, -1)) == 0 or ctypes.get_errno() not in (1, 38)",
        ),
        // shmat(2) and semctl(2) of what may be another's.
        calls("syscall(30, 0x7fffffff, 0, 0) >= 0 or ctypes.get_errno() != 1"),
        calls("syscall(66, 0x7fffffff, 0, 12, 0) >= 0 or ctypes.get_errno() != 1"),
    ] {
        check(&script, &[RULES]).await;
    }
    // Opened, and nothing written: whoever is root outside may.
    if rustix::process::geteuid().is_root() {
        let script =
            "for file in /proc/sys/kernel/core_pattern /proc/sysrq-trigger; do (exec 3>> $file) && echo did; done";
        check(script, &[NAMESPACES, RULES]).await;
    }
}

/// Python's word for a system call, by its number on x86-64.
fn calls(what: &str) -> String {
    let begin = "import ctypes, fcntl, os, socket; syscall = ctypes.CDLL(None, use_errno=True).syscall";
    format!("python3 -c '{begin}; print(\"did\" if {what} else \"\")' 2> /dev/null")
}

#[tokio::test]
async fn what_it_is_given_it_has() {
    for find in [NAMESPACES, RULES] {
        let folder = prepare();
        let folder = std::fs::canonicalize(folder.path()).map(|path| (path, folder)).unwrap();
        let script = "read line < $FOLDER/project/P.lean && echo \"$line\" > written";
        // A descriptor that we have inherited is not handed on.
        let secret = std::fs::File::open(folder.0.join("secret")).unwrap();
        rustix::io::fcntl_setfd(&secret, rustix::io::FdFlags::empty()).unwrap();
        let number = std::os::fd::AsRawFd::as_raw_fd(&secret);
        let inherited = run(&confined(find), &folder.0, &format!("read x <&{number} && echo did $x"), true).await;
        assert!(!inherited.text().contains("did"), "{}", inherited.text());
        let open = run(&confined(find), &folder.0, script, false).await;
        let many = run(&confined(find), &folder.0, "cp written copied", true).await;
        for (run, name) in [(open, "written"), (many, "copied")] {
            assert!(run.success(), "{}", run.text());
            let text = std::fs::read_to_string(folder.0.join("output").join(name));
            assert_eq!(text.ok().as_deref(), Some("theorem t : 1 = 1 := rfl\n"), "{name}: {}", run.text());
        }
    }
}

#[tokio::test]
async fn a_candidate_starts_no_other_process() {
    for find in [NAMESPACES, RULES] {
        let folder = prepare();
        let finished = run(&confined(find), folder.path(), "(exec /bin/true) && echo did; echo end", false).await;
        assert!(!finished.text().contains("did"), "{}", finished.text());
    }
}

#[tokio::test]
async fn what_is_written_has_an_end() {
    for find in [NAMESPACES, RULES] {
        for script in [
            "i=0; while :; do : > file-$((i++)); done",
            "for i in 1 2 3; do head -c 400000000 /dev/zero > file-$i; done; while :; do :; done",
            "exec 3> file; rm file; head -c 500000000 /dev/zero >&3; exec 4> file; rm file; head -c 500000000 /dev/zero >&4; exec 5> file; rm file; head -c 500000000 /dev/zero >&5; while :; do :; done",
            "p=$(printf 'd/%.0s' $(seq 400)); for i in 1 2 3; do mkdir -p $p && cd -P $p; done; while :; do :; done",
            "mkdir hidden && : > hidden/file && chmod 0 hidden; while :; do :; done",
        ] {
            // Without the right to hide something there is nothing to be found; and who is root sees it all the same.
            if script.contains("chmod") && rustix::process::geteuid().is_root() {
                continue;
            }
            let folder = prepare();
            let finished = run(&confined(find), folder.path(), script, true).await;
            assert_eq!(finished.end, RunEnd::WroteTooMuch, "{script}: {}", finished.text());
        }
    }
}

/// The program's own attempts: all of them work where nothing confines them, so each shows something.
#[test]
fn each_attempt_to_escape_works_outside() {
    let worked = escapes::unconfined(Path::new(HELPER)).unwrap();
    for name in escapes::names() {
        assert!(worked.iter().any(|one| one == name), "`{name}` does not work outside: {worked:#?}");
    }
    assert!(worked.iter().any(|one| one.contains("any length")), "{worked:#?}");
    assert_eq!(worked.iter().filter(|one| one.starts_with("leave")).count(), 6, "{worked:#?}");
}

#[tokio::test]
async fn what_cannot_be_confined_is_not_run() {
    let confinement = NAMESPACES(&Launcher::helped_by(HELPER.into())).unwrap();
    assert!(matches!(NAMESPACES(&Launcher::default()), Err(NoConfinement::NoHelper)));
    let folder = prepare();
    let launcher = Launcher::default().confined_by(Some(confinement));
    let view = View { write: Some(folder.path().join("output")), ..View::default() };
    let without_helper = launcher.run(Trust::Candidate, "/bin/bash", folder.path()).view(view).run().await;
    assert!(without_helper.unwrap_err().to_string().contains("cannot be confined"));
    let without_view = confined(NAMESPACES).run(Trust::Candidate, "/bin/bash", folder.path()).run().await;
    assert!(without_view.unwrap_err().to_string().contains("cannot be confined"));
}

/// What a runner answers that is this Python script, in a project and beside a secret.
async fn answer(script: &str, access: impl FnOnce(&Path) -> Option<RunnerAccess>) -> String {
    let folder = prepare();
    let folder = std::fs::canonicalize(folder.path()).map(|path| (path, folder)).unwrap();
    let runner = folder.0.join("runner");
    std::fs::create_dir(&runner).unwrap();
    std::fs::write(runner.join("beside.py"), "word = 'beside'\n").unwrap();
    std::fs::write(runner.join("runner.py"), format!("input()\n{script}\n")).unwrap();
    let command = vec!["/usr/bin/python3".to_owned(), runner.join("runner.py").display().to_string()];
    let how = RunnerCommand { command, lake_root: folder.0.join("project"), access: access(&folder.0) };
    let before = state(&folder.0);
    let mut runner = Runner::start(&Launcher::helped_by(HELPER.into()), &how).await.unwrap();
    let answer = runner.ask("{}", Duration::from_secs(60)).await;
    drop(runner);
    assert!(how.access.is_none() || state(&folder.0) == before);
    answer.map_or_else(|error| error.to_string(), |answer| answer.trim().to_owned())
}

#[tokio::test]
async fn a_runner_has_what_it_needs_and_nothing_else() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let connect = format!(
        "import socket; socket.create_connection(('127.0.0.1', {})); print('did')",
        listener.local_addr().unwrap().port()
    );
    let access = |find: Find, network| {
        let confinement = find(&Launcher::helped_by(HELPER.into())).unwrap();
        RunnerAccess { confinement, read: Vec::new(), network, variables: vec!["CARGO".into()] }
    };
    for find in [NAMESPACES, RULES] {
        for (script, has) in [
            ("print(open('P.lean').read())", "theorem t : 1 = 1 := rfl"),
            ("import beside; print(beside.word)", "beside"),
            ("import tempfile; f = tempfile.TemporaryFile(); f.write(b'x'); print('wrote')", "wrote"),
            (
                "import subprocess; print(subprocess.run(['echo', 'other'], capture_output=True).stdout.decode())",
                "other",
            ),
            // What was named, and a variable that cargo sets as well.
            ("import os; print(os.environ.get('CARGO', '')[:1], os.environ.get('CARGO_PKG_NAME'))", "/ None"),
            ("import os; print(os.environ['LEAN_AGENT_LAKE_ROOT'].endswith('/project'))", "True"),
        ] {
            assert_eq!(answer(script, |_| Some(access(find, false))).await, has, "{script}");
        }
        for script in [&connect, "open('P.lean', 'a'); print('did')", "print('did', open('../secret').read())"] {
            assert!(answer(script, |_| None).await.starts_with("did"), "{script}");
            let confined = answer(script, |_| Some(access(find, false))).await;
            assert!(!confined.starts_with("did") && confined.contains("It is confined"), "{script}: {confined}");
        }
        assert_eq!(answer(&connect, |_| Some(access(find, true))).await, "did");
        let secret = |folder: &Path| Some(RunnerAccess { read: vec![folder.join("secret")], ..access(find, false) });
        assert_eq!(answer("print(open('../secret').read())", secret).await, "secret");
    }
}
