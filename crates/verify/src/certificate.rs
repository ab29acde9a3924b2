//! Certificates: made of a judgement, sealed with a digest, and checked again against the project as it is now.

use crate::candidate::{Candidate, project_path};
use crate::guard::signature;
use crate::judge::Judge;
use crate::judgement::Judgement;
use leanwright_contract::{Certificate, CertifiedEdit, SCHEMA_VERSION, SandboxTier, Verdict, VerdictState};
use leanwright_lean::Outline;
use leanwright_project::Project;
use std::path::Path;

/// Why a certificate does not hold.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    #[error("this is not a certificate: {0}")]
    NotOne(#[from] serde_json::Error),
    #[error("the certificate has been changed since it was written: its digest does not fit")]
    Changed,
    #[error("the certificate calls itself another kind of yes than its verdict is")]
    Kind,
    #[error("the certificate is of version {0}; this program reads version {SCHEMA_VERSION}")]
    Version(u32),
    #[error("{0}")]
    Path(#[from] crate::PatchError),
    #[error("could not read `{file}`: {source}")]
    Read { file: String, source: std::io::Error },
    #[error("`{0}` has changed: it is neither the text that was judged nor that text with the edit")]
    Source(String),
}

/// The certificate of an accepted candidate; `None` for any other, and for one that nothing confined: it could have changed what judges. `judge` names the program.
pub fn certify(candidate: &Candidate, judgement: &Judgement, judge: &str) -> Option<Certificate> {
    if judgement.verdict.state != VerdictState::Accepted || judgement.verdict.sandbox == SandboxTier::CopyOnly {
        return None;
    }
    let outline = Outline::of(&candidate.before);
    let statement = outline.at(candidate.span.start).map(|declaration| signature(&candidate.before, declaration));
    let module = Project::at(&candidate.root).and_then(|project| project.module_of(&candidate.file));
    let before = candidate.before.get(..candidate.span.start).unwrap_or_default();
    let mut certificate = Certificate {
        schema_version: SCHEMA_VERSION,
        judge: judge.to_owned(),
        file: candidate.file.display().to_string(),
        module: module.map(|(module, _)| module.to_string()).unwrap_or_default(),
        statement: statement.unwrap_or_default(),
        edit: CertifiedEdit {
            start_byte: candidate.span.start,
            line: before.matches('\n').count() + 1,
            expected: candidate.replaced().to_owned(),
            replacement: candidate.replacement.clone(),
        },
        acceptance: judgement.verdict.acceptance(),
        verdict: judgement.verdict.clone(),
        elapsed_ms: u64::try_from(judgement.elapsed.as_millis()).unwrap_or(u64::MAX),
        digest: String::new(),
    };
    certificate.digest = digest(&certificate).ok()?;
    Some(certificate)
}

/// A certificate as it is written: there is one way to write it.
pub fn written(certificate: &Certificate) -> Result<String, serde_json::Error> {
    Ok(serde_json::to_string_pretty(certificate)? + "\n")
}

fn digest(certificate: &Certificate) -> Result<String, serde_json::Error> {
    let unsealed = Certificate { digest: String::new(), ..certificate.clone() };
    Ok(blake3::hash(written(&unsealed)?.as_bytes()).to_hex().to_string())
}

/// Read a certificate. Any byte that is not as it was written is an error.
pub fn read_certificate(text: &str) -> Result<Certificate, CertificateError> {
    let certificate: Certificate = serde_json::from_str(text)?;
    if certificate.schema_version != SCHEMA_VERSION {
        return Err(CertificateError::Version(certificate.schema_version));
    }
    if written(&certificate)? != text || digest(&certificate)? != certificate.digest {
        return Err(CertificateError::Changed);
    }
    // Certificates of older versions do not say which kind of yes they are.
    if certificate.acceptance.is_some() && certificate.acceptance != certificate.verdict.acceptance() {
        return Err(CertificateError::Kind);
    }
    Ok(certificate)
}

/// The candidate that a certificate is about, from the project's file as it is: with the edit or without.
pub fn certified_candidate(root: &Path, certificate: &Certificate) -> Result<(Candidate, Applied), CertificateError> {
    let file = project_path(&certificate.file)?;
    let read = std::fs::read_to_string(root.join(&file));
    let text = read.map_err(|source| CertificateError::Read { file: certificate.file.clone(), source })?;
    let CertifiedEdit { start_byte: start, expected, replacement, .. } = &certificate.edit;
    let changed = || CertificateError::Source(certificate.file.clone());
    let digest = blake3::hash(text.as_bytes()).to_hex().to_string();
    let (before, applied) = if digest == certificate.verdict.source_digest {
        (text, Applied::No)
    } else if digest == certificate.verdict.patched_digest {
        let (head, tail) = (text.get(..*start), text.get(start + replacement.len()..));
        let (Some(head), Some(tail)) = (head, tail) else { return Err(changed()) };
        ([head, expected, tail].concat(), Applied::Yes)
    } else {
        return Err(changed());
    };
    let span = *start..start + expected.len();
    if before.get(span.clone()) != Some(expected)
        || blake3::hash(before.as_bytes()).to_hex().as_str() != certificate.verdict.source_digest
    {
        return Err(changed());
    }
    let replacement = replacement.clone();
    Ok((Candidate { root: root.to_path_buf(), file, before, span, replacement }, applied))
}

/// Whether the project's file has the edit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    Yes,
    No,
}

/// Judge the candidate again and say what differs: nothing, if the certificate holds.
pub async fn differences(judge: &Judge, candidate: &Candidate, certificate: &Certificate) -> Vec<String> {
    let verdict = judge.judge(candidate).await.verdict;
    if let VerdictState::Rejected { reject_reason } = &verdict.state {
        return vec![format!("it is refused: {reject_reason}")];
    }
    if let VerdictState::Failed { error: why } | VerdictState::Unknown { why } = &verdict.state {
        return vec![format!("it is not accepted: {why}")];
    }
    compare(&certificate.verdict, &verdict)
}

fn compare(then: &Verdict, now: &Verdict) -> Vec<String> {
    let mut found = Vec::new();
    let mut check = |what: &str, then: String, now: String| {
        if then != now {
            found.push(format!("{what}: it was {then}, it is {now}"));
        }
    };
    let pair = |pair: &Option<[String; 2]>| pair.as_ref().map_or("not known".to_owned(), |pair| pair.join(" and "));
    check("Lean", then.toolchain.clone(), now.toolchain.clone());
    check("declaration", format!("{:?}", then.declaration), format!("{:?}", now.declaration));
    check("the imports' digest", format!("{:?}", then.imports_digest), format!("{:?}", now.imports_digest));
    check("the statement's digest", pair(&then.statement_digest), pair(&now.statement_digest));
    check("the compiled module's digest", pair(&then.product_digest), pair(&now.product_digest));
    check("axioms", then.axioms.join(", "), now.axioms.join(", "));
    check("open holes that it rests on", then.rests_on.join(", "), now.rests_on.join(", "));
    check("holes left in it", then.holes_left.to_string(), now.holes_left.to_string());
    found
}
