// Which Lake project a file belongs to. Knows no editor.

import { existsSync } from "node:fs";
import { dirname, join, sep } from "node:path";

const MARKS = [["lakefile.toml", "lakefile.lean"], ["lean-toolchain"]];

/**
 * The root of the project that a file is a part of: the nearest folder with a lakefile, else with a `lean-toolchain`, else
 * the file's own folder. A file of a dependency belongs to the project that depends on it.
 */
export function projectRoot(file: string): string {
  const [outer] = file.split(`${sep}.lake${sep}packages${sep}`);
  const start = outer !== undefined && outer !== file ? outer : dirname(file);
  for (const marks of MARKS) {
    for (let folder = start; ; folder = dirname(folder)) {
      if (marks.some((mark) => existsSync(join(folder, mark)))) return folder;
      if (folder === dirname(folder)) break;
    }
  }
  return start;
}

/** A path as a glob pattern that matches it alone. */
export function globEscaped(path: string): string {
  return path.replace(/[[\]{}*?]/g, (character) => `[${character}]`);
}
