// What the rest of the extension knows of a Lean server that Leanwright stands in front of, whoever its client is.

import type { CancellationToken, Disposable, Event, TextDocument, Uri } from "vscode";
import type * as own from "./protocol";

/** The requests of the editor protocol: what they take and what they give. */
export interface Requests {
  holes: [own.DocumentParams, own.HolesResult];
  goals: [own.ProveParams, own.GoalsResult];
  prove: [own.ProveParams, own.ProveResult];
  proveAll: [own.ProveAllParams, own.ProveAllResult];
  cancel: [own.CancelParams, null];
  context: [own.ProveParams, unknown];
  certificate: [own.ProveParams, own.CertificateResult];
  walk: [own.ProveParams, own.Walk];
  status: [null, own.StatusResult];
}

/** One running server. */
export interface Server {
  /** The root of the project that it serves. */
  readonly root: string;
  /** The name of a document as this server's client writes it. */
  uri(uri: Uri): string;
  /** Ask `leanwright/<method>`. Rejects with the server's own words. */
  request<Method extends keyof Requests>(method: Method, params: Requests[Method][0], token?: CancellationToken): Promise<Requests[Method][1]>;
}

/** All servers of this window. */
export interface Servers extends Disposable {
  /** In a few words, for the doctor. */
  readonly kind: string;
  /** The server of a document, if it is there and is ours. */
  of(document: TextDocument): Server | undefined;
  all(): Server[];
  /** Servers have come or gone. */
  readonly changed: Event<void>;
  /** Holes or offers of a document may have changed. */
  readonly holesChanged: Event<Uri>;
  restart(): Promise<void>;
}

/** A position of VS Code's as the protocol has it: they count the same. */
export function place(server: Server, uri: Uri, position: { line: number; character: number }): own.ProveParams {
  return { textDocument: { uri: server.uri(uri) }, position: { line: position.line, character: position.character } };
}
