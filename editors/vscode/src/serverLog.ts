// The server writes its log to a file; whoever opens the log sees what has come since he last looked.

import { readFile } from "node:fs/promises";
import { log } from "./log";

let shown = 0;

export async function openLog(file: string): Promise<void> {
  log().show(true);
  const bytes = await readFile(file).catch(() => Buffer.alloc(0));
  if (bytes.length < shown) shown = 0;
  const fresh = bytes.subarray(shown).toString("utf8");
  shown = bytes.length;
  for (const line of fresh.split("\n").slice(-500)) if (line !== "") log().appendLine(line);
}
