// Read-only documents of ours: what would be sent, what was tried, what the doctor found.

import { type Disposable, EventEmitter, type TextDocumentContentProvider, Uri, window, workspace } from "vscode";

const SCHEME = "leanwright";

export class Documents implements TextDocumentContentProvider, Disposable {
  private readonly texts = new Map<string, string>();
  private readonly changed = new EventEmitter<Uri>();
  readonly onDidChange = this.changed.event;
  private readonly registration = workspace.registerTextDocumentContentProvider(SCHEME, this);
  private readonly closed = workspace.onDidCloseTextDocument(({ uri }) => {
    if (uri.scheme === SCHEME) this.texts.delete(uri.toString());
  });

  provideTextDocumentContent(uri: Uri): string {
    return this.texts.get(uri.toString()) ?? "";
  }

  /** Show a text under a name; its ending says what language it is. */
  async show(name: string, text: string): Promise<void> {
    const uri = Uri.from({ scheme: SCHEME, path: `/${name}` });
    this.texts.set(uri.toString(), text);
    this.changed.fire(uri);
    await window.showTextDocument(await workspace.openTextDocument(uri), { preview: true });
  }

  dispose(): void {
    for (const one of [this.registration, this.closed, this.changed]) one.dispose();
  }
}
