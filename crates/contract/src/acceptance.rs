//! The three kinds of yes. Nothing here decides anything: the kind is read off a verdict.

use crate::{GuardOutcome, Verdict, VerdictState};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which kind of yes an accepting verdict is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Acceptance {
    /// Proved, as far as the guards see.
    Verified,
    /// Every guard passed, but the proof rests on declarations that still have holes: it proves nothing before they do.
    OpenLemmas,
    /// Every guard passed, but the negative control warned: the statement may be empty.
    Warned,
}

impl Acceptance {
    /// For a person, without the names of the lemmas.
    pub fn words(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::OpenLemmas => "verified, rests on open lemmas",
            Self::Warned => "verified, with a warning",
        }
    }
}

impl Verdict {
    /// Which kind of yes this is; `None` if it is no yes. Resting on open lemmas outweighs a warning.
    pub fn acceptance(&self) -> Option<Acceptance> {
        if self.state != VerdictState::Accepted {
            return None;
        }
        Some(if !self.rests_on.is_empty() {
            Acceptance::OpenLemmas
        } else if matches!(self.guards.negative_control, GuardOutcome::Warned { .. }) {
            Acceptance::Warned
        } else {
            Acceptance::Verified
        })
    }

    /// The kind of yes in words, with the open lemmas by name; `None` if it is no yes.
    pub fn acceptance_text(&self) -> Option<String> {
        let kind = self.acceptance()?;
        if kind != Acceptance::OpenLemmas {
            return Some(kind.words().to_owned());
        }
        let names: Vec<String> = self.rests_on.iter().map(|name| format!("`{name}`")).collect();
        Some(format!("verified, rests on open {}", names.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use serde_json::json;

    fn check(state: &str, rests_on: &[&str], control: &str, expected: Option<&str>) {
        let mut verdict = json!({
            "verdict": state, "why": "w", "hole_class": "proof", "axioms": [], "rests_on": rests_on, "holes_left": 0,
            "notes": [], "toolchain": "", "sandbox": "copy_only", "source_digest": "", "patched_digest": "", "compile_ms": 1,
        });
        let outcome = |status: &str| json!({"status": status, "note": "n"});
        verdict.as_object_mut().unwrap().insert(
            "guards".into(),
            json!({"statement": outcome("passed"), "axioms": outcome("passed"), "reverse_dep": outcome("skipped"),
                   "negative_control": outcome(control)}),
        );
        let verdict: Verdict = serde_json::from_value(verdict).unwrap();
        assert_eq!(verdict.acceptance_text().as_deref(), expected, "{verdict:?}");
    }

    #[test]
    fn a_yes_is_of_one_of_three_kinds() {
        check("accepted", &[], "passed", Some("verified"));
        check("accepted", &[], "skipped", Some("verified"));
        check("accepted", &[], "warned", Some("verified, with a warning"));
        check("accepted", &["a", "b.c"], "passed", Some("verified, rests on open `a`, `b.c`"));
        check("accepted", &["a"], "warned", Some("verified, rests on open `a`"));
        check("unknown", &["a"], "warned", None);
    }
}
