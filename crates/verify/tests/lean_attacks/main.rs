//! Attempts that must never be accepted, on a real Lean: none is, and each is stopped by the guard that is there for it. `fixtures/attacks` has them;
//! `cargo xtask attacks` judges each in three ways.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, clippy::print_stderr, reason = "tests")]
#![allow(dead_code, reason = "`examples/attacks.rs` uses the rest")]

mod bench;
mod data;

use bench::for_all;
use data::themes;

/// How many attacks there are at least.
const ATTACKS: usize = 80;

/// None of a theme is accepted, and each is stopped by the guard that it names.
async fn check(name: &str) {
    let themes = themes(&format!("{name}/"));
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

/// A test for each theme, named like its file.
macro_rules! tests {
    ($($theme:ident)*) => {
        const TESTED: &[&str] = &[$(stringify!($theme)),*];
        $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $theme() {
            check(stringify!($theme)).await;
        })*
    };
}

tests! { axioms commands data extensions kernel meta module names placeholders statement store text }

#[test]
fn every_theme_is_tested() {
    let themes = themes("");
    let names: Vec<&str> = themes.iter().map(|theme| theme.name.as_str()).collect();
    assert_eq!(names, TESTED);
    let attacks: usize = themes.iter().map(|theme| theme.attack.len()).sum();
    assert!(attacks >= ATTACKS, "{attacks}");
}
