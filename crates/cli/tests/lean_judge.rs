//! `leanwright judge`: the judge as a program, on a real Lean.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, clippy::indexing_slicing, reason = "tests")]

use leanwright_contract::{JudgeEvent, JudgeRequest, JudgeStep, ReplayResult};
use leanwright_testkit::{LeanProject, processes_below};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};

struct Judge {
    child: Child,
    input: Option<ChildStdin>,
    events: std::io::Lines<BufReader<std::process::ChildStdout>>,
}

impl Judge {
    fn start() -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_leanwright"));
        let mut child = command.arg("judge").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let events = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut judge = Self { input: child.stdin.take(), child, events };
        let ready = judge.next().unwrap();
        assert!(matches!(&ready, JudgeEvent::Ready { judge, .. } if judge.starts_with("leanwright ")), "{ready:?}");
        judge
    }

    fn say(&mut self, line: &str) {
        writeln!(self.input.as_mut().unwrap(), "{line}").unwrap();
    }

    fn ask(&mut self, id: &str, root: &Path, attempt: &Value) {
        self.say(&json!({"type": "judge", "id": id, "root": root, "attempt": attempt}).to_string());
    }

    fn next(&mut self) -> Option<JudgeEvent> {
        self.events.next().map(|line| serde_json::from_str(&line.unwrap()).unwrap())
    }

    fn end(mut self) -> Vec<JudgeEvent> {
        self.input = None;
        let rest = std::iter::from_fn(|| self.next()).collect();
        assert!(self.child.wait().unwrap().success());
        rest
    }
}

/// What is the same however often it is judged.
fn lasting(result: &ReplayResult) -> Value {
    let mut lasting = serde_json::to_value(result).unwrap();
    let parts = lasting.as_object_mut().unwrap();
    parts.remove("elapsed_ms");
    if let Some(verdict) = parts.get_mut("verdict").and_then(Value::as_object_mut) {
        for time in ["compile_ms", "generation", "product_digest"] {
            verdict.remove(time);
        }
    }
    lasting
}

#[test]
fn the_program_judges_as_replay_does() {
    let project = LeanProject::fixture("attempts");
    // Every second one: honest ones, and one of each kind of others.
    let all = project.read("attempts.jsonl");
    project.write("attempts.jsonl", &all.lines().step_by(2).map(|line| format!("{line}\n")).collect::<String>());
    let replay = ["replay", "attempts.jsonl"];
    let replayed = Command::new(env!("CARGO_BIN_EXE_leanwright")).args(replay).current_dir(&project.root).output();
    assert!(replayed.unwrap().status.success());
    let results = project.read("results.jsonl");
    let results: Vec<ReplayResult> = results.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut judge = Judge::start();
    let attempts: Vec<Value> =
        project.read("attempts.jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for (number, attempt) in attempts.iter().enumerate() {
        judge.ask(&number.to_string(), &project.root, attempt);
    }
    let events = judge.end();
    assert_eq!((results.len(), attempts.len()), (10, 10));
    for (number, replayed) in results.iter().enumerate() {
        let own = number.to_string();
        let judged = events.iter().find_map(|event| match event {
            JudgeEvent::Judged { id, result } if *id == own => Some(result),
            _ => None,
        });
        assert_eq!(lasting(judged.unwrap()), lasting(replayed), "{}", replayed.attempt_id);
    }
    let compiling = JudgeEvent::Step { id: "0".to_owned(), step: JudgeStep::Compiling };
    assert!(events.contains(&compiling), "{events:?}");
}

