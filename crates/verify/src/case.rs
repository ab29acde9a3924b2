//! A candidate with what is known of it before anything is compiled: its declaration before and after, its project's copy, the
//! modules that it imports.

use crate::candidate::Candidate;
use crate::copy::ProjectCopy;
use crate::frame::included_variables;
use crate::guard::{self, Guard};
use crate::imports::Closure;
use crate::judge::{Judge, JudgeSettings, Stop};
use crate::kernel;
use crate::project::Project;
use crate::reads;
use crate::verdict_store::FORMAT;
use leanwright_contract::{GuardOutcome, RejectReason, Verdict};
use leanwright_lean::module::components;
use leanwright_lean::{Declaration, ModuleName, Outline};
use leanwright_olean::Name;
use std::path::Path;
use std::sync::{Arc, PoisonError};
use tokio::sync::Mutex;

/// What a judgement is about.
pub struct Case {
    pub candidate: Candidate,
    /// The declaration that the candidate is a part of.
    pub declaration: Declaration,
    pub patched_text: String,
    pub patched_outline: Outline,
    /// The declaration with the candidate.
    pub patched: Declaration,
    /// Variables that an `example` uses in its body.
    pub included: Vec<String>,
    pub copy: Arc<Mutex<ProjectCopy>>,
    pub module: ModuleName,
    pub closure: Closure,
    /// Guards that do not run.
    pub off: Vec<Guard>,
    /// Why the verdict is not remembered, if it is not.
    pub reads: Option<String>,
    toolchain: String,
    options: Vec<String>,
    /// The files of the programs that have a part in the verdict: `lean`, and a kernel of its own if there is one.
    programs: Vec<String>,
}

impl Case {
    /// A digest of everything that the verdict depends on, except for what imports the module.
    pub fn key(&self, settings: &JudgeSettings) -> blake3::Hash {
        let Candidate { file, before, span, replacement, .. } = &self.candidate;
        let mut hasher = blake3::Hasher::new();
        let mut part = |bytes: &[u8]| {
            hasher.update(&(bytes.len() as u64).to_le_bytes()).update(bytes);
        };
        part(env!("CARGO_PKG_VERSION").as_bytes());
        // A judge that was built anew may judge otherwise.
        part(own_stamp().as_bytes());
        part(&FORMAT.to_le_bytes());
        part(self.toolchain.as_bytes());
        part(self.options.join("\0").as_bytes());
        part(settings.axioms.join("\0").as_bytes());
        part(&[u8::from(settings.control)]);
        part(&settings.dependents.as_nanos().to_le_bytes());
        part(self.programs.join("\0").as_bytes());
        part(self.module.to_string().as_bytes());
        part(file.as_os_str().as_encoded_bytes());
        part(before.as_bytes());
        part(format!("{span:?}").as_bytes());
        part(replacement.as_bytes());
        part(self.closure.digest.as_bytes());
        hasher.finalize()
    }
}

