// The user's settings, read where they are needed. A project cannot set those that choose programs (their scope is `machine`).

import { ConfigurationTarget, workspace } from "vscode";

export type BesideLean4 = "ask" | "yes" | "no";

const section = () => workspace.getConfiguration("leanwright");

export const settings = {
  path: () => section().get("path", "").trim(),
  besideLean4: () => section().get<BesideLean4>("besideLean4", "ask"),
  runnerCommand: () => section().get("runner.command", "").trim(),
  runnerTrusted: () => section().get("runner.trusted", false),
  gutter: () => section().get("gutter", true),
  codeLens: () => section().get("codeLens", true),
  statusBar: () => section().get("statusBar", true),
};

/** Write one of the user's settings. */
export async function set(name: string, value: unknown): Promise<void> {
  await section().update(name, value, ConfigurationTarget.Global);
}

/** What the server is told by its environment: its own configuration file holds wherever nothing is set here. */
export function serverEnvironment(logFile: string): Record<string, string> {
  const environment: Record<string, string> = { LEANWRIGHT_LOG: logFile };
  if (settings.runnerCommand()) environment["LEANWRIGHT_RUNNER"] = settings.runnerCommand();
  if (settings.runnerTrusted()) environment["LEANWRIGHT_TRUST_RUNNER"] = "1";
  return environment;
}
