//! The part of the judgement that only reads: one function from what was compiled to what the guards say.
//!
//! The candidate's module is hostile until it has been read. So this runs in a process of its own, with a limit on its memory,
//! from a file that has everything: it needs no project and no Lean, and when it fails nothing else does.

use crate::classify;
use crate::compile::Parts;
use crate::frame;
use crate::guard::{DATA_GUARDS, Evidence, Findings, Guard, Subject, check_dependent};
use crate::imports::{ImportError, Imported, IndexFile};
use crate::own_kernel::{Checked, check_altered};
use leanwright_contract::{GuardOutcome, Guards, RejectReason};
use leanwright_kernel::{Library, LibraryError};
use leanwright_olean::{ConstantKind, MEMORY_PER_BYTE, Module, Name, NameId, Olean, Store};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

/// What the reader may take of the address space beside a multiple of the files, in bytes: the program itself, the guards' own tables, imported modules as far as
/// the kernel asks for them, and the kernel's own limits on terms and stack.
const MEMORY_FLOOR: u64 = 4 << 30;

/// What is asked; the compiled modules follow it.
#[derive(Default, Serialize, Deserialize)]
pub struct Examination {
    /// The text without the candidate and that with it, as they were compiled.
    pub texts: [String; 2],
    /// Where the declaration is in the first, in bytes.
    pub start: usize,
    pub end: usize,
    pub signatures: [String; 2],
    pub allowed_axioms: BTreeSet<Name>,
    /// The folder of the project's own compiled modules.
    pub products: PathBuf,
    /// The declaration is a definition whose type is a proposition: a proof by another name.
    pub is_proof: bool,
    /// What is imported; `None` if nothing is.
    pub imports: Option<IndexFile>,
    pub off: Vec<Guard>,
    /// The texts are those of a module that imports the candidate's, whose declaration is this.
    pub dependent_on: Option<Name>,
}

/// The compiled modules.
pub struct Modules<'a> {
    pub before: &'a Parts,
    pub after: &'a Parts,
}

