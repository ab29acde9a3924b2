//! Why a constant was not accepted: it is wrong, or it could not be decided. Texts for the user are made here.

use leanwright_olean::Name;

/// What is said of the first constant that was not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// It is wrong by the rules, or of a kind that nobody may add.
    #[error("`{constant}` does not type-check: {reason}")]
    Refused { constant: Name, reason: Reason },
    /// Nothing is known: neither yes nor no.
    #[error("`{constant}` could not be checked: {why}")]
    GaveUp { constant: Name, why: Why },
}

/// Which rule a constant breaks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    #[error("it is new, and of a kind that must not be added: {0}")]
    Kind(&'static str),
    #[error("it depends on itself")]
    Cycle,
    #[error("it has no value")]
    NoValue,
    #[error("a universe parameter is declared twice")]
    DuplicateLevel,
    #[error("a universe parameter is not declared")]
    UndeclaredLevel,
    #[error("a bound variable is bound by nothing")]
    LooseVariable,
    #[error("it has a free variable")]
    FreeVariable,
    #[error("it has a metavariable")]
    MetaVariable,
    #[error("`{0}` is not there")]
    Unknown(Name),
    #[error("`{0}` is unsafe or partial")]
    Unsafe(Name),
    #[error("`{0}` has another number of universe parameters")]
    LevelCount(Name),
    #[error("a type was expected")]
    NotAType,
    #[error("a function was expected")]
    NotAFunction,
    #[error("an argument has another type than its function wants")]
    Argument,
    #[error("a `let` has a value of another type")]
    Let,
    #[error("the value has another type than is stated")]
    Value,
    #[error("the statement is not a proposition")]
    NotAProposition,
    #[error("a projection is of {0}")]
    Projection(&'static str),
}

/// Why nothing is known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    #[error("the limit of steps was reached")]
    Steps,
    #[error("the limit of memory was reached")]
    Terms,
    #[error("it is nested too deeply")]
    Depth,
    #[error("its universe levels are too large")]
    Levels,
    #[error("{0}")]
    Library(LibraryError),
    /// Something that the constant does not mention itself.
    #[error("the library leaves out `{0}`")]
    Missing(Name),
    #[error("the thread for the check could not be started or ended early")]
    Thread,
    #[error("the library uses a name that was to be a variable's")]
    NotFree,
    #[error("what the library has by the name `{0}` is not Lean's own")]
    NotLeans(Name),
}

/// Why a library could not say what a constant is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct LibraryError(pub String);

/// Why a judgement was not reached.
#[derive(Clone, Debug)]
pub(crate) enum Stop {
    Refused(Reason),
    GaveUp(Why),
}

impl From<Reason> for Stop {
    fn from(reason: Reason) -> Self {
        Self::Refused(reason)
    }
}

impl From<Why> for Stop {
    fn from(why: Why) -> Self {
        Self::GaveUp(why)
    }
}

pub(crate) type Outcome<T> = Result<T, Stop>;
