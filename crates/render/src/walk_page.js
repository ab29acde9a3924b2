"use strict";
// Steps through the proof: one tactic is "here", its goals are the ones that are shown.
const steps = [...document.querySelectorAll("#code .step")];
const panels = [...document.querySelectorAll("#goals section")];
const counter = document.querySelector("nav output");
const [back, forward] = document.querySelectorAll("nav button");
// In an editor's panel the page and the cursor follow each other.
const editor = typeof acquireVsCodeApi === "function" ? acquireVsCodeApi() : undefined;
let here = 0;

function show(index) {
  here = Math.max(0, Math.min(index, panels.length - 1));
  panels.forEach((panel, at) => { panel.hidden = at !== here; });
  for (const step of steps) {
    const current = Number(step.dataset.step) === here;
    step.classList.toggle("here", current);
    if (current) {
      step.setAttribute("aria-current", "step");
      step.scrollIntoView({ block: "nearest" });
    } else {
      step.removeAttribute("aria-current");
    }
  }
  // A ring around another tactic would say that that one is here.
  if (steps.includes(document.activeElement) && document.activeElement.dataset.step !== String(here)) document.activeElement.blur();
  counter.textContent = `tactic ${here + 1} of ${panels.length}`;
  back.disabled = here === 0;
  forward.disabled = here === panels.length - 1;
  if (!editor) history.replaceState(null, "", `#${here + 1}`);
}

/** A step that the user chose here. */
function choose(index) {
  show(index);
  editor?.postMessage({ step: here });
}

const keys = {
  ArrowRight: 1, ArrowDown: 1, j: 1, n: 1, PageDown: 1, " ": 1,
  ArrowLeft: -1, ArrowUp: -1, k: -1, p: -1, PageUp: -1,
  Home: -Infinity, End: Infinity,
};
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !(event.key in keys)) return;
  if (event.key === " " && event.target instanceof HTMLButtonElement) return;
  event.preventDefault();
  choose(here + keys[event.key]);
});
back.addEventListener("click", () => choose(here - 1));
forward.addEventListener("click", () => choose(here + 1));
for (const step of steps) {
  const chosen = (event) => {
    event.stopPropagation();
    choose(Number(step.dataset.step));
  };
  step.addEventListener("click", chosen);
  step.addEventListener("keydown", (event) => { if (event.key === "Enter") chosen(event); });
}
if (editor) addEventListener("message", (event) => { if (event.data?.step !== here) show(event.data.step); });
show(Number(location.hash.slice(1)) - 1 || 0);
// The editor says where its cursor is.
editor?.postMessage({ ready: true });
