//! Whether a text can read files or its environment while it is compiled, by its words.

use crate::lexer::{TokenKind, tokenize};

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

/// The first word of a text by which it can read files or its environment while it is compiled, or run what does; made to say yes too often. What its imports bring is not looked at.
pub fn word_that_reads(text: &str) -> Option<String> {
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
            assert_eq!(word_that_reads(text).is_some(), found.is_some(), "{text}");
            assert!(word_that_reads(text).unwrap_or_default().contains(found.unwrap_or_default()), "{text}");
        }
    }
}
