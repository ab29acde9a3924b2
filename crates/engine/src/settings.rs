//! What a user may set about the engine.

use crate::event::Millis;
use serde::{Deserialize, Serialize};

/// See the members.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EngineSettings {
    /// Answers that are judged for one hole before giving up.
    pub attempts: usize,
    /// Nothing is asked of Lean until this long after the last edit. Where Lean answers quickly, the pause is shorter:
    /// a fraction of the time that its last answer took.
    pub pause: Millis,
    /// How often edits may make a job start again, and what it has found be judged again.
    pub restarts: u32,
    /// Work on holes without being asked.
    pub automatic: bool,
    /// Nothing is begun without being asked until this long after the last edit.
    pub idle: Millis,
    /// Holes that are worked on at a time without being asked.
    pub at_a_time: usize,
}

impl Default for EngineSettings {
    fn default() -> Self {
        Self { attempts: 6, pause: 300, restarts: 8, automatic: false, idle: 2000, at_a_time: 2 }
    }
}

impl EngineSettings {
    /// The pause after an edit when Lean's last answer took this long: two fifths of it, so that waiting for a pause
    /// never makes up more than that of the time to a fresh goal, and never less than a key's repeat.
    pub(crate) fn pause_for(&self, last_answer: Option<Millis>) -> Millis {
        last_answer.map_or(self.pause, |took| (took * 2 / 5).clamp(self.pause.min(30), self.pause))
    }
}
