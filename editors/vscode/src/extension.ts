// Puts the parts together. The rules are in the server; what is shown of them is in the other files here.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Disposable, type ExtensionContext, commands, extensions, languages, window, workspace } from "vscode";
import { Commands } from "./commands";
import { examine } from "./doctor";
import { Documents } from "./documents";
import { GoalsView } from "./goalsView";
import { Gutter } from "./gutter";
import { Hints } from "./hints";
import { Holes } from "./holes";
import { HolesView } from "./holesView";
import { type Lean4Exports, Lean4Servers } from "./lean4Servers";
import { fail, log, quietly, reason, say } from "./log";
import { OwnServers } from "./ownServers";
import { Panels } from "./panels";
import { candidates, firstProgram, missing } from "./program";
import { chooseRunner } from "./runner";
import { openLog } from "./serverLog";
import type { Servers } from "./server";
import { serverEnvironment, settings } from "./settings";
import { consent } from "./shim";
import { StatusItem } from "./statusItem";

const LEAN4 = "leanprover.lean4";

export function activate(context: ExtensionContext): void {
  mkdirSync(context.logUri.fsPath, { recursive: true });
  const logFile = join(context.logUri.fsPath, "server.log");
  const program = firstProgram(candidates(settings.path(), context.extensionPath, process.env["PATH"] ?? ""));
  const lean4 = extensions.getExtension<Lean4Exports>(LEAN4);
  const documents = new Documents();
  let servers: Servers | undefined;
  let holes: Holes | undefined;
  const add = <One extends Disposable>(one: One): One => {
    context.subscriptions.push(one);
    return one;
  };
  const command = (name: string, work: (...words: never[]) => unknown) => add(commands.registerCommand(name, work));
  add(documents);
  add(log());

  const doctor = async () => {
    const version = String((context.extension.packageJSON as { version: string }).version);
    const why = program ? "" : missing(settings.path());
    await documents.show("doctor.txt", await examine({ program, why, servers, holes, lean4, version, logFile }));
  };
  command("leanwright.doctor", doctor);
  command("leanwright.log", () => openLog(logFile));
  // Beside the infoview it would show the same once more: there it is only for those who ask for it.
  command("leanwright.goals", async () => {
    await commands.executeCommand("setContext", "leanwright.goalsWanted", true);
    await commands.executeCommand("leanwright.goals.focus");
  });
  command("leanwright.menu", menu);
  void commands.executeCommand("setContext", "leanwright.lean4Extension", lean4 !== undefined);
  void languages.getLanguages().then((known) => commands.executeCommand("setContext", "leanwright.noLanguage", !known.includes("lean4")));
  const waits = () => lean4 !== undefined && program !== undefined && settings.besideLean4() === "ask";
  const showWaits = () => void commands.executeCommand("setContext", "leanwright.waitsForConsent", waits());
  showWaits();
  add(workspace.onDidChangeConfiguration((event) => event.affectsConfiguration("leanwright.besideLean4") && showWaits()));

  if (!program) {
    // The user has asked for nothing yet: the status item and each command say what is missing.
    log().error(missing(settings.path()));
    const item = add(window.createStatusBarItem("leanwright.missing"));
    item.text = "$(error) Leanwright";
    item.tooltip = missing(settings.path());
    item.command = "leanwright.doctor";
    item.show();
    const { contributes } = context.extension.packageJSON as { contributes: { commands: { command: string }[] } };
    const known = ["leanwright.doctor", "leanwright.log", "leanwright.goals", "leanwright.menu"];
    for (const { command: name } of contributes.commands) {
      if (!known.includes(name)) command(name, () => fail(missing(settings.path()), "Doctor").then((chosen) => (chosen ? doctor() : undefined)));
    }
    return;
  }
  log().info(`the program is ${program}`);

  if (lean4) {
    // That extension's server is started with the environment of this process.
    const prepare = () => {
      for (const name of ["LEANWRIGHT_RUNNER", "LEANWRIGHT_TRUST_RUNNER"]) delete process.env[name];
      Object.assign(process.env, serverEnvironment(logFile));
    };
    prepare();
    command("leanwright.beside", () => consent(context, program, true).catch((error: unknown) => void fail(reason(error))));
    quietly("consent", consent(context, program, false));
    servers = new Lean4Servers(lean4, prepare);
  } else {
    servers = new OwnServers(program, logFile);
  }
  const chosen = add(servers);
  holes = add(new Holes(chosen));
  const panels = add(new Panels(context, program));
  add(new HolesView(context, holes));
  add(new Gutter(context, holes));
  add(new Hints(holes));
  add(new StatusItem(holes, waits));
  add(new GoalsView(context, chosen, holes));
  command("leanwright.chooseRunner", chooseRunner);
  let timer: NodeJS.Timeout | undefined;
  add(
    workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("leanwright.path")) void say("another program is used after a reload of the window");
      if (!event.affectsConfiguration("leanwright.runner")) return;
      // Both settings of the runner may change in a row.
      clearTimeout(timer);
      timer = setTimeout(() => quietly("restart", chosen.restart()), 300);
    }),
  );
  command("leanwright.restart", () => chosen.restart());
  for (const [name, work] of Object.entries(new Commands(chosen, holes, panels, documents, waits).table())) command(name, work);
}

async function menu(): Promise<void> {
  const items = [
    { label: "$(list-tree) Holes", command: "leanwright.holes.focus" },
    { label: "$(run-all) Prove all sorries in this file", command: "leanwright.proveFile" },
    { label: "$(debug-stop) Stop", command: "leanwright.stop" },
    { label: "$(server-process) Choose runner…", command: "leanwright.chooseRunner" },
    { label: "$(pulse) Doctor", command: "leanwright.doctor" },
    { label: "$(output) Open log", command: "leanwright.log" },
    { label: "$(refresh) Restart server", command: "leanwright.restart" },
  ];
  const chosen = await window.showQuickPick(items, { title: "Leanwright" });
  if (chosen) await commands.executeCommand(chosen.command);
}
