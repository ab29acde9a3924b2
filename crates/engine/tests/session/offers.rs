//! From a hole to an offer, and what edits do to both.

use super::*;
use leanwright_lean::scan;
use proptest::prelude::*;

#[test]
fn from_a_sorry_to_an_offer_and_away_again() {
    let mut script = Script::open(TWO);
    assert_eq!(script.goal(tactic("⊢ x")), ["ask goal 3:2 v1"], "one query at a time");
    assert_eq!(script.goal(tactic("⊢ y")), ["wait for v1"], "goals first, then everything else");
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
fn a_warning_reaches_the_offer_that_it_is_about() {
    let mut script = Script::open(TWO);
    script.goal(tactic("⊢ x"));
    script.prove(1);
    script.answers(1, "simp");
    script.judged(1, VerdictState::Accepted);
    let warning = |job| {
        let note = "contradictory hypotheses".to_owned();
        let outcome = GuardOutcome::Warned { note: note.clone() };
        Event::Controlled { job: JobId(job), outcome, note: Some(note) }
    };
    let notes = |script: &Script| {
        script.engine.view().offers(URI).unwrap().1.first().map(|(_, offer)| offer.verdict.notes.len())
    };
    script.does(warning(7));
    assert_eq!(notes(&script), Some(0), "it is about the offer of another work");
    let effects = script.engine.handle(script.now, warning(1));
    assert!(effects.contains(&Effect::OffersChanged { uri: URI.into() }), "{effects:?}");
    assert_eq!(notes(&script), Some(1));
    script.edit(0, 0, 0, "-- ");
    script.does(warning(1));
    assert_eq!(notes(&script), None, "the offer is gone");
}

#[test]
fn answers_about_another_text_are_nobodys() {
    let mut script = Script::open(TWO);
    let late = script.asked.clone().unwrap();
    assert_eq!(script.edit(0, 0, 0, "\n"), ["withdraw v1", "wake 1300"]);
    let answer = Ok(LeanReply::Goals(tactic("⊢ stale")));
    assert_eq!(script.does(Event::LeanAnswered { query: late, answer }), ["wake 1300"]);
    assert_eq!(script.wait(299), ["wake 1300"], "nothing is asked while the user types");
    assert_eq!(script.wait(1), ["ask goal 2:2 v2"]);
    script.goal(tactic("⊢ x"));
    script.goal(tactic("⊢ y"));
    script.reply(LeanReply::Elaborated);
    assert_eq!(script.prove(2), ["run 1 ⊢ x after 0"]);
    script.edit(0, 0, 0, "\n");
    assert_eq!(script.answers(1, "rfl"), ["wake 4600"], "an answer for another text starts the work again");
    assert_eq!(script.wait(300), ["ask goal 3:2 v3"]);
    assert_eq!(script.goal(tactic("⊢ x")), ["ask goal 5:2 v3", "run 1 ⊢ x after 0"]);
}

#[test]
fn a_lost_question_is_asked_again_after_a_pause() {
    let mut script = Script::open(TWO);
    let query = script.asked.take().unwrap();
    assert_eq!(script.does(Event::Lost { query }), ["wake 1300"], "a header edit restarts Lean's worker");
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
    assert_eq!(script.judged(1, VerdictState::Accepted), ["wake 2300"], "a verdict without a hole is dropped");
    assert!(script.offers().is_empty());
}

#[test]
fn goals_are_three_valued_and_crashes_are_said() {
    let mut script = Script::open("theorem a : x := sorry\n");
    assert_eq!(script.goal(Goals::Nothing), ["ask term 0:17 v1"], "no tactic there: perhaps a term");
    script.goal(Goals::Nothing);
    assert_eq!(format!("{:?}", script.engine.view().holes(URI).unwrap().holes[0].goal), "Nothing");
    assert_eq!(script.prove(5), ["reply 5 error there is no `sorry` here"]);
    script.does(Event::Crashed { uri: URI.into() });
    assert!(format!("{:?}", script.engine.view().holes(URI).unwrap().holes[0].goal).contains("stopped working"));
    assert_eq!(script.edit(0, 0, 0, "\n"), ["wake 3300"], "an edit starts Lean again");
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
            let holes = one.engine.view().holes(URI).unwrap().holes;
            let found: Vec<_> = holes.iter().map(|hole| (hole.range.start.line, hole.range.start.character)).collect();
            prop_assert_eq!(found, expected);
            let mut ids: Vec<_> = holes.iter().map(|hole| &hole.id).collect();
            ids.sort();
            ids.dedup();
            prop_assert_eq!(ids.len(), holes.len(), "ids are unique");
        }
    }
}

#[test]
fn what_answers_cost_is_summed_up() {
    let mut script = Script::open(TWO);
    script.goal(tactic("⊢ x"));
    script.prove(1);
    let spent = |script: &Script| (script.engine.view().status().answers, script.engine.view().status().cost);
    assert_eq!(spent(&script), (0, None));
    let answer =
        |text: &str, metadata| serde_json::json!({"task_id": "t", "hole_replacement": text, "metadata": metadata});
    script.responds(1, answer("rfl", serde_json::json!({"cost": 0.5})));
    assert_eq!(spent(&script), (1, Some(0.5)));
    script.judged(1, VerdictState::Failed { error: "no".into() });
    script.edit(0, 0, 0, "-- ");
    script.responds(1, answer("simp", serde_json::json!({"cost": 0.25, "unit": "EUR"})));
    assert_eq!(spent(&script), (2, Some(0.75)), "an answer that comes too late was paid for, too");
    script.responds(1, answer("omega", serde_json::json!({"cost": -3})));
    assert_eq!(spent(&script), (3, Some(0.75)));
}
