//! Runs attacks: the projects that they are made on, the judges, and who stopped an attempt. Two attempts run at a time, and all of one
//! source share its baseline.

use crate::data::{Attack, Source, Theme};
use leanwright_contract::VerdictState;
use leanwright_procs::{Launcher, Toolchain, Trust};
use leanwright_testkit::{LeanProject, lean, script};
use leanwright_verify::{Candidate, Guard, Judge, JudgeSettings, Judgement, VerdictStore};
use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, Mutex};

/// All guards that can be switched off.
const GUARDS: [Guard; 11] = [
    Guard::Text,
    Guard::Gate,
    Guard::Statement,
    Guard::Axioms,
    Guard::Placeholder,
    Guard::Invariance,
    Guard::Extensions,
    Guard::Dependents,
    Guard::Control,
    Guard::Kernel,
    Guard::ExternalKernel,
];

/// The name of a guard in a verdict.
fn name_of(guard: Guard) -> &'static str {
    match guard {
        Guard::Text => "text",
        Guard::Gate => "gate",
        Guard::Statement => "statement",
        Guard::Axioms => "axioms",
        Guard::Placeholder => "placeholder",
        Guard::Invariance => "invariance",
        Guard::Extensions => "extensions",
        Guard::Dependents => "reverse_dep",
        Guard::Control => "negative_control",
        Guard::Kernel => "kernel",
        Guard::ExternalKernel => "external_kernel",
    }
}

/// Who stopped an attempt, and what was said; nobody if it was accepted.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub by: Option<String>,
    pub why: String,
}

impl Outcome {
    fn of(judgement: &Judgement) -> Self {
        let by = |name: &str, why: &str| Self { by: Some(name.to_owned()), why: why.to_owned() };
        match &judgement.verdict.state {
            VerdictState::Accepted => Self { by: None, why: format!("rests on {:?}", judgement.verdict.rests_on) },
            VerdictState::Rejected { reject_reason } => {
                let mut guards = judgement.verdict.guards.clone();
                let refuses = |guard: &&Guard| {
                    matches!(guard.outcome(&mut guards), leanwright_contract::GuardOutcome::Rejected { .. })
                };
                by(GUARDS.iter().find(refuses).map_or("judge", |guard| name_of(*guard)), &reject_reason.to_string())
            }
            VerdictState::Failed { error } => by("lean", error),
            VerdictState::Unknown { why } => by("class", why),
        }
    }

    pub fn shown(&self) -> &str {
        self.by.as_deref().unwrap_or("accepted")
    }
}

/// The source of some attacks as a project on disk.
pub struct Bench {
    project: LeanProject,
    text: String,
    holes: BTreeMap<String, Range<usize>>,
    toolchain: Toolchain,
    judge: Arc<Judge>,
    /// Held for writing by who changes files: nobody else is judged in the project then.
    files: tokio::sync::RwLock<()>,
}

fn settings() -> JudgeSettings {
    JudgeSettings { control: false, ..JudgeSettings::default() }
}

/// A judge for all projects without packages.
pub fn judge() -> Arc<Judge> {
    Arc::new(Judge::new(lean(), settings()))
}

impl Bench {
    pub async fn new(source: &Source, judge: &Arc<Judge>) -> Self {
        let (text, holes) = source.holes();
        let project = LeanProject::new(&[("P.lean", &text)]);
        for (path, content) in &source.files {
            project.write(path, content);
        }
        let (mut toolchain, mut judge) = (lean(), Arc::clone(judge));
        if !source.package.is_empty() {
            // Compiled beside the project, and found by `LEAN_PATH`: what a package is to a file that imports it.
            let folder = project.root.with_file_name("package");
            let environment = toolchain.environment(&project.root).await.unwrap();
            std::fs::create_dir(&folder).unwrap();
            for (module, text) in &source.package {
                let (file, olean) = (folder.join(format!("{module}.lean")), folder.join(format!("{module}.olean")));
                std::fs::write(&file, text).unwrap();
                let run = Launcher::default().run(Trust::User, &environment.lean, &folder).args([
                    Path::new("-o"),
                    &olean,
                    &file,
                ]);
                let run =
                    run.env("LEAN_PATH", &environment.lean_path).env("PATH", &environment.path).run().await.unwrap();
                assert!(run.success(), "{}", run.text());
            }
            let body = format!("LEAN_PATH={} exec {} \"$@\"", folder.display(), toolchain.lake.display());
            toolchain.lake = script(&folder, "lake", &body);
            judge = Arc::new(Judge::new(toolchain.clone(), settings()));
        }
        Self { project, text, holes, toolchain, judge, files: tokio::sync::RwLock::default() }
    }

