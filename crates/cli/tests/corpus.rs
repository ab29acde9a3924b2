//! The scanner on Lean code that nobody here wrote. `cargo xtask test` provides it (`fixtures/corpus`).
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, clippy::indexing_slicing, reason = "tests")]

use leanwright_contract::SourceFile;
use leanwright_engine::{TaskFacts, task};
use leanwright_lean::module::components;
use leanwright_lean::{CommandKind, Hole, Outline, Text, TokenKind, scan, tokenize};
use leanwright_testkit::corpus;

/// Check every file; what is found wrong in each is listed by its path.
fn check(wrong: impl Fn(&str) -> Vec<String>) -> Vec<String> {
    let files = corpus();
    assert!(files.len() > 2400, "only {} files: run the tests by `cargo xtask test`", files.len());
    let mut found = Vec::new();
    for (path, source) in files {
        found.extend(wrong(&source).into_iter().map(|what| format!("{}: {what}", path.display())));
    }
    found
}

#[test]
fn tokens_cover_every_file_and_none_is_cut_off() {
    let wrong = check(|source| {
        let mut wrong = Vec::new();
        let mut at = 0;
        for token in tokenize(source) {
            if token.start != at || token.end <= at || !source.is_char_boundary(token.end) {
                wrong.push(format!("a gap at {at}"));
            }
            if token.kind == TokenKind::Unterminated {
                wrong.push(format!("cut off: {:?}", source[token.start..].chars().take(40).collect::<String>()));
            }
            at = token.end;
        }
        if at != source.len() {
            wrong.push("the end is not covered".to_owned());
        }
        wrong
    });
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_hole_and_its_surroundings_are_the_file() {
    let holes = std::cell::Cell::new(0);
    let source_file = SourceFile { root: "/p".into(), project: "p".into(), file: "P.lean".into(), module: "P".into() };
    let wrong = check(|source| {
        let (scan, text) = (scan(source), Text::new(source.to_owned()));
        holes.set(holes.get() + scan.holes.len());
        // As a runner gets it: the three parts of the task.
        let whole = |hole: &Hole| {
            let task = task(&source_file, &text, &scan, hole, TaskFacts::default());
            let word = task.target_span.text.as_str();
            [task.source_before.as_str(), word, &task.source_after].concat() == source
                && matches!(word, "sorry" | "admit")
        };
        scan.holes.iter().filter(|hole| !whole(hole)).map(|hole| format!("{hole:?}")).collect()
    });
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(holes.get() > 1500, "{} holes", holes.get());
}

/// A namespace that is read wrong shows at its `end`, and with it the names of everything in it.
#[test]
fn namespaces_end_where_they_began() {
    let wrong = check(|source| {
        // Files that hold other languages: Strata's embedded programs, Verso's documents.
        if ["#strata", "#end", "#doc", "BVOpFuncDefs["].iter().any(|other| source.contains(other)) {
            return Vec::new();
        }
        let outline = Outline::of(source);
        let mut open: Vec<String> = Vec::new();
        let mut wrong = Vec::new();
        for command in &outline.commands {
            let text = &source[command.span.clone()];
            let keywords = ["namespace", "section", "end"];
            let line =
                text.lines().find(|line| line.split(' ').any(|word| keywords.contains(&word))).unwrap_or_default();
            let mut words = line.split_whitespace().skip_while(|word| !keywords.contains(word)).skip(1);
            let name = words.next().filter(|word| !word.starts_with("--")).unwrap_or_default();
            match command.kind {
                CommandKind::Namespace | CommandKind::Section => open.extend(components(name)),
                CommandKind::Mutual => open.push(String::new()),
                CommandKind::End => {
                    for part in components(name).iter().rev() {
                        match open.pop() {
                            Some(block) if block == *part => {}
                            Some(block) => wrong.push(format!("`{text}` ends `{block}`")),
                            None => wrong.push(format!("nothing is open at `{text}`")),
                        }
                    }
                }
                _ => {}
            }
        }
        wrong
    });
    assert!(wrong.is_empty(), "{wrong:#?}");
}
