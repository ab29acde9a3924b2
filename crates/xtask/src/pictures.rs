//! `cargo xtask pictures`: the pictures of the README, from what the programs really show. Those of VS Code are taken while it
//! plays the story that the tests play.

use crate::{build, cargo, extension, must, provide, root, suite};
use anyhow::Context;
use std::path::Path;
use std::process::Command;

/// The tactic of the walk that the picture shows, from 1.
const STEP: &str = "5";

/// The story, the picture's name there, and its name here.
const VSCODE: [(&str, &str, &str); 2] =
    [("prove", "vscode-actions", "vscode-offer"), ("prove", "vscode-walk", "vscode-walk")];

pub fn make() -> anyhow::Result<()> {
    let programs = build("release")?;
    must(&mut cargo(&["build", "--workspace", "--locked", "--quiet"]), "cargo build --workspace")?;
    provide::lean(&programs)?;
    provide::peers()?;
    provide::code_server()?;
    extension::package()?;
    let browser = provide::browser()?;
    let fixtures = root().join("fixtures");
    let pictures = root().join("docs/pictures");
    std::fs::create_dir_all(&pictures)?;
    let page = std::env::temp_dir().join(format!("leanwright-walk-{}.html", std::process::id()));
    let proof = fixtures.join("projects/walk/Walk/Basic.lean:10");
    let mut walk = Command::new(programs.join("leanwright"));
    must(walk.arg("walk").arg(proof).args(["--format", "html", "--out"]).arg(&page), "leanwright walk")?;
    picture(&page, &pictures.join("walk.png"), &browser)?;
    std::fs::remove_file(&page)?;
    let played = suite::tests(&["-E", "binary(lean_editors) and test(vscode_proves)"], &provide::bubblewrap()?)?;
    anyhow::ensure!(played.passed == 1, "the story did not play to its end");
    for (story, taken, name) in VSCODE {
        let from = root().join("target/pictures").join(story).join(format!("{taken}.png"));
        std::fs::copy(&from, pictures.join(format!("{name}.png"))).with_context(|| from.display().to_string())?;
    }
    Ok(())
}

fn picture(page: &Path, picture: &Path, browser: &Path) -> anyhow::Result<()> {
    let mut node = Command::new("node");
    node.arg(root().join("fixtures/peers/walk_page.mjs")).arg(page).arg(picture).arg(STEP);
    node.env("LEANWRIGHT_PEERS", provide::cache_folder()?.join("peers")).env("LEANWRIGHT_BROWSER", browser);
    must(node.stdout(std::process::Stdio::null()), "fixtures/peers/walk_page.mjs")
}
