//! Sessions as scripts: events in, effects out, in one line each.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use leanwright_contract::{Guards, HoleClass, RejectReason, RunnerResponse, SandboxTier, Verdict, VerdictState};
use leanwright_engine::{Answer, Effect, Engine, EngineSettings, Event, JobId, Origin, ProveToken};
use leanwright_lean::{Change, Goals, Position, Range, scan};
use proptest::prelude::*;

const URI: &str = "file:///p/P.lean";

struct Script {
    engine: Engine,
    now: u64,
    version: i64,
}

impl Script {
    /// A document is open and Lean is ready.
    fn open(text: &str) -> Self {
        let mut script =
            Self { engine: Engine::new(EngineSettings { attempts: 2, ..Default::default() }), now: 1000, version: 1 };
        script.does(Event::Ready);
        let origin = Some(Origin { root: "/p".into(), project: "p".into(), file: "P.lean".into(), module: "P".into() });
        script.engine.handle(1000, Event::Opened { uri: URI.into(), version: 1, text: text.into(), origin });
        script
    }

    fn does(&mut self, event: Event) -> Vec<String> {
        self.engine.handle(self.now, event).iter().filter_map(show).collect()
    }

    /// Answer the goal question that the last event led to.
    fn goal(&mut self, goals: Goals) -> Vec<String> {
        let question = self.question();
        self.does(Event::Goal { question, answer: Ok(goals) })
    }

    /// The unanswered question about the first hole whose goal is not known.
    fn question(&self) -> leanwright_engine::GoalQuestion {
        let holes = self.engine.holes(URI).unwrap();
        let hole = holes.holes.iter().find(|hole| format!("{:?}", hole.goal).contains("has been asked")).unwrap();
        let start = hole.range.start;
        leanwright_engine::GoalQuestion {
            uri: URI.into(),
            generation: 1,
            version: self.version,
            hole: hole.id.trim_start_matches("hole-").parse().unwrap(),
            position: Position { line: start.line, character: start.character },
            term: false,
        }
    }

    fn prove(&mut self, line: u32) -> Vec<String> {
        let token = ProveToken(u64::from(line));
        self.does(Event::Prove { token, uri: URI.into(), position: Position { line, character: 0 } })
    }

    fn answers(&mut self, job: u64, replacement: &str) -> Vec<String> {
        let response = serde_json::json!({"task_id": "t", "hole_replacement": replacement});
        let response: RunnerResponse = serde_json::from_value(response).unwrap();
        self.does(Event::Attempted { job: JobId(job), answer: Ok(Answer { response: Box::new(response) }) })
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
        let (_, offers) = self.engine.offers(URI).unwrap();
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
        sandbox: SandboxTier::CopyOnly,
        source_digest: String::new(),
        patched_digest: String::new(),
        compile_ms: 0,
    }
}

/// An effect in one line; notifications that only say "look again" are left out.
fn show(effect: &Effect) -> Option<String> {
    Some(match effect {
        Effect::HolesChanged { .. } | Effect::OffersChanged { .. } => return None,
        Effect::AskGoal(question) => {
            format!(
                "ask {} {}:{} v{}",
                if question.term { "term" } else { "goal" },
                question.position.line,
                question.position.character,
                question.version
            )
        }
        Effect::AskRunner { job, task, .. } => {
            format!(
                "run {} {} after {}",
                job.0,
                task.goal_state.as_deref().unwrap_or("?"),
                task.previous_attempts.len()
            )
        }
        Effect::Judge { job, replacement, span, .. } => format!("judge {} {replacement} at {span:?}", job.0),
        Effect::Reply { token, result } => match result {
            Ok(result) => format!("reply {} {:?} {:?}", token.0, result.replacement, result.reason),
            Err(why) => format!("reply {} error {why}", token.0),
        },
        Effect::WakeAt(at) => format!("wake {at}"),
    })
}

fn tactic(goal: &str) -> Goals {
    Goals::Tactic(vec![goal.into()])
}

const TWO: &str = "theorem a : x := by\n  sorry\ntheorem b : y := by\n  sorry\n";

#[test]
fn from_a_sorry_to_an_offer_and_away_again() {
    let mut script = Script::open(TWO);
    assert_eq!(script.goal(tactic("⊢ x")), ["ask goal 3:2 v1"], "one question at a time");
    assert_eq!(script.goal(tactic("⊢ y")), Vec::<String>::new());
    assert_eq!(script.prove(1), ["run 1 ⊢ x after 0"]);
    assert_eq!(script.answers(1, "rfl"), ["judge 1 rfl at 22..27"]);
    let refused = RejectReason::Text { detail: "no".into() };
    assert_eq!(script.judged(1, VerdictState::Rejected { reject_reason: refused }), ["run 1 ⊢ x after 1"]);
    assert_eq!(script.answers(1, "simp"), ["judge 1 simp at 22..27"]);
    assert_eq!(script.judged(1, VerdictState::Accepted), ["reply 1 Some(\"simp\") None"]);
    assert_eq!(script.offers(), ["1: simp"]);
    script.edit(0, 0, 0, "-- ");
    assert!(script.offers().is_empty(), "any edit withdraws it");
}

