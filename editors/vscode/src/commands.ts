// What the user can ask for: prove, stop, take, and look at. Each command answers with a message that leads on.

import { type CancellationToken, ProgressLocation, type TextDocument, Uri, WorkspaceEdit, commands, languages, window, workspace } from "vscode";
import type { Documents } from "./documents";
import type { Hole, Holes } from "./holes";
import { toRange } from "./holes";
import { fail, log, quietly, reason, say } from "./log";
import type { Panels } from "./panels";
import type * as own from "./protocol";
import { type Server, type Servers, place } from "./server";
import { attemptsText, holeName, plural, proved, tally } from "./wording";

/** Not the user's fault, and something can be done about it. */
class NoServer extends Error {}

/** Where a command is to work: an item of the tree, or the cursor. */
type Subject = { hole: Hole } | undefined;

export class Commands {
  constructor(
    private readonly servers: Servers,
    private readonly holes: Holes,
    private readonly panels: Panels,
    private readonly documents: Documents,
    private readonly waits: () => boolean,
  ) {}

  /** All of them, by name. */
  table(): Record<string, (...words: never[]) => unknown> {
    const told = <Words extends unknown[]>(work: (...words: Words) => Promise<void>) => {
      return (...words: Words) => work(...words).catch((error: unknown) => this.failed(error));
    };
    return {
      "leanwright.prove": told((subject: Subject) => this.prove(subject)),
      "leanwright.proveFile": told(() => this.proveFile()),
      "leanwright.proveWorkspace": told(() => this.proveWorkspace()),
      "leanwright.asked": told((asked: { do: string; uri: string; position?: own.Position; lines?: [number, number] }) => this.asked(asked)),
      "leanwright.stop": told((subject: Subject) => this.stop(subject)),
      "leanwright.take": told((subject: Subject) => this.take(subject)),
      "leanwright.certificate": told((subject: Subject) => this.certificate(subject)),
      "leanwright.walk": told(() => this.walk()),
      "leanwright.context": told((subject: Subject) => this.context(subject)),
    };
  }

  private async failed(error: unknown): Promise<void> {
    if (!(error instanceof NoServer)) return void fail(reason(error));
    const [button, command] = this.waits() ? ["Work Beside the Lean 4 Extension", "leanwright.beside"] : ["Doctor", "leanwright.doctor"];
    if ((await fail(reason(error), button)) === button) await commands.executeCommand(command);
  }

  private async prove(subject: Subject): Promise<void> {
    const { server, document, position } = this.here(subject);
    await this.proveAt(server, document, position);
  }

  private async proveAt(server: Server, document: TextDocument, position: own.Position): Promise<void> {
    const params = place(server, document.uri, position);
    const result = await working("looking for a proof", (token) => {
      stopWith(token, server, params);
      return server.request("prove", params, token);
    });
    if (!result) return;
    if (result.replacement == null) {
      const chosen = await say(proved(result), ...(result.attempts.length > 0 ? ["What Was Tried"] : []));
      if (chosen) await this.documents.show("attempts.md", attemptsText(result.attempts));
      return;
    }
    const chosen = await say(proved(result), "Replace", "Certificate");
    // By now the hole may have moved: it is found again by its name.
    const hole = this.holes.list(document).find(({ view }) => view.id === result.hole);
    if (!chosen || !hole) return;
    if (chosen === "Replace") await this.take({ hole });
    else await this.certificate({ hole });
  }

  private async proveFile(): Promise<void> {
    const { server, document } = this.file();
    await this.proveMany(server, { textDocument: { uri: server.uri(document.uri) } });
  }

  private async proveMany(server: Server, params: own.ProveAllParams): Promise<void> {
    const all = await working("looking for proofs", (token) => {
      stopWith(token, server, { textDocument: params.textDocument });
      return server.request("proveAll", params, token);
    });
    if (!all) return;
    const text = all.results.length === 0 ? "there is nothing to prove here" : tally(all.results);
    if ((await say(text, "Show Holes")) === "Show Holes") await commands.executeCommand("leanwright.holes.focus");
  }

  /** What a code lens or a code action of the server asks for. */
  private async asked(asked: { do: string; uri: string; position?: own.Position; lines?: [number, number] }): Promise<void> {
    const document = await workspace.openTextDocument(Uri.parse(asked.uri));
    const server = this.serverOf(document);
    if (asked.do === "prove" && asked.position) return this.proveAt(server, document, asked.position);
    const range = asked.lines && { start: { line: asked.lines[0], character: 0 }, end: { line: asked.lines[1] + 1, character: 0 } };
    await this.proveMany(server, { textDocument: { uri: asked.uri }, ...(range ? { range } : {}) });
  }

  /** The files are opened, as a verified replacement is offered in an open file; so the user chooses which. */
  private async proveWorkspace(): Promise<void> {
    const options = { location: ProgressLocation.Window, title: "Leanwright: looking for sorries" };
    const files = await window.withProgress(options, filesWithHoles);
    if (files.length === 0) return void say("no file of this workspace mentions sorry");
    files.sort((one, other) => one.label.localeCompare(other.label));
    const chosen = await window.showQuickPick(files, { canPickMany: true, title: "Prove all sorries of these files", placeHolder: "The files are opened." });
    if (!chosen || chosen.length === 0) return;
    const results: own.ProveResult[] = [];
    await working("looking for proofs", async (token, report) => {
      for (const { uri, label } of chosen) {
        if (token.isCancellationRequested) return;
        report(label);
        const document = await workspace.openTextDocument(uri);
        await languages.setTextDocumentLanguage(document, "lean4");
        await window.showTextDocument(document, { preview: false, preserveFocus: true });
        const server = await this.eventually(document);
        stopWith(token, server, { textDocument: { uri: server.uri(uri) } });
        const all = await server.request("proveAll", { textDocument: { uri: server.uri(uri) } }, token);
        results.push(...all.results);
      }
    });
    if ((await say(tally(results), "Show Holes")) === "Show Holes") await commands.executeCommand("leanwright.holes.focus");
  }

