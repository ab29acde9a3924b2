// The goals at the cursor, in a view of their own. The page gets records and writes them as text: nothing of a proof is markup.

import { type CancellationToken, CancellationTokenSource, type Disposable, type ExtensionContext, Uri, type WebviewView, type WebviewViewProvider, window } from "vscode";
import type { Holes } from "./holes";
import { log, reason } from "./log";
import { type Servers, place } from "./server";

/** The cursor rests for so long before Lean is asked. */
const PAUSE = 80;

export class GoalsView implements WebviewViewProvider, Disposable {
  private view: WebviewView | undefined;
  private timer: NodeJS.Timeout | undefined;
  private asking: CancellationTokenSource | undefined;
  private readonly subscriptions: Disposable[];

  constructor(private readonly context: ExtensionContext, private readonly servers: Servers, holes: Holes) {
    this.subscriptions = [
      window.registerWebviewViewProvider("leanwright.goals", this),
      window.onDidChangeTextEditorSelection(() => this.soon()),
      window.onDidChangeActiveTextEditor(() => this.soon()),
      holes.changed(() => this.soon()),
    ];
  }

  resolveWebviewView(view: WebviewView): void {
    this.view = view;
    const media = Uri.joinPath(this.context.extensionUri, "media");
    view.webview.options = { enableScripts: true, localResourceRoots: [media] };
    const file = (name: string) => view.webview.asWebviewUri(Uri.joinPath(media, name)).toString();
    const policy = `default-src 'none'; style-src ${view.webview.cspSource}; script-src ${view.webview.cspSource}`;
    view.webview.html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<link rel="stylesheet" href="${file("goals.css")}">
<title>Goals</title>
</head>
<body>
<main aria-live="polite" aria-label="Goals at the cursor"></main>
<script src="${file("goals.js")}"></script>
</body>
</html>`;
    view.onDidChangeVisibility(() => this.soon());
    view.onDidDispose(() => (this.view = undefined));
    view.webview.onDidReceiveMessage(() => this.soon());
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.asking?.cancel();
    this.subscriptions.forEach((one) => one.dispose());
  }

  private soon(): void {
    clearTimeout(this.timer);
    if (this.view?.visible) this.timer = setTimeout(() => void this.show(), PAUSE);
  }

  private async show(): Promise<void> {
    this.asking?.cancel();
    const asking = (this.asking = new CancellationTokenSource());
    const message = await this.message(asking.token);
    if (!asking.token.isCancellationRequested) void this.view?.webview.postMessage(message);
  }

  private async message(token: CancellationToken): Promise<unknown> {
    const editor = window.activeTextEditor;
    if (editor?.document.languageId !== "lean4") return { note: "Put the cursor into a Lean file." };
    const server = this.servers.of(editor.document);
    if (!server) return { note: "There is no server for this file yet." };
    try {
      return await server.request("goals", place(server, editor.document.uri, editor.selection.active), token);
    } catch (error) {
      log().debug(`goals: ${reason(error)}`);
      return { note: reason(error) };
    }
  }
}
