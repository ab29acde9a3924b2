//! What came out, as lines for a person and as `docs/attacks.md`.

use crate::bench::Outcome;
use crate::data::Attack;

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

/// The whole document.
pub fn written(rows: &[Row]) -> String {
    let mut text = HEAD.to_owned();
    let accepted = rows.iter().filter(|row| row.all.by.is_none()).count();
    text.push_str(&format!("\n{} attacks: {} stopped, {accepted} accepted.\n", rows.len(), rows.len() - accepted));
    let mut theme = "";
    for row in rows {
        if row.theme != theme {
            theme = &row.theme;
            text.push_str(&format!(
                "\n## {theme}\n\n| attack | idea | stopped by | alone | when off |\n|---|---|---|---|---|\n"
            ));
        }
        let [alone, without] = [&row.alone, &row.without].map(shown);
        let idea = row.attack.idea.replace('|', "\\|");
        let all = row.all.shown();
        text.push_str(&format!("| {} | {idea} | {all} | {alone} | {without} |\n", row.attack.id));
    }
    text
}
