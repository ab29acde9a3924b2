//! Holes and goals while the user types: order, pauses, what Lean sees, work that nobody asked for.

use super::*;
use leanwright_contract::editor::{GoalView, SeenByLean, WorkView};

const THREE: &str = "theorem a : x := by\n  sorry\ntheorem b : y := by\n  sorry\ntheorem c : z := by\n  sorry\n";

fn range(line: u32, from: u32, to: u32) -> Range {
    Range { start: Position { line, character: from }, end: Position { line, character: to } }
}

fn publish(version: i64, errors: &[(Range, u8, &str)]) -> Event {
    let diagnostics: Vec<_> = errors
        .iter()
        .map(|(range, severity, message)| serde_json::json!({"range": range, "severity": severity, "message": message}))
        .collect();
    let published = serde_json::json!({"uri": URI, "version": version, "diagnostics": diagnostics});
    Event::Diagnostics { published: Box::new(serde_json::from_value(published).unwrap()) }
}

#[test]
fn contract_41_one_question_at_a_time_nearest_to_the_cursor_first() {
    let mut script = Script::open(THREE);
    assert_eq!(script.asked.as_ref().unwrap().version, 1);
    script.does(Event::Cursor { uri: URI.into(), position: Position { line: 5, character: 0 } });
    assert_eq!(script.goal(tactic("⊢ x")), ["ask goal 5:2 v1"]);
    assert_eq!(script.goal(tactic("⊢ z")), ["ask goal 3:2 v1"]);
    assert_eq!(script.goal(tactic("⊢ y")), ["wait for v1"]);
    assert_eq!(script.reply(LeanReply::Elaborated), ["ask tokens v1"]);
    assert_eq!(script.reply(LeanReply::Unsupported), Vec::<String>::new());
    // While keys come faster than the pause nothing is asked, however long it goes on.
    for key in 0..20 {
        let effects = script.edit(0, 0, 0, " ");
        assert!(effects.iter().all(|effect| effect.starts_with("wake")), "key {key}: {effects:?}");
        assert_eq!(script.wait(125).len(), 1);
    }
    assert_eq!(script.wait(175), ["ask goal 5:2 v21"]);
    assert_eq!(script.edit(0, 0, 0, " "), ["withdraw v21", "wake 8975"], "an edit takes the query back");
}

#[test]
fn the_pause_is_short_where_lean_is_quick() {
    let mut script = Script::open(THREE);
    let query = script.asked.take().unwrap();
    script.now += 100;
    script.does(Event::LeanAnswered { query, answer: Ok(LeanReply::Goals(tactic("⊢ x"))) });
    let effects = script.edit(0, 0, 0, " ");
    assert_eq!(effects, ["withdraw v1", "wake 1140"], "two fifths of 100 ms after the edit at 1100");
}

#[test]
fn contract_35_elaborated_is_what_lean_says_of_the_version_that_there_is() {
    let mut script = Script::open("theorem a : x := by\n  simp\n");
    let elaborated = |script: &Script| script.engine.view().holes(URI).unwrap().elaborated;
    assert!(!elaborated(&script));
    let late = script.asked.clone().unwrap();
    script.edit(1, 6, 6, " ");
    script.does(Event::LeanAnswered { query: late, answer: Ok(LeanReply::Elaborated) });
    assert!(!elaborated(&script), "that was another version");
    assert_eq!(script.wait(300), ["wait for v2"]);
    let query = script.asked.take().unwrap();
    script.does(Event::LeanAnswered { query, answer: Err("no".into()) });
    assert!(!elaborated(&script), "an error is no end");
}

#[test]
fn bodies_with_errors_are_holes_until_they_are_touched() {
    let mut script = Script::open("theorem a : x := by\n  simp\n\ntheorem b : y := rfl\n");
    script.does(publish(1, &[(range(1, 2, 6), 1, "simp made no progress"), (range(3, 17, 20), 2, "a warning")]));
    assert!(script.engine.view().holes(URI).unwrap().holes.is_empty(), "not before the version is done");
    assert_eq!(script.reply(LeanReply::Elaborated), ["ask goal 1:2 v1"], "what its first tactic has to prove");
    script.goal(tactic("⊢ x"));
    let holes = script.engine.view().holes(URI).unwrap().holes;
    assert_eq!((holes.len(), holes[0].kind.as_str(), holes[0].range.end.line), (1, "error", 1));
    // The judge is asked about the edit as it is offered: it finds the body, and the error, itself.
    assert_eq!(script.prove(1), ["run 1 ⊢ x after 0"]);
    assert_eq!(script.answers(1, "by omega"), ["judge 1 by omega at 17..26"]);
    script.judged(1, VerdictState::Accepted);
    let (_, offers) = script.engine.view().offers(URI).unwrap();
    assert_eq!((offers[0].0.start.line, offers[0].0.end.line), (0, 1));
    script.edit(3, 0, 0, "\n");
    assert_eq!(script.engine.view().holes(URI).unwrap().holes.len(), 1, "an edit elsewhere leaves it");
    script.edit(1, 4, 4, "X");
    assert!(script.engine.view().holes(URI).unwrap().holes.is_empty());
}

