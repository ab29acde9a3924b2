//! `leanwright __examine FILE`: reads what a candidate was compiled to and says what the guards found. For the judge only.

use crate::output::write_result;
use std::path::Path;
use std::process::ExitCode;

pub fn run(examination: &Path) -> anyhow::Result<ExitCode> {
    let answer = leanwright_verify::examine_file(examination)?;
    write_result(None, &(answer + "\n"))?;
    Ok(ExitCode::SUCCESS)
}
