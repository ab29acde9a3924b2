//! `leanwright replay`: attempts to verdicts.

use crate::args::ReplayArguments;
use crate::output::Output;
use crate::records;
use crate::settings::{Settings, launcher, toolchain, words};
use anyhow::Context;
use leanwright_contract::{
    Acceptance, Attempt, Certificate, GuardOutcome, JudgeEvent, JudgeStep, ReplayResult, ReplayStatus, SandboxTier,
    VerdictState, read_lines, write_line,
};
use leanwright_procs::JudgeProgram;
use leanwright_project::Project;
use leanwright_verify::{
    JudgeService, Judgement, OpenLemmas, PatchError, apply_attempt, certify, not_judged, replay_result, written,
};
use sha2::{Digest, Sha256};
use std::collections::{BTreeSet, VecDeque};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub async fn run(arguments: ReplayArguments) -> anyhow::Result<ExitCode> {
    let mut output = Output::new(true);
    let root = std::fs::canonicalize(&arguments.lake_root)
        .with_context(|| format!("could not find {}", arguments.lake_root.display()))?;
    let project = Project::of(&root)?;
    let mut settings = Settings::load()?;
    settings.judge.sandbox = arguments.sandbox.unwrap_or(settings.judge.sandbox);
    let mut settings = settings.judge();
    if arguments.no_reverse_dep {
        settings.dependents = Duration::ZERO;
    }
    let parallel = settings.parallel;
    let open_lemmas = if arguments.allow_open_lemmas { OpenLemmas::Allowed } else { OpenLemmas::Refused };
    let judge = Arc::new(match &arguments.judge {
        Some(command) => {
            output.line(&format!("judged by `{command}`"));
            ReplayJudge::Program(JudgeProgram::new(launcher()?, words(command), root))
        }
        None => {
            let toolchain = toolchain(false, &mut |_| {})?;
            output.line(&toolchain.describe());
            let judge = JudgeService::start(toolchain, settings);
            output.line(&match judge.sandbox() {
                Ok(SandboxTier::CopyOnly) if arguments.certificates.is_some() => {
                    "candidates are compiled without a sandbox, so there will be no certificates".to_owned()
                }
                Ok(SandboxTier::CopyOnly) => "candidates are compiled without a sandbox".to_owned(),
                Ok(SandboxTier::Bubblewrap) => "candidates are confined by bubblewrap".to_owned(),
                Ok(SandboxTier::Landlock) => "candidates are confined by landlock and seccomp".to_owned(),
                Err(why) => why,
            });
            ReplayJudge::Here(judge)
        }
    });
    let (attempts, out) = records::open(&arguments.attempts, &arguments.out)?;
    let certificates = arguments.certificates;
    if let Some(folder) = &certificates {
        std::fs::create_dir_all(folder).with_context(|| format!("could not make {}", folder.display()))?;
    }
    let mut results = Results { output, out, certificates, names: BTreeSet::new(), accepted: 0, all: 0 };
    let mut unreadable = 0;
    // As many at a time as the judge compiles; written in the order in which they were read.
    let mut judging: VecDeque<JoinHandle<Option<Replayed>>> = VecDeque::new();
    for (_, attempt) in read_lines::<Attempt>(attempts) {
        let attempt = match attempt {
            Ok(attempt) => attempt,
            Err(error) => {
                results.output.line(&format!("{}: {error}", arguments.attempts.display()));
                unreadable += 1;
                continue;
            }
        };
        if judging.len() >= parallel
            && let Some(first) = judging.pop_front()
        {
            results.write(&first.await?.context(CANCELLED)?)?;
        }
        let (judge, root) = (Arc::clone(&judge), project.root.clone());
        judging.push_back(tokio::spawn(async move { judge.judge(&root, &attempt, open_lemmas).await }));
    }
    for judged in judging {
        results.write(&judged.await?.context(CANCELLED)?)?;
    }
    judge.end().await;
    let Results { mut output, accepted, all, .. } = results;
    output.footnotes();
    output.line(&format!("{accepted} of {all} attempts accepted; results in {}", arguments.out.display()));
    Ok(ExitCode::from(u8::from(unreadable > 0)))
}

/// Who judges.
enum ReplayJudge {
    Here(JudgeService),
    Program(JudgeProgram),
}

impl ReplayJudge {
    async fn end(&self) {
        match self {
            Self::Here(judge) => judge.end().await,
            Self::Program(program) => program.end().await,
        }
    }

