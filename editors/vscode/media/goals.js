// Writes the goals that the extension sends. Everything is set as text: nothing of a proof becomes markup.
"use strict";
const editor = acquireVsCodeApi();
const main = document.querySelector("main");

function add(parent, kind, className, text) {
  const made = document.createElement(kind);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  parent.append(made);
  return made;
}

function goal(parent, parts) {
  const box = add(parent, "div", "goal");
  if (parts.case) add(box, "div", "case", `case ${parts.case}`);
  for (const hypothesis of parts.hypotheses) {
    const line = add(box, "div", hypothesis.mark === "new" ? "new" : "");
    add(line, "span", "names", hypothesis.names.join(" "));
    line.append(` : ${hypothesis.type}${hypothesis.value ? ` := ${hypothesis.value}` : ""}`);
  }
  add(box, "div", "target", `⊢ ${parts.target}`);
}

function section(title, goals) {
  const part = add(main, "section", "");
  add(part, "h2", "", title);
  goals.forEach((one) => goal(part, one));
}

addEventListener("message", ({ data }) => {
  main.replaceChildren();
  if (data.note) return add(main, "p", "note", data.note);
  if (data.goals) {
    if (data.goals.length === 0) add(main, "p", "note", "No goals ✓");
    else section(data.goals.length === 1 ? "Goal" : `${data.goals.length} goals`, data.goals);
  }
  if (data.termGoal) section("Expected type", [data.termGoal]);
  if (!data.goals && !data.termGoal) add(main, "p", "note", "No goal here.");
});
editor.postMessage("ready");
