//! What was verified against something else than what is there now: withdrawn, judged again, shown again or not.

use super::*;
use leanwright_contract::Acceptance;
use leanwright_contract::editor::WorkView;

const THREE: &str = "theorem a : x := by\n  sorry\ntheorem b : y := by\n  sorry\ntheorem c : z := by\n  sorry\n";

fn no(why: &str) -> VerdictState {
    VerdictState::Failed { error: why.into() }
}

/// A document with three holes, each with an offer `p`, `q`, `r`: found by the jobs 1, 2 and 3.
fn three_offers(settings: EngineSettings) -> Script {
    let mut script = Script::with(settings, THREE);
    for goal in ["⊢ x", "⊢ y", "⊢ z"] {
        script.goal(tactic(goal));
    }
    script.reply(LeanReply::Elaborated);
    for (job, line, text) in [(1, 1, "p"), (2, 3, "q"), (3, 5, "r")] {
        script.prove(line);
        script.answers(job, text);
        script.judged(job, VerdictState::Accepted);
    }
    assert_eq!(script.offers(), ["1: p", "3: q", "5: r"]);
    script
}

fn lenses(script: &Script) -> Vec<String> {
    script.engine.view().lenses(URI).into_iter().map(|lens| lens.title).collect()
}

fn judged_again(effects: &[String]) -> Vec<&str> {
    effects.iter().filter(|effect| effect.starts_with("judge")).map(String::as_str).collect()
}

#[test]
fn taking_an_offer_has_the_others_judged_again_in_the_new_text() {
    let mut script = three_offers(EngineSettings { at_a_time: 1, ..Default::default() });
    let effects = script.edit(1, 2, 7, "p");
    assert_eq!(judged_again(&effects), ["judge 4 q at 46..51"], "at once, one at a time, no runner");
    assert!(script.offers().is_empty(), "nothing is offered for a text that it was not verified against");
    assert_eq!(lenses(&script), ["1 sorry: 1 verifying again", "1 sorry: 1 verifying again"]);
    assert_eq!(judged_again(&script.judged(4, VerdictState::Accepted)), ["judge 5 r at 74..79"]);
    assert_eq!(script.offers(), ["3: q"]);
    script.judged(5, no("it does not hold any more"));
    assert_eq!(script.offers(), ["3: q"], "what is refused now is gone, though it was verified before");
    let work = script.engine.view().holes(URI).unwrap().holes[1].work.clone();
    assert!(matches!(&work, WorkView::Refused { reason } if reason.contains("does not hold any more")), "{work:?}");
}

#[test]
fn a_verdict_about_the_text_before_is_nobodys() {
    let mut script = three_offers(EngineSettings { at_a_time: 1, ..Default::default() });
    script.edit(1, 2, 7, "p");
    script.judged(4, VerdictState::Accepted);
    // The next one is before the judge when the second offer is taken.
    assert!(judged_again(&script.edit(3, 2, 7, "q")).is_empty());
    let effects = script.judged(5, VerdictState::Accepted);
    assert_eq!(judged_again(&effects), ["judge 5 r at 70..75"], "it was about the text without `q`");
    assert!(script.offers().is_empty());
    script.judged(5, VerdictState::Accepted);
    assert_eq!(script.offers(), ["5: r"]);
}

#[test]
fn typing_is_waited_out_and_the_nearest_come_first() {
    let mut script = three_offers(EngineSettings { idle: 2000, at_a_time: 2, ..Default::default() });
    script.does(Event::Cursor { uri: URI.into(), position: Position { line: 5, character: 0 } });
    assert!(judged_again(&script.edit(0, 0, 0, "-- ")).is_empty());
    assert!(script.offers().is_empty());
    assert!(judged_again(&script.wait(1999)).is_empty());
    assert_eq!(judged_again(&script.wait(1)), ["judge 6 r at 81..86", "judge 5 q at 53..58"]);
    script.judged(6, VerdictState::Accepted);
    script.judged(5, VerdictState::Accepted);
    script.judged(4, VerdictState::Accepted);
    assert_eq!(script.offers(), ["1: p", "3: q", "5: r"]);
}

#[test]
fn what_a_replacement_stood_for_must_be_what_it_stands_for() {
    let mut script = Script::open("theorem a : x := by\n  sorry -- old\n");
    script.goal(tactic("⊢ x"));
    script.prove(1);
    script.responds(1, serde_json::json!({"task_id": "t", "replacement": "  simp -- old\n"}));
    script.judged(1, VerdictState::Accepted);
    assert_eq!(script.offers(), ["1: \x20 simp -- old\n"]);
    script.edit(1, 11, 14, "new");
    assert!(judged_again(&script.wait(5000)).is_empty(), "a whole line would take back what the user has written");
    assert!(script.offers().is_empty());
}

