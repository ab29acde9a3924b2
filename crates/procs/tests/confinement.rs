//! What a confined process can do, tried by one that means ill: each of these works outside, and none of them inside.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

use leanwright_procs::{Bubblewrap, Launcher, Trust, View};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

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

/// Run a script that changes something outside of its output, or prints `did` if it could do what it must not be able to: outside, and confined.
async fn check(script: &str) {
    let mut could = Vec::new();
    for bubblewrap in [None, Some(Bubblewrap::find().unwrap())] {
        let folder = prepare();
        let folder = std::fs::canonicalize(folder.path()).map(|path| (path, folder)).unwrap();
        let (folder, _kept) = folder;
        let before = state(&folder);
        let output = folder.join("output");
        let view = View { read: vec![folder.join("project")], write: output.clone() };
        let run = Launcher::default().confined_by(bubblewrap).run(Trust::Candidate, "/bin/bash", &output);
        let finished = run.args(["-c", script]).env("FOLDER", &folder).view(view).run().await.unwrap();
        let did = String::from_utf8_lossy(&finished.stdout).contains("did");
        could.push(did || state(&folder) != before);
    }
    assert_eq!(could, [true, false], "outside and inside: {script}");
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
        "[ -e /root ] || [ -e /home ] && echo did".to_owned(),
        "[ -e /etc/passwd ] && echo did".to_owned(),
        format!("[ -e /proc/{own}/environ ] && kill -0 {own} && echo did"),
        format!("exec 3<>/dev/tcp/127.0.0.1/{port} && echo did"),
        "[ -S $FOLDER/socket ] && echo did".to_owned(),
        "unshare --user true && echo did".to_owned(),
        "echo x > /dev/shm/$$ && rm /dev/shm/$$ && [ $(df --output=size /dev/shm | tail -1) -gt 262144 ] && echo did"
            .to_owned(),
    ] {
        check(&script).await;
    }
    // Opened, and nothing written: whoever is root outside may.
    if rustix::process::geteuid().is_root() {
        check("for file in /proc/sys/kernel/core_pattern /proc/sysrq-trigger; do (exec 3>> $file) && echo did; done")
            .await;
    }
    // What it is given it has.
    let folder = prepare();
    let folder = folder.path();
    let output = folder.join("output");
    let view = View { read: vec![folder.join("project")], write: output.clone() };
    let launcher = Launcher::default().confined_by(Some(Bubblewrap::find().unwrap()));
    let run = launcher.run(Trust::Candidate, "/bin/bash", &output).env("FOLDER", folder).view(view);
    let finished = run.args(["-c", "cp $FOLDER/project/P.lean written"]).run().await.unwrap();
    assert!(finished.success(), "{}", finished.text());
    assert_eq!(std::fs::read_to_string(output.join("written")).unwrap(), "theorem t : 1 = 1 := rfl\n");
}
