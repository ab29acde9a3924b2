//! Honest proofs of every shape that Lean files have: none is refused. They are data, in `fixtures/honest`; its README says how to
//! read it. Half of them were written by others, for files of theirs.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, clippy::print_stderr, reason = "tests")]

use leanwright_contract::VerdictState;
use leanwright_lean::{DeclarationKind, scan};
use leanwright_testkit::{LeanProject, confining_lean, corpus, fixtures};
use leanwright_verify::{Candidate, Judge, JudgeSettings, Sandbox};
use std::collections::VecDeque;
use std::ops::Range;
use std::path::Path;
use std::sync::Mutex;

/// `sorry /- = PROOF -/` is a hole and the proof for it.
const MARK: &str = " /- = ";

/// How many attempts there are at least, and how many of them are other people's proofs.
const ATTEMPTS: usize = 120;
const FOREIGN: usize = 60;

/// Files that were written for this. Some have what an earlier judge refused.
const OWN: [&str; 14] = [
    "shapes",
    "declarations",
    "data",
    "tactics",
    "tactics_on_data",
    "terms",
    "module",
    "windows",
    "verso",
    "dependent_arguments",
    "functional_induction",
    "mutual_recursion",
    "propositions_as_types",
    "several_holes",
];

/// A text with holes, and the proof of each.
struct Source {
    name: String,
    text: String,
    proofs: Vec<(Range<usize>, String)>,
}

#[derive(serde::Deserialize)]
struct Foreign {
    file: Vec<ForeignFile>,
}

#[derive(serde::Deserialize)]
struct ForeignFile {
    path: String,
    theorems: usize,
    take: usize,
    change: Option<[String; 2]>,
}

/// Holes with their proofs, and the text with the holes alone.
fn own(name: &str, marked: &str) -> Source {
    let (mut text, mut proofs, mut rest) = (String::new(), Vec::new(), marked);
    while let Some((before, after)) = rest.split_once(MARK) {
        let (proof, after) = after.split_once(" -/").unwrap();
        text.push_str(before);
        assert!(text.ends_with("sorry"), "{name}: a proof without a hole: {proof}");
        proofs.push((text.len() - "sorry".len()..text.len(), proof.to_owned()));
        rest = after;
    }
    Source { name: name.to_owned(), text: text + rest, proofs }
}

/// A file's theorems without their proofs: of `:= by …` the tactics are taken out, of `:= …` the term.
fn taken_apart(file: &ForeignFile, original: &str) -> Source {
    let changed = file.change.as_ref().map_or(original.to_owned(), |[old, new]| {
        assert!(original.contains(old.as_str()), "{}: no {old:?}", file.path);
        original.replace(old, new)
    });
    let declarations = scan(&changed).outline.declarations;
    let theorems = declarations.iter().filter(|declaration| declaration.kind == DeclarationKind::Theorem);
    let bodies = theorems.filter_map(|theorem| body(&changed, theorem.body?..theorem.span.end));
    let mut bodies: Vec<Range<usize>> = bodies.collect();
    assert!(bodies.len() >= file.theorems, "{}: {} theorems", file.path, bodies.len());
    // The longest proofs; then again in the order of the text.
    bodies.sort_by_key(|body| std::cmp::Reverse(body.len()));
    bodies.truncate(file.take);
    bodies.sort_by_key(|body| body.start);
    let (mut text, mut proofs, mut done) = (String::new(), Vec::new(), 0);
    for body in bodies {
        text.push_str(&changed[done..body.start]);
        proofs.push((text.len()..text.len() + "sorry".len(), changed[body.clone()].to_owned()));
        text.push_str("sorry");
        done = body.end;
    }
    Source { name: file.path.clone(), text: text + &changed[done..], proofs }
}

/// The part of `:= …` that a hole can stand for; none if the body is a list of alternatives.
fn body(text: &str, span: Range<usize>) -> Option<Range<usize>> {
    let written = &text[span.clone()];
    let term = written.strip_prefix(":=")?.trim_start();
    let tactics = term.strip_prefix("by").filter(|rest| rest.starts_with(char::is_whitespace)).map(str::trim_start);
    let filled = tactics.unwrap_or(term);
    Some(span.end - filled.len()..span.end)
}

fn sources() -> Vec<Source> {
    let mut sources = Vec::new();
    for name in OWN {
        let marked = std::fs::read_to_string(fixtures().join(format!("honest/{name}.lean"))).unwrap();
        let marked = if name == "windows" { marked.trim_end().replace('\n', "\r\n") } else { marked };
        sources.push(own(name, &marked));
    }
    let listed = std::fs::read_to_string(fixtures().join("honest/foreign.toml")).unwrap();
    let corpus = corpus();
    for file in toml::from_str::<Foreign>(&listed).unwrap().file {
        let (_, original) = corpus.iter().find(|(path, _)| path.ends_with(&file.path)).unwrap();
        sources.push(taken_apart(&file, original));
    }
    sources
}

