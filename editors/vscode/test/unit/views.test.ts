import assert from "node:assert/strict";
import { test } from "node:test";
import type { Hole } from "../../src/holes";
import { grouped } from "../../src/holesView";
import { globEscaped } from "../../src/project";
import { innermost } from "../../src/panels";
import type { HoleView, StatusResult, Walk, WalkStep } from "../../src/protocol";
import { together } from "../../src/statusItem";

const hole = (path: string, goal: string, work: HoleView["work"]): Hole =>
  ({ document: { uri: { path } }, view: { goal: { state: "tactic", goals: [`⊢ ${goal}`] }, work } }) as unknown as Hole;

test("holes are grouped by file, by state and by goal", () => {
  const holes = [hole("A.lean", "p", { state: "idle" }), hole("B.lean", "q", { state: "idle" }), hole("A.lean", "q", { state: "offered", replacement: "x" })];
  const labels = (grouping: "file" | "state" | "goal") => grouped(holes, grouping).map(([label, group]) => `${label}: ${group.length}`);
  assert.deepEqual(labels("file"), ["A.lean: 2", "B.lean: 1"]);
  assert.deepEqual(labels("state"), ["Open: 2", "Verified: 1"]);
  assert.deepEqual(labels("goal"), ["p: 1", "q: 2"]);
});

test("the step at the cursor is the innermost one", () => {
  const step = (line: number, from: number, toLine: number, to: number) =>
    ({ range: { start: { line, character: from }, end: { line: toLine, character: to } } }) as WalkStep;
  const walk = { steps: [step(1, 2, 4, 10), step(3, 4, 3, 12), step(5, 2, 5, 5)] } as Walk;
  const at = (line: number, character: number) => innermost(walk, { line, character });
  assert.deepEqual([at(0, 0), at(1, 2), at(3, 6), at(4, 3), at(5, 5), at(6, 0)], [undefined, 0, 1, 0, 2, undefined]);
});

test("the servers of a window are counted together", () => {
  const status = (holes: number, cost?: number) => ({ version: "1", off: [], documents: 1, holes, offers: 1, running: 0, answers: 2, ...(cost === undefined ? {} : { cost }) }) as unknown as StatusResult;
  assert.equal(together([]), undefined);
  const both = together([status(2), status(3, 0.5)]);
  assert.deepEqual([both?.holes, both?.offers, both?.answers, both?.cost], [5, 2, 4, 0.5]);
  assert.equal(together([status(1), status(1)])?.cost, undefined);
});

test("a path is a pattern for itself only", () => {
  assert.equal(globEscaped("/a [b]/{c}*"), "/a [[]b[]]/[{]c[}][*]");
});
