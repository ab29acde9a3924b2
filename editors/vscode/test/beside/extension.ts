// A stand-in for the Lean 4 extension, as far as we rely on it: it starts `lake serve -- ROOT` through PATH with the folders of
// `lean4.envPathExtensions` in front, and exports its clients in the same shape. None of its code is here.

import { delimiter } from "node:path";
import { type Event, EventEmitter, type ExtensionContext, type TextDocument, commands, workspace } from "vscode";
import { LanguageClient, RevealOutputChannelOn } from "vscode-languageclient/node";
import { projectRoot } from "../../src/project";

interface ExtUri {
  scheme: string;
  fsPath: string;
  isInFolder(folder: ExtUri): boolean;
}

class LeanClient {
  private client: LanguageClient | undefined;
  private readonly notified = new EventEmitter<{ method: string; params: unknown }>();
  private readonly restartedEmitter = new EventEmitter<unknown>();
  readonly customNotification = this.notified.event;
  readonly restarted: Event<unknown> = this.restartedEmitter.event;
  readonly folderUri: { scheme: "file"; fsPath: string };

  constructor(root: string) {
    this.folderUri = { scheme: "file", fsPath: root };
  }

  async restart(): Promise<void> {
    await this.client?.stop();
    const root = this.folderUri.fsPath;
    const folders = workspace.getConfiguration("lean4").get<string[]>("envPathExtensions", []);
    const env = { ...process.env, PATH: [...folders, process.env["PATH"] ?? ""].join(delimiter) };
    this.client = new LanguageClient("lean4", "Lean 4", { command: "lake", args: ["serve", "--", root], options: { cwd: root, env } }, {
      documentSelector: [{ scheme: "file", language: "lean4", pattern: `${root}/**/*` }],
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      initializationOptions: { hasWidgets: true },
    });
    await this.client.start();
    const star = (method: string, params: unknown) => this.notified.fire({ method, params });
    this.client.onNotification(star as never, () => undefined);
    this.restartedEmitter.fire(undefined);
  }

  sendRequest(method: string, params: unknown): Promise<unknown> {
    return this.client ? this.client.sendRequest(method, params) : Promise.reject("No connection to Lean");
  }
}

export function activate(context: ExtensionContext) {
  const clients: LeanClient[] = [];
  const added = new EventEmitter<LeanClient>();
  const findClient = (uri: ExtUri) => clients.find((client) => uri.isInFolder({ ...client.folderUri, isInFolder: () => false }));
  const open = ({ languageId, uri }: TextDocument) => {
    if (languageId !== "lean4" || uri.scheme !== "file" || clients.some((client) => client.folderUri.fsPath === projectRoot(uri.fsPath))) return;
    const client = new LeanClient(projectRoot(uri.fsPath));
    clients.push(client);
    void client.restart().then(() => added.fire(client));
  };
  workspace.textDocuments.forEach(open);
  context.subscriptions.push(
    workspace.onDidOpenTextDocument(open),
    commands.registerCommand("lean4.restartServer", () => Promise.all(clients.map((client) => client.restart()))),
  );
  const clientProvider = { findClient, getClients: () => clients, clientAdded: added.event };
  return { lean4EnabledFeatures: Promise.resolve({ clientProvider }) };
}
