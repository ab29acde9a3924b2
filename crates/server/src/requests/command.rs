//! `workspace/executeCommand`: the command behind lenses and code actions. It is answered at once; the user is told how it ended.

use super::params::{RequestError, position, read};
use crate::command_argument::CommandArgument;
use crate::session::{Asker, Session};
use leanwright_contract::{Acceptance, editor as own};
use leanwright_engine::{Event, Unanswered};
use leanwright_wire::{RequestId, message};
use lsp_types as lsp;
use serde::Deserialize;
use serde_json::json;

#[derive(Deserialize)]
struct Command {
    #[serde(default)]
    arguments: Vec<CommandArgument>,
}

impl Session {
    pub(super) async fn execute_command(&mut self, id: &RequestId, params: &str) {
        let argument = read::<Command>(params).map(|command| command.arguments.into_iter().next());
        match argument {
            Ok(Some(argument)) => {
                self.answer(id, Ok::<_, RequestError>(())).await;
                self.command(argument).await;
            }
            Ok(None) => self.answer::<()>(id, Err(RequestError::NoArgument)).await,
            Err(why) => self.answer::<()>(id, Err(why)).await,
        }
    }

    async fn command(&mut self, argument: CommandArgument) {
        let token = self.token(Asker::User);
        self.step(match argument {
            CommandArgument::Prove { uri, position: at } => Event::Prove { token, uri, position: position(at) },
            CommandArgument::ProveAll { uri, lines } => Event::ProveAll { token, uri, lines },
        })
        .await;
    }

    /// The user started the work by a command, which was answered long ago: say how it ended.
    pub(crate) fn tell_user(&self, result: Result<&[own::ProveResult], &Unanswered>) {
        let text = match result {
            Err(why) => why.to_string(),
            Ok([one]) => match (&one.replacement, &one.reason) {
                (Some(replacement), _) => {
                    let kind = one.acceptance.map_or("verified", Acceptance::words);
                    format!("{kind}: {replacement}. Take it from the code actions.")
                }
                (None, reason) => format!("no proof found: {}", reason.as_deref().unwrap_or("nothing was tried")),
            },
            Ok([]) => "There is nothing to prove here.".to_owned(),
            Ok(all) => {
                let count = |kind| all.iter().filter(|one| one.acceptance == Some(kind)).count();
                let mut text = format!("{} of {} verified", count(Acceptance::Verified), all.len());
                for (kind, words) in
                    [(Acceptance::OpenLemmas, "on open lemmas"), (Acceptance::Warned, "with a warning")]
                {
                    if count(kind) > 0 {
                        text.push_str(&format!(", {} {words}", count(kind)));
                    }
                }
                text + ". Take them from the code actions."
            }
        };
        let params = json!({ "type": lsp::MessageType::INFO, "message": format!("Leanwright: {text}") });
        self.shared.to_editor.try_send(message::notification("window/showMessage", params));
    }
}
