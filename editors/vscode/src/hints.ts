// A hint at each hole that has a verified replacement. VS Code looks for code actions again when the hints change, so that the
// light bulb comes by itself; Lean's own diagnostics are left as they are.

import { Diagnostic, DiagnosticSeverity, type Disposable, languages, workspace } from "vscode";
import type { Holes } from "./holes";
import { workText } from "./wording";

/** The server keeps diagnostics of this source from Lean. */
const SOURCE = "leanwright";

export class Hints implements Disposable {
  private readonly collection = languages.createDiagnosticCollection(SOURCE);
  private readonly subscription: Disposable;
  private shown = "";

  constructor(private readonly holes: Holes) {
    this.subscription = holes.changed(() => this.show());
  }

  dispose(): void {
    this.subscription.dispose();
    this.collection.dispose();
  }

  private show(): void {
    const offered = this.holes.list().filter(({ view }) => view.work.state === "offered");
    const state = JSON.stringify(offered.map(({ view, document }) => [document.uri.toString(), view.range, view.work]));
    if (state === this.shown) return;
    this.shown = state;
    this.collection.clear();
    for (const document of workspace.textDocuments) {
      const here = offered.filter((hole) => hole.document === document);
      const hints = here.map(({ range, view }) => Object.assign(new Diagnostic(range, workText(view), DiagnosticSeverity.Hint), { source: SOURCE }));
      if (hints.length > 0) this.collection.set(document.uri, hints);
    }
  }
}
