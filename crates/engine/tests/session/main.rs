//! Sessions as scripts: events in, effects out, in one line each. Scenarios in the files beside.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use leanwright_contract::{
    GuardOutcome, Guards, HoleClass, RejectReason, RunnerResponse, SandboxTier, SourceFile, Verdict, VerdictState,
};
use leanwright_engine::{Effect, Engine, EngineSettings, Event, JobId, LeanQuery, LeanReply, ProveToken, Subject};
use leanwright_lean::{Change, Goals, Position, Range};

mod again;
mod live;
mod offers;

const URI: &str = "file:///p/P.lean";

struct Script {
    engine: Engine,
    now: u64,
    version: i64,
    /// The query that is on its way.
    asked: Option<LeanQuery>,
}

impl Script {
    /// A document is open and Lean is ready.
    fn open(text: &str) -> Self {
        Self::with(EngineSettings { attempts: 2, ..Default::default() }, text)
    }

    fn with(settings: EngineSettings, text: &str) -> Self {
        let mut script = Self { engine: Engine::new(settings), now: 1000, version: 1, asked: None };
        script.does(Event::Ready);
        let source_file =
            Some(SourceFile { root: "/p".into(), project: "p".into(), file: "P.lean".into(), module: "P".into() });
        script.does(Event::Opened { uri: URI.into(), version: 1, text: text.into(), source_file });
        script
    }

    fn does(&mut self, event: Event) -> Vec<String> {
        let effects = self.engine.handle(self.now, event);
        for effect in &effects {
            match effect {
                Effect::AskLean { query } => self.asked = Some(query.clone()),
                Effect::Withdraw { .. } => self.asked = None,
                _ => {}
            }
        }
        effects.iter().filter_map(show).collect()
    }

    /// Lean answers the query that is on its way, after a second.
    fn reply(&mut self, reply: LeanReply) -> Vec<String> {
        self.now += 1000;
        let query = self.asked.take().unwrap();
        self.does(Event::LeanAnswered { query, answer: Ok(reply) })
    }

    fn goal(&mut self, goals: Goals) -> Vec<String> {
        assert!(matches!(self.asked.as_ref().unwrap().about, Subject::TacticGoals { .. } | Subject::TermGoal { .. }));
        self.reply(LeanReply::Goals(goals))
    }

    fn prove(&mut self, line: u32) -> Vec<String> {
        let token = ProveToken(u64::from(line));
        self.does(Event::Prove { token, uri: URI.into(), position: Position { line, character: 0 } })
    }

    fn answers(&mut self, job: u64, replacement: &str) -> Vec<String> {
        self.responds(job, serde_json::json!({"task_id": "t", "hole_replacement": replacement}))
    }

    fn responds(&mut self, job: u64, response: serde_json::Value) -> Vec<String> {
        let response: RunnerResponse = serde_json::from_value(response).unwrap();
        self.does(Event::RunnerAnswered { job: JobId(job), answer: Ok(Box::new(response)) })
    }

    fn judged(&mut self, job: u64, state: VerdictState) -> Vec<String> {
        self.does(Event::Judged { job: JobId(job), verdict: Box::new(verdict(state)) })
    }

    fn edit(&mut self, line: u32, from: u32, to: u32, text: &str) -> Vec<String> {
        self.version += 1;
        let at = |character| Position { line, character };
        let change = Change { range: Some(Range { start: at(from), end: at(to) }), text: text.into() };
        self.does(Event::Changed { uri: URI.into(), version: self.version, changes: vec![change] })
    }

    fn wait(&mut self, millis: u64) -> Vec<String> {
        self.now += millis;
        self.does(Event::Tick)
    }

    fn offers(&self) -> Vec<String> {
        let (_, offers) = self.engine.view().offers(URI).unwrap();
        offers.into_iter().map(|(range, offer)| format!("{}: {}", range.start.line, offer.replacement)).collect()
    }
}

fn verdict(state: VerdictState) -> Verdict {
    Verdict {
        state,
        declaration: None,
        hole_class: HoleClass::Proof,
        statement_digest: None,
        axioms: vec![],
        rests_on: vec![],
        holes_left: 0,
        notes: vec![],
        guards: Guards::default(),
        toolchain: String::new(),
        generation: None,
        sandbox: SandboxTier::CopyOnly,
        source_digest: String::new(),
        patched_digest: String::new(),
        imports_digest: None,
        product_digest: None,
        compile_ms: 0,
    }
}

/// An effect in one line; notifications that only say "look again" are left out.
fn show(effect: &Effect) -> Option<String> {
    Some(match effect {
        Effect::HolesChanged { .. } | Effect::OffersChanged { .. } => return None,
        Effect::AskLean { query } => {
            let version = query.version;
            match query.about {
                Subject::TacticGoals { position, .. } => {
                    format!("ask goal {}:{} v{version}", position.line, position.character)
                }
                Subject::TermGoal { position, .. } => {
                    format!("ask term {}:{} v{version}", position.line, position.character)
                }
                Subject::Elaborated => format!("wait for v{version}"),
                Subject::SorryTokens => format!("ask tokens v{version}"),
            }
        }
        Effect::Withdraw { query } => format!("withdraw v{}", query.version),
        Effect::AskRunner { job, task, .. } => {
            format!(
                "run {} {} after {}",
                job.0,
                task.goal_state.as_deref().unwrap_or("?"),
                task.previous_attempts.len()
            )
        }
        Effect::Judge { job, replacement, span, .. } => format!("judge {} {replacement} at {span:?}", job.0),
        Effect::RespondProve { token, result } => match result {
            Ok(result) => format!("reply {} {:?} {:?}", token.0, result.replacement, result.reason),
            Err(why) => format!("reply {} error {why}", token.0),
        },
        Effect::RespondProveAll { token, result } => match result {
            Ok(all) => {
                let shown = all.results.iter().map(|one| format!("{} {:?}", one.hole, one.replacement));
                format!("reply {} all {}", token.0, shown.collect::<Vec<_>>().join(", "))
            }
            Err(why) => format!("reply {} error {why}", token.0),
        },
        Effect::WakeAt { at } => format!("wake {at}"),
    })
}

fn tactic(goal: &str) -> Goals {
    Goals::Tactic(vec![goal.into()])
}

const TWO: &str = "theorem a : x := by\n  sorry\ntheorem b : y := by\n  sorry\n";