  private async stop(subject: Subject): Promise<void> {
    const hole = holeOf(subject);
    const { server, document } = hole ? { server: this.serverOf(hole.document), document: hole.document } : this.file();
    const position = hole ? { position: hole.view.range.start } : {};
    await server.request("cancel", { textDocument: { uri: server.uri(document.uri) }, ...position });
  }

  /** The replacement is written only into the very text that it was verified for. */
  private async take(subject: Subject): Promise<void> {
    const { server, document, position } = this.here(subject);
    const found = await server.request("certificate", place(server, document.uri, position));
    if (found.version !== document.version) return void say("the text has changed meanwhile: look again");
    const edit = new WorkspaceEdit();
    edit.replace(document.uri, toRange(found.range), found.replacement);
    if (!(await workspace.applyEdit(edit))) log().warn("VS Code did not apply the replacement");
  }

  private async certificate(subject: Subject): Promise<void> {
    const { server, document, position } = this.here(subject);
    const found = await server.request("certificate", place(server, document.uri, position));
    await this.panels.certificate(found);
  }

  private async walk(): Promise<void> {
    const { server, document, position } = this.here(undefined);
    const options = { location: ProgressLocation.Window, title: "Leanwright: asking Lean for the goals" };
    const walk = await window.withProgress(options, () => server.request("walk", place(server, document.uri, position)));
    await this.panels.walk(walk, document);
  }

  private async context(subject: Subject): Promise<void> {
    const { server, document, position } = this.here(subject);
    const task = await server.request("context", place(server, document.uri, position));
    const hole = this.holes.at(document, position);
    await this.documents.show(`${hole ? holeName(hole.view) : "task"}.json`, JSON.stringify(task, null, 2));
  }

  private here(subject: Subject): { server: Server; document: TextDocument; position: own.Position } {
    const hole = holeOf(subject);
    if (hole) {
      const { document, view } = hole;
      return { server: this.serverOf(document), document, position: view.range.start };
    }
    const { server, document } = this.file();
    const { line, character } = window.activeTextEditor?.selection.active ?? { line: 0, character: 0 };
    return { server, document, position: { line, character } };
  }

  private file(): { server: Server; document: TextDocument } {
    const document = window.activeTextEditor?.document ?? this.holes.list()[0]?.document;
    if (!document) throw new Error("open a Lean file first");
    return { server: this.serverOf(document), document };
  }

  private serverOf(document: TextDocument): Server {
    const server = this.servers.of(document);
    if (server) return server;
    if (document.languageId !== "lean4") throw new Error("this is not a Lean file");
    throw new NoServer(this.waits() ? "it is not behind the Lean 4 extension yet" : "there is no server for this file yet");
  }

  /** The server of a document that was just opened: it may have to be started. */
  private async eventually(document: TextDocument): Promise<Server> {
    const deadline = Date.now() + 60_000;
    for (;;) {
      const server = this.servers.of(document);
      if (server || Date.now() > deadline) return server ?? this.serverOf(document);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(done, 1000);
        const heard = this.servers.changed(done);
        function done() {
          clearTimeout(timer);
          heard.dispose();
          resolve();
        }
      });
    }
  }
}

/** The Lean files of the workspace that mention a hole, ready to be picked from. */
async function filesWithHoles() {
  const files: { label: string; description: string; uri: Uri; picked: boolean }[] = [];
  for (const uri of await workspace.findFiles("**/*.lean", "**/.lake/**")) {
    const text = new TextDecoder().decode(await workspace.fs.readFile(uri));
    const count = text.match(/\b(sorry|admit)\b/g)?.length ?? 0;
    if (count > 0) files.push({ label: workspace.asRelativePath(uri), description: plural(count, "mention", "mentions"), uri, picked: true });
  }
  return files;
}

/** Menus give their commands arguments of other kinds, too. */
function holeOf(subject: Subject): Hole | undefined {
  return subject && "hole" in subject ? subject.hole : undefined;
}

/** Where the client does not pass the token on, the server is asked to stop. */
function stopWith(token: CancellationToken, server: Server, params: own.CancelParams): void {
  token.onCancellationRequested(() => quietly("stop", server.request("cancel", params)));
}

/** Show that something is being done, and let the user stop it. `undefined` if he did. */
async function working<Result>(what: string, work: (token: CancellationToken, report: (message: string) => void) => Promise<Result>): Promise<Result | undefined> {
  const options = { location: ProgressLocation.Notification, title: `Leanwright: ${what}`, cancellable: true };
  return await window.withProgress(options, async (progress, token) => {
    try {
      const result = await work(token, (message) => progress.report({ message }));
      return token.isCancellationRequested ? undefined : result;
    } catch (error) {
      if (token.isCancellationRequested) return undefined;
      throw error;
    }
  });
}
