//! What checking may cost: steps, terms, depth. Whoever runs out gives up, which is never a yes and never a no.

use crate::failure::{Stop, Why};

/// Bytes of stack of the thread that checks. Address space is reserved, memory is used only by what is deep.
pub const STACK_BYTES: usize = 512 << 20;

/// How deep terms and reductions may nest. Spines, chains of binders and substitution do not count: they are gone through
/// with stacks of our own.
const MAX_DEPTH: u32 = 100_000;

/// Bounds on one call of `check`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Steps: a term that is inferred, reduced, compared or copied is one. Some millions are done in a second.
    pub steps: u64,
    /// Terms that may be added to the store, some 100 bytes each. A big number counts as one for each 32 bytes.
    pub terms: u64,
    /// Nested calls of the judgements, `STACK_BYTES` suffice for the default, which is also the most that is granted.
    pub depth: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { steps: 200_000_000, terms: 10_000_000, depth: MAX_DEPTH }
    }
}

/// What is left.
pub(crate) struct Meter {
    limits: Limits,
    pub steps: u64,
    depth: u32,
    first_term: usize,
    extra_terms: u64,
}

impl Meter {
    /// A meter for a store that has some terms already.
    pub fn new(limits: &Limits, terms: usize) -> Self {
        let limits = Limits { depth: limits.depth.min(MAX_DEPTH), ..*limits };
        Self { limits, steps: 0, depth: 0, first_term: terms, extra_terms: 0 }
    }

    pub fn step(&mut self) -> Result<(), Stop> {
        self.steps += 1;
        if self.steps > self.limits.steps { Err(Stop::GaveUp(Why::Steps)) } else { Ok(()) }
    }

    /// A number of some bytes was computed.
    pub fn bytes(&mut self, bytes: usize) -> Result<(), Stop> {
        self.extra_terms += bytes as u64 / 32;
        self.steps += bytes as u64 / 8;
        self.step()
    }

    /// So many operations on words of a number are about to be made.
    pub fn words(&mut self, count: u64) -> Result<(), Stop> {
        self.steps = self.steps.saturating_add(count / 8);
        self.step()
    }

    /// The store has so many terms now.
    pub fn terms(&mut self, count: usize) -> Result<(), Stop> {
        let grown = count.saturating_sub(self.first_term) as u64 + self.extra_terms;
        if grown > self.limits.terms { Err(Stop::GaveUp(Why::Terms)) } else { Ok(()) }
    }

    pub fn enter(&mut self) -> Result<(), Stop> {
        self.step()?;
        self.depth += 1;
        if self.depth > self.limits.depth { Err(Stop::GaveUp(Why::Depth)) } else { Ok(()) }
    }

    pub fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }
}