    fn candidate(&self, attack: &Attack) -> Candidate {
        let (before, span) = (self.text.clone(), attack.span(&self.text, &self.holes));
        let (root, file) = (self.project.root.clone(), Path::new("P.lean").into());
        Candidate { root, file, before, span, replacement: attack.replacement() }
    }

    /// With everything on. An attack on what is remembered is judged twice, by two judges with one store.
    pub async fn run(&self, attack: &Attack) -> Outcome {
        let candidate = self.candidate(attack);
        if attack.then.is_empty() {
            let _files = self.files.read().await;
            return Outcome::of(&self.judge.judge(&candidate).await);
        }
        let _files = self.files.write().await;
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(VerdictStore::open(folder.path().to_path_buf(), 1 << 20).unwrap());
        let judge =
            || Judge::new(self.toolchain.clone(), JudgeSettings { store: Some(Arc::clone(&store)), ..settings() });
        judge().judge(&candidate).await;
        let before: Vec<(&String, Option<String>)> = attack.then.keys().map(|path| (path, self.read(path))).collect();
        for (path, content) in &attack.then {
            self.project.write(path, content);
        }
        let second = judge().judge(&candidate).await;
        for (path, content) in before {
            match content {
                Some(content) => self.project.write(path, &content),
                None => std::fs::remove_file(self.project.root.join(path)).unwrap(),
            }
        }
        Outcome::of(&second)
    }

    fn read(&self, path: &str) -> Option<String> {
        std::fs::read_to_string(self.project.root.join(path)).ok()
    }

    /// With the attack's guard alone; nothing if that is none, or if something changes between two judgements.
    pub async fn run_alone(&self, attack: &Attack) -> Option<Outcome> {
        let guard = self.guard_of(attack)?;
        let off: Vec<Guard> = GUARDS.into_iter().filter(|other| *other != guard).collect();
        Some(Outcome::of(&self.judge.judge_without(&self.candidate(attack), &off).await))
    }

    /// Without the attack's guard; nothing as above.
    pub async fn run_without(&self, attack: &Attack) -> Option<Outcome> {
        let guard = self.guard_of(attack)?;
        Some(Outcome::of(&self.judge.judge_without(&self.candidate(attack), &[guard]).await))
    }

    fn guard_of(&self, attack: &Attack) -> Option<Guard> {
        GUARDS.into_iter().find(|guard| name_of(*guard) == attack.by && attack.then.is_empty())
    }
}

/// Do something with every attack, two at a time. The results are in the order of the attacks.
pub async fn for_all<R>(themes: &[Theme], work: impl AsyncFn(&str, &Attack, &Bench) -> R) -> Vec<R> {
    let judge = judge();
    let mut waiting = VecDeque::new();
    for theme in themes {
        for (name, source) in &theme.source {
            let attacks: Vec<&Attack> = theme.attack.iter().filter(|attack| attack.source == *name).collect();
            if attacks.is_empty() {
                continue;
            }
            let bench = Arc::new(Bench::new(source, &judge).await);
            waiting.extend(attacks.into_iter().map(|attack| (theme.name.as_str(), attack, Arc::clone(&bench))));
        }
    }
    let all = waiting.len();
    assert_eq!(all, themes.iter().map(|theme| theme.attack.len()).sum::<usize>(), "an attack names no source");
    let (waiting, done) = (Mutex::new(waiting), Mutex::new(Vec::new()));
    let worker = || async {
        while let Some((index, (theme, attack, bench))) = {
            let mut waiting = waiting.lock().unwrap();
            let index = all - waiting.len();
            waiting.pop_front().map(|next| (index, next))
        } {
            let result = work(theme, attack, &bench).await;
            done.lock().unwrap().push((index, result));
        }
    };
    tokio::join!(worker(), worker());
    let mut done = done.into_inner().unwrap();
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}
