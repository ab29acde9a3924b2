//! Attempts that must never be accepted, on a real Lean: none is, and each is stopped by the guard that is there for it. `fixtures/attacks` has them;
//! `cargo xtask attacks` judges each in three ways.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, clippy::print_stderr, reason = "tests")]
#![allow(dead_code, reason = "`examples/attacks.rs` uses the rest")]

mod bench;
mod data;

use bench::for_all;
use data::{Theme, themes};

/// How many attacks there are at least.
const ATTACKS: usize = 80;

/// None of them is accepted, and each is stopped by the guard that it names.
async fn check(themes: Vec<Theme>) {
    let wrong = for_all(&themes, async |theme, attack, bench| {
        let outcome = bench.run(attack).await;
        let wrong = (outcome.by.as_deref() != Some(attack.by.as_str()))
            .then(|| format!("{theme}/{}: {}, not {}: {}", attack.id, outcome.shown(), attack.by, outcome.why));
        if let Some(wrong) = &wrong {
            eprintln!("{wrong}");
        }
        wrong
    });
    let wrong: Vec<String> = wrong.await.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{}: {wrong:#?}", wrong.len());
}

fn count(themes: &[Theme]) -> usize {
    themes.iter().map(|theme| theme.attack.len()).sum()
}

/// A test for each theme, named like its file, and one for each thing that an earlier judge called verified, with the attacks that show it; those are
/// left out of their themes.
macro_rules! tests {
    (themes { $($theme:ident)* } once_accepted { $($name:ident [$($attack:literal)*])* }) => {
        const TESTED: &[&str] = &[$(stringify!($theme)),*];
        const ONCE_ACCEPTED: &[&str] = &[$($($attack),*),*];
        $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $theme() {
            check(themes(|theme, attack| {
                theme == stringify!($theme) && !ONCE_ACCEPTED.contains(&format!("{theme}/{attack}").as_str())
            })).await;
        })*
        $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            let attacks = [$($attack),*];
            let themes = themes(|theme, attack| attacks.contains(&format!("{theme}/{attack}").as_str()));
            assert_eq!(attacks.len(), count(&themes));
            check(themes).await;
        })*
    };
}

tests! {
    themes { axioms commands data extensions kernel meta module names placeholders statement store text }
    once_accepted {
        a_search_tactic_that_admits_the_goal ["placeholders/apply?" "placeholders/apply?-nested" "placeholders/rw?"]
        a_proof_that_leans_kernel_has_not_checked [
            "kernel/skipKernelTC" "kernel/skipKernelTC-shown" "kernel/skipKernelTC-in-a-macro"
        ]
        what_a_lemma_of_a_package_rests_on [
            "axioms/lemma-of-a-package" "axioms/open-lemma-of-a-package" "axioms/opaque-of-a-package"
        ]
        compiled_code_that_says_otherwise ["kernel/reduceBool-collision" "kernel/reduceBool-in-a-macro"]
        a_new_open_lemma_whose_name_looks_internal ["placeholders/new-open-lemma"]
        a_placeholder_that_is_shared_or_forged [
            "placeholders/shared-node" "placeholders/one-of-three" "placeholders/copied-tag"
        ]
        what_stands_behind_the_part_that_is_judged [
            "commands/behind-the-judged-part" "commands/behind-the-judged-part-attribute"
            "commands/behind-the-judged-part-instance" "commands/behind-the-judged-part-eval"
        ]
        extensions_that_run_code_or_speak_of_others [
            "extensions/code-action" "extensions/compiler-pass" "extensions/attribute-deprecated" "statement/simp-priority"
        ]
        commands_behind_an_honest_proof [
            "commands/def" "commands/def-indented" "commands/def-same-line" "commands/eval" "commands/set_option"
            "commands/open" "commands/local-instance" "commands/local-simp" "commands/where-instance"
        ]
        binders_and_helpers_that_an_importer_sees ["statement/implicit-binder" "names/collision-with-an-importer"]
        a_remembered_verdict_about_a_file_that_changed ["store/include_str"]
        a_hole_that_another_one_closes ["placeholders/swallows-the-next-hole" "placeholders/leaves-it-to-the-next-hole"]
        an_open_lemma_that_says_the_same ["placeholders/open-lemma-of-the-same-statement"]
    }
}

#[test]
fn every_theme_is_tested() {
    let themes = themes(|_, _| true);
    let names: Vec<&str> = themes.iter().map(|theme| theme.name.as_str()).collect();
    assert_eq!(names, TESTED);
    assert!(count(&themes) >= ATTACKS, "{}", count(&themes));
}
