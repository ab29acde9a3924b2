// Finds the program `leanwright` and runs it for short tasks. Starts no server.

import { execFile } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Where the program may be, in order: the user's setting alone if there is one. */
export function candidates(setting: string, extensionFolder: string, path: string): string[] {
  if (setting) return [setting];
  const folders = path.split(delimiter).filter((folder) => folder !== "");
  return [join(extensionFolder, "bin", "leanwright"), ...folders.map((folder) => join(folder, "leanwright"))];
}

/** The first of these that can be run. */
export function firstProgram(paths: string[]): string | undefined {
  return paths.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return statSync(path).isFile();
    } catch {
      return false;
    }
  });
}

/** What to tell a user who has no program. */
export function missing(setting: string): string {
  if (setting) return `the program ${setting} (setting leanwright.path) cannot be run`;
  return "the program `leanwright` was not found: put it on your PATH, or say where it is in the setting leanwright.path";
}

/** Run the program with some input and return what it prints. */
export function run(program: string, words: string[], input = "", folder?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { maxBuffer: 64 << 20, timeout: 60_000, ...(folder ? { cwd: folder } : {}) };
    const child = execFile(program, words, options, (error, stdout, stderr) => {
      if (error) reject(new Error(stderr.trim() || error.message));
      else resolve(stdout);
    });
    // A program that ends without reading is told of by its exit code.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(input);
  });
}
