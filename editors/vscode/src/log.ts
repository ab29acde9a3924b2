// The log, and messages to the user. Whatever fails in the background goes to the log only; what the user asked for and failed leads there.

import { type LogOutputChannel, commands, window } from "vscode";

const OPEN_LOG = "Open Log";
let channel: LogOutputChannel | undefined;

/** The extension's own log; the language client's and the server's go there, too. */
export function log(): LogOutputChannel {
  return (channel ??= window.createOutputChannel("Leanwright", { log: true }));
}

/** Tell the user about something that he asked for. Resolves to the button that was chosen. */
export async function say(text: string, ...buttons: string[]): Promise<string | undefined> {
  log().info(text);
  return await window.showInformationMessage(`Leanwright: ${text}`, ...buttons);
}

/** Tell the user that something which he asked for could not be done. */
export async function fail(text: string, ...buttons: string[]): Promise<string | undefined> {
  log().error(text);
  const chosen = await window.showErrorMessage(`Leanwright: ${text}`, ...buttons, OPEN_LOG);
  if (chosen !== OPEN_LOG) return chosen;
  await commands.executeCommand("leanwright.log");
  return undefined;
}

/** Run something in the background: a failure of it is nobody's surprise. */
export function quietly(what: string, work: Promise<unknown>): void {
  work.catch((error: unknown) => log().warn(`${what}: ${reason(error)}`));
}

/** An error in words. */
export function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
