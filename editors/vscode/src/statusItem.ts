// The item in the status bar: how many holes there are, what is being done, what it has cost.

import { type Disposable, MarkdownString, StatusBarAlignment, window, workspace } from "vscode";
import type { Holes } from "./holes";
import type * as own from "./protocol";
import { settings } from "./settings";
import { statusFacts, statusLine } from "./wording";

/** The servers of a window in one: the item shows them all. */
export function together(statuses: own.StatusResult[]): own.StatusResult | undefined {
  return statuses.reduce((one: own.StatusResult | undefined, other) => {
    if (!one) return other;
    const cost = one.cost == null ? other.cost : one.cost + (other.cost ?? 0);
    return {
      ...one,
      off: [...one.off, ...other.off],
      documents: one.documents + other.documents,
      holes: one.holes + other.holes,
      offers: one.offers + other.offers,
      running: one.running + other.running,
      answers: (one.answers ?? 0) + (other.answers ?? 0),
      ...(cost == null ? {} : { cost }),
    };
  }, undefined);
}

export class StatusItem implements Disposable {
  private readonly item = window.createStatusBarItem("leanwright.status", StatusBarAlignment.Right, 90);
  private readonly subscriptions: Disposable[];

  /** `waits`: the user has not said yet whether we may stand behind the Lean 4 extension. */
  constructor(private readonly holes: Holes, private readonly waits: () => boolean) {
    this.item.name = "Leanwright";
    this.subscriptions = [
      this.item,
      holes.changed(() => this.show()),
      window.onDidChangeActiveTextEditor(() => this.show()),
      workspace.onDidChangeConfiguration((event) => event.affectsConfiguration("leanwright") && this.show()),
    ];
    this.show();
  }

  dispose(): void {
    this.subscriptions.forEach((one) => one.dispose());
  }

  private show(): void {
    const statuses = this.holes.statuses();
    const status = together(statuses.map((one) => one.status));
    const isLean = window.activeTextEditor?.document.languageId === "lean4";
    if (!settings.statusBar() || (!status && !isLean)) return this.item.hide();
    const waits = !status && this.waits();
    const nothing = waits ? "not beside the Lean 4 extension yet" : "no server yet";
    this.item.text = status ? statusLine(status) : waits ? "$(plug) Leanwright?" : "$(circle-slash) Leanwright";
    this.item.command = waits ? "leanwright.beside" : "leanwright.menu";
    const label = status ? this.item.text.replace(/\$\([^)]*\)\s*/, "Leanwright: ") : `Leanwright: ${nothing}`;
    this.item.accessibilityInformation = { label, role: "button" };
    const tooltip = new MarkdownString();
    if (waits) tooltip.appendText("Leanwright is not behind the Lean 4 extension yet: click to let it.");
    else if (statuses.length === 0) tooltip.appendText("Leanwright has no server yet.");
    for (const { server, status } of statuses) {
      tooltip.appendMarkdown("**").appendText(server.root).appendMarkdown("**\n\n");
      for (const [name, value] of statusFacts(status)) tooltip.appendText(`${name}: ${value}`).appendMarkdown("  \n");
      tooltip.appendMarkdown("\n\n");
    }
    this.item.tooltip = tooltip;
    this.item.show();
  }
}
