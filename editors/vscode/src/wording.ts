// What is said about holes, goals and servers, in words. Pure.

import type { Acceptance, AttemptView, GoalView, HoleView, ProveResult, StatusResult } from "./protocol";

/** How a hole stands, as one word: the work's state, or that the text says to leave it alone, or that its yes is not a plain one. */
export type Standing = "idle" | "running" | "offered" | "reserved" | "refused" | "skipped";

export function standing(hole: HoleView): Standing {
  if (hole.work.state === "offered" && (hole.work.acceptance ?? "verified") !== "verified") return "reserved";
  return hole.skipped && hole.work.state === "idle" ? "skipped" : hole.work.state;
}

export const STANDINGS: Record<Standing, { title: string; icon: string; color: string }> = {
  offered: { title: "Verified", icon: "verified-filled", color: "testing.iconPassed" },
  reserved: { title: "Verified With Reservation", icon: "verified", color: "list.warningForeground" },
  running: { title: "Running", icon: "loading~spin", color: "progressBar.background" },
  refused: { title: "No proof found", icon: "circle-slash", color: "testing.iconFailed" },
  idle: { title: "Open", icon: "circle-large-outline", color: "list.warningForeground" },
  skipped: { title: "Skipped", icon: "debug-step-over", color: "disabledForeground" },
};

/** All that Lean prints of a goal, or why there is nothing. */
export function goalText(goal: GoalView): string {
  switch (goal.state) {
    case "tactic":
      return goal.goals.join("\n\n");
    case "term":
      return goal.goal;
    case "solved":
      return "no goals";
    case "nothing":
      return "no goal here";
    case "pending":
    case "unknown":
      return goal.why;
  }
}

/** What is to be proved, on one line. */
export function target(goal: GoalView): string {
  const text = goalText(goal);
  const first = goal.state === "tactic" ? (goal.goals[0] ?? "no goals") : text;
  const at = first.indexOf("⊢ ");
  return first.slice(at < 0 ? 0 : at + 2).replace(/\s+/g, " ").trim();
}

export function holeName(hole: HoleView): string {
  return hole.declaration ?? `${hole.kind} on line ${hole.range.start.line + 1}`;
}

/** How the work on a hole stands, for a reader. */
export function workText(hole: HoleView): string {
  switch (hole.work.state) {
    case "idle":
      return hole.skipped ? "marked to be skipped" : "open";
    case "running":
      return `running: ${hole.work.step}`;
    case "offered":
      return `${kind(hole.work.acceptance)}: ${oneLine(hole.work.replacement)}`;
    case "refused":
      return `no proof found: ${oneLine(hole.work.reason)}`;
  }
}

export function oneLine(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > 120 ? `${line.slice(0, 119)}…` : line;
}

export function plural(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** The status item's text, with icons of VS Code. */
export function statusLine(status: StatusResult): string {
  const parts = [plural(status.holes, "hole", "holes")];
  if (status.offers > 0) parts.push(`${status.offers} verified`);
  if (status.running > 0) parts.push(`${status.running} running`);
  if (status.cost != null) parts.push(`cost ${amount(status.cost)}`);
  const icon = status.running > 0 ? "$(loading~spin)" : status.off.length > 0 ? "$(warning)" : "$(checklist)";
  return `${icon} ${parts.join(", ")}`;
}

/** A cost in the runner's own unit: two digits that say something. */
export function amount(cost: number): string {
  return Number(cost.toPrecision(2)).toString();
}

/** Everything that is known about a server, one fact each. */
export function statusFacts(status: StatusResult): [string, string][] {
  return [
    ["Server", `leanwright ${status.version}`],
    ["Lean", status.toolchain],
    ["Runner", status.runner.join(" ") || "none"],
    ["Open files", String(status.documents)],
    ["Holes", `${status.holes}, of which ${status.offers} verified, ${status.running} running`],
    ["Answers of the runner", String(status.answers ?? 0) + (status.cost != null ? `, cost ${amount(status.cost)}` : "")],
    ...status.off.map((why): [string, string] => ["Switched off", why]),
  ];
}

/** Which kind of yes it is; an older server has only one. */
export function kind(acceptance: Acceptance | null | undefined): string {
  switch (acceptance) {
    case "open_lemmas":
      return "verified, rests on open lemmas";
    case "warned":
      return "verified, with a warning";
    default:
      return "verified";
  }
}

/** What came of proving several holes: only a plain yes counts as one. */
export function tally(results: ProveResult[]): string {
  const found = results.filter((one) => one.replacement != null);
  const count = (acceptance: Acceptance) => found.filter((one) => (one.acceptance ?? "verified") === acceptance).length;
  const parts = [`${count("verified")} of ${results.length} verified`];
  if (count("open_lemmas") > 0) parts.push(`${count("open_lemmas")} on open lemmas`);
  if (count("warned") > 0) parts.push(`${count("warned")} with a warning`);
  return parts.join(", ");
}

/** What came of proving one hole. */
export function proved(result: ProveResult): string {
  if (result.replacement != null) return `${kind(result.acceptance)}: ${oneLine(result.replacement)}`;
  return `no proof found: ${oneLine(result.reason ?? "nothing was tried")}`;
}

/** What was tried, for a reader: each candidate with the judge's word. */
export function attemptsText(attempts: AttemptView[]): string {
  const one = ({ replacement, verdict }: AttemptView) => {
    const why = "error" in verdict ? verdict.error : "why" in verdict ? verdict.why : "reject_reason" in verdict ? JSON.stringify(verdict.reject_reason) : "";
    return `${verdict.verdict}${why ? `: ${why.trim()}` : ""}\n\n${replacement.replace(/^/gm, "    ")}`;
  };
  return attempts.length === 0 ? "Nothing was judged." : attempts.map(one).join("\n\n---\n\n");
}
