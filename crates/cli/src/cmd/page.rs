//! `leanwright page [FILE]`: a record as a page. Editors show their walks and certificates with it.

use crate::args::PageArguments;
use crate::output::write_result;
use anyhow::{Context, bail};
use leanwright_render::{certificate_page, offer_page, walk_page};
use serde_json::Value;
use std::io::Read;
use std::process::ExitCode;

pub fn run(arguments: &PageArguments) -> anyhow::Result<ExitCode> {
    let mut text = String::new();
    match &arguments.record {
        Some(path) => {
            text = std::fs::read_to_string(path).with_context(|| format!("could not read {}", path.display()))?
        }
        None => {
            std::io::stdin().read_to_string(&mut text).context("could not read standard input")?;
        }
    }
    let record: Value = serde_json::from_str(&text).context("this is not JSON")?;
    let page = if record.get("steps").is_some() {
        walk_page(&serde_json::from_value(record).context("this is not a walk")?)
    } else if record.get("digest").is_some() {
        certificate_page(&serde_json::from_value(record).context("this is not a certificate")?)
    } else if record.get("verdict").is_some() {
        offer_page(&serde_json::from_value(record).context("this is not a certificate")?)
    } else {
        bail!("this is neither a walk nor a certificate: there are pages for these two")
    };
    write_result(arguments.out.as_deref(), &page)?;
    Ok(ExitCode::SUCCESS)
}