    async fn judge(&self, root: &Path, attempt: &Attempt, open_lemmas: OpenLemmas) -> Option<Replayed> {
        let program = match self {
            Self::Here(judge) => {
                let never = CancellationToken::new();
                let judged = judge_attempt(judge, root, attempt, None, open_lemmas, |_| {}, &never).await;
                return judged.map(|(result, certificate)| Replayed { result, certificate });
            }
            Self::Program(program) => program,
        };
        let mut request = program.submit(root, attempt);
        let result = loop {
            match request.next_event().await {
                JudgeEvent::Judged { result, .. } => break *result,
                JudgeEvent::Refused { why, .. } => break not_judged(attempt, why),
                JudgeEvent::Cancelled { .. } => break not_judged(attempt, "the judge has cancelled it".to_owned()),
                JudgeEvent::Step { .. } | JudgeEvent::Ready { .. } => {}
            }
        };
        // The program is not ours: what it says of another attempt is not taken for this one's.
        let is_its = (&result.task_id, &result.attempt_id) == (&attempt.task_id, &attempt.attempt_id);
        let result = match (is_its, is_consistent(&result)) {
            (false, _) => not_judged(attempt, "the judge answered another attempt".to_owned()),
            (_, false) => not_judged(attempt, "the judge contradicts itself".to_owned()),
            (true, true) => result,
        };
        Some(Replayed { result, certificate: None })
    }
}

/// Whether a result that says "accepted" says so in all its members; a judge of our own does. What rests on open lemmas is nothing that was allowed.
fn is_consistent(result: &ReplayResult) -> bool {
    let verdict = result.verdict.as_ref();
    let accepted = [
        result.accepted,
        result.status == ReplayStatus::Passed,
        verdict.is_some_and(|verdict| verdict.state == VerdictState::Accepted),
        matches!(result.acceptance, Some(Acceptance::Verified | Acceptance::Warned)),
        verdict.is_some_and(|verdict| verdict.acceptance() == result.acceptance),
        result.reject_reason.is_none() && result.patch_error.is_none(),
    ];
    !result.accepted || accepted.iter().all(|says| *says)
}

/// Nobody does that here.
const CANCELLED: &str = "an attempt was cancelled";

/// Judge one attempt, of the file on disk or of this text: its record and, if it was accepted, its certificate. `None` if it was cancelled. `begins` is told each step.
pub async fn judge_attempt(
    judge: &JudgeService,
    root: &Path,
    attempt: &Attempt,
    text: Option<String>,
    open_lemmas: OpenLemmas,
    begins: impl Fn(JudgeStep),
    cancelled: &CancellationToken,
) -> Option<(ReplayResult, Option<Certificate>)> {
    let is_on_disk = text.is_none();
    let before = async {
        match text {
            Some(text) => Ok(text),
            None => read_target(root, attempt).await,
        }
    };
    let before = cancelled.run_until_cancelled(before).await?;
    let (judged, certificate) = match before.and_then(|before| apply_attempt(root, attempt, before)) {
        Ok(candidate) => {
            let mut question = judge.submit(candidate.clone());
            let judged = async {
                while let Some(step) = question.next_step().await {
                    begins(step);
                }
                question.judgement().await
            };
            let Some(judged) = cancelled.run_until_cancelled(judged).await else {
                question.cancel().await;
                return None;
            };
            let mut judgement = judged
                .unwrap_or_else(|error| Judgement::unknown(&candidate, &format!("the judge has failed: {error}")));
            if is_on_disk && read_target(root, attempt).await.ok().as_ref() != Some(&candidate.before) {
                let why = "the file has changed while it was judged".to_owned();
                judgement.verdict.state = VerdictState::Unknown { why };
            }
            let certificate = certify(&candidate, &judgement, &judge_name());
            (Ok(judgement), certificate)
        }
        Err(refused) => (Err(refused), None),
    };
    let result = replay_result(attempt, &judged, open_lemmas);
    let certificate = certificate.filter(|_| result.accepted);
    Some((result, certificate))
}

/// The result of one attempt, with its certificate if it was accepted.
struct Replayed {
    result: ReplayResult,
    certificate: Option<Certificate>,
}

/// The program and its version, as certificates name it.
pub fn judge_name() -> String {
    format!("leanwright {}", crate::args::VERSION.lines().next().unwrap_or_default())
}

/// Where results go: a line for the user, the record, and a certificate.
struct Results {
    output: Output,
    out: std::io::BufWriter<std::fs::File>,
    certificates: Option<PathBuf>,
    /// Of certificates.
    names: BTreeSet<String>,
    accepted: usize,
    all: usize,
}

impl Results {
    fn write(&mut self, Replayed { result, certificate }: &Replayed) -> anyhow::Result<()> {
        if let (Some(folder), Some(certificate)) = (&self.certificates, certificate) {
            let path = folder.join(format!("{}.json", file_name(&result.task_id, &result.attempt_id, &mut self.names)));
            std::fs::write(&path, written(certificate)?)
                .with_context(|| format!("could not write {}", path.display()))?;
        }
        let why = result.reject_reason.as_ref().map(ToString::to_string).or_else(|| result.patch_error.clone());
        // What is accepted may still come with something that a reader must know.
        let kind = || {
            let verdict = result.verdict.as_ref()?;
            match result.acceptance? {
                Acceptance::Verified => None,
                Acceptance::OpenLemmas => verdict.acceptance_text(),
                Acceptance::Warned => match &verdict.guards.negative_control {
                    GuardOutcome::Warned { note } => Some(format!("with a warning: {note}")),
                    _ => None,
                },
            }
        };
        let output = &mut self.output;
        let notes = result.verdict.iter().filter(|_| result.accepted).flat_map(|verdict| &verdict.notes);
        let marks = || Some(notes.map(|note| output.mark(note)).collect::<Vec<_>>().join(", "));
        let why = why.or_else(|| lean_error(result)).or_else(kind).or_else(marks);
        let word = serde_json::to_value(result.status)?.as_str().unwrap_or_default().to_owned();
        let seconds = result.elapsed_ms / 100;
        self.output.line(&format!(
            "{word:13} {} {}  {}.{} s  {}",
            result.task_id,
            result.attempt_id,
            seconds / 10,
            seconds % 10,
            why.unwrap_or_default().lines().next().unwrap_or_default()
        ));
        self.all += 1;
        self.accepted += usize::from(result.accepted);
        write_line(&mut self.out, result)?;
        self.out.flush()?;
        Ok(())
    }
}

