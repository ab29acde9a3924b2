//! A judgement as lean-agent's result record, with our verdict inside.

use crate::candidate::PatchError;
use crate::compile::CompileEnd;
use crate::judgement::Judgement;
use leanwright_contract::{
    Acceptance, Attempt, RejectReason, ReplayResult, ReplayStatus, SCHEMA_VERSION, VerdictState,
};
use leanwright_lean::dialect::CompilerMessage;
use leanwright_lean::goal::Goal;

/// What a caller makes of proofs that rest on declarations with holes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenLemmas {
    /// They are not accepted: a `sorry` that says the same would count as a proof.
    Refused,
    Allowed,
}

/// The record of one attempt.
pub fn replay_result(
    attempt: &Attempt,
    judged: &Result<Judgement, PatchError>,
    open_lemmas: OpenLemmas,
) -> ReplayResult {
    let mut result = blank(attempt);
    let judgement = match judged {
        Ok(judgement) => judgement,
        Err(refused) => {
            result.status = ReplayStatus::PatchRefused;
            result.patch_error = Some(refused.to_string());
            return result;
        }
    };
    let verdict = &judgement.verdict;
    result.compile_passed = judgement.compiled == Some(true);
    result.acceptance = verdict.acceptance();
    let leaning = result.acceptance == Some(Acceptance::OpenLemmas) && open_lemmas == OpenLemmas::Refused;
    result.accepted = result.acceptance.is_some() && !leaning;
    result.diagnostic_count = judgement.messages.len();
    result.new_errors = judgement.new_errors;
    result.regression = judgement.new_errors > 0;
    result.resolved_original_error = result.accepted;
    result.elapsed_ms = u64::try_from(judgement.elapsed.as_millis()).unwrap_or(u64::MAX);
    result.final_goal_state = judgement.messages.iter().find_map(|message| goal_in(&message.data));
    result.guards = Some(verdict.guards.clone());
    result.verdict = Some(verdict.clone());
    result.status = match &verdict.state {
        VerdictState::Accepted if leaning => {
            result.reject_reason = Some(RejectReason::RestsOnOpenLemmas {
                declaration: verdict.declaration.clone().unwrap_or_default(),
                lemmas: verdict.rests_on.clone(),
            });
            ReplayStatus::Rejected
        }
        VerdictState::Accepted => ReplayStatus::Passed,
        VerdictState::Rejected { reject_reason } => {
            result.reject_reason = Some(reject_reason.clone());
            ReplayStatus::Rejected
        }
        VerdictState::Failed { error } if is_timed_out(judgement) => {
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

/// The record of an attempt that no judge has judged: nothing is known about it.
pub fn not_judged(attempt: &Attempt, why: String) -> ReplayResult {
    ReplayResult { patch_error: Some(why), ..blank(attempt) }
}

fn blank(attempt: &Attempt) -> ReplayResult {
    ReplayResult {
        schema_version: SCHEMA_VERSION,
        task_id: attempt.task_id.clone(),
        attempt_id: attempt.attempt_id.clone(),
        status: ReplayStatus::RunnerError,
        compile_passed: false,
        accepted: false,
        acceptance: None,
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
    }
}

/// Lean was stopped before it found anything wrong.
fn is_timed_out(judgement: &Judgement) -> bool {
    let is_stopped = matches!(judgement.end, Some(CompileEnd::TimedOut(_)));
    is_stopped && !judgement.messages.iter().any(CompilerMessage::is_error)
}

/// The first goal that a message shows, if it shows one.
fn goal_in(message: &str) -> Option<String> {
    let text = message.split_once("unsolved goals\n").map_or(message, |(_, goals)| goals);
    let first = text.split("\n\n").next().unwrap_or_default();
    (first.contains("⊢ ") && !Goal::parse(first).target.is_empty()).then(|| first.to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::Candidate;
    use serde_json::json;

    fn check(rests_on: &[&str], open_lemmas: OpenLemmas, accepted: bool, status: ReplayStatus, reason: Option<&str>) {
        let attempt = json!({"task_id": "t", "replacement": "r", "allowed_edit": {"file": "A.lean", "start_line": 1, "end_line": 1}});
        let attempt: Attempt = serde_json::from_value(attempt).unwrap();
        let (file, before) = ("A.lean".into(), "sorry".to_owned());
        let candidate = Candidate { root: "/p".into(), file, before, span: 0..5, replacement: "r".into() };
        let mut judgement = Judgement::unknown(&candidate, "not judged");
        judgement.verdict.state = VerdictState::Accepted;
        judgement.verdict.declaration = Some("d".into());
        judgement.verdict.rests_on = rests_on.iter().map(|name| (*name).to_owned()).collect();
        let result = replay_result(&attempt, &Ok(judgement), open_lemmas);
        assert_eq!((result.accepted, result.resolved_original_error, result.status), (accepted, accepted, status));
        let leaning = if rests_on.is_empty() { Acceptance::Verified } else { Acceptance::OpenLemmas };
        assert_eq!(result.acceptance, Some(leaning), "the kind is said either way");
        assert_eq!(result.reject_reason.map(|reason| reason.to_string()).as_deref(), reason);
    }

    #[test]
    fn proofs_that_rest_on_open_lemmas_count_only_if_the_caller_says_so() {
        check(&[], OpenLemmas::Refused, true, ReplayStatus::Passed, None);
        let reason = "`d` would rest on open lemmas: a, b";
        check(&["a", "b"], OpenLemmas::Refused, false, ReplayStatus::Rejected, Some(reason));
        check(&["a", "b"], OpenLemmas::Allowed, true, ReplayStatus::Passed, None);
    }
}
