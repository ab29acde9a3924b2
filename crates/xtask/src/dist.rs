//! `cargo xtask dist`: everything that a user installs, in one archive with checksums: programs, editor packages, manual pages,
//! completions. Builds from the work tree as it is, and says which commit that is.

use crate::{build, extension, must, root};
use anyhow::Context;
use std::path::{Path, PathBuf};
use std::process::Command;

const PROGRAMS: [&str; 2] = ["leanwright", "leanwright-tactics"];
const SHELLS: [(&str, &str); 4] =
    [("bash", "leanwright.bash"), ("zsh", "_leanwright"), ("fish", "leanwright.fish"), ("elvish", "leanwright.elv")];

pub fn make() -> anyhow::Result<()> {
    println!("== programs, in release mode");
    let programs = build("release")?;
    let leanwright = programs.join("leanwright");
    let version = env!("CARGO_PKG_VERSION");
    let name = format!("leanwright-{version}-{}-{}", std::env::consts::ARCH, std::env::consts::OS);
    let dist = root().join("target/dist");
    let folder = dist.join(&name);
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    for part in ["bin", "completions", "man/man1", "editors"] {
        std::fs::create_dir_all(folder.join(part))?;
    }
    for program in PROGRAMS {
        std::fs::copy(programs.join(program), folder.join("bin").join(program))?;
    }
    for (shell, file) in SHELLS {
        let file = folder.join("completions").join(file);
        must(Command::new(&leanwright).args(["completions", shell, "--out"]).arg(file), "leanwright completions")?;
    }
    must(Command::new(&leanwright).arg("__manual").arg(folder.join("man/man1")), "the manual pages")?;
    for text in ["README.md", "CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT"] {
        std::fs::copy(root().join(text), folder.join(text))?;
    }
    copy(&root().join("editors/neovim"), &folder.join("editors/neovim"))?;
    vscode(&programs, &folder.join("editors/leanwright.vsix"))?;
    std::fs::copy(
        extension::folder().join("leanwright-language.vsix"),
        folder.join("editors/leanwright-language.vsix"),
    )?;
    let archive = dist.join(format!("{name}.tar.gz"));
    let mut tar = Command::new("tar");
    tar.args(["--create", "--gzip", "--owner=0", "--group=0", "--sort=name", "--file"]).arg(&archive);
    must(tar.arg("--directory").arg(&dist).arg(&name), "tar")?;
    std::fs::copy(folder.join("editors/leanwright.vsix"), dist.join(format!("{name}.vsix")))?;
    let sums = Command::new("sha256sum")
        .args([format!("{name}.tar.gz"), format!("{name}.vsix")])
        .current_dir(&dist)
        .output()
        .context("sha256sum")?;
    anyhow::ensure!(sums.status.success(), "sha256sum failed");
    std::fs::write(dist.join("SHA256SUMS"), &sums.stdout)?;
    println!("{}", String::from_utf8_lossy(&sums.stdout).trim_end());
    println!("in {}", dist.display());
    must(Command::new(leanwright).arg("--version"), "leanwright --version")
}

/// The extension with the programs in it, so that one file is all that a user of VS Code needs.
fn vscode(programs: &Path, target: &Path) -> anyhow::Result<()> {
    let bin = extension::folder().join("bin");
    std::fs::create_dir_all(&bin)?;
    for program in PROGRAMS {
        std::fs::copy(programs.join(program), bin.join(program))?;
    }
    let packaged = extension::package();
    // Without them the package of the tests is made, which gets its program from a setting.
    std::fs::remove_dir_all(&bin)?;
    packaged?;
    std::fs::copy(extension::folder().join("leanwright.vsix"), target)?;
    extension::package()
}

fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let path: PathBuf = entry?.path();
        let Some(name) = path.file_name().filter(|name| *name != "test") else { continue };
        if path.is_dir() {
            copy(&path, &to.join(name))?;
        } else {
            std::fs::copy(&path, to.join(name))?;
        }
    }
    Ok(())
}