#[test]
fn a_request_that_is_cancelled_leaves_no_process() {
    let project = LeanProject::new(&[("P.lean", "theorem t : 1 = 1 := by\n  sorry\n")]);
    let attempt = json!({"task_id": "t", "attempt_id": "a", "replacement": "  rfl",
        "allowed_edit": {"file": "P.lean", "start_line": 2, "end_line": 2}});
    let mut judge = Judge::start();
    judge.ask("1", &project.root, &attempt);
    let baseline = JudgeEvent::Step { id: "1".to_owned(), step: JudgeStep::Baseline };
    while judge.next().unwrap() != baseline {}
    // Lean is at work now, or will be; a second request with that id is refused meanwhile.
    judge.ask("1", &project.root, &attempt);
    assert!(matches!(judge.next().unwrap(), JudgeEvent::Refused { id: Some(id), .. } if id == "1"));
    judge.say(&json!({"type": "cancel", "id": "1"}).to_string());
    assert_eq!(judge.next().unwrap(), JudgeEvent::Cancelled { id: "1".to_owned() });
    // They have been killed; a process takes a moment to end.
    let begun = std::time::Instant::now();
    while !processes_below(judge.child.id()).is_empty() {
        assert!(
            begun.elapsed() < std::time::Duration::from_secs(60),
            "{:?} have outlived it",
            processes_below(judge.child.id())
        );
        std::thread::yield_now();
    }
    judge.say("{\"type\": \"judge\", \"id\": \"2\"}");
    assert!(matches!(judge.next().unwrap(), JudgeEvent::Refused { id: Some(id), .. } if id == "2"));
    for line in [b"nonsense\n".as_slice(), b"{\xff}\n"] {
        judge.input.as_mut().unwrap().write_all(line).unwrap();
        assert!(matches!(judge.next().unwrap(), JudgeEvent::Refused { id: None, .. }));
    }
    // The id can be used again after the last event. Before it a request is refused, and none is lost either way.
    judge.ask("1", &project.root, &attempt);
    judge.say(&json!({"type": "cancel", "id": "1"}).to_string());
    judge.ask("1", &project.root, &attempt);
    let mut seen = [false; 2];
    while seen != [true; 2] {
        match judge.next().unwrap() {
            JudgeEvent::Cancelled { .. } => seen[0] = true,
            JudgeEvent::Refused { .. } | JudgeEvent::Judged { .. } => seen[1] = true,
            JudgeEvent::Step { .. } => {}
            other @ JudgeEvent::Ready { .. } => panic!("{other:?}"),
        }
    }
    judge.ask("1", &project.root, &attempt);
    let rest = judge.end();
    let last = rest.last().unwrap();
    assert!(matches!(last, JudgeEvent::Judged { result, .. } if result.accepted), "{last:?}");
    let steps = [JudgeStep::Preparing, JudgeStep::Baseline, JudgeStep::Compiling, JudgeStep::Guards];
    let begun: Vec<_> = steps.map(|step| JudgeEvent::Step { id: "1".to_owned(), step }).into();
    assert_eq!(rest[..4], begun, "{rest:?}");
}

/// Kills its judge when that has begun to compile a candidate, the first time; then it is a judge as any other.
const KILLER: &str = r#"
if [ -e begun ]; then exec LEANWRIGHT judge; fi
: > begun
exec 3<&0
{ LEANWRIGHT judge <&3 & echo $! > pid; wait; } | while read -r line; do
  echo "$line"
  case "$line" in *compiling*) kill -9 "$(cat pid)";; esac
done
"#;

#[test]
fn a_judge_that_is_killed_in_the_middle_is_started_again_and_nothing_is_lost() {
    let project = LeanProject::new(&[("P.lean", "theorem t : 1 = 1 := by\n  sorry\n")]);
    let attempt = |proof: &&str| {
        let edit = json!({"file": "P.lean", "start_line": 2, "end_line": 2});
        let attempt =
            json!({"task_id": "t", "attempt_id": proof, "replacement": format!("  {proof}"), "allowed_edit": edit});
        format!("{attempt}\n")
    };
    project.write("attempts.jsonl", &["rfl", "decide", "omega", "simp"].iter().map(attempt).collect::<String>());
    project.write("killer.sh", &KILLER.replace("LEANWRIGHT", env!("CARGO_BIN_EXE_leanwright")));
    let replay = ["replay", "attempts.jsonl", "--judge", "sh killer.sh"];
    let replayed = Command::new(env!("CARGO_BIN_EXE_leanwright")).args(replay).current_dir(&project.root).output();
    let replayed = replayed.unwrap();
    assert!(replayed.status.success(), "{}", String::from_utf8_lossy(&replayed.stderr));
    let results = project.read("results.jsonl");
    let results: Vec<ReplayResult> = results.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let (judged, lost): (Vec<_>, Vec<_>) = results.iter().partition(|result| result.verdict.is_some());
    // Those that were before it when it was killed: as many as are judged at a time.
    assert!(results.len() == 4 && (1..=2).contains(&lost.len()), "{results:?}");
    assert!(judged.iter().all(|result| result.accepted), "{judged:?}");
    let is_named = |result: &&ReplayResult| result.patch_error.as_ref().is_some_and(|why| why.contains("has ended"));
    assert!(lost.iter().all(is_named) && lost.iter().all(|result| !result.accepted), "{lost:?}");
}

/// The examples of the document are requests and events, and all kinds of them are there.
#[test]
fn the_document_shows_every_message() {
    let text = include_str!("../../../docs/judge.md");
    let (_, events) = text.split_once("## Events").unwrap();
    let lines =
        |text: &str| text.lines().filter(|line| line.starts_with("{\"type\"")).map(str::to_owned).collect::<Vec<_>>();
    let (all, events) = (lines(text), lines(events));
    let kinds = |lines: &[String]| {
        let kind = |line: &String| serde_json::from_str::<Value>(line).unwrap()["type"].as_str().unwrap().to_owned();
        lines.iter().map(kind).collect::<std::collections::BTreeSet<_>>().into_iter().collect::<Vec<_>>()
    };
    let requests = &all[..all.len() - events.len()];
    requests.iter().for_each(|line| drop(serde_json::from_str::<JudgeRequest>(line).unwrap()));
    events.iter().for_each(|line| drop(serde_json::from_str::<JudgeEvent>(line).unwrap()));
    assert_eq!(kinds(requests), ["cancel", "judge"]);
    assert_eq!(kinds(&events), ["cancelled", "judged", "ready", "refused", "step"]);
}
