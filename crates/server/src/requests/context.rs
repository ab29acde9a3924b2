//! `leanwright/context`: what a runner would be told about a hole, exactly.

use super::params::{position, read};
use crate::session::Session;
use leanwright_contract::editor as own;
use leanwright_wire::{RequestId, message};
use std::sync::Arc;

impl Session {
    pub(super) async fn context(&mut self, id: &RequestId, params: &str) {
        let task = read::<own::ProveParams>(params)
            .and_then(|params| Ok(self.engine.view().task_at(&params.text_document.uri, position(params.position))?));
        let (source_file, task, diagnostics) = match task {
            Ok(found) => found,
            Err(why) => return self.answer::<()>(id, Err(why)).await,
        };
        let (packer, shared, asker) = (self.services.packer(), Arc::clone(&self.shared), id.clone());
        let work = tokio::task::spawn_blocking(move || {
            packer.task(std::path::Path::new(&source_file.root), &task, diagnostics)
        });
        let task = tokio::spawn(async move {
            let answer = match work.await {
                Ok(Ok(sent)) => message::response(&asker, sent),
                Ok(Err(why)) => message::error(&asker, message::INVALID_PARAMS, &why.to_string()),
                Err(error) => message::error(&asker, message::INTERNAL_ERROR, &error.to_string()),
            };
            shared.own_answer(&asker, answer).await;
        });
        self.keep(id, task.abort_handle());
    }
}
