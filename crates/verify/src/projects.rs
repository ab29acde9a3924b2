//! The projects that candidates are of: their copies, and what is known of their imports. Finds out what a candidate is about before anything is compiled.

use crate::candidate::Candidate;
use crate::external_kernel;
use crate::frame::{height, included_variables};
use crate::gate::{self, DeclaredSyntax};
use crate::guard::{self, Guard};
use crate::imports::{ImportIndex, Imports};
use crate::outcome::NotAccepted;
use crate::prepared::{Prepared, stamp};
use leanwright_contract::{GuardOutcome, RejectReason, Verdict};
use leanwright_lean::module::components;
use leanwright_lean::{Declaration, ModuleName, Outline, word_that_reads};
use leanwright_olean::Name;
use leanwright_procs::Toolchain;
use leanwright_project::{ImportStamps, ProjectCopy, SharedCopy, Snapshot};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};
use tokio::sync::{Mutex, OnceCell, RwLock};

/// Empty lines that are put into a compiled text, at most.
const MAX_SHIFT: u16 = 4096;

/// What a Lean says of its version, and the folder of its library.
type Lean = (String, Option<PathBuf>);

/// Any number of projects.
pub struct Projects {
    toolchain: Toolchain,
    copies: Mutex<HashMap<PathBuf, Arc<OnceCell<SharedCopy>>>>,
    imports: Arc<std::sync::Mutex<ImportIndex>>,
    /// Of each Lean that was asked for: why its commands are not known, if they are not.
    unknown_commands: Arc<std::sync::Mutex<HashMap<Lean, Option<String>>>>,
    /// Where nobody can look it up: see `shift_of`.
    secret: [u8; 32],
}

impl Projects {
    pub fn new(toolchain: Toolchain) -> Self {
        let imports = Arc::new(std::sync::Mutex::new(ImportIndex::of_this_user()));
        Self { toolchain, copies: Mutex::default(), imports, unknown_commands: Arc::default(), secret: secret() }
    }

    /// Find out what a candidate is about. What its text alone forbids is refused here.
    pub async fn prepare(
        &self,
        candidate: &Candidate,
        stamps: &ImportStamps,
        off: &[Guard],
        verdict: &mut Verdict,
    ) -> Result<Prepared, NotAccepted> {
        let opened = candidate.with_open_body();
        let repaired = opened.as_ref().map(|_| candidate.before.clone());
        let candidate = opened.as_ref().unwrap_or(candidate);
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
            text.map_err(NotAccepted::Reject)?;
        }
        if !off.contains(&Guard::Gate) {
            check_gate(candidate, &declaration, &gate::declared_in(&candidate.before), verdict)?;
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
            return Err(NotAccepted::Reject(reason));
        };
        let included = included_variables(&candidate.before, &outline, &declaration);
        let copy = self.snapshot(&candidate.root).await?;
        verdict.generation = Some(copy.generation);
        verdict.toolchain.clone_from(&copy.environment.version);
        verdict.notes.extend(copy.left_out_note());
        self.knows_commands(&copy).await?;
        let (module, _) = copy.project.module_of(&candidate.file)?;
        copy.build_imports(&candidate.before, stamps).await?;
        let (products, toolchain) = (copy.products(), copy.environment.version.clone());
        let options = copy.project.options_of(&candidate.file)?;
        let programs = programs(&copy);
        // All modules of a library are read the first time: that takes a while, and others must not wait for it.
        let (folders, library) = (copy.import_folders(), copy.environment.library.clone());
        let (modules, own, origins) = (imports_of(&outline), Some(products.clone()), copy.origins());
        let imports = Imports { modules, folders, library, products: own, origins };
        let (index, followed) = (Arc::clone(&self.imports), imports.clone());
        let closure = tokio::task::spawn_blocking(move || {
            let mut index = index.lock().unwrap_or_else(PoisonError::into_inner);
            index.follow(&followed)
        });
        let closure = closure.await.map_err(|error| NotAccepted::Unknown(error.to_string()))?;
        // What is not compiled says nothing about the candidate.
        let closure =
            closure.map_err(|detail| NotAccepted::Unknown(format!("the imports cannot be followed: {detail}")))?;
        let own: Vec<ModuleName> = closure.own.iter().map(|name| ModuleName::parse(&name.to_string())).collect();
        if let Some(module) = copy.without_source(own.iter()) {
            let why = format!(
                "`{module}` is imported, and its source is not in the project, so what it was compiled to may be old"
            );
            return Err(NotAccepted::Unknown(why));
        }
        verdict.imports_digest = Some(closure.digest.to_hex().to_string());
        let shift = (outline.header.end, self.shift_of(candidate));
        let height = height([candidate.before.get(declaration.span.clone()), patched_text.get(patched.span.clone())]);
        if !closure.proofs_missing.is_empty() {
            let roots = closure.proofs_missing.join(", ");
            let note = "was shipped without proofs: that its theorems are proved, and by which axioms, is believed";
            verdict.notes.push(format!("{roots} {note}"));
        }
        let candidate = candidate.clone();
        let texts = [&candidate.before, &patched_text];
        let reads = texts.into_iter().find_map(|text| word_that_reads(text)).or(closure.reads.first().cloned());
        if reads.is_some() {
            copy.bring_everything().await?;
        }
        Ok(Prepared {
            shift,
            height,
            candidate,
            repaired,
            declaration,
            patched_text,
            patched_outline,
            patched,
            included,
            copy,
            module,
            products,
            imports,
            closure,
            off: off.to_vec(),
            reads,
            toolchain,
            options,
            programs,
            notes: verdict.notes.len(),
        })
    }

    /// Whether all that is imported, directly or not, is what the verdict would be kept under and was so all the time; and the programs are.
    pub async fn imports_hold(&self, prepared: &Prepared) -> bool {
        let (index, imports) = (Arc::clone(&self.imports), prepared.imports.clone());
        let now =
            tokio::task::spawn_blocking(move || index.lock().unwrap_or_else(PoisonError::into_inner).now(&imports));
        let closure = &prepared.closure;
        matches!(now.await, Ok(Ok(now)) if now == (closure.digest, closure.state))
            && programs(&prepared.copy) == prepared.programs
    }

    /// Of a Lean whose commands are not all known, one could ride along with a proof.
    async fn knows_commands(&self, copy: &ProjectCopy) -> Result<(), NotAccepted> {
        let lean = (copy.environment.version.clone(), copy.environment.library.clone());
        let known = Arc::clone(&self.unknown_commands);
        let unknown = tokio::task::spawn_blocking(move || {
            let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
            let ask = |lean: &Lean| gate::unknown_commands(&lean.0, lean.1.as_deref());
            known.entry(lean).or_insert_with_key(ask).clone()
        });
        match unknown.await.map_err(|error| NotAccepted::Unknown(error.to_string()))? {
            Some(why) => Err(NotAccepted::Unknown(why)),
            None => Ok(()),
        }
    }

    /// How many empty lines are put in before the first command of a text: the same for all candidates for it, and not to be guessed.
    fn shift_of(&self, candidate: &Candidate) -> usize {
        let mut hasher = blake3::Hasher::new_keyed(&self.secret);
        hasher.update(candidate.file.as_os_str().as_encoded_bytes()).update(b"\0").update(candidate.before.as_bytes());
        let [one, other, ..] = *hasher.finalize().as_bytes();
        1 + usize::from(u16::from_le_bytes([one, other]) % MAX_SHIFT)
    }

    /// The project as it is now.
    async fn snapshot(&self, root: &Path) -> Result<Snapshot, NotAccepted> {
        // Who wants a project waits for its copy, and for no other's.
        let cell = Arc::clone(self.copies.lock().await.entry(root.to_path_buf()).or_default());
        let make = || async { Ok(Arc::new(RwLock::new(ProjectCopy::make(root, &self.toolchain).await?))) };
        let copy = Arc::clone(cell.get_or_try_init::<NotAccepted, _, _>(make).await?);
        Ok(ProjectCopy::snapshot(copy).await?)
    }
}

