//! Request ids, kept as the JSON text in which they arrived, so that any number or string survives.
//!
//! Ids are never rewritten. Our own requests carry ids with a reserved prefix, so an answer finds its way home without
//! a table: `"leanwright/<n>"` towards Lean, `"leanwright:<n>"` towards the editor.

use std::fmt;

/// A request id as raw JSON text: `17`, `"abc"`, `12345678901234567890123`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequestId(Box<str>);

/// Whom one of our own requests was sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    Upstream,
    Editor,
}

const UPSTREAM: &str = "\"leanwright/";
const EDITOR: &str = "\"leanwright:";

impl RequestId {
    pub fn new(raw: &str) -> Self {
        Self(raw.into())
    }

    /// The id of our `number`th request to that side.
    pub fn own(peer: Peer, number: u64) -> Self {
        let prefix = match peer {
            Peer::Upstream => UPSTREAM,
            Peer::Editor => EDITOR,
        };
        Self(format!("{prefix}{number}\"").into())
    }

    /// The number of one of our own requests.
    pub fn own_number(&self, peer: Peer) -> Option<u64> {
        let prefix = match peer {
            Peer::Upstream => UPSTREAM,
            Peer::Editor => EDITOR,
        };
        self.0.strip_prefix(prefix)?.strip_suffix('"')?.parse().ok()
    }

    /// The JSON text.
    pub fn raw(&self) -> &str {
        &self.0
    }
}

/// Whether this JSON text is the id of one of our requests to Lean.
pub fn is_own_upstream_id(raw: &str) -> bool {
    raw.starts_with(UPSTREAM)
}

/// Whether this JSON text is the id of one of our requests to the editor.
pub fn is_own_editor_id(raw: &str) -> bool {
    raw.starts_with(EDITOR)
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_ids_carry_their_number_and_their_side() {
        let id = RequestId::own(Peer::Upstream, 7);
        assert_eq!(id.raw(), "\"leanwright/7\"");
        assert_eq!(id.own_number(Peer::Upstream), Some(7));
        assert_eq!(id.own_number(Peer::Editor), None);
        assert!(is_own_editor_id(RequestId::own(Peer::Editor, 1).raw()));
        assert_eq!(RequestId::new("7").own_number(Peer::Upstream), None);
    }
}
