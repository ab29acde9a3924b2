import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { candidates, firstProgram, run } from "../../src/program";
import { projectRoot } from "../../src/project";
import { withShim, writeShim } from "../../src/shim";

const scratch = mkdtempSync(join(tmpdir(), "leanwright-unit-"));
after(() => rmSync(scratch, { recursive: true }));

function file(path: string, text = "", mode = 0o644): string {
  const whole = join(scratch, path);
  mkdirSync(join(whole, ".."), { recursive: true });
  writeFileSync(whole, text);
  chmodSync(whole, mode);
  return whole;
}

test("the program is the user's, else the bundled one, else that on PATH", () => {
  assert.deepEqual(candidates("/x/lw", "/ext", "/a:/b"), ["/x/lw"]);
  assert.deepEqual(candidates("", "/ext", "/a::/b"), ["/ext/bin/leanwright", "/a/leanwright", "/b/leanwright"]);
  const plain = file("plain/leanwright");
  const program = file("bin/leanwright", "#!/bin/sh\ncat\necho \"$1\"\n[ \"$1\" != fail ] || { echo why >&2; exit 3; }\n", 0o755);
  assert.equal(firstProgram([join(scratch, "none"), plain, scratch, program]), program);
  assert.equal(firstProgram([plain]), undefined);
});

test("a program gets its input, and its failure is its own words", async () => {
  const program = join(scratch, "bin/leanwright");
  assert.equal(await run(program, ["page"], "in\n"), "in\npage\n");
  await assert.rejects(run(program, ["fail"]), /^Error: why$/);
});

test("a file belongs to the nearest project, a dependency's file to the outer one", () => {
  file("outer/lakefile.toml");
  file("outer/lean-toolchain");
  file("outer/.lake/packages/dep/lakefile.lean");
  file("outer/sub/inner/lakefile.lean");
  file("loose/lean-toolchain");
  const root = (path: string) => projectRoot(join(scratch, path));
  assert.equal(root("outer/A/B.lean"), join(scratch, "outer"));
  assert.equal(root("outer/sub/inner/C.lean"), join(scratch, "outer/sub/inner"));
  assert.equal(root("outer/.lake/packages/dep/D.lean"), join(scratch, "outer"));
  assert.equal(root("loose/deep/E.lean"), join(scratch, "loose"));
  assert.equal(root("F.lean"), scratch);
});

test("the shim is first once, moves with the program, and goes without a trace", () => {
  assert.deepEqual(withShim(["/a", "/shim", "/b"], "/shim", true), ["/shim", "/a", "/b"]);
  assert.deepEqual(withShim(["/shim", "/a"], "/shim", false), ["/a"]);
  const folder = join(scratch, "shim");
  for (const program of ["/old/leanwright", "/new/leanwright", "/new/leanwright"]) {
    writeShim(folder, program);
    assert.equal(readlinkSync(join(folder, "lake")), program);
  }
});

test("beside the Lean 4 extension nothing is said about how Lean is edited", () => {
  const { contributes } = JSON.parse(readFileSync("package.json", "utf8")) as { contributes: Record<string, unknown> };
  for (const one of ["languages", "grammars", "configurationDefaults", "semanticTokenScopes", "snippets"]) assert.equal(contributes[one], undefined, one);
  const language = JSON.parse(readFileSync("../vscode-language/package.json", "utf8")) as { contributes: Record<string, unknown>; main?: string };
  assert.deepEqual([Object.keys(language.contributes), language.main], [["languages", "grammars"], undefined]);
});
