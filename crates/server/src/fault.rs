//! What a part of ours that panics has said; and a test hook that makes one fail, to show that forwarding goes on. Off unless a test sets it.

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

/// What a panic said.
pub(crate) fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a panic without a message".to_owned())
}
