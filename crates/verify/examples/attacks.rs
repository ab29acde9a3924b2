//! `cargo xtask attacks`: judges each attack with everything on, with the guard that must stop it alone, and with that guard off. A line for each, and
//! the table in `docs/attacks.md` if `LEANWRIGHT_ATTACKS_TABLE` names a file. The first argument is a part of the attacks' names, or `--missing` for those
//! that the table has not.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "for development"
)]
#![allow(dead_code, reason = "the tests use the rest")]

#[path = "../tests/lean_attacks/bench.rs"]
mod bench;
#[path = "../tests/lean_attacks/data.rs"]
mod data;
#[path = "attacks/table.rs"]
mod table;

use bench::for_all;
use data::themes;
use table::Row;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let filter = std::env::args().nth(1).unwrap_or_default();
    let table = std::env::var("LEANWRIGHT_ATTACKS_TABLE").ok();
    let old = table.as_ref().map(|path| std::fs::read_to_string(path).unwrap_or_default()).unwrap_or_default();
    let wanted = themes(|theme, attack| match filter.as_str() {
        "--missing" => table::cells(&old, theme, attack).is_none(),
        filter => format!("{theme}/{attack}").contains(filter),
    });
    let rows = for_all(&wanted, async |theme, attack, bench| {
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
    if let Some(path) = table {
        std::fs::write(path, table::written(&themes(|_, _| true), &rows, &old)).unwrap();
    }
    let accepted = rows.iter().filter(|row| row.all.by.is_none()).count();
    let wrong: Vec<String> = rows.iter().filter(|row| !row.faults().is_empty()).map(Row::line).collect();
    println!("{} attacks: {} stopped, {accepted} accepted", rows.len(), rows.len() - accepted);
    if !wrong.is_empty() {
        println!("{} are not stopped as they must be:\n{}", wrong.len(), wrong.join("\n"));
        std::process::exit(1);
    }
}