impl Judge {
    /// Find out what a candidate is about. What its text alone forbids is refused here.
    pub(crate) async fn case(&self, candidate: &Candidate, off: &[Guard], verdict: &mut Verdict) -> Result<Case, Stop> {
        let outline = Outline::of(&candidate.before);
        let declaration = target(candidate, &outline)?.clone();
        let name = declaration.name.clone().unwrap_or_else(|| declaration.kind.keyword().to_owned());
        verdict.declaration = Some(name.clone());
        if !off.contains(&Guard::Text) {
            let text = guard::check_text(candidate, &name);
            verdict.guards.text = match &text {
                Ok(()) => GuardOutcome::Passed { evidence: format!("{} bytes", candidate.replacement.len()) },
                Err(reason) => GuardOutcome::Rejected { reason: reason.to_string() },
            };
            text.map_err(Stop::Reject)?;
        }
        let patched_text = candidate.after();
        let patched_outline = Outline::of(&patched_text);
        // An `example` has no name to find it by: then it must begin where it did.
        let is_target = |patched: &&Declaration| {
            let same_place = declaration.name.is_some() || patched.span.start == declaration.span.start;
            patched.kind == declaration.kind && patched.name == declaration.name && same_place
        };
        let Some(patched) = patched_outline.declarations.iter().find(is_target).cloned() else {
            let reason =
                RejectReason::StatementUnverifiable { detail: format!("`{name}` is no longer there after the edit") };
            verdict.guards.statement = GuardOutcome::Rejected { reason: reason.to_string() };
            return Err(Stop::Reject(reason));
        };
        let included = included_variables([
            (&candidate.before, &outline, &declaration),
            (&patched_text, &patched_outline, &patched),
        ]);
        let copy = self.copy(&candidate.root).await?;
        let (module, folders, library, toolchain, options, programs) = {
            let mut copy = copy.lock().await;
            verdict.toolchain.clone_from(&copy.environment.version);
            let (module, _) = copy.project.module_of(&candidate.file)?;
            copy.build_imports(&candidate.before).await?;
            let folders = copy.import_folders().await;
            let library = copy.environment.library.clone();
            let options = copy.project.options_of(&candidate.file)?;
            let lean = Some(copy.environment.lean.clone());
            let programs =
                [lean, kernel::checker(&copy)].map(|program| program.map(|path| stamp(&path)).unwrap_or_default());
            verdict.notes.extend(copy.left_out_note());
            (module, folders, library, copy.environment.version.clone(), options, programs.to_vec())
        };
        // All modules of a library are read the first time: that takes a while, and others must not wait for it.
        let (index, imports) = (Arc::clone(&self.imports), imports_of(&outline));
        let closure = tokio::task::spawn_blocking(move || {
            let mut index = index.lock().unwrap_or_else(PoisonError::into_inner);
            index.follow(&imports, &folders, library.as_deref())
        });
        let closure = closure.await.map_err(|error| Stop::Unknown(error.to_string()))?;
        // What is not compiled says nothing about the candidate.
        let closure = closure.map_err(|detail| Stop::Unknown(format!("the imports cannot be followed: {detail}")))?;
        verdict.imports_digest = Some(closure.digest.to_hex().to_string());
        if !closure.proofs_missing.is_empty() {
            let roots = closure.proofs_missing.join(", ");
            let note = "was shipped without proofs: that its theorems are proved, and by which axioms, is believed";
            verdict.notes.push(format!("{roots} {note}"));
        }
        let candidate = candidate.clone();
        let texts = [&candidate.before, &patched_text];
        let reads = texts.into_iter().find_map(|text| reads::in_text(text)).or(closure.reads.first().cloned());
        Ok(Case {
            candidate,
            declaration,
            patched_text,
            patched_outline,
            patched,
            included,
            copy,
            module,
            closure,
            off: off.to_vec(),
            reads,
            toolchain,
            options,
            programs,
        })
    }

    async fn copy(&self, root: &Path) -> Result<Arc<Mutex<ProjectCopy>>, Stop> {
        let mut copies = self.copies.lock().await;
        if let Some(copy) = copies.get(root) {
            copy.lock().await.refresh()?;
            return Ok(Arc::clone(copy));
        }
        let copy = ProjectCopy::make(&Project::at(root)?, &self.toolchain).await?;
        let copy = Arc::new(Mutex::new(copy));
        copies.insert(root.to_path_buf(), Arc::clone(&copy));
        Ok(copy)
    }
}

/// Path, size and time of this program's file.
fn own_stamp() -> String {
    std::env::current_exe().map(|path| stamp(&path)).unwrap_or_default()
}

fn stamp(program: &Path) -> String {
    let metadata = std::fs::metadata(program).ok();
    let metadata = metadata.map(|metadata| (metadata.len(), metadata.modified().ok()));
    format!("{} {metadata:?}", program.display())
}

/// Every file that is not a `prelude` imports `Init`.
fn imports_of(outline: &Outline) -> Vec<Name> {
    let header = &outline.header;
    let written = header.imports.iter().map(|import| Name::from_texts(components(&import.module)));
    (!header.is_prelude).then(|| Name::from_texts(["Init"])).into_iter().chain(written).collect()
}

/// The one declaration that the edit is in.
fn target<'a>(candidate: &Candidate, outline: &'a Outline) -> Result<&'a Declaration, Stop> {
    let overlaps = |declaration: &&Declaration| {
        declaration.span.start < candidate.span.end.max(candidate.span.start + 1)
            && candidate.span.start < declaration.span.end
    };
    let mut found = outline.declarations.iter().filter(overlaps);
    match (found.next(), found.next()) {
        (Some(declaration), None) => Ok(declaration),
        (None, _) => Err(Stop::Unknown("the edit is in no declaration".to_owned())),
        (Some(_), Some(_)) => {
            let detail = "the edit reaches into more than one declaration".to_owned();
            Err(Stop::Reject(RejectReason::StatementUnverifiable { detail }))
        }
    }
}
