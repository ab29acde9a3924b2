//! Whether a Lean has commands that the table does not know. Up to the newest version that was looked at: no. Of a newer one its own sources say so, which
//! elan installs with it.

use leanwright_lean::{TokenKind, tokenize};
use leanwright_project::lean_files;
use std::collections::BTreeSet;
use std::path::Path;

/// The newest Lean whose commands were compared with the table: by the names of its parsers, in its shared libraries.
const NEWEST: (u32, u32) = (4, 35);

/// The parsers that `builtin_command_parser` names, by the last components of their names, up to that version. All of them are in `Lean.Parser.Command`.
#[rustfmt::skip]
const PARSERS: &[&str] = &[
    "addDocString", "assertNotExists", "assertNotImported", "attribute", "binderPredicate", "check", "checkAssertions", "check_failure", "declaration",
    "deprecatedSyntax", "deprecated_module", "deriving", "docs_to_verso", "dumpAsyncEnvState", "elab", "elab_rules", "end", "eval", "evalBang", "exit",
    "export", "genInjectiveTheorems", "grindPattern", "import", "importPath", "in", "include", "initGrindNorm", "init_quot", "initialize", "macro",
    "macro_rules", "mixfix", "moduleDoc", "mutual", "namespace", "notation", "omit", "open", "print", "printAxioms", "printEqns", "printSig",
    "printTacTags", "quot", "recallCmd", "recallQuestionCmd", "recommended_spelling", "registerErrorExplanationStx", "register_tactic_tag", "section",
    "set_option", "showDeprecatedModules", "syntax", "syntaxAbbrev", "syntaxCat", "synth", "tactic_extension", "universe", "unlock_limits", "variable",
    "version", "where", "withExporting", "withWeakNamespace",
];

/// Why it is not known what begins a command; `None` if it is. `version` is what `lean --version` prints, `library` the folder of its compiled modules.
pub fn unknown_commands(version: &str, library: Option<&Path>) -> Option<String> {
    let number = version.split("version ").nth(1).unwrap_or_default();
    let mut parts = number.split(['.', ',', '-', ' ']).map_while(|part| part.parse::<u32>().ok());
    let (Some(major), Some(minor)) = (parts.next(), parts.next()) else {
        return Some(format!("which Lean this is, and so which commands it has, is not known: {version}"));
    };
    if (major, minor) <= NEWEST {
        return None;
    }
    let sources = library.and_then(|library| Some(library.parent()?.parent()?.join("src/lean")));
    let new = sources.and_then(|sources| new_parsers(&sources));
    let update = "install a newer Leanwright";
    match new {
        Some(new) if new.is_empty() => None,
        Some(new) => {
            let names: Vec<String> = new.into_iter().collect();
            Some(format!("Lean {major}.{minor} has commands that are not known here ({}): {update}", names.join(", ")))
        }
        None => Some(format!(
            "Lean {major}.{minor} may have commands that are not known here, and has no sources that could be asked: {update}"
        )),
    }
}

/// The parsers of commands that sources declare and the table does not know; `None` if nothing is declared there.
fn new_parsers(sources: &Path) -> Option<BTreeSet<String>> {
    let (mut new, mut any) = (BTreeSet::new(), false);
    for file in lean_files(sources, true, |_| false).ok()? {
        let text = std::fs::read_to_string(file).ok()?;
        if !text.contains(ATTRIBUTE) {
            continue;
        }
        let tokens = tokenize(&text);
        let mut words = tokens.iter().filter(|token| token.kind == TokenKind::Ident).map(|token| token.text(&text));
        while words.any(|word| word == ATTRIBUTE) {
            // Its own declaration follows, or that of the attribute.
            let name = words.by_ref().skip_while(|word| *word != "def").nth(1).unwrap_or_default();
            let name = name.rsplit('.').next().unwrap_or_default().trim_matches(['«', '»']);
            any = true;
            if !PARSERS.contains(&name) {
                new.insert(name.to_owned());
            }
        }
    }
    any.then_some(new)
}

const ATTRIBUTE: &str = "builtin_command_parser";

#[cfg(test)]
mod tests {
    use super::*;

    fn check(version: &str, source: Option<&str>, expected: Option<&str>) {
        let folder = tempfile::tempdir().unwrap();
        let library = folder.path().join("lib/lean");
        if let Some(source) = source {
            let file = folder.path().join("src/lean/Lean/Parser/Command.lean");
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, source).unwrap();
        }
        let unknown = unknown_commands(version, Some(&library));
        match expected {
            None => assert_eq!(unknown, None),
            Some(part) => assert!(unknown.as_ref().is_some_and(|unknown| unknown.contains(part)), "{unknown:?}"),
        }
    }

    #[test]
    fn a_newer_lean_is_asked_for_its_commands() {
        let known = "@[builtin_command_parser] def «universe» := leading_parser \"universe\"\n";
        let new = "/-- New. -/\n@[builtin_command_parser high] def ride_along := leading_parser \"ride_along\"\n";
        check("Lean (version 4.28.0-pre, x86_64-unknown-linux-gnu, commit 38f, Release)", None, None);
        check("Lean (version 4.35.0, commit 38f, Release)", Some(new), None);
        check("Lean (version 4.36.0-rc1, commit 38f, Release)", Some(known), None);
        check("Lean (version 4.36.0, commit 38f, Release)", Some(&format!("{known}{new}")), Some("ride_along"));
        check("Lean (version 4.36.0, commit 38f, Release)", None, Some("no sources"));
        check("Lean, by hand", Some(known), Some("not known"));
        check("Lean (version 5.0.0, commit 38f, Release)", Some("-- nothing"), Some("no sources"));
    }

    /// In the libraries of a newer Lean the name of each parser is a part of another's, which registers it.
    #[test]
    fn the_table_has_the_commands_of_the_newest_lean() {
        const SIGN: &[u8] = b"regBuiltin_Lean_Parser_Command_";
        let lean = leanwright_testkit::native_lean();
        let libraries = lean.parent().and_then(Path::parent).unwrap().join("lib/lean");
        let mut found = BTreeSet::new();
        for library in
            std::fs::read_dir(libraries).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file())
        {
            let bytes = std::fs::read(library).unwrap();
            let mut rest = bytes.as_slice();
            while let Some(at) = rest.windows(SIGN.len()).position(|window| window == SIGN) {
                rest = &rest[at + SIGN.len()..];
                let end = rest.iter().position(|byte| !(byte.is_ascii_alphanumeric() || *byte == b'_')).unwrap();
                let name = String::from_utf8(rest[..end].to_vec()).unwrap();
                // `init__quot__1___boxed` is one of `init_quot`; what follows says what is registered of it.
                let name = name.split("_1").next().unwrap_or_default().trim_end_matches('_').replace("__", "_");
                if !["docString", "formatter", "parenthesizer", "declRange"].iter().any(|part| name.contains(part)) {
                    found.insert(name);
                }
            }
        }
        let missing: Vec<&String> = found.iter().filter(|name| !PARSERS.contains(&name.as_str())).collect();
        assert_eq!(missing, Vec::<&String>::new());
        assert!(found.len() > 60, "{found:?}");
    }
}
