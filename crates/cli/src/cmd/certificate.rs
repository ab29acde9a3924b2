//! `leanwright certificate`: check a certificate again, or show it.

use crate::args::{CertificateArguments, CertificateCommand};
use crate::output::{Output, write_result};
use crate::settings::{Settings, toolchain};
use anyhow::Context;
use leanwright_contract::{Acceptance, Certificate};
use leanwright_project::Project;
use leanwright_render::certificate_text;
use leanwright_verify::{Applied, Judge, JudgeSettings, certified_candidate, differences, read_certificate};
use std::path::Path;
use std::process::ExitCode;

pub async fn run(arguments: CertificateArguments) -> anyhow::Result<ExitCode> {
    match arguments.command {
        CertificateCommand::Show { file } => {
            write_result(None, &certificate_text(&read(&file)?))?;
            Ok(ExitCode::SUCCESS)
        }
        CertificateCommand::Verify { file, lake_root } => verify(&file, &lake_root).await,
    }
}

fn read(file: &Path) -> anyhow::Result<Certificate> {
    let text = std::fs::read_to_string(file).with_context(|| format!("could not read {}", file.display()))?;
    read_certificate(&text).with_context(|| file.display().to_string())
}

async fn verify(file: &Path, lake_root: &Path) -> anyhow::Result<ExitCode> {
    let mut output = Output::new(true);
    let certificate = read(file)?;
    output.line("the certificate is as it was written");
    let root = std::fs::canonicalize(lake_root).with_context(|| format!("could not find {}", lake_root.display()))?;
    let project = Project::of(&root)?;
    let (candidate, applied) = certified_candidate(&project.root, &certificate)?;
    let state = if applied == Applied::Yes { "with the edit" } else { "without the edit" };
    output.line(&format!("{} is the file that was judged, {state}", certificate.file));
    if certificate.verdict.acceptance() != Some(Acceptance::Verified) {
        output.line(&certificate.verdict.acceptance_text().unwrap_or_else(|| "its verdict is no yes".to_owned()));
    }
    let toolchain = toolchain(false, &mut |_| {})?;
    output.line(&toolchain.describe());
    // What is checked again must not come from the store, and the control changes no verdict.
    let settings = JudgeSettings { store: None, control: false, ..Settings::load()?.judge() };
    let found = differences(&Judge::new(toolchain, settings), &candidate, &certificate).await;
    let declaration = certificate.verdict.declaration.as_deref().unwrap_or("the declaration");
    if found.is_empty() {
        output.line(&format!("{declaration} was judged again: everything is as the certificate says"));
        return Ok(ExitCode::SUCCESS);
    }
    output.line(&format!("{declaration} was judged again, and the certificate does not hold:"));
    found.iter().for_each(|difference| output.line(&format!("  {difference}")));
    Ok(ExitCode::from(1))
}
