// The state of each hole in the gutter and in the overview ruler; its goal when the mouse is over it.

import { type Disposable, type ExtensionContext, OverviewRulerLane, type TextEditorDecorationType, ThemeColor, Uri, commands, window, workspace } from "vscode";
import type { Holes } from "./holes";
import { tooltip } from "./holesView";
import { settings } from "./settings";
import { STANDINGS, type Standing, standing } from "./wording";

export class Gutter implements Disposable {
  private readonly types = new Map<Standing, TextEditorDecorationType>();
  private readonly subscriptions: Disposable[];

  constructor(context: ExtensionContext, private readonly holes: Holes) {
    for (const state of Object.keys(STANDINGS) as Standing[]) {
      const gutterIconPath = Uri.joinPath(context.extensionUri, "media", `gutter-${state}.svg`);
      const overviewRulerColor = new ThemeColor(STANDINGS[state].color);
      this.types.set(state, window.createTextEditorDecorationType({ gutterIconPath, gutterIconSize: "contain", overviewRulerColor, overviewRulerLane: OverviewRulerLane.Center }));
    }
    this.subscriptions = [
      holes.changed(() => this.show()),
      window.onDidChangeVisibleTextEditors(() => this.show()),
      window.onDidChangeTextEditorSelection(() => this.cursor()),
      workspace.onDidChangeConfiguration((event) => event.affectsConfiguration("leanwright.gutter") && this.show()),
    ];
  }

  dispose(): void {
    this.subscriptions.forEach((one) => one.dispose());
    this.types.forEach((type) => type.dispose());
  }

  private show(): void {
    for (const editor of window.visibleTextEditors) {
      const holes = settings.gutter() ? this.holes.list(editor.document) : [];
      for (const [state, type] of this.types) {
        const here = holes.filter((hole) => standing(hole.view) === state);
        editor.setDecorations(type, here.map((hole) => ({ range: hole.range, hoverMessage: tooltip(hole) })));
      }
    }
    this.cursor();
  }

  /** Menus ask whether the cursor is at a hole. */
  private cursor(): void {
    const editor = window.activeTextEditor;
    const at = editor && this.holes.at(editor.document, editor.selection.active);
    void commands.executeCommand("setContext", "leanwright.atHole", at !== undefined);
  }
}
