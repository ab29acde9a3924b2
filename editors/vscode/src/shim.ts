// Stands our program between the Lean 4 extension and `lake serve`: a folder with a link named `lake`, first among the folders
// that the extension looks into. Only with the user's consent, and the setting goes back when it is withdrawn.

import { lstatSync, mkdirSync, readlinkSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { ConfigurationTarget, type ExtensionContext, commands, window, workspace } from "vscode";
import { log } from "./log";
import { set, settings } from "./settings";

/** The folder's link points to the program of now: an update of the extension moves it. */
export function writeShim(folder: string, program: string): void {
  mkdirSync(folder, { recursive: true });
  const link = join(folder, "lake");
  if (lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink() && readlinkSync(link) === program) return;
  rmSync(link, { force: true });
  symlinkSync(program, link);
}

/** The list with the folder first, or without it. */
export function withShim(folders: string[], shim: string, wanted: boolean): string[] {
  const others = folders.filter((folder) => folder !== shim);
  return wanted ? [shim, ...others] : others;
}

/** Bring link and setting to what the user wants. Returns whether the server has to be restarted for it. */
export async function applyShim(context: ExtensionContext, program: string, wanted: boolean): Promise<boolean> {
  const shim = join(context.globalStorageUri.fsPath, "shim");
  if (wanted) writeShim(shim, program);
  const lean4 = workspace.getConfiguration("lean4");
  // Only the user's own value is changed: what a workspace sets is not ours, and comes on top.
  const before = lean4.inspect<string[]>("envPathExtensions")?.globalValue ?? [];
  const after = withShim(before, shim, wanted);
  if (after.length === before.length && after.every((folder, at) => folder === before[at])) return false;
  await lean4.update("envPathExtensions", after.length > 0 ? after : undefined, ConfigurationTarget.Global);
  log().info(`lean4.envPathExtensions is now ${JSON.stringify(after)}`);
  return true;
}

/** Ask once whether we may stand between that extension and Lean, and do what was said. */
export async function consent(context: ExtensionContext, program: string, askAgain: boolean): Promise<void> {
  if (settings.besideLean4() === "ask" || askAgain) {
    const text =
      "Leanwright can stand between the Lean 4 extension and `lake serve`, so that sorries become verified suggestions. " +
      "For that it puts a folder of its own first in the setting lean4.envPathExtensions.";
    // Who has asked for it gets a question that does not go away by itself.
    const answer = askAgain
      ? await window.showInformationMessage(text, { modal: true }, "Use Leanwright", "Never")
      : await window.showInformationMessage(text, "Use Leanwright", "Not Now", "Never");
    if (answer === "Use Leanwright") await set("besideLean4", "yes");
    else if (answer === "Never") await set("besideLean4", "no");
    else return;
  }
  const wanted = settings.besideLean4() === "yes";
  if (await applyShim(context, program, wanted)) await commands.executeCommand("lean4.restartServer");
}