/// In bytes, without the digest and the ending: file systems take 255.
const LONGEST_NAME: usize = 200;

/// Ids come from outside: whatever is in them becomes a plain name of a file, each its own: `used` are those of other attempts.
fn file_name(task: &str, attempt: &str, used: &mut BTreeSet<String>) -> String {
    let plain =
        |character: char| if character.is_alphanumeric() || "-_.".contains(character) { character } else { '_' };
    let name: String = format!("{task}--{attempt}").chars().map(plain).collect();
    if name.len() <= LONGEST_NAME && used.insert(name.clone()) {
        return name;
    }
    let digest = Sha256::digest(format!("{task}\0{attempt}\0{}", used.len()));
    let digest: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let end = (0..=LONGEST_NAME.min(name.len())).rev().find(|end| name.is_char_boundary(*end)).unwrap_or(0);
    format!("{}-{digest}", name.get(..end).unwrap_or_default())
}

/// What Lean says of an attempt that does not compile.
fn lean_error(result: &ReplayResult) -> Option<String> {
    match &result.verdict.as_ref()?.state {
        VerdictState::Failed { error } => Some(error.clone()),
        _ => None,
    }
}

/// Bytes of a source file that are read at most.
const MAX_SOURCE: u64 = 64 << 20;

/// The text of the file that an attempt edits, as it is on disk. Whatever the file is, others are not held up.
async fn read_target(root: &Path, attempt: &Attempt) -> Result<String, PatchError> {
    let file = attempt.allowed_edit.file.clone();
    let path = root.join(leanwright_verify::project_path(&file)?);
    let read = tokio::task::spawn_blocking(move || read_source(&path)).await;
    let read = read.map_err(std::io::Error::other).and_then(|read| read);
    read.map_err(|error| PatchError::Unreadable { file, reason: error.to_string() })
}

fn read_source(path: &Path) -> std::io::Result<String> {
    if !std::fs::metadata(path)?.is_file() {
        return Err(std::io::Error::other("it is no regular file"));
    }
    let mut text = String::new();
    if std::fs::File::open(path)?.take(MAX_SOURCE + 1).read_to_string(&mut text)? as u64 > MAX_SOURCE {
        return Err(std::io::Error::other("it has more than 64 MiB"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A judge that is another program may say anything.
    #[test]
    fn who_says_accepted_must_say_so_everywhere() {
        let attempt: Attempt = serde_json::from_str(
            r#"{"schema_version": 1, "task_id": "t", "attempt_id": "a",
                "allowed_edit": {"file": "P.lean", "start_line": 1, "end_line": 1}, "replacement": "rfl"}"#,
        )
        .unwrap();
        let blank = not_judged(&attempt, String::new());
        assert!(is_consistent(&blank), "a refusal");
        let passed = serde_json::json!({"status": "passed", "evidence": "e"});
        let verdict = serde_json::json!({
            "verdict": "accepted", "hole_class": "proof", "axioms": [], "rests_on": [], "holes_left": 0, "notes": [],
            "toolchain": "", "sandbox": "bubblewrap", "source_digest": "", "patched_digest": "", "compile_ms": 1,
            "guards": {"statement": passed, "axioms": passed, "reverse_dep": passed, "negative_control": passed},
        });
        let verdict: leanwright_contract::Verdict = serde_json::from_value(verdict).unwrap();
        let honest = ReplayResult {
            status: ReplayStatus::Passed,
            accepted: true,
            acceptance: verdict.acceptance(),
            patch_error: None,
            verdict: Some(verdict),
            ..blank.clone()
        };
        assert!(is_consistent(&honest), "{honest:?}");
        for lie in [
            ReplayResult { accepted: true, ..blank.clone() },
            ReplayResult { status: ReplayStatus::RunnerError, ..honest.clone() },
            ReplayResult { acceptance: None, ..honest.clone() },
            ReplayResult { acceptance: Some(Acceptance::OpenLemmas), ..honest.clone() },
            ReplayResult { acceptance: Some(Acceptance::Warned), ..honest.clone() },
            ReplayResult { verdict: None, ..honest.clone() },
            ReplayResult { patch_error: Some("stale".to_owned()), ..honest.clone() },
        ] {
            assert!(!is_consistent(&lie), "{lie:?}");
        }
    }
}
