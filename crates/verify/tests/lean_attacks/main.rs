//! Attempts that must never be accepted, on a real Lean: none is, and each is stopped by the guard that is there for it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, reason = "tests")]

mod bench;
mod data;
mod table;

use bench::for_all;
use data::themes;
use table::Row;

/// How many attacks there are at least.
const ATTACKS: usize = 80;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_attack_is_accepted() {
    let themes = themes("");
    let wrong = for_all(&themes, async |theme, attack, bench| {
        let outcome = bench.run(attack).await;
        let wrong = (outcome.by.as_deref() != Some(attack.by.as_str()))
            .then(|| format!("{theme}/{}: {}, not {}: {}", attack.id, outcome.shown(), attack.by, outcome.why));
        if let Some(wrong) = &wrong {
            eprintln!("{wrong}");
        }
        wrong
    });
    let wrong = wrong.await;
    assert!(wrong.len() >= ATTACKS, "{}", wrong.len());
    let wrong: Vec<String> = wrong.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{}: {wrong:#?}", wrong.len());
}

/// What `cargo xtask attacks` runs: each attack in three ways, a line for each, and the table.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes long: run it by `cargo xtask attacks`"]
async fn each_guard_stops_what_it_is_there_for() {
    let filter = std::env::var("LEANWRIGHT_ATTACKS").unwrap_or_default();
    let themes = themes(&filter);
    let rows = for_all(&themes, async |theme, attack, bench| {
        let row = Row {
            theme: theme.to_owned(),
            attack: attack.clone(),
            all: bench.run(attack).await,
            alone: bench.run_alone(attack).await,
            without: bench.run_without(attack).await,
        };
        println!("{}", row.line());
        row
    });
    let rows = rows.await;
    if let Ok(path) = std::env::var("LEANWRIGHT_ATTACKS_TABLE") {
        std::fs::write(path, table::written(&rows)).unwrap();
    }
    let accepted = rows.iter().filter(|row| row.all.by.is_none()).count();
    println!("{} attacks: {} stopped, {accepted} accepted", rows.len(), rows.len() - accepted);
    let wrong: Vec<String> = rows.iter().filter(|row| !row.faults().is_empty()).map(Row::line).collect();
    assert!(wrong.is_empty(), "{} are not stopped as they must be:\n{}", wrong.len(), wrong.join("\n"));
}
