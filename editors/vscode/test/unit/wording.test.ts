import assert from "node:assert/strict";
import { test } from "node:test";
import type { HoleView, StatusResult } from "../../src/protocol";
import { amount, attemptsText, goalText, holeName, oneLine, proved, standing, statusLine, tally, target, workText } from "../../src/wording";

const hole = (change: Partial<HoleView> = {}): HoleView => ({
  id: "hole-1",
  range: { start: { line: 1, character: 2 }, end: { line: 1, character: 7 } },
  kind: "sorry",
  seenByLean: { state: "yes" },
  declaration: "P.foo",
  goal: { state: "tactic", goals: ["case succ\nn : Nat\n⊢ n + 0 =\n    n", "⊢ q"] },
  work: { state: "idle" },
  ...change,
});

const status = (change: Partial<StatusResult> = {}): StatusResult => ({
  version: "0.1.0", protocol: 1, toolchain: "lake", runner: ["leanwright-tactics"], off: [], documents: 1, holes: 2, offers: 0, running: 0, answers: 0,
  ...change,
});

test("the target is what stands behind the turnstile, on one line", () => {
  assert.equal(target(hole().goal), "n + 0 = n");
  assert.equal(target({ state: "term", goal: "x : Nat\n⊢ Nat" }), "Nat");
  assert.equal(target({ state: "pending", why: "Lean is asked" }), "Lean is asked");
  assert.equal(target({ state: "tactic", goals: [] }), "no goals");
  assert.equal(goalText({ state: "nothing" }), "no goal here");
});

test("a hole is named and stands somewhere", () => {
  assert.equal(holeName(hole()), "P.foo");
  const { declaration: _, ...nameless } = hole();
  assert.equal(holeName(nameless), "sorry on line 2");
  assert.equal(standing(hole({ skipped: true })), "skipped");
  assert.equal(standing(hole({ skipped: true, work: { state: "running", step: "judge" } })), "running");
  assert.equal(workText(hole({ work: { state: "offered", replacement: "simp\n  [h]" } })), "verified: simp [h]");
});

test("a yes that is not a plain one says so", () => {
  const offered = hole({ work: { state: "offered", replacement: "simp", acceptance: "open_lemmas" } });
  assert.equal(standing(offered), "reserved");
  assert.equal(workText(offered), "verified, rests on open lemmas: simp");
  assert.equal(standing(hole({ work: { state: "offered", replacement: "simp", acceptance: "verified" } })), "offered");
  const result = (acceptance: "verified" | "open_lemmas" | "warned") => ({ hole: "h", replacement: "r", acceptance, attempts: [] });
  const all = [result("verified"), result("open_lemmas"), result("warned"), { hole: "h", reason: "no", attempts: [] }];
  assert.equal(tally(all), "1 of 4 verified, 1 on open lemmas, 1 with a warning");
  assert.equal(tally([result("verified")]), "1 of 1 verified");
});

test("long texts are cut, costs are short", () => {
  assert.equal(oneLine("x".repeat(500)).length, 120);
  assert.equal(amount(0.012345), "0.012");
  assert.equal(amount(120), "120");
});

test("the status line counts and warns", () => {
  assert.equal(statusLine(status({ holes: 1 })), "$(checklist) 1 hole");
  assert.equal(statusLine(status({ offers: 1, running: 1, cost: 0.5 })), "$(loading~spin) 2 holes, 1 verified, 1 running, cost 0.5");
  assert.match(statusLine(status({ off: ["code actions: a fault"] })), /^\$\(warning\)/);
});

test("what came of it is said with its reason", () => {
  assert.equal(proved({ hole: "hole-1", replacement: "omega", attempts: [] }), "verified: omega");
  assert.equal(proved({ hole: "hole-1", reason: "no proposal", attempts: [] }), "no proof found: no proposal");
  assert.equal(proved({ hole: "hole-1", attempts: [] }), "no proof found: nothing was tried");
  assert.equal(attemptsText([]), "Nothing was judged.");
});
