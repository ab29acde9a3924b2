// The walk through a proof and the certificate, as panels. Their pages are made by `leanwright page`; here is only the frame,
// and for the walk that page and cursor follow each other.

import { type Disposable, type ExtensionContext, type Position, Selection, type TextDocument, TextEditorRevealType, ThemeColor, ViewColumn, type WebviewPanel, window, workspace } from "vscode";
import { toRange } from "./holes";
import { run } from "./program";
import type * as own from "./protocol";

export class Panels implements Disposable {
  private readonly here = window.createTextEditorDecorationType({ backgroundColor: new ThemeColor("editor.findMatchHighlightBackground") });
  private walkPanel: WebviewPanel | undefined;
  private certificatePanel: WebviewPanel | undefined;
  private walkSubscriptions: Disposable[] = [];

  constructor(
    private readonly context: ExtensionContext,
    private readonly program: string,
  ) {}

  async certificate(found: own.CertificateResult): Promise<void> {
    const html = await run(this.program, ["page"], JSON.stringify(found));
    const panel = (this.certificatePanel ??= this.panel("leanwright.certificate", () => (this.certificatePanel = undefined)));
    panel.title = `Certificate: ${found.verdict.declaration ?? found.hole}`;
    panel.webview.html = html;
    panel.reveal(undefined, true);
  }

  async walk(walk: own.Walk, document: TextDocument): Promise<void> {
    const html = await run(this.program, ["page"], JSON.stringify(walk));
    this.endWalk(document);
    const panel = (this.walkPanel ??= this.panel("leanwright.walk", () => {
      this.walkPanel = undefined;
      this.endWalk(document);
    }));
    panel.title = `Walk: ${walk.declaration}`;
    panel.webview.html = html;
    panel.reveal(undefined, true);
    const { version } = document;
    const key = document.uri.toString();
    const editors = () => window.visibleTextEditors.filter((editor) => editor.document.uri.toString() === key);
    const current = () => document.version === version;
    const follow = (at: Position | undefined) => {
      const step = at && current() ? innermost(walk, at) : undefined;
      if (step === undefined) return;
      editors().forEach((editor) => editor.setDecorations(this.here, [toRange(walk.steps[step]!.range)]));
      void panel.webview.postMessage({ step });
    };
    this.walkSubscriptions = [
      panel.webview.onDidReceiveMessage(({ step, ready }: { step?: number; ready?: boolean }) => {
        if (ready) return follow(editors()[0]?.selection.active);
        const chosen = step === undefined ? undefined : walk.steps[step];
        if (!chosen || !current()) return;
        for (const editor of editors()) {
          const range = toRange(chosen.range);
          editor.setDecorations(this.here, [range]);
          editor.selection = new Selection(range.start, range.start);
          editor.revealRange(range, TextEditorRevealType.InCenterIfOutsideViewport);
        }
      }),
      window.onDidChangeTextEditorSelection(({ textEditor, selections }) => {
        const at = selections[0]?.active;
        if (!at || !current() || textEditor.document.uri.toString() !== key || window.activeTextEditor !== textEditor) return;
        follow(at);
      }),
      workspace.onDidChangeTextDocument((event) => {
        if (event.document.uri.toString() !== key || event.contentChanges.length === 0) return;
        panel.title = `Walk: ${walk.declaration} (the text has changed)`;
        editors().forEach((editor) => editor.setDecorations(this.here, []));
      }),
    ];
  }

  dispose(): void {
    this.walkPanel?.dispose();
    this.certificatePanel?.dispose();
    this.walkSubscriptions.forEach((one) => one.dispose());
    this.here.dispose();
  }

  private panel(type: string, closed: () => void): WebviewPanel {
    const options = { enableScripts: true, localResourceRoots: [], enableFindWidget: true, retainContextWhenHidden: true };
    const panel = window.createWebviewPanel(type, "Leanwright", { viewColumn: ViewColumn.Beside, preserveFocus: true }, options);
    panel.iconPath = this.context.extensionUri.with({ path: `${this.context.extensionUri.path}/media/leanwright.svg` });
    panel.onDidDispose(closed);
    return panel;
  }

  private endWalk(document: TextDocument): void {
    this.walkSubscriptions.forEach((one) => one.dispose());
    this.walkSubscriptions = [];
    const editors = window.visibleTextEditors.filter((editor) => editor.document === document);
    editors.forEach((editor) => editor.setDecorations(this.here, []));
  }
}

/** The index of the last step that begins at or before a place and holds it: steps that hold others come before them. */
export function innermost(walk: own.Walk, at: own.Position): number | undefined {
  const before = (one: own.Position, other: own.Position) => one.line < other.line || (one.line === other.line && one.character <= other.character);
  let found: number | undefined;
  walk.steps.forEach(({ range }, index) => {
    if (before(range.start, at) && before(at, range.end)) found = index;
  });
  return found;
}
