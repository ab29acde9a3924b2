//! A test hook: makes one of our own parts fail, to show that forwarding goes on. Off unless a test sets it.

/// The part that is to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The loop that drives the engine, at the next document.
    Session,
    /// Extending one of Lean's answers.
    Merge,
    /// Asking the runner.
    Runner,
    /// Judging a candidate.
    Judge,
}

impl Fault {
    /// Read the hook's name.
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "session" => Self::Session,
            "merge" => Self::Merge,
            "runner" => Self::Runner,
            "judge" => Self::Judge,
            _ => return None,
        })
    }

    /// Fail if this is the part that is to fail.
    #[allow(clippy::panic, reason = "that is what it is for")]
    pub fn strike(set: Option<Self>, here: Self) {
        if set == Some(here) {
            panic!("fault injected into {here:?}");
        }
    }
}