/// Why an examination says nothing.
#[derive(Debug, thiserror::Error)]
pub enum ExaminationError {
    #[error("the compiled module cannot be read: {0}")]
    Module(#[from] leanwright_olean::Error),
    #[error(transparent)]
    Imports(#[from] ImportError),
    #[error("an open lemma cannot be read: {0}")]
    Lemma(#[from] LibraryError),
    #[error("the examination cannot be read: {0}")]
    File(#[from] std::io::Error),
    #[error("the examination cannot be read: {0}")]
    Json(#[from] serde_json::Error),
    #[error("the examination is cut off")]
    CutOff,
}

/// What the guards say.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct ExaminationReport {
    pub declaration: String,
    pub statement_digest: [String; 2],
    pub product_digest: [String; 2],
    pub axioms: Vec<String>,
    pub rests_on: Vec<String>,
    pub holes_left: usize,
    /// What each guard that was asked has found.
    pub outcomes: Vec<(Guard, GuardOutcome)>,
    pub refusal: Option<RejectReason>,
    /// Why nothing can be said.
    pub unknown: Option<String>,
    /// The candidate changes what is defined, not only proofs.
    pub changes_data: bool,
    /// Other modules cannot see a difference.
    pub unseen: bool,
    /// Constants that the declaration has brought and that other text could name.
    pub helpers: Vec<Name>,
}

impl ExaminationReport {
    fn refuse(&mut self, guard: Guard, reason: RejectReason) {
        self.outcomes.push((guard, GuardOutcome::Rejected { reason: reason.to_string() }));
        self.refusal = Some(reason);
    }

    pub fn write_to(&self, guards: &mut Guards) {
        for (guard, outcome) in &self.outcomes {
            *guard.outcome(guards) = outcome.clone();
        }
    }
}

/// Ask the guards one after the other, until one refuses.
pub fn examine(examination: &Examination, modules: &Modules<'_>) -> Result<ExaminationReport, ExaminationError> {
    let mut store = Store::new();
    let mut read = |parts: &Parts| Module::read(&Olean::of_parts(parts.iter().cloned()), &mut store);
    let (before, after) = (read(modules.before)?, read(modules.after)?);
    let mut imported = examination.imports.as_ref().map_or_else(|| Ok(Imported::default()), Imported::open)?;
    let [text, _] = &examination.texts;
    let targets = frame::targets(&before, &store, text, examination.start..examination.end);
    let subject = Subject {
        targets: &targets,
        place: examination.start..examination.end,
        texts: &examination.texts,
        allowed_axioms: &examination.allowed_axioms,
        products: &examination.products,
        signatures: examination.signatures.clone(),
    };
    let evidence = Evidence::new(&store, [&before, &after], &imported, subject);
    let statement = |module: &Module| {
        let constant = targets.first().and_then(|target| module.constants.get(target));
        constant.map(|constant| store.digest(constant.type_).to_hex().to_string()).unwrap_or_default()
    };
    let mut answer = ExaminationReport {
        declaration: evidence.declaration(),
        statement_digest: [&before, &after].map(statement),
        product_digest: [&before, &after].map(|module| module.digest(&store).to_hex().to_string()),
        ..ExaminationReport::default()
    };
    let mut findings = Findings::default();
    for (place, check) in DATA_GUARDS {
        let checked = check(&evidence, &mut findings);
        answer.axioms = findings.axioms.iter().map(Name::to_string).collect();
        answer.rests_on = findings.rests_on.iter().map(Name::to_string).collect();
        answer.holes_left = findings.holes_left;
        if examination.off.contains(&place) {
            continue;
        }
        match checked {
            Ok(evidence) => answer.outcomes.push((place, GuardOutcome::Passed { evidence })),
            Err(reason) => {
                answer.refuse(place, reason);
                return Ok(answer);
            }
        }
        if place == Guard::Statement && classify::changes_data(&evidence, examination.is_proof) {
            answer.changes_data = true;
            return Ok(answer);
        }
    }
    if let Some(declaration) = &examination.dependent_on
        && let Err(reason) = check_dependent(&evidence, declaration)
    {
        answer.refuse(Guard::Axioms, reason);
        return Ok(answer);
    }
    let none_gone = before.constants.keys().all(|name| after.constants.contains_key(name));
    // A part of a proof that was there before may be one that somebody's computation needs: Lean's kernel unfolds theorems.
    let only_holes = evidence.replaces_only_holes();
    // A definition is unfolded by whoever imports it, whatever its type says.
    let is_theorem = |target: &NameId| after.constants.get(target).is_some_and(|one| one.kind == ConstantKind::Theorem);
    answer.unseen = none_gone
        && targets.iter().all(is_theorem)
        && only_holes
        && !findings.adds_visible
        && findings.helpers.is_empty()
        && DATA_GUARDS.iter().all(|(guard, _)| !examination.off.contains(guard));
    answer.helpers = findings.helpers.into_iter().collect();
    let imported_lemmas: Vec<NameId> =
        findings.open_lemmas.into_iter().filter(|lemma| !after.constants.contains_key(lemma)).collect();
    if let Some(target) = targets.first().and_then(|target| after.constants.get(target)) {
        for lemma in imported_lemmas {
            let lemma = imported.constant(lemma, &mut store)?;
            let Some(lemma) = lemma else { continue };
            if store.statement_digest(&lemma) == store.statement_digest(target)
                && !examination.off.contains(&Guard::Axioms)
            {
                let (declaration, lemmas) = (answer.declaration.clone(), vec![store.name(lemma.name).to_string()]);
                answer.refuse(Guard::Axioms, RejectReason::RestsOnOpenLemmas { declaration, lemmas });
                return Ok(answer);
            }
        }
    }
    if !examination.off.contains(&Guard::Kernel) {
        match check_altered(&mut store, [&before, &after], &mut imported) {
            Checked::Yes(evidence) => answer.outcomes.push((Guard::Kernel, GuardOutcome::Passed { evidence })),
            Checked::No(detail) => {
                let checker = "Leanwright's own kernel".to_owned();
                answer.refuse(Guard::Kernel, RejectReason::KernelRefused { checker, detail });
            }
            Checked::GaveUp(why) => answer.unknown = Some(why),
        }
    }
    Ok(answer)
}

/// Lengths of the parts of each module, in the order in which they follow.
#[derive(Serialize, Deserialize)]
struct Lengths {
    modules: Vec<Vec<usize>>,
}

/// Write everything that `examine_file` needs.
pub fn write_examination(examination: &Examination, modules: &Modules<'_>, path: &Path) -> std::io::Result<()> {
    let all: Vec<&Parts> = vec![modules.before, modules.after];
    let lengths = Lengths { modules: all.iter().map(|parts| parts.iter().map(Vec::len).collect()).collect() };
    let mut file = std::io::BufWriter::new(std::fs::File::create(path)?);
    writeln!(file, "{}", serde_json::to_string(examination)?)?;
    writeln!(file, "{}", serde_json::to_string(&lengths)?)?;
    for part in all.into_iter().flatten() {
        file.write_all(part)?;
    }
    file.flush()
}

/// Do an examination that is in a file, as JSON: in a process of its own, which may take a multiple of the file's size.
pub fn examine_file(path: &Path) -> Result<String, ExaminationError> {
    let bytes = std::fs::read(path)?;
    let limit = MEMORY_FLOOR + bytes.len() as u64 * (MEMORY_PER_BYTE as u64 + 2);
    leanwright_procs::command::limit_memory(limit)?;
    let mut lines = bytes.splitn(3, |byte| *byte == b'\n');
    let mut line = || lines.next().unwrap_or_default();
    let examination: Examination = serde_json::from_slice(line())?;
    let lengths: Lengths = serde_json::from_slice(line())?;
    let mut rest = line();
    let mut part = |length: usize| {
        let (part, behind) = rest.split_at_checked(length).ok_or(ExaminationError::CutOff)?;
        rest = behind;
        Ok::<_, ExaminationError>(part.to_vec())
    };
    let modules = lengths.modules.into_iter().map(|parts| parts.into_iter().map(&mut part).collect());
    let modules: Vec<Parts> = modules.collect::<Result<_, _>>()?;
    let [before, after] = modules.as_slice() else { return Err(ExaminationError::CutOff) };
    let answer = examine(&examination, &Modules { before, after })?;
    Ok(serde_json::to_string(&answer)?)
}