#[test]
fn there_are_enough_of_them() {
    let sources = sources();
    let count = |foreign: bool| -> usize {
        sources
            .iter()
            .filter(|source| source.name.ends_with(".lean") == foreign)
            .map(|source| source.proofs.len())
            .sum()
    };
    assert!(
        count(true) >= FOREIGN && count(true) + count(false) >= ATTEMPTS,
        "{} of others, {} own",
        count(true),
        count(false)
    );
}

/// In a folder that is no project a judgement ends behind the text and the gate, in "unknown".
#[tokio::test]
async fn no_honest_text_is_refused() {
    let judge = Judge::new(confining_lean(), JudgeSettings { sandbox: Sandbox::Strongest, ..JudgeSettings::default() });
    let mut refused = Vec::new();
    for source in sources() {
        for (span, replacement) in source.proofs {
            let (root, file) = ("/nowhere".into(), Path::new("P.lean").into());
            let candidate = Candidate { root, file, before: source.text.clone(), span, replacement };
            if let VerdictState::Rejected { reject_reason } = judge.judge(&candidate).await.verdict.state {
                refused.push(format!("{}: {}: {reject_reason}", source.name, candidate.replacement));
            }
        }
    }
    assert!(refused.is_empty(), "{} refused: {refused:#?}", refused.len());
}

/// No proof of a source is refused; each is put in alone.
async fn check(source: Source) {
    let judge = Judge::new(
        confining_lean(),
        JudgeSettings { control: false, sandbox: Sandbox::Strongest, ..JudgeSettings::default() },
    );
    let project = LeanProject::new(&[("P.lean", &source.text)]);
    let attempts = source.proofs.iter().map(|(span, proof)| {
        let (root, file) = (project.root.clone(), Path::new("P.lean").into());
        Candidate { root, file, before: source.text.clone(), span: span.clone(), replacement: proof.clone() }
    });
    let waiting: Mutex<VecDeque<_>> = Mutex::new(attempts.collect());
    let refused = Mutex::new(Vec::new());
    let worker = || async {
        while let Some(candidate) = { waiting.lock().unwrap().pop_front() } {
            let verdict = judge.judge(&candidate).await.verdict;
            if verdict.state != VerdictState::Accepted {
                let declaration = verdict.declaration.unwrap_or_default();
                let refusal = format!("{declaration}: {}: {:?}", candidate.replacement, verdict.state);
                eprintln!("{refusal}");
                refused.lock().unwrap().push(refusal);
            }
        }
    };
    // Two at a time: that is what the judge compiles, and a baseline is waited for once.
    tokio::join!(worker(), worker());
    let refused = refused.into_inner().unwrap();
    assert!(refused.is_empty(), "{}: {} refused: {refused:#?}", source.name, refused.len());
}

/// A test for each source.
macro_rules! tests {
    ($($test:ident $name:literal)*) => {
        const TESTED: &[&str] = &[$($name),*];
        $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $test() {
            check(sources().into_iter().find(|source| source.name == $name).unwrap()).await;
        })*
    };
}

tests! {
    shapes "shapes"
    declarations "declarations"
    data "data"
    tactics "tactics"
    tactics_on_data "tactics_on_data"
    terms "terms"
    module "module"
    windows "windows"
    a_proof_before_a_text_in_a_verso_file "verso"
    simp_below_dependent_arguments "dependent_arguments"
    functional_induction_and_cases "functional_induction"
    a_proof_that_makes_two_theorems_recursive "mutual_recursion"
    a_definition_whose_type_is_a_proposition "propositions_as_types"
    one_hole_of_several "several_holes"
    nat_bitwise_lemmas "itp_interface-1.12.0/src/data/test/batteries/Batteries/Data/Nat/Bitwise/Lemmas.lean"
    languages_core_seqmodel "itp_interface-1.12.0/src/data/test/Strata/Strata/Languages/Core/SeqModel.lean"
    batteries_data_stream "itp_interface-1.12.0/src/data/test/batteries/Batteries/Data/Stream.lean"
    dl_util_counter "itp_interface-1.12.0/src/data/test/Strata/Strata/DL/Util/Counter.lean"
    dl_util_listutils "itp_interface-1.12.0/src/data/test/Strata/Strata/DL/Util/ListUtils.lean"
    dl_util_hlist "itp_interface-1.12.0/src/data/test/Strata/Strata/DL/Util/HList.lean"
}

#[test]
fn every_source_is_tested() {
    let sources = sources();
    assert_eq!(sources.len(), TESTED.len());
    assert!(TESTED.iter().all(|name| sources.iter().any(|source| source.name.ends_with(name))));
}
