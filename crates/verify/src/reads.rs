//! Whether what a text imports can read files or its environment while the text is compiled: then its verdict depends on more than can be in a key, and is
//! not remembered. What the text itself says of it is `leanwright_lean::word_that_reads`.
//!
//! The rule goes by what imports mention outside of Lean's own library; it is made to say yes too often.
//! Its limits: a project that builds such a name from pieces while it is compiled, or that uses compiled code of its own (`extern`, a
//! plugin), can read without a word of it. Lean's own library is taken for what it is known to be: there only the words below read.

use leanwright_olean::{Component, Name};

/// Constants of Lean's library that read, or that run what a term says, by the beginnings of their names.
const CONSTANTS: [&[&str]; 36] = [
    &["IO", "FS"],
    &["IO", "Process"],
    &["IO", "getEnv"],
    &["IO", "appPath"],
    &["IO", "currentDir"],
    &["IO", "getStdin"],
    &["System", "FilePath", "pathExists"],
    &["System", "FilePath", "readDir"],
    &["System", "FilePath", "isDir"],
    &["System", "FilePath", "metadata"],
    &["System", "FilePath", "walkDir"],
    &["IO", "rand"],
    &["IO", "getRandomBytes"],
    &["IO", "stdGenRef"],
    &["IO", "setRandSeed"],
    &["IO", "monoMsNow"],
    &["IO", "monoNanosNow"],
    &["IO", "getNumHeartbeats"],
    &["IO", "getTID"],
    &["Std", "Time"],
    &["Lean", "Elab", "Term", "elabIncludeStr"],
    &["Lean", "Elab", "Term", "evalTerm"],
    &["Lean", "Environment", "evalConst"],
    &["Lean", "Meta", "evalExpr"],
    // What reads modules, libraries and files for Lean and Lake themselves.
    &["Lean", "readModuleData"],
    &["Lean", "readModuleDataParts"],
    &["Lean", "importModules"],
    &["Lean", "importModulesCore"],
    &["Lean", "withImportModules"],
    &["Lean", "findOLean"],
    &["Lean", "loadDynlib"],
    &["Lean", "loadPlugin"],
    &["Lean", "Elab", "runFrontend"],
    &["Lean", "SearchPath"],
    &["Lean", "initSearchPath"],
    &["Lake"],
];

/// Texts that stand in terms which build syntax: a macro that expands to what reads.
const TEXTS: [&str; 8] =
    ["include_str", "includeStr", "run_cmd ", "run_cmd", "run_tac ", "run_tac", "by_elab ", "by_elab"];

/// Whether a constant can read, by its name.
pub fn constant_reads(name: &Name) -> bool {
    CONSTANTS.iter().any(|prefix| {
        let parts = prefix.iter().map(Some).zip(name.0.iter().map(Some).chain(std::iter::repeat(None)));
        parts.into_iter().all(|(wanted, found)| match (wanted, found) {
            (Some(wanted), Some(Component::Text(text))) => *text == **wanted,
            _ => false,
        })
    })
}

/// Whether a text in a term can be a part of syntax that reads.
pub fn literal_reads(text: &str) -> bool {
    TEXTS.contains(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_that_read_are_known_by_their_names() {
        assert!(constant_reads(&Name::from_texts(["IO", "FS", "readFile"])));
        assert!(!constant_reads(&Name::from_texts(["IO"])) && !constant_reads(&Name::from_texts(["IO", "FSx"])));
    }
}
