//! The text without the candidate, compiled once per text.

use crate::compile::{CompileEnd, Compiled, Compiler};
use crate::frame::{Framed, Scope, frame};
use crate::guard::Guard;
use crate::outcome::NotAccepted;
use crate::prepared::Prepared;
use leanwright_contract::RejectReason;
use leanwright_lean::dialect::CompilerMessage;
use leanwright_lean::{Outline, Text};
use leanwright_project::ProjectCopy;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, OnceCell};

/// A baseline may take this long; a candidate four times as long as the baseline did.
const BASELINE_DEADLINE: Duration = Duration::from_secs(900);

/// Baselines that are kept, each with its compiled module.
const MAX_BASELINES: usize = 32;

/// What was compiled lately.
#[derive(Default)]
pub struct Baselines {
    known: Mutex<HashMap<blake3::Hash, Arc<OnceCell<Arc<Compiled>>>>>,
}

impl Baselines {
    /// Compile the text without the candidate: whole, or, if only what follows the declaration is wrong, cut after it.
    pub async fn of(&self, compiler: &Compiler, prepared: &Prepared) -> Result<(Arc<Compiled>, Scope), NotAccepted> {
        let is_broken_behind = match &prepared.repaired {
            Some(written) => self.errors_of(compiler, prepared, written).await?,
            None => true,
        };
        let frame_in = |scope| frame(&prepared.candidate.before, &prepared.declaration, &prepared.frame(scope));
        let file = &prepared.candidate.file;
        let framed = frame_in(Scope::Whole);
        let whole = self.compile(compiler, &prepared.copy, file, &framed).await?;
        if whole.module.is_some() {
            return Ok((whole, Scope::Whole));
        }
        if whole.end != CompileEnd::Done {
            return Err(NotAccepted::Unknown(format!(
                "the file without the candidate does not compile: {}",
                whole.end
            )));
        }
        let text = Text::new(framed.text);
        let framed = frame_in(Scope::Prefix);
        let within =
            |message: &&CompilerMessage| text.offset_of_lean(message.pos.line, message.pos.column) < framed.end;
        if let Some(error) = whole.errors().find(within) {
            let is_proposition = !error.data.contains("is not a proposition");
            let error = error.data.lines().next().unwrap_or_default().to_owned();
            return Err(NotAccepted::Unknown(if is_proposition {
                format!("the file has an error before the end of this declaration, candidate or not: {error}")
            } else {
                "the hole is in data, not in a proof: such fillings are never called verified".to_owned()
            }));
        }
        if !is_broken_behind {
            let why = "what follows the declaration needs something that only the body that is replaced has";
            return Err(NotAccepted::Unknown(why.to_owned()));
        }
        let cut = self.compile(compiler, &prepared.copy, file, &framed).await?;
        if cut.module.is_some() {
            return Ok((cut, Scope::Prefix));
        }
        let error = cut.first_error().map_or("no module was written", |error| error.data.as_str());
        Err(NotAccepted::Unknown(format!("the file without the candidate does not compile: {error}")))
    }

    /// A body may only be replaced where Lean reports an error in the declaration: whether that is so, and whether there is another error behind it, in the text as
    /// it was written.
    async fn errors_of(&self, compiler: &Compiler, prepared: &Prepared, written: &str) -> Result<bool, NotAccepted> {
        let outline = Outline::of(written);
        let Some(declaration) = outline.at(prepared.declaration.span.start) else {
            return Err(NotAccepted::Unknown("the declaration is not found in the text as it was written".to_owned()));
        };
        let framed = frame(written, declaration, &prepared.frame(Scope::Whole));
        let compiled = self.compile(compiler, &prepared.copy, &prepared.candidate.file, &framed).await?;
        if compiled.end != CompileEnd::Done {
            let why = format!("whether the body has an error is not known: {}", compiled.end);
            return Err(NotAccepted::Unknown(why));
        }
        let text = Text::new(framed.text.clone());
        let places = || compiled.errors().map(|error| text.offset_of_lean(error.pos.line, error.pos.column));
        let has_error = places().any(|place| framed.start <= place && place < framed.end);
        if !has_error && !prepared.off.contains(&Guard::Gate) {
            let detail = "the edit replaces no hole, and the body that it replaces compiles".to_owned();
            return Err(NotAccepted::Reject(RejectReason::Gate { detail }));
        }
        Ok(places().any(|place| framed.end <= place))
    }

    async fn compile(
        &self,
        compiler: &Compiler,
        copy: &ProjectCopy,
        file: &Path,
        framed: &Framed,
    ) -> Result<Arc<Compiled>, NotAccepted> {
        let mut hasher = blake3::Hasher::new();
        // Two projects may have the same files.
        hasher.update(copy.project.root.as_os_str().as_encoded_bytes()).update(b"\0").update(copy.state.as_bytes());
        hasher.update(file.as_os_str().as_encoded_bytes()).update(b"\0");
        let key = hasher.update(framed.text.as_bytes()).finalize();
        let cell = {
            let mut baselines = self.known.lock().await;
            // A session has a baseline for every text that it judged: those that nobody waits for can be made again.
            if baselines.len() >= MAX_BASELINES {
                baselines.retain(|_, cell| Arc::strong_count(cell) > 1);
            }
            Arc::clone(baselines.entry(key).or_default())
        };
        let compiled = cell
            .get_or_try_init(|| async {
                let compiled =
                    compiler.compile(copy, file, &framed.text, BASELINE_DEADLINE, None).await.map_err(Err)?;
                // One that was stopped or has crashed may come out another way the next time.
                let is_over = compiled.end == CompileEnd::Done;
                if is_over { Ok(Arc::new(compiled)) } else { Err(Ok(Arc::new(compiled))) }
            })
            .await;
        match compiled {
            Ok(compiled) => Ok(Arc::clone(compiled)),
            Err(not_kept) => not_kept,
        }
    }
}
