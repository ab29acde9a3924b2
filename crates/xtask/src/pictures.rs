//! `cargo xtask pictures`: the pictures of the README, from what the programs really show.

use crate::{build, cargo, must, root, suite};
use std::path::Path;
use std::process::Command;

/// The tactic of the walk that the picture shows, from 1.
const STEP: &str = "5";

pub fn make() -> anyhow::Result<()> {
    let programs = build("release")?;
    must(&mut cargo(&["build", "--workspace", "--locked", "--quiet"]), "cargo build --workspace")?;
    suite::provide_lean(&programs)?;
    suite::provide_peers()?;
    let browser = suite::provide_browser()?;
    let fixtures = root().join("fixtures");
    let pictures = root().join("docs/pictures");
    std::fs::create_dir_all(&pictures)?;
    let page = std::env::temp_dir().join(format!("leanwright-walk-{}.html", std::process::id()));
    let proof = fixtures.join("projects/walk/Walk/Basic.lean:10");
    let mut walk = Command::new(programs.join("leanwright"));
    must(walk.arg("walk").arg(proof).args(["--format", "html", "--out"]).arg(&page), "leanwright walk")?;
    picture(&page, &pictures.join("walk.png"), &browser)?;
    std::fs::remove_file(&page)?;
    Ok(())
}

fn picture(page: &Path, picture: &Path, browser: &Path) -> anyhow::Result<()> {
    let mut node = Command::new("node");
    node.arg(root().join("fixtures/peers/walk_page.mjs")).arg(page).arg(picture).arg(STEP);
    node.env("LEANWRIGHT_PEERS", suite::cache_folder()?.join("peers")).env("LEANWRIGHT_BROWSER", browser);
    must(node.stdout(std::process::Stdio::null()), "fixtures/peers/walk_page.mjs")
}
