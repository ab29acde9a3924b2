//! Where the user is in a document and since when it has rested: what comes first, and what has to wait for a pause.

use crate::event::Millis;
use leanwright_lean::Position;

#[derive(Debug, Default)]
pub struct Attention {
    cursor: Option<Position>,
    /// When the user was seen in it last.
    looked_at: Millis,
    /// When it was last edited, or a query about it was lost.
    last_edit: Millis,
    /// What was verified before is not judged again before this.
    again_from: Millis,
}

impl Attention {
    /// Of a document that is opened now: nobody types yet, so the first query has not to wait for the pause.
    pub fn opened(now: Millis, pause: Millis) -> Self {
        Self { looked_at: now, last_edit: now.saturating_sub(pause), ..Self::default() }
    }

    pub fn moved(&mut self, cursor: Position, now: Millis) {
        self.cursor = Some(cursor);
        self.looked_at = now;
    }

    pub fn edited(&mut self, now: Millis) {
        self.last_edit = now;
        self.looked_at = now;
    }

    /// Lean is asked again after a pause, as after an edit.
    pub fn pause_again(&mut self, now: Millis) {
        self.last_edit = now;
    }

    pub fn judge_again_from(&mut self, at: Millis) {
        self.again_from = at;
    }

    pub fn cursor(&self) -> Option<Position> {
        self.cursor
    }

    pub fn looked_at(&self) -> Millis {
        self.looked_at
    }

    pub fn last_edit(&self) -> Millis {
        self.last_edit
    }

    pub fn again_from(&self) -> Millis {
        self.again_from
    }
}
