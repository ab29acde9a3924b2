// Without the Lean 4 extension: Leanwright is the Lean client, with one server for each project that has an open file.

import { type CancellationToken, type Disposable, EventEmitter, type TextDocument, type Uri, commands, workspace } from "vscode";
import { CloseAction, ErrorAction, LanguageClient, type LanguageClientOptions, RevealOutputChannelOn, State } from "vscode-languageclient/node";
import { log, quietly, reason } from "./log";
import { globEscaped, projectRoot } from "./project";
import type { Requests, Server, Servers } from "./server";
import { serverEnvironment, settings } from "./settings";

/** A server that keeps ending is left alone after so many times in so many milliseconds. */
const RESTARTS = 3;
const RESTARTS_WITHIN = 180_000;

/** The library's client without its pop-ups: what goes wrong in the background is in the log. */
class QuietClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }
  override warn(message: string, data?: unknown): void {
    super.warn(message, data, false);
  }
  override info(message: string, data?: unknown): void {
    super.info(message, data, false);
  }
}

class OwnServer implements Server {
  constructor(
    readonly root: string,
    readonly client: LanguageClient,
  ) {}

  uri(uri: Uri): string {
    return this.client.code2ProtocolConverter.asUri(uri);
  }

  async request<Method extends keyof Requests>(method: Method, params: Requests[Method][0], token?: CancellationToken) {
    // The library takes an absent token for one more parameter.
    const name = `leanwright/${method}`;
    return await (token ? this.client.sendRequest<Requests[Method][1]>(name, params, token) : this.client.sendRequest<Requests[Method][1]>(name, params));
  }
}

export class OwnServers implements Servers {
  readonly kind = "Leanwright is the Lean client itself";
  private readonly servers = new Map<string, OwnServer>();
  private readonly changedEmitter = new EventEmitter<void>();
  private readonly holesEmitter = new EventEmitter<Uri>();
  readonly changed = this.changedEmitter.event;
  readonly holesChanged = this.holesEmitter.event;
  private readonly subscriptions: Disposable[];

  constructor(
    private readonly program: string,
    private readonly logFile: string,
  ) {
    this.subscriptions = [this.changedEmitter, this.holesEmitter, workspace.onDidOpenTextDocument((document) => this.ensure(document))];
    workspace.textDocuments.forEach((document) => this.ensure(document));
  }

  of(document: TextDocument): Server | undefined {
    const server = isLean(document) ? this.servers.get(projectRoot(document.uri.fsPath)) : undefined;
    return server?.client.state === State.Running ? server : undefined;
  }

  all(): Server[] {
    return [...this.servers.values()].filter((server) => server.client.state === State.Running);
  }

  async restart(): Promise<void> {
    await this.stop();
    workspace.textDocuments.forEach((document) => this.ensure(document));
  }

  dispose(): void {
    this.subscriptions.forEach((one) => one.dispose());
    quietly("stopping the servers", this.stop());
  }

  private async stop(): Promise<void> {
    const servers = [...this.servers.values()];
    this.servers.clear();
    await Promise.allSettled(servers.map((server) => server.client.dispose(10_000)));
    this.changedEmitter.fire();
  }

  private ensure(document: TextDocument): void {
    if (!isLean(document)) return;
    const root = projectRoot(document.uri.fsPath);
    if (this.servers.has(root)) return;
    const client = this.client(root);
    this.servers.set(root, new OwnServer(root, client));
    client.onDidChangeState(() => this.changedEmitter.fire());
    for (const method of ["leanwright/holesChanged", "leanwright/offersChanged"]) {
      client.onNotification(method, (params: { textDocument: { uri: string } }) => {
        this.holesEmitter.fire(client.protocol2CodeConverter.asUri(params.textDocument.uri));
      });
    }
    quietly(`the server of ${root} did not start`, client.start());
  }

  private client(root: string): LanguageClient {
    const ends: number[] = [];
    const options: LanguageClientOptions = {
      documentSelector: [{ scheme: "file", language: "lean4", pattern: `${globEscaped(root)}/**/*` }],
      outputChannel: log(),
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      initializationOptions: { hasWidgets: false },
      initializationFailedHandler: (error) => {
        log().error(`Lean could not be started in ${root}: ${reason(error)}`);
        return false;
      },
      errorHandler: {
        error: () => ({ action: ErrorAction.Continue, handled: true }),
        closed: () => {
          const now = Date.now();
          ends.push(now);
          const again = ends.filter((end) => now - end < RESTARTS_WITHIN).length <= RESTARTS;
          log().error(`the server of ${root} has ended${again ? "; it is started again" : " too often: use Leanwright: Restart Server"}`);
          return { action: again ? CloseAction.Restart : CloseAction.DoNotRestart, handled: true };
        },
      },
      middleware: {
        // The lens's command, by its arguments: done by our own command, its end can be told with buttons.
        executeCommand: (command, words, next) => {
          const [argument] = words as [{ do?: string; uri?: string } | undefined];
          if (argument?.do !== undefined) return commands.executeCommand("leanwright.asked", argument);
          return next(command, words) as unknown;
        },
        provideCodeLenses: (document, token, next) => (settings.codeLens() ? next(document, token) : []),
      },
    };
    const server = { command: this.program, args: ["serve", "--", root], options: { cwd: root, env: { ...process.env, ...serverEnvironment(this.logFile) } } };
    return new QuietClient("leanwright", `Leanwright: ${root}`, server, options);
  }
}

function isLean(document: TextDocument): boolean {
  return document.languageId === "lean4" && document.uri.scheme === "file";
}