/// What the programs are that compile and check.
fn programs(copy: &ProjectCopy) -> Vec<String> {
    let programs = [Some(copy.environment.lean.clone()), external_kernel::checker(copy)];
    programs.map(|program| program.map(|path| stamp(&path)).unwrap_or_default()).to_vec()
}

/// Ask the gate, and write down what it says.
pub fn check_gate(
    candidate: &Candidate,
    declaration: &Declaration,
    declared: &DeclaredSyntax,
    verdict: &mut Verdict,
) -> Result<(), NotAccepted> {
    if let Some(parser) = declared.unknown.first() {
        let why = format!("the gate cannot tell with which words the commands of `{parser}` begin");
        verdict.guards.gate = GuardOutcome::Skipped { note: why.clone() };
        return Err(NotAccepted::Unknown(why));
    }
    let passed = gate::check(candidate, declaration, declared);
    verdict.guards.gate = match &passed {
        Ok(evidence) => GuardOutcome::Passed { evidence: evidence.clone() },
        Err(reason) => GuardOutcome::Rejected { reason: reason.to_string() },
    };
    passed.map(drop).map_err(NotAccepted::Reject)
}

/// Random bytes: each hasher of the standard library has keys of its own from the operating system.
fn secret() -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    for _ in 0..4 {
        hasher.update(&std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), ()).to_le_bytes());
    }
    *hasher.finalize().as_bytes()
}

/// Every file that is not a `prelude` imports `Init`.
fn imports_of(outline: &Outline) -> Vec<Name> {
    let header = &outline.header;
    let written = header.imports.iter().map(|import| Name::from_texts(components(&import.module)));
    (!header.is_prelude).then(|| Name::from_texts(["Init"])).into_iter().chain(written).collect()
}

/// The one declaration that the edit is in.
fn target<'a>(candidate: &Candidate, outline: &'a Outline) -> Result<&'a Declaration, NotAccepted> {
    let overlaps = |declaration: &&Declaration| {
        declaration.span.start < candidate.span.end.max(candidate.span.start + 1)
            && candidate.span.start < declaration.span.end
    };
    let mut found = outline.declarations.iter().filter(overlaps);
    match (found.next(), found.next()) {
        (Some(declaration), None) => Ok(declaration),
        (None, _) => Err(NotAccepted::Unknown("the edit is in no declaration".to_owned())),
        (Some(_), Some(_)) => {
            let detail = "the edit reaches into more than one declaration".to_owned();
            Err(NotAccepted::Reject(RejectReason::StatementUnverifiable { detail }))
        }
    }
}
