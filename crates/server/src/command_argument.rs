//! What our command does, as it stands in lenses and code actions.

use leanwright_contract::editor as own;
use serde::{Deserialize, Serialize};

/// The command's one argument.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "camelCase")]
pub enum CommandArgument {
    /// Prove the hole at a place.
    Prove { uri: String, position: own::Position },
    /// Prove all holes in some lines, or all.
    ProveAll { uri: String, lines: Option<(u32, u32)> },
}
