//! The files that a batch command reads records from and writes records to. They are never the same one: writing begins before reading has ended.

use anyhow::{Context, ensure};
use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::Path;

/// Open the records of `input`, and a new file for others. What was in `output` is gone then.
pub fn open(input: &Path, output: &Path) -> anyhow::Result<(BufReader<File>, BufWriter<File>)> {
    let read = File::open(input).with_context(|| format!("could not read {}", input.display()))?;
    let is_same = std::fs::canonicalize(output).is_ok_and(|output| Some(output) == std::fs::canonicalize(input).ok());
    ensure!(!is_same, "`--out` names the file that is read, {}: name another one", input.display());
    let written = File::create(output).with_context(|| format!("could not write {}", output.display()))?;
    Ok((BufReader::new(read), BufWriter::new(written)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn what_is_read_is_not_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let (tasks, link) = (folder.path().join("tasks.jsonl"), folder.path().join("link"));
        std::fs::write(&tasks, "{}\n").unwrap();
        std::os::unix::fs::symlink(&tasks, &link).unwrap();
        for output in [&tasks, &link] {
            let refused = open(&tasks, output).unwrap_err().to_string();
            assert!(refused.contains("name another one"), "{refused}");
        }
        assert!(open(&folder.path().join("none"), &link).unwrap_err().to_string().contains("could not read"));
        assert_eq!(std::fs::read_to_string(&tasks).unwrap(), "{}\n");
        open(&tasks, &folder.path().join("attempts.jsonl")).unwrap();
    }
}
