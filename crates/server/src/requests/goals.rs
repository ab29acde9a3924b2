//! `leanwright/goals`: the goals at a place, in parts.

use super::params::{CHANGED, position, read};
use crate::session::Session;
use leanwright_contract::editor as own;
use leanwright_engine::Unanswered;
use leanwright_wire::{RequestId, message};
use std::sync::Arc;

impl Session {
    pub(super) async fn goals(&mut self, id: &RequestId, params: &str) {
        let place = read::<own::ProveParams>(params).and_then(|params| {
            let uri = params.text_document.uri;
            let version = self.engine.view().version(&uri).ok_or(Unanswered::NotOpen)?;
            Ok((uri, version, position(params.position)))
        });
        let (uri, version, position) = match place {
            Ok(place) => place,
            Err(why) => return self.answer::<()>(id, Err(why)).await,
        };
        let (rpc, lean, shared, asker) = (self.rpc.clone(), self.lean.clone(), Arc::clone(&self.shared), id.clone());
        let task = tokio::spawn(async move {
            let goals = rpc.goals(&uri, version, position).await;
            let answer = match goals {
                _ if !lean.is_current(&uri, version) => message::error(&asker, message::CONTENT_MODIFIED, CHANGED),
                Ok(goals) => message::response(&asker, goals),
                Err(fault) => message::error(&asker, message::INTERNAL_ERROR, &fault.message),
            };
            shared.own_answer(&asker, answer).await;
        });
        self.keep(id, task.abort_handle());
    }
}