#[test]
fn taking_an_offer_keeps_those_of_other_declarations() {
    let mut script = Script::open("theorem a : x := by\n  sorry\ntheorem b : y ∧ z := ⟨sorry, sorry⟩\n");
    for goal in ["⊢ x", "⊢ y", "⊢ z"] {
        script.goal(tactic(goal));
    }
    for (job, place) in [
        (1, Position { line: 1, character: 2 }),
        (2, Position { line: 2, character: 23 }),
        (3, Position { line: 2, character: 30 }),
    ] {
        let token = ProveToken(job);
        assert_eq!(script.does(Event::Prove { token, uri: URI.into(), position: place }).len(), 1);
        script.answers(job, "p");
        script.judged(job, VerdictState::Accepted);
    }
    assert_eq!(script.offers(), ["1: p", "2: p", "2: p"]);
    script.edit(1, 2, 7, "p");
    assert_eq!(script.offers(), ["2: p", "2: p"], "the taken one is gone, the others stand");
    let hole = script.engine.holes(URI).unwrap().holes[0].range.start;
    script.edit(hole.line, hole.character, hole.character + 5, "p");
    assert!(script.offers().is_empty(), "the other hole of the same declaration was judged with this one open");
}

#[test]
fn answers_about_another_text_are_nobodys() {
    let mut script = Script::open(TWO);
    let late = script.question();
    assert_eq!(script.edit(0, 0, 0, "\n"), ["wake 1300"]);
    assert_eq!(script.does(Event::Goal { question: late, answer: Ok(tactic("⊢ stale")) }), ["wake 1300"]);
    assert_eq!(script.wait(299), ["wake 1300"], "nothing is asked while the user types");
    assert_eq!(script.wait(1), ["ask goal 2:2 v2"]);
    script.goal(tactic("⊢ x"));
    script.goal(tactic("⊢ y"));
    assert_eq!(script.prove(2), ["run 1 ⊢ x after 0"]);
    script.edit(0, 0, 0, "\n");
    assert_eq!(script.answers(1, "rfl"), ["wake 1600"], "an answer for another text starts the work again");
    assert_eq!(script.wait(300), ["ask goal 3:2 v3"]);
    assert_eq!(script.goal(tactic("⊢ x")), ["ask goal 5:2 v3", "run 1 ⊢ x after 0"]);
}

#[test]
fn a_lost_question_is_asked_again_after_a_pause() {
    let mut script = Script::open(TWO);
    let question = script.question();
    assert_eq!(script.does(Event::GoalLost { question }), ["wake 1300"], "a header edit restarts Lean's worker");
    assert_eq!(script.wait(300), ["ask goal 1:2 v1"]);
}

#[test]
fn a_touched_hole_ends_its_work() {
    let mut script = Script::open(TWO);
    script.goal(tactic("⊢ x"));
    script.prove(1);
    let effects = script.edit(1, 3, 4, "X");
    assert!(
        effects.contains(&"reply 1 None Some(\"the hole is gone: the text has changed\")".to_owned()),
        "{effects:?}"
    );
    assert_eq!(script.judged(1, VerdictState::Accepted), ["wake 1300"], "a verdict without a hole is dropped");
    assert!(script.offers().is_empty());
}

#[test]
fn goals_are_three_valued_and_crashes_are_said() {
    let mut script = Script::open("theorem a : x := sorry\n");
    assert_eq!(script.goal(Goals::Nothing), ["ask term 0:17 v1"], "no tactic there: perhaps a term");
    let question = leanwright_engine::GoalQuestion {
        term: true,
        uri: URI.into(),
        generation: 1,
        version: 1,
        hole: 1,
        position: Position { line: 0, character: 17 },
    };
    script.does(Event::Goal { question, answer: Ok(Goals::Nothing) });
    assert_eq!(format!("{:?}", script.engine.holes(URI).unwrap().holes[0].goal), "Nothing");
    assert_eq!(script.prove(5), ["reply 5 error there is no `sorry` here"]);
    script.does(Event::Crashed { uri: URI.into() });
    assert!(format!("{:?}", script.engine.holes(URI).unwrap().holes[0].goal).contains("stopped working"));
    assert_eq!(script.edit(0, 0, 0, "\n"), ["wake 1300"], "an edit starts Lean again");
}

proptest! {
    /// Whatever is typed: the holes are those of a fresh scan, and equal events have equal effects.
    #[test]
    fn edits_equal_a_rescan(edits in prop::collection::vec((0_u32..6, 0_u32..24, 0_u32..24, "(sorry|theorem c : z := |[ \n𝓝\"(-]{0,4}|)"), 0..12)) {
        let (mut one, mut two) = (Script::open(TWO), Script::open(TWO));
        let mut text = leanwright_lean::Text::new(TWO.into());
        for (line, from, to, replacement) in edits {
            prop_assert_eq!(one.edit(line, from, to, &replacement), two.edit(line, from, to, &replacement));
            let at = |character| Position { line, character };
            text.apply(&Change { range: Some(Range { start: at(from), end: at(to) }), text: replacement });
            let expected: Vec<_> = scan(text.as_str()).holes.into_iter().map(|hole| { let p = text.position(hole.span.start); (p.line, p.character) }).collect();
            let holes = one.engine.holes(URI).unwrap().holes;
            let found: Vec<_> = holes.iter().map(|hole| (hole.range.start.line, hole.range.start.character)).collect();
            prop_assert_eq!(found, expected);
            let mut ids: Vec<_> = holes.iter().map(|hole| &hole.id).collect();
            ids.sort();
            ids.dedup();
            prop_assert_eq!(ids.len(), holes.len(), "ids are unique");
        }
    }
}
