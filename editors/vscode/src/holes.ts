// What the servers say about the holes of the open documents, kept fresh. The views read it; nothing is guessed from the text.

import { type Disposable, EventEmitter, Range, type TextDocument, type Uri, workspace } from "vscode";
import { log, reason } from "./log";
import type * as own from "./protocol";
import type { Server, Servers } from "./server";

/** Several notifications in a row are one reason to ask. */
const PAUSE = 60;

export interface Hole {
  view: own.HoleView;
  document: TextDocument;
  range: Range;
}

export interface ServerStatus {
  server: Server;
  status: own.StatusResult;
}

export class Holes implements Disposable {
  private readonly known = new Map<string, own.HolesResult>();
  private readonly timers = new Map<string, NodeJS.Timeout>();
  private statusTimer: NodeJS.Timeout | undefined;
  private lastStatuses: ServerStatus[] = [];
  private readonly changedEmitter = new EventEmitter<void>();
  /** Holes, offers, work or servers have changed. */
  readonly changed = this.changedEmitter.event;
  private readonly subscriptions: Disposable[];

  constructor(private readonly servers: Servers) {
    this.subscriptions = [
      this.changedEmitter,
      servers.holesChanged((uri) => this.soon(uri)),
      servers.changed(() => this.all()),
      workspace.onDidOpenTextDocument((document) => this.soon(document.uri)),
      workspace.onDidCloseTextDocument((document) => this.forget(document.uri)),
    ];
    this.all();
  }

  /** The holes of all open documents, or of one, in the order of the text. */
  list(document?: TextDocument): Hole[] {
    const documents = document ? [document] : workspace.textDocuments.filter((one) => this.known.has(one.uri.toString()));
    return documents.flatMap((one) => {
      const views = this.known.get(one.uri.toString())?.holes ?? [];
      return views.map((view) => ({ view, document: one, range: toRange(view.range) }));
    });
  }

  /** The hole at a place, else the only one of its line. */
  at(document: TextDocument, position: { line: number; character: number }): Hole | undefined {
    const holes = this.list(document);
    const here = holes.find(({ range }) => range.start.line === position.line && range.start.character <= position.character && position.character <= range.end.character);
    return here ?? holes.find(({ range }) => range.start.line <= position.line && position.line <= range.end.line);
  }

  /** How each server stood when it was last asked. */
  statuses(): ServerStatus[] {
    return this.lastStatuses;
  }

  dispose(): void {
    this.timers.forEach((timer) => clearTimeout(timer));
    clearTimeout(this.statusTimer);
    this.subscriptions.forEach((one) => one.dispose());
  }

  private all(): void {
    workspace.textDocuments.forEach((document) => this.soon(document.uri));
    this.statusSoon();
  }

  private soon(uri: Uri): void {
    const key = uri.toString();
    clearTimeout(this.timers.get(key));
    this.timers.set(key, setTimeout(() => void this.refresh(uri), PAUSE));
    this.statusSoon();
  }

  private statusSoon(): void {
    clearTimeout(this.statusTimer);
    this.statusTimer = setTimeout(() => void this.refreshStatus(), PAUSE);
  }

  private async refresh(uri: Uri): Promise<void> {
    const key = uri.toString();
    this.timers.delete(key);
    const document = workspace.textDocuments.find((one) => one.uri.toString() === key);
    const server = document && this.servers.of(document);
    if (!server) return this.forget(uri);
    try {
      this.known.set(key, await server.request("holes", { textDocument: { uri: server.uri(uri) } }));
    } catch (error) {
      // A document that the server has not been told of yet: its opening is a reason to be told again.
      log().debug(`holes of ${key}: ${reason(error)}`);
      this.known.delete(key);
    }
    this.changedEmitter.fire();
  }

  private async refreshStatus(): Promise<void> {
    const asked = this.servers.all().map(async (server) => ({ server, status: await server.request("status", null) }));
    const answers = await Promise.allSettled(asked);
    this.lastStatuses = answers.flatMap((answer) => (answer.status === "fulfilled" ? [answer.value] : []));
    this.changedEmitter.fire();
  }

  private forget(uri: Uri): void {
    if (this.known.delete(uri.toString())) this.changedEmitter.fire();
  }
}

export function toRange(range: own.Range): Range {
  return new Range(range.start.line, range.start.character, range.end.line, range.end.character);
}
