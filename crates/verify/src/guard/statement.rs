//! The statement guard: the declaration's constants have the kinds, universe parameters and types that they had.

use super::Evidence;
use leanwright_contract::RejectReason;

/// Compare every constant of the declaration. `signatures` are the statements' texts before and after, for the message.
pub fn check_statement(evidence: &Evidence<'_>, signatures: [String; 2]) -> Result<(), RejectReason> {
    let [before_text, after_text] = signatures;
    for target in evidence.targets {
        let name = evidence.name(*target).without_private_prefix().to_string();
        let Some(before) = evidence.before.constants.get(target) else { continue };
        let Some(after) = evidence.after.constants.get(target) else {
            // `where` declarations and auxiliaries may go with the hole; the declaration itself may not.
            if evidence.name(*target).is_internal() {
                continue;
            }
            let detail = format!("`{name}` is no longer declared");
            return Err(RejectReason::StatementUnverifiable { detail });
        };
        let same = before.kind == after.kind
            && before.level_params == after.level_params
            && (before.type_ == after.type_ || evidence.name(*target).is_internal());
        if !same {
            let (before, after) = (before_text, after_text);
            return Err(RejectReason::StatementChanged { declaration: name, before, after });
        }
    }
    Ok(())
}
