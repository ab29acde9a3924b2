// Choosing the program that proposes replacements, with a word about what that means.

import { window } from "vscode";
import { set, settings } from "./settings";

/** The server is restarted by whoever watches the settings. */
export async function chooseRunner(): Promise<void> {
  const now = settings.runnerCommand();
  const items = [
    { label: "leanwright-tactics", description: "bundled: tactics that fit the goal, no model", command: "" },
    ...(now ? [{ label: now, description: "in use", command: now }] : []),
    { label: "$(edit) Another program…", description: "one JSON line in, one out", command: undefined },
  ];
  const chosen = await window.showQuickPick(items, { title: "Who proposes replacements?" });
  if (!chosen) return;
  const command = chosen.command ?? (await window.showInputBox({ title: "The runner's command, split at blanks", value: now, prompt: "It is started in the project's root.", ignoreFocusOut: true }));
  if (command === undefined) return;
  if (command) {
    const detail = "What it proposes is compiled in a copy of your project, but without a sandbox: a proposal that runs code while it is compiled can do what you can do.";
    const answer = await window.showWarningMessage(`Do you trust the runner ${command}?`, { modal: true, detail }, "Trust It");
    if (answer !== "Trust It") return;
  }
  await set("runner.command", command || undefined);
  await set("runner.trusted", command ? true : undefined);
}
