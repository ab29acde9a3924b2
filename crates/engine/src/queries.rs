//! What is asked of Lean and when: after a pause, one query per document at a time, goals before everything else, the
//! hole nearest to the cursor first. An answer about another version than the document's is nobody's.

use crate::document::{Document, GoalState};
use crate::engine::Engine;
use crate::event::{Effect, LeanQuery, LeanReply, Millis, Subject};
use crate::holes::{GoalPlace, goals_of};
use crate::work::Work;
use leanwright_lean::Goals;

impl Engine {
    /// Ask for what is not known about the documents as they are.
    pub(crate) fn ask_lean(&mut self, now: Millis) {
        if !self.ready {
            return;
        }
        for document in self.documents.values_mut().filter(|document| !document.crashed) {
            if document.inquiries.is_waiting() {
                continue;
            }
            let Some(about) = next_subject(document, self.without_sorry_tokens) else { continue };
            let due = document.attention.last_edit() + self.settings.pause_for(document.inquiries.last_answer());
            if now < due {
                self.effects.push(Effect::WakeAt { at: due });
                continue;
            }
            self.effects.push(Effect::AskLean { query: ask(document, now, about) });
        }
    }

    pub(crate) fn answered(&mut self, now: Millis, query: &LeanQuery, answer: Result<LeanReply, String>) {
        let Some(document) = self.documents.get_mut(&query.uri) else { return };
        let Some(asked) = document.inquiries.take(query) else { return };
        let (version, uri) = (document.version, document.uri.clone());
        match (query.about, answer) {
            (Subject::TacticGoals { hole, position }, Ok(LeanReply::Goals(Goals::Nothing))) => {
                let about = Subject::TermGoal { hole, position };
                document.inquiries.ask(LeanQuery { about, ..query.clone() }, asked);
                self.effects.push(Effect::AskLean { query: LeanQuery { about, ..query.clone() } });
                return;
            }
            (Subject::TacticGoals { hole, .. } | Subject::TermGoal { hole, .. }, answer) => {
                document.inquiries.goal_took(now.saturating_sub(asked));
                let Some(tracked) = document.hole_mut(hole) else { return };
                tracked.goal = match answer {
                    Ok(LeanReply::Goals(goals)) => GoalState::Known { version, goals: goals_of(&tracked.hole, goals) },
                    Ok(_) => GoalState::Failed { version, why: "Lean has answered something else".to_owned() },
                    Err(why) => GoalState::Failed { version, why },
                };
            }
            (Subject::Elaborated, answer) => {
                document.inquiries.errors_seen(version, answer.is_ok());
                if answer.is_ok() {
                    document.find_error_holes(&mut self.next_hole);
                    self.finish_gone(&uri, "the hole is gone: Lean reports no error there any more");
                }
            }
            (Subject::SorryTokens, answer) => {
                let spans = match answer {
                    Ok(LeanReply::SorryTokens(ranges)) => {
                        Some(ranges.into_iter().map(|range| document.text.span(range)).collect())
                    }
                    Ok(_) => {
                        self.without_sorry_tokens = true;
                        None
                    }
                    Err(_) => None,
                };
                document.inquiries.tokens_seen(version, spans);
            }
        }
        self.effects.push(Effect::HolesChanged { uri });
    }

    /// Ask again after a pause: building a file's imports may take longer than any deadline.
    pub(crate) fn lost(&mut self, now: Millis, query: &LeanQuery) {
        let Some(document) = self.documents.get_mut(&query.uri) else { return };
        if document.inquiries.take(query).is_none() {
            return;
        }
        document.attention.pause_again(now);
        document.inquiries.lost();
        if let Subject::TacticGoals { hole, .. } | Subject::TermGoal { hole, .. } = query.about
            && let Some(tracked) = document.hole_mut(hole)
        {
            tracked.goal = GoalState::Unknown("the query was lost; Lean is asked again".to_owned());
        }
    }
}

/// The goal of the first hole that has none, holes that are worked on before all others; then whether Lean has seen the
/// whole version; then what Lean takes for a `sorry`.
fn next_subject(document: &Document, without_sorry_tokens: bool) -> Option<Subject> {
    let version = document.version;
    let open = |goal: &GoalState| match goal {
        GoalState::Unknown(_) => true,
        GoalState::Asked { version: known }
        | GoalState::Known { version: known, .. }
        | GoalState::Failed { version: known, .. } => *known != version,
    };
    let waiting = document.nearest_first().into_iter().filter_map(|id| document.hole(id));
    let waiting = waiting.filter(|tracked| open(&tracked.goal));
    if let Some(tracked) = waiting.min_by_key(|tracked| !matches!(tracked.work, Work::Running(_))) {
        let hole = tracked.id;
        return Some(match GoalPlace::of(&document.text, &tracked.hole) {
            GoalPlace::Tactic(position) => Subject::TacticGoals { hole, position },
            GoalPlace::Term(position) => Subject::TermGoal { hole, position },
        });
    }
    if !document.inquiries.has_asked_for_errors(version) {
        return Some(Subject::Elaborated);
    }
    let is_asked = without_sorry_tokens || document.inquiries.has_asked_for_tokens(version);
    (!is_asked).then_some(Subject::SorryTokens)
}

fn ask(document: &mut Document, now: Millis, about: Subject) -> LeanQuery {
    let (uri, generation, version) = (document.uri.clone(), document.generation, document.version);
    if let Subject::TacticGoals { hole, .. } | Subject::TermGoal { hole, .. } = about
        && let Some(tracked) = document.hole_mut(hole)
    {
        tracked.goal = GoalState::Asked { version };
    }
    let query = LeanQuery { uri, generation, version, about };
    document.inquiries.ask(query.clone(), now);
    query
}
