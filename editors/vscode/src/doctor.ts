// Looks at everything that has to be there, and writes down what it finds. Changes nothing.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Extension, window, workspace } from "vscode";
import type { Holes } from "./holes";
import { reason } from "./log";
import { run } from "./program";
import { projectRoot } from "./project";
import type { Servers } from "./server";
import { settings } from "./settings";
import { statusFacts } from "./wording";

export interface Patient {
  program: string | undefined;
  why: string;
  servers: Servers | undefined;
  holes: Holes | undefined;
  lean4: Extension<unknown> | undefined;
  version: string;
  logFile: string;
}

/** One line: a sign, what was looked at, what was found. */
function line(good: boolean | undefined, what: string, found: string): string {
  return `${good === undefined ? "·" : good ? "✓" : "✗"} ${what}: ${found}`;
}

export async function examine(patient: Patient): Promise<string> {
  const lines = ["Leanwright: doctor", "", line(undefined, "extension", patient.version)];
  if (!patient.program) return [...lines, line(false, "program", patient.why)].join("\n") + "\n";
  const ask = async (what: string, words: string[], folder?: string) => {
    try {
      return [line(true, what, (await run(patient.program!, words, "", folder)).trim().replace(/\n/g, "; "))];
    } catch (error) {
      return [line(false, what, reason(error).replace(/\n/g, "; "))];
    }
  };
  lines.push(line(true, "program", patient.program), ...(await ask("version", ["--version"])));
  const file = window.activeTextEditor?.document ?? workspace.textDocuments.find((one) => one.languageId === "lean4");
  const root = file && file.uri.scheme === "file" ? projectRoot(file.uri.fsPath) : undefined;
  if (root) {
    const lakefile = ["lakefile.toml", "lakefile.lean"].find((name) => existsSync(join(root, name)));
    lines.push(line(lakefile !== undefined, "project", `${root} (${lakefile ?? "without a lakefile"})`));
  }
  lines.push(...(await ask("Lean", ["toolchain", "status"], root)));
  if (patient.lean4) {
    const how = { ask: "Leanwright is not behind it yet: click on the item in the status bar, or run the command Work Beside the Lean 4 Extension", yes: "Leanwright stands behind it", no: "Leanwright leaves it alone" };
    lines.push(line(settings.besideLean4() === "yes", "Lean 4 extension", `installed; ${how[settings.besideLean4()]}`));
  }
  lines.push(line(patient.servers !== undefined, "client", patient.servers?.kind ?? "none"));
  const statuses = patient.holes?.statuses() ?? [];
  const open = workspace.textDocuments.some((one) => one.languageId === "lean4");
  const next = patient.lean4 && settings.besideLean4() !== "yes" ? "see the line about the Lean 4 extension" : open ? "look at the log" : "open a Lean file";
  if (statuses.length === 0) lines.push(line(false, "server", `none is running: ${next}`));
  for (const { server, status } of statuses) {
    lines.push("", line(status.off.length === 0, "server", server.root));
    lines.push(...statusFacts(status).map(([name, value]) => `    ${name}: ${value}`));
  }
  lines.push("", line(undefined, "runner's settings", settings.runnerCommand() ? `${settings.runnerCommand()} (trusted: ${settings.runnerTrusted()})` : "those of the configuration file"));
  lines.push(line(undefined, "server's log", patient.logFile));
  return lines.join("\n") + "\n";
}