#[test]
fn an_error_that_goes_away_ends_the_work_on_it() {
    let mut script = Script::open("def early := 1\ntheorem a : x := by\n  simp\n");
    script.does(publish(1, &[(range(2, 2, 6), 1, "simp made no progress")]));
    script.reply(LeanReply::Elaborated);
    script.goal(tactic("⊢ x"));
    script.prove(2);
    // An edit elsewhere mends it: whoever asked is answered though the text of the proof is the same.
    script.edit(0, 13, 14, "2");
    script.wait(300);
    script.goal(tactic("⊢ x"));
    script.does(publish(2, &[]));
    let effects = script.reply(LeanReply::Elaborated);
    assert!(effects.iter().any(|effect| effect.contains("Lean reports no error there any more")), "{effects:?}");
    assert!(script.engine.view().running().is_empty() && script.engine.view().holes(URI).unwrap().holes.is_empty());
}

#[test]
fn lean_confirms_or_contradicts_what_the_text_shows() {
    let mut script = Script::open(THREE);
    for goal in ["⊢ x", "⊢ y", "⊢ z"] {
        script.goal(tactic(goal));
    }
    script.does(publish(1, &[(range(0, 8, 9), 2, "declaration uses `sorry`")]));
    script.reply(LeanReply::Elaborated);
    script.reply(LeanReply::SorryTokens(vec![range(1, 2, 7), range(5, 2, 7)]));
    let seen = |script: &Script| -> Vec<String> {
        let shown = |seen: &SeenByLean| match seen {
            SeenByLean::Yes => "yes",
            SeenByLean::No { .. } => "no",
            SeenByLean::Unknown { .. } => "unknown",
        };
        script.engine.view().holes(URI).unwrap().holes.iter().map(|hole| shown(&hole.seen_by_lean).to_owned()).collect()
    };
    assert_eq!(seen(&script), ["yes", "no", "yes"]);
    assert!(script.engine.view().holes(URI).unwrap().contradictions.is_empty());
    script.edit(0, 0, 0, " ");
    assert_eq!(seen(&script), ["unknown", "unknown", "unknown"], "that was another version");

    let mut script = Script::open("theorem a : x := hidden\n");
    script.does(publish(1, &[(range(0, 8, 9), 2, "declaration uses `sorry`")]));
    script.reply(LeanReply::Elaborated);
    script.reply(LeanReply::SorryTokens(vec![]));
    let contradictions = script.engine.view().holes(URI).unwrap().contradictions;
    assert!(contradictions[0].message.contains("none is written"), "{contradictions:?}");
}

#[test]
fn all_holes_at_once_but_those_that_are_marked() {
    let text = THREE.replacen("sorry\n", "sorry -- leanwright: skip\n", 1);
    let mut script = Script::open(&text);
    for goal in ["⊢ x", "⊢ y", "⊢ z"] {
        script.goal(tactic(goal));
    }
    let token = ProveToken(7);
    let effects = script.does(Event::ProveAll { token, uri: URI.into(), lines: None });
    assert_eq!(effects, ["run 1 ⊢ y after 0", "run 2 ⊢ z after 0"]);
    script.answers(1, "p");
    script.judged(1, VerdictState::Accepted);
    script.answers(2, "q");
    let unknown = VerdictState::Unknown { why: "data".into() };
    assert_eq!(script.judged(2, unknown), ["reply 7 all hole-2 Some(\"p\"), hole-3 None"]);
    assert_eq!(script.prove(1), ["run 3 ⊢ x after 0"], "by itself a marked hole can be asked for");
    let effects = script.does(Event::ProveAll { token, uri: URI.into(), lines: Some((0, 1)) });
    assert_eq!(effects, ["reply 7 all "], "nothing else is there");
}

