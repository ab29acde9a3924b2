//! The VS Code extension: its tools from npm, its checks and unit tests, and the packages that VS Code installs.

use crate::suite::Count;
use crate::{must, root};
use anyhow::{Context, bail};
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// `npm` in the extension's folder.
fn npm(words: &[&str]) -> Command {
    let mut command = Command::new("npm");
    command.args(words).current_dir(folder());
    command
}

pub fn folder() -> PathBuf {
    root().join("editors/vscode")
}

/// The tools that its lock file names. They stay in its `node_modules`.
pub fn install() -> anyhow::Result<()> {
    let lock = std::fs::read(folder().join("package-lock.json")).context("editors/vscode/package-lock.json")?;
    let mark = folder().join("node_modules/.installed-lock.json");
    if std::fs::read(&mark).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    println!("== npm packages for the VS Code extension");
    must(npm(&["ci", "--silent", "--ignore-scripts", "--no-audit", "--no-fund"]).stdout(Stdio::null()), "npm ci")?;
    std::fs::write(mark, lock)?;
    Ok(())
}

/// Types, unit tests, and the package; the tests by their runner's own count.
pub fn test() -> anyhow::Result<Count> {
    install()?;
    println!("== the VS Code extension: types and unit tests");
    must(&mut npm(&["run", "--silent", "check"]), "tsc")?;
    let output = npm(&["run", "--silent", "test"]).stderr(Stdio::inherit()).output().context("node --test")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let number = |word: &str| {
        let line = text.lines().find_map(|line| line.trim_start_matches(['#', 'ℹ', ' ']).strip_prefix(word))?;
        line.trim().parse::<usize>().ok()
    };
    let (Some(passed), Some(total)) = (number("pass "), number("tests ")) else {
        bail!("node --test printed no summary: {text}");
    };
    if passed < total {
        println!("{text}");
    }
    Ok(Count { passed, failed: total - passed })
}

/// `leanwright.vsix`; `leanwright-language.vsix`, for those without the Lean 4 extension; and `dist-beside/lean4.vsix`, the stand-in for that.
pub fn package() -> anyhow::Result<()> {
    install()?;
    println!("== packaging the VS Code extension");
    for script in ["package", "package:language", "package:beside"] {
        let output = npm(&["run", "--silent", script]).output().context("npm")?;
        if !output.status.success() {
            let text = [output.stdout, output.stderr].concat();
            bail!("npm run {script} failed: {}", String::from_utf8_lossy(&text));
        }
    }
    Ok(())
}
