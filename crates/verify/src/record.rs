//! A judgement as lean-agent's result record, with our verdict inside.

use crate::candidate::PatchError;
use crate::judge::Judgement;
use leanwright_contract::{Attempt, ReplayResult, ReplayStatus, SCHEMA_VERSION, VerdictState};
use leanwright_lean::goal::Goal;

/// The record of one attempt.
pub fn replay_result(attempt: &Attempt, judged: &Result<Judgement, PatchError>) -> ReplayResult {
    let mut result = ReplayResult {
        schema_version: SCHEMA_VERSION,
        task_id: attempt.task_id.clone(),
        attempt_id: attempt.attempt_id.clone(),
        status: ReplayStatus::PatchRefused,
        compile_passed: false,
        accepted: false,
        diagnostic_count: 0,
        new_errors: 0,
        resolved_original_error: false,
        regression: false,
        elapsed_ms: 0,
        final_goal_state: None,
        guards: None,
        reject_reason: None,
        patch_error: None,
        verdict: None,
        other: serde_json::Map::new(),
    };
    let judgement = match judged {
        Ok(judgement) => judgement,
        Err(refused) => {
            result.patch_error = Some(refused.to_string());
            return result;
        }
    };
    let verdict = &judgement.verdict;
    result.compile_passed = judgement.compiled == Some(true);
    result.accepted = verdict.state == VerdictState::Accepted;
    result.diagnostic_count = judgement.messages.len();
    result.new_errors = judgement.new_errors;
    result.regression = judgement.new_errors > 0;
    result.resolved_original_error = result.accepted;
    result.elapsed_ms = u64::try_from(judgement.elapsed.as_millis()).unwrap_or(u64::MAX);
    result.final_goal_state = judgement.messages.iter().find_map(|message| goal_in(&message.data));
    result.guards = Some(verdict.guards.clone());
    result.verdict = Some(verdict.clone());
    result.status = match &verdict.state {
        VerdictState::Accepted => ReplayStatus::Passed,
        VerdictState::Rejected { reject_reason } => {
            result.reject_reason = Some(reject_reason.clone());
            ReplayStatus::Rejected
        }
        VerdictState::Failed { error } if error.contains("was stopped after") => {
            result.patch_error = Some(error.clone());
            ReplayStatus::TimedOut
        }
        VerdictState::Failed { .. } => ReplayStatus::Failed,
        VerdictState::Unknown { why } => {
            result.patch_error = Some(why.clone());
            ReplayStatus::RunnerError
        }
    };
    result
}

/// The first goal that a message shows, if it shows one.
fn goal_in(message: &str) -> Option<String> {
    let text = message.split_once("unsolved goals\n").map_or(message, |(_, goals)| goals);
    let first = text.split("\n\n").next().unwrap_or_default();
    (first.contains("⊢ ") && !Goal::parse(first).target.is_empty()).then(|| first.to_owned())
}
