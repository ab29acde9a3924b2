//! `leanwright/walk`: the goals before and after each tactic of a declaration.

use super::params::{CHANGED, position, read};
use crate::lean_client::{LeanClient, place};
use crate::session::Session;
use leanwright_contract::editor as own;
use leanwright_engine::WalkPlan;
use leanwright_lean::{Goals, dialect};
use leanwright_wire::{RequestId, message};
use std::sync::Arc;

impl Session {
    pub(super) async fn walk(&mut self, id: &RequestId, params: &str) {
        let plan = read::<own::ProveParams>(params).and_then(|params| {
            Ok(self.engine.view().walk_plan(&params.text_document.uri, position(params.position))?)
        });
        let plan = match plan {
            Ok(plan) => plan,
            Err(why) => return self.answer::<()>(id, Err(why)).await,
        };
        let (lean, shared, asker) = (self.lean.clone(), Arc::clone(&self.shared), id.clone());
        let task = tokio::spawn(async move {
            let answers = walk_answers(&lean, &plan).await;
            let answer = match answers {
                _ if !lean.is_current(&plan.uri, plan.version) => {
                    message::error(&asker, message::CONTENT_MODIFIED, CHANGED)
                }
                Ok(answers) => message::response(&asker, plan.finish(&answers)),
                Err(why) => message::error(&asker, message::INTERNAL_ERROR, &why),
            };
            shared.own_answer(&asker, answer).await;
        });
        self.keep(id, task.abort_handle());
    }
}

/// The goals at the places of a walk, one question after the other.
async fn walk_answers(lean: &LeanClient, plan: &WalkPlan) -> Result<Vec<Goals>, String> {
    let mut answers = Vec::new();
    for at in &plan.places {
        let raw = lean.request("$/lean/plainGoal", place(&plan.uri, *at)).await.map_err(|fault| fault.message)?;
        answers.push(dialect::tactic_goals(raw.get()).map_err(|error| error.to_string())?);
    }
    Ok(answers)
}
