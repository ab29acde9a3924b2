//! A candidate with what is known of it before anything is compiled: its declaration before and after, its project's copy, the
//! modules that it imports.

use crate::candidate::Candidate;
use crate::external_kernel;
use crate::frame::{Frame, Scope, included_variables};
use crate::gate::{self, DeclaredSyntax};
use crate::guard::{self, Guard};
use crate::imports::{Closure, Imports};
use crate::judge::{Judge, NotAccepted};
use crate::judge_settings::JudgeSettings;
use crate::mentions::Helper;
use crate::own_kernel::KERNEL_VERSION;
use crate::reads;
use crate::verdict_store::FORMAT;
use leanwright_contract::{GuardOutcome, RejectReason, Verdict};
use leanwright_lean::dialect::CompilerMessage;
use leanwright_lean::module::components;
use leanwright_lean::{Declaration, ModuleName, Outline};
use leanwright_olean::Name;
use leanwright_project::{ImportStamps, ProjectCopy, Snapshot};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};
use tokio::sync::RwLock;

/// Empty lines that are put into a compiled text, at most.
const MAX_SHIFT: u16 = 4096;

/// What a judgement is about.
pub struct Prepared {
    pub candidate: Candidate,
    /// The declaration that the candidate is a part of.
    pub declaration: Declaration,
    pub patched_text: String,
    pub patched_outline: Outline,
    /// The declaration with the candidate.
    pub patched: Declaration,
    /// Variables that an `example` uses in its body.
    included: Vec<String>,
    /// Where empty lines are put in, and how many.
    shift: (usize, usize),
    /// The state of the project that the verdict is about, until it is reached.
    pub copy: Snapshot,
    pub module: ModuleName,
    /// The folder of the project's own compiled modules.
    pub products: PathBuf,
    pub imports: Imports,
    pub closure: Closure,
    /// Guards that do not run.
    pub off: Vec<Guard>,
    /// Why the verdict is not remembered, if it is not.
    pub reads: Option<String>,
    toolchain: String,
    options: Vec<String>,
    /// The files of the programs that have a part in the verdict: `lean`, and an independent kernel if there is one.
    programs: Vec<String>,
}

impl Prepared {
    /// How the texts without and with the candidate are framed.
    pub fn frame(&self, scope: Scope) -> Frame<'_> {
        Frame { scope, included: &self.included, shift: self.shift }
    }

    /// A message of Lean's about a framed text, with its place in the text as it was written.
    pub fn written_place(&self, mut message: CompilerMessage) -> CompilerMessage {
        let (header, lines) = self.shift;
        let last = self.candidate.before.get(..header).map_or(0, |header| header.matches('\n').count()) + 1;
        let written = |line: usize| if line > last { line.saturating_sub(lines).max(last) } else { line };
        message.pos.line = written(message.pos.line);
        if let Some(end) = &mut message.end_pos {
            end.line = written(end.line);
        }
        message
    }

    /// No other text of the file could come to mean what the declaration has brought.
    pub fn nothing_else_means(&self, helpers: &[Name], declaration: &str) -> Result<(), RejectReason> {
        for name in helpers {
            let helper = Helper::of(name, declaration);
            if helper.is_some_and(|helper| helper.could_be_meant(&self.candidate.before, &self.declaration.span)) {
                let detail = "would be new, and other text of the file could come to mean it".to_owned();
                return Err(RejectReason::ModuleChanged { declaration: name.to_string(), detail });
            }
        }
        Ok(())
    }

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
        part(&KERNEL_VERSION.to_le_bytes());
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
    pub(crate) async fn prepare(
        &self,
        candidate: &Candidate,
        stamps: &ImportStamps,
        off: &[Guard],
        verdict: &mut Verdict,
    ) -> Result<Prepared, NotAccepted> {
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
        let (module, _) = copy.project.module_of(&candidate.file)?;
        copy.build_imports(&candidate.before, stamps).await?;
        let (products, toolchain) = (copy.products(), copy.environment.version.clone());
        let options = copy.project.options_of(&candidate.file)?;
        let programs = [Some(copy.environment.lean.clone()), external_kernel::checker(&copy)];
        let programs = programs.map(|program| program.map(|path| stamp(&path)).unwrap_or_default()).to_vec();
        // All modules of a library are read the first time: that takes a while, and others must not wait for it.
        let (folders, library) = (copy.import_folders(), copy.environment.library.clone());
        let imports = Imports { modules: imports_of(&outline), folders, library, products: Some(products.clone()) };
        let (index, followed) = (Arc::clone(&self.imports), imports.clone());
        let closure = tokio::task::spawn_blocking(move || {
            let mut index = index.lock().unwrap_or_else(PoisonError::into_inner);
            index.follow(&followed)
        });
        let closure = closure.await.map_err(|error| NotAccepted::Unknown(error.to_string()))?;
        // What is not compiled says nothing about the candidate.
        let closure =
            closure.map_err(|detail| NotAccepted::Unknown(format!("the imports cannot be followed: {detail}")))?;
        verdict.imports_digest = Some(closure.digest.to_hex().to_string());
        let shift = (outline.header.end, self.shift_of(candidate));
        if !closure.proofs_missing.is_empty() {
            let roots = closure.proofs_missing.join(", ");
            let note = "was shipped without proofs: that its theorems are proved, and by which axioms, is believed";
            verdict.notes.push(format!("{roots} {note}"));
        }
        let candidate = candidate.clone();
        let texts = [&candidate.before, &patched_text];
        let reads = texts.into_iter().find_map(|text| reads::in_text(text)).or(closure.reads.first().cloned());
        Ok(Prepared {
            shift,
            candidate,
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
        })
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
