//! What came out, as lines for a person and as `docs/attacks.md`.

use crate::bench::Outcome;
use crate::data::{Attack, Theme};

const HEAD: &str = "\
# Attacks

Attempts at holes that must never be accepted, run on the embedded Lean by `cargo xtask attacks --write`, which has written this table. They are in `fixtures/attacks`.
*stopped by* is what refuses it as everybody runs it; *alone* is what refuses it when every other guard is off; *when off* is what refuses it when that
guard is off; `–` where it is none of our guards that refuses. `lean` is Lean itself: the text does not compile; `class` is the rule that only proofs are verified.
";

/// One attack in three ways.
pub struct Row {
    pub theme: String,
    pub attack: Attack,
    pub all: Outcome,
    pub alone: Option<Outcome>,
    pub without: Option<Outcome>,
}

impl Row {
    /// What did not come out as the attack says.
    pub fn faults(&self) -> Vec<String> {
        let Attack { by, also, .. } = &self.attack;
        let mut faults = Vec::new();
        if self.all.by.as_ref() != Some(by) {
            faults.push(format!("{} instead of {by}: {}", self.all.shown(), self.all.why));
        }
        if let Some(alone) = self.alone.as_ref().filter(|alone| alone.by.as_ref() != Some(by)) {
            faults.push(format!("alone: {}: {}", alone.shown(), alone.why));
        }
        if let Some(without) = &self.without {
            let expected = without.by.as_ref().map_or(also.is_empty(), |by| also.contains(by));
            if !expected {
                faults.push(format!("when off: {} instead of {also:?}: {}", without.shown(), without.why));
            }
        }
        faults
    }

    pub fn line(&self) -> String {
        let [alone, without] = [&self.alone, &self.without].map(shown);
        let outcomes = format!("{} · alone {alone} · off {without}", self.all.shown());
        let faults: String =
            self.faults().iter().map(|fault| format!("\n    {}", fault.lines().next().unwrap_or_default())).collect();
        format!("{}/{}: {outcomes}{faults}", self.theme, self.attack.id)
    }
}

fn shown(outcome: &Option<Outcome>) -> &str {
    outcome.as_ref().map_or("–", Outcome::shown)
}

/// The document's last three cells for an attack, as it says them already.
pub fn cells<'a>(document: &'a str, theme: &str, attack: &str) -> Option<&'a str> {
    let (_, section) = document.split_once(&format!("\n## {theme}\n"))?;
    let section = section.split("\n## ").next()?;
    let line = section.lines().find(|line| line.starts_with(&format!("| {attack} | ")))?;
    let (start, _) = line.rmatch_indices(" | ").nth(2)?;
    line.get(start..)
}

/// The whole document. An attack that has not been run keeps what the document said of it; one that never was is left out.
pub fn written(themes: &[Theme], rows: &[Row], old: &str) -> String {
    let (mut body, mut count, mut accepted) = (String::new(), 0, 0);
    for theme in themes {
        let name = &theme.name;
        body.push_str(&format!(
            "\n## {name}\n\n| attack | idea | stopped by | alone | when off |\n|---|---|---|---|---|\n"
        ));
        for attack in &theme.attack {
            let row = rows.iter().find(|row| row.theme == *name && row.attack.id == attack.id).map(|row| {
                let [alone, without] = [&row.alone, &row.without].map(shown);
                format!(" | {} | {alone} | {without} |", row.all.shown())
            });
            let Some(cells) = row.or_else(|| Some(cells(old, name, &attack.id)?.to_owned())) else { continue };
            count += 1;
            accepted += usize::from(cells.starts_with(" | accepted"));
            body.push_str(&format!("| {} | {}{cells}\n", attack.id, attack.idea.replace('|', "\\|")));
        }
    }
    format!("{HEAD}\n{count} attacks: {} stopped, {accepted} accepted.\n{body}", count - accepted)
}
