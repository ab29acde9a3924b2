//! Whether a text can read files or its environment while it is compiled: then its verdict depends on more than can be in a key, and is
//! not remembered.
//!
//! The rule goes by words, in the text and in what its imports mention outside of Lean's own library; it is made to say yes too often.
//! Its limits: a project that builds such a name from pieces while it is compiled, or that uses compiled code of its own (`extern`, a
//! plugin), can read without a word of it. Lean's own library is taken for what it is known to be: there only the words below read.

use leanwright_lean::{TokenKind, tokenize};
use leanwright_olean::{Component, Name};

/// Words of a text, as whole components of its names: what reads, what runs code of the text while it is compiled, and the types of
/// such code.
const WORDS: [&str; 41] = [
    "include_str",
    "includeStr",
    "elabIncludeStr",
    "run_cmd",
    "run_elab",
    "run_meta",
    "run_tac",
    "by_elab",
    "eval",
    "evalExpr",
    "evalDecl",
    "evalTerm",
    "initialize",
    "builtin_initialize",
    "init",
    "elab",
    "elab_rules",
    "term_elab",
    "command_elab",
    "tactic",
    "simproc",
    "dsimproc",
    "simproc_decl",
    "extern",
    "implemented_by",
    "unsafe",
    "IO",
    "EIO",
    "BaseIO",
    "FS",
    "FilePath",
    "Process",
    "getEnv",
    "CoreM",
    "MetaM",
    "TermElabM",
    "TacticM",
    "CommandElabM",
    "AttrM",
    "native_decide",
    "bv_decide",
];

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

/// The first word of a text that can read.
pub fn in_text(text: &str) -> Option<String> {
    let tokens = tokenize(text);
    let words = tokens
        .iter()
        .filter(|token| matches!(token.kind, TokenKind::Ident | TokenKind::NameLiteral | TokenKind::Symbol));
    let reads = |word: &&str| {
        let mut parts = word.split(['.', '`', '«', '»', '#', '@', '[', ']', '!', '?']);
        parts.any(|part| WORDS.contains(&part))
    };
    words.map(|token| token.text(text)).find(reads).map(str::to_owned)
}

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
    fn words_that_read_are_found_and_others_are_not() {
        for (text, found) in [
            ("theorem t : include_str \"a\" = \"\" := sorry", Some("include_str")),
            ("#eval 1", Some("eval")),
            ("open Lean Elab in\nrun_cmd logInfo \"\"", Some("run_cmd")),
            ("def x : IO Unit := pure ()", Some("IO")),
            ("@[simproc] def f := 1", Some("simproc")),
            ("def x := ``IO.FS.readFile", Some("IO")),
            ("theorem t : 1 = 1 := by decide -- include_str", None),
            ("def evaluate := \"IO\"\ntheorem elaborate : 1 = 1 := by simp", None),
        ] {
            assert_eq!(in_text(text).is_some(), found.is_some(), "{text}");
            assert!(in_text(text).unwrap_or_default().contains(found.unwrap_or_default()), "{text}");
        }
        assert!(constant_reads(&Name::from_texts(["IO", "FS", "readFile"])));
        assert!(!constant_reads(&Name::from_texts(["IO"])) && !constant_reads(&Name::from_texts(["IO", "FSx"])));
    }
}
