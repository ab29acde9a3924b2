//! The bytes of a compiled module: one file, or the parts that a file of the module system is compiled to.
//!
//! Lean maps the parts side by side, and the later ones point into the earlier ones: `.olean` has what everybody may see,
//! `.olean.server` what editors need, `.olean.private` the proofs and everything else. The last part's root is the whole module.

/// Where parts begin, in bytes: objects must stay aligned when parts are joined.
const ALIGNMENT: usize = 8;

/// At most the three parts that Lean writes.
pub(crate) const MAX_PARTS: usize = 3;

/// A module's bytes, nothing of which has been looked at.
pub struct Olean {
    bytes: Vec<u8>,
    /// Where each part begins.
    starts: Vec<usize>,
}

impl Olean {
    /// A module that is one file.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self { bytes, starts: vec![0] }
    }

    /// A module in parts, in the order `.olean`, `.olean.server`, `.olean.private`. More than three are not looked at.
    pub fn of_parts(parts: impl IntoIterator<Item = Vec<u8>>) -> Self {
        let mut parts = parts.into_iter().take(MAX_PARTS);
        let mut olean = Self::new(parts.next().unwrap_or_default());
        for part in parts {
            olean.bytes.resize(olean.bytes.len().next_multiple_of(ALIGNMENT), 0);
            olean.starts.push(olean.bytes.len());
            olean.bytes.extend_from_slice(&part);
        }
        olean
    }

    /// Whether it has no parts beside the first.
    pub fn is_one_file(&self) -> bool {
        self.starts.len() == 1
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(crate) fn starts(&self) -> &[usize] {
        &self.starts
    }
}
