//! `FILE:LINE` on the command line.

use std::path::{Path, PathBuf};

/// The file and the 1-based line, where a file of that whole name does not exist.
pub fn target(written: &str) -> (PathBuf, Option<u32>) {
    match written.rsplit_once(':') {
        Some((file, line)) if !Path::new(written).exists() => match line.parse() {
            Ok(line) => (file.into(), Some(line)),
            Err(_) => (written.into(), None),
        },
        _ => (written.into(), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_told_from_names() {
        assert_eq!(target("A.lean:12"), ("A.lean".into(), Some(12)));
        assert_eq!(target("A.lean"), ("A.lean".into(), None));
        assert_eq!(target("a:b.lean"), ("a:b.lean".into(), None));
    }
}