#[test]
fn whoever_asks_meanwhile_gets_it_or_another_one() {
    let mut script = three_offers(EngineSettings::default());
    script.edit(0, 0, 0, "-- ");
    let effects = script.prove(1);
    assert_eq!(judged_again(&effects), ["judge 4 p at 25..30"], "who asks does not wait for a pause");
    assert_eq!(script.judged(4, VerdictState::Accepted)[0], "reply 1 Some(\"p\") None");
    script.prove(3);
    script.wait(5000);
    assert!(script.judged(5, no("no")).iter().all(|effect| !effect.starts_with("reply")));
    let effects = script.goal(tactic("⊢ y"));
    assert!(effects.contains(&"run 5 ⊢ y after 1".to_owned()), "the runner is asked for another one: {effects:?}");
    script.does(Event::Cancel { token: ProveToken(3) });
    assert_eq!(script.offers(), ["1: p"]);
}

#[test]
fn an_offer_is_not_judged_again_for_ever() {
    let mut script = Script::with(EngineSettings { restarts: 2, ..Default::default() }, TWO);
    script.goal(tactic("⊢ x"));
    script.prove(1);
    script.answers(1, "p");
    script.judged(1, VerdictState::Accepted);
    for job in [2, 3] {
        script.edit(0, 0, 0, "\n");
        assert_eq!(judged_again(&script.wait(2000)).len(), 1);
        script.judged(job, VerdictState::Accepted);
        assert_eq!(script.offers().len(), 1);
    }
    script.edit(0, 0, 0, "\n");
    assert!(judged_again(&script.wait(2000)).is_empty());
    assert_eq!(script.engine.view().holes(URI).unwrap().holes[0].work, WorkView::Idle, "it can be asked for");
}

#[test]
fn changed_imports_withdraw_what_was_verified_with_the_old_ones() {
    let mut script = three_offers(EngineSettings { at_a_time: 3, ..Default::default() });
    let changed = |root: &str, by: Option<&str>| Event::ImportsChanged { root: root.into(), by: by.map(Into::into) };
    script.does(changed("/other", None));
    script.does(changed("/p", Some(URI)));
    assert_eq!(script.offers().len(), 3, "another project's, or the document's own text on disk");
    let effects = script.engine.handle(script.now, changed("/p", Some("file:///p/Q.lean")));
    assert!(effects.contains(&Effect::OffersChanged { uri: URI.into() }), "{effects:?}");
    assert!(script.offers().is_empty());
    assert_eq!(judged_again(&script.wait(2000)).len(), 3);
    script.judged(4, VerdictState::Accepted);
    script.does(changed("/p", None));
    assert!(script.judged(5, VerdictState::Accepted).iter().all(|effect| !effect.starts_with("judge")));
    assert!(script.offers().is_empty(), "a verdict that was under way is about the old imports, too");
    assert_eq!(judged_again(&script.wait(2000)).len(), 2, "one is before the judge still");
}

#[test]
fn a_first_verdict_about_old_imports_is_asked_for_again_without_the_runner() {
    let mut script = Script::open(TWO);
    script.goal(tactic("⊢ x"));
    script.prove(1);
    script.answers(1, "p");
    script.does(Event::ImportsChanged { root: "/p".into(), by: None });
    let effects = script.judged(1, VerdictState::Accepted);
    assert_eq!(effects, ["judge 1 p at 22..27"], "somebody waits: at once");
    assert_eq!(script.judged(1, VerdictState::Accepted), ["reply 1 Some(\"p\") None"]);
}

#[test]
fn the_three_kinds_of_yes_read_differently_and_a_warning_stays() {
    let mut script = three_offers(EngineSettings::default());
    let warning = GuardOutcome::Warned { note: "w".into() };
    script.does(Event::Controlled { job: JobId(1), outcome: warning, note: Some("w".into()) });
    assert_eq!(lenses(&script)[0], "1 sorry: 1 verified with a warning");
    script.edit(0, 0, 0, " ");
    script.wait(5000);
    script.judged(4, VerdictState::Accepted);
    let kind = |script: &Script| script.engine.view().offers(URI).unwrap().1[0].1.verdict.acceptance();
    assert_eq!(kind(&script), Some(Acceptance::Warned), "until the control says otherwise");
    let passed = GuardOutcome::Passed { evidence: String::new() };
    script.does(Event::Controlled { job: JobId(4), outcome: passed, note: None });
    assert_eq!(kind(&script), Some(Acceptance::Verified));
    let leaning = Verdict { rests_on: vec!["a".into()], ..verdict(VerdictState::Accepted) };
    script.does(Event::Judged { job: JobId(5), verdict: Box::new(leaning) });
    assert_eq!(lenses(&script)[1], "1 sorry: 1 verified on open lemmas");
    let offered = script.engine.view().holes(URI).unwrap().holes[1].work.clone();
    assert_eq!(
        offered,
        WorkView::Offered { replacement: "q".into(), acceptance: Some(Acceptance::OpenLemmas) },
        "editors are told"
    );
}