#[test]
fn work_can_be_stopped_and_taken_back() {
    let mut script = Script::open(THREE);
    for goal in ["⊢ x", "⊢ y", "⊢ z"] {
        script.goal(tactic(goal));
    }
    script.does(Event::ProveAll { token: ProveToken(7), uri: URI.into(), lines: None });
    script.prove(3);
    assert_eq!(
        script.does(Event::Stop { uri: URI.into(), position: Some(Position { line: 3, character: 2 }) }),
        ["reply 3 None Some(\"stopped\")"]
    );
    assert_eq!(script.does(Event::Cancel { token: ProveToken(7) }), ["reply 7 error cancelled"]);
    let work: Vec<_> = script.engine.view().holes(URI).unwrap().holes.into_iter().map(|hole| hole.work).collect();
    let refused = |reason: &str| WorkView::Refused { reason: reason.into() };
    assert_eq!(work, [refused("cancelled"), refused("stopped"), refused("cancelled")]);
    assert!(script.engine.view().running().is_empty());
}

#[test]
fn automatic_work_waits_for_idleness_and_keeps_to_its_number() {
    let settings = EngineSettings { automatic: true, at_a_time: 1, attempts: 1, ..EngineSettings::default() };
    let text = THREE.replacen("sorry\n", "sorry -- leanwright: skip\n", 1);
    let mut script = Script::with(settings, &text);
    script.does(Event::Cursor { uri: URI.into(), position: Position { line: 5, character: 0 } });
    script.goal(tactic("⊢ x"));
    assert_eq!(script.goal(tactic("⊢ z")), ["ask goal 3:2 v1", "run 1 ⊢ z after 0"], "the nearest to the cursor");
    assert_eq!(script.goal(tactic("⊢ y")), ["wait for v1"], "one at a time");
    script.answers(1, "p");
    let refused = VerdictState::Rejected { reject_reason: RejectReason::Text { detail: "no".into() } };
    assert_eq!(script.judged(1, refused), ["run 2 ⊢ y after 0"], "then the next");
    script.edit(0, 0, 0, " ");
    let effects = script.answers(2, "q");
    assert!(effects.iter().all(|effect| effect.starts_with("wake")), "nothing while the user types: {effects:?}");
    let holes = script.engine.view().holes(URI).unwrap().holes;
    assert!(matches!(holes[0].work, WorkView::Idle) && holes[0].skipped);
    assert!(matches!(holes[1].goal, GoalView::Pending { .. }));
}

#[test]
fn automatic_work_begins_where_the_user_was_last() {
    let settings = EngineSettings { automatic: true, at_a_time: 1, ..EngineSettings::default() };
    let mut script = Script::with(settings, "theorem a : x := by\n  simp\n");
    let other = |name: &str| {
        let source_file = SourceFile { root: "/p".into(), project: "p".into(), file: name.into(), module: "P".into() };
        let text = "theorem b : x := by\n  sorry\n".to_owned();
        Event::Opened { uri: format!("file:///p/{name}"), version: 1, text, source_file: Some(source_file) }
    };
    script.does(other("A.lean"));
    script.now += 1;
    script.does(other("B.lean"));
    script.now += 1;
    script.does(Event::Cursor { uri: "file:///p/A.lean".into(), position: Position::default() });
    script.now += 1;
    script.does(Event::Cursor { uri: "file:///p/B.lean".into(), position: Position::default() });
    script.wait(5000);
    let running: Vec<String> = script.engine.view().running().into_iter().map(|running| running.uri).collect();
    assert_eq!(running, ["file:///p/B.lean"]);
}

/// A tape of events is enough to have the same session again.
#[test]
fn equal_events_have_equal_effects() {
    let mut script = Script::open(THREE);
    let mut recorded = Vec::new();
    let mut events = vec![publish(1, &[(range(0, 8, 9), 2, "w")])];
    for character in "example : y := sorry ".chars() {
        let change = Change { range: Some(range(0, 0, 0)), text: character.to_string() };
        script.version += 1;
        events.push(Event::Changed { uri: URI.into(), version: script.version, changes: vec![change] });
        events.push(Event::Tick);
    }
    for event in events {
        script.now += 100;
        let effects = script.engine.handle(script.now, event.clone());
        let line = serde_json::to_string(&(script.now, &event, &effects)).unwrap();
        recorded.push(line);
    }
    for _ in 0..2 {
        let mut again = Script::open(THREE);
        for line in &recorded {
            let (now, event, effects): (u64, Event, Vec<Effect>) = serde_json::from_str(line).unwrap();
            assert_eq!(again.engine.handle(now, event), effects);
        }
    }
}
