// Beside the Lean 4 extension (vscode-lean4): its client is the client, and our program stands behind it as `lake`.
//
// That extension's exports are not documented; what is used of them is written down here, and anything else is not touched.

import { type CancellationToken, type Disposable, type Event, EventEmitter, type Extension, type TextDocument, Uri, commands } from "vscode";
import { log, quietly } from "./log";
import { PROTOCOL } from "./protocol";
import type { Requests, Server, Servers } from "./server";

/** A URI as that extension has it. */
interface ExtUri {
  scheme: string;
  fsPath: string;
  isInFolder?(folder: ExtUri): boolean;
}

interface LeanClient {
  folderUri: ExtUri;
  sendRequest(method: string, params: unknown, token?: CancellationToken): Promise<unknown>;
  customNotification: Event<{ method: string; params: unknown }>;
  restarted?: Event<unknown>;
  stopped?: Event<unknown>;
}

interface ClientProvider {
  findClient(uri: ExtUri): LeanClient | undefined;
  getClients(): LeanClient[];
  clientAdded?: Event<LeanClient>;
}

export interface Lean4Exports {
  lean4EnabledFeatures: Promise<{ clientProvider: ClientProvider }>;
}

/** Its client only looks at these members. */
function extUri(uri: Uri): ExtUri {
  const { scheme, fsPath } = uri;
  const isInFolder = (folder: ExtUri) => fsPath === folder.fsPath || fsPath.startsWith(`${folder.fsPath}/`);
  return { scheme, fsPath, isInFolder };
}

class Lean4Server implements Server {
  constructor(readonly client: LeanClient) {}

  get root(): string {
    return this.client.folderUri.fsPath;
  }

  uri(uri: Uri): string {
    return uri.toString();
  }

  /** Its client may not take a token: whoever gives one asks the server to `cancel`, too. */
  async request<Method extends keyof Requests>(method: Method, params: Requests[Method][0], token?: CancellationToken) {
    const name = `leanwright/${method}`;
    return (await (token ? this.client.sendRequest(name, params, token) : this.client.sendRequest(name, params))) as Requests[Method][1];
  }
}

export class Lean4Servers implements Servers {
  readonly kind = "beside the Lean 4 extension, through its client";
  private provider: ClientProvider | undefined;
  /** Those of its clients that have our program behind them. */
  private readonly servers = new Map<LeanClient, Lean4Server>();
  private readonly watched = new Set<LeanClient>();
  private readonly changedEmitter = new EventEmitter<void>();
  private readonly holesEmitter = new EventEmitter<Uri>();
  readonly changed = this.changedEmitter.event;
  readonly holesChanged = this.holesEmitter.event;
  private readonly subscriptions: Disposable[] = [this.changedEmitter, this.holesEmitter];

  /** `prepare` is called before that extension starts its server anew: the server inherits our environment. */
  constructor(
    extension: Extension<Lean4Exports>,
    private readonly prepare: () => void,
  ) {
    quietly("the Lean 4 extension cannot be spoken to", this.connect(extension));
  }

  of(document: TextDocument): Server | undefined {
    if (document.languageId !== "lean4" || document.uri.scheme !== "file") return undefined;
    const client = this.provider?.findClient(extUri(document.uri));
    return client && this.servers.get(client);
  }

  all(): Server[] {
    return [...this.servers.values()];
  }

  async restart(): Promise<void> {
    this.prepare();
    await commands.executeCommand("lean4.restartServer");
  }

  dispose(): void {
    this.subscriptions.forEach((one) => one.dispose());
  }

  private async connect(extension: Extension<Lean4Exports>): Promise<void> {
    const exports = extension.isActive ? extension.exports : await extension.activate();
    this.provider = (await exports.lean4EnabledFeatures).clientProvider;
    this.provider.getClients().forEach((client) => this.watch(client));
    const added = this.provider.clientAdded?.((client) => this.watch(client));
    if (added) this.subscriptions.push(added);
  }

  private watch(client: LeanClient): void {
    if (this.watched.has(client)) return;
    this.watched.add(client);
    this.subscriptions.push(
      client.customNotification(({ method, params }) => {
        if (method !== "leanwright/holesChanged" && method !== "leanwright/offersChanged") return;
        // The first of these shows that it is our program that was started.
        this.ask(client);
        this.holesEmitter.fire(Uri.parse((params as { textDocument: { uri: string } }).textDocument.uri));
      }),
    );
    const forget = () => {
      if (this.servers.delete(client)) this.changedEmitter.fire();
    };
    const restarted = client.restarted?.(() => {
      forget();
      this.ask(client);
    });
    const stopped = client.stopped?.(forget);
    this.subscriptions.push(...[restarted, stopped].filter((one) => one !== undefined));
    this.ask(client);
  }

  /** A Lean server without us does not know the method. */
  private ask(client: LeanClient): void {
    if (this.servers.has(client)) return;
    const server = new Lean4Server(client);
    const known = server.request("status", null).then(
      (status) => {
        if (status.protocol !== PROTOCOL) log().warn(`the server speaks version ${status.protocol} of our protocol, this extension version ${PROTOCOL}`);
        this.servers.set(client, server);
        this.changedEmitter.fire();
      },
      () => log().info(`the Lean server of ${server.root} is not behind Leanwright`),
    );
    quietly("status", known);
  }
}
