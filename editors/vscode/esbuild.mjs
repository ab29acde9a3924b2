// Bundles the extension into dist/; with --test the unit tests into dist-test/, where `vscode` is a stand-in; with --beside the
// stand-in for the Lean 4 extension into dist-beside/.
import { copyFileSync, readdirSync, rmSync } from "node:fs";
import { build } from "esbuild";

const shared = { bundle: true, platform: "node", target: "node20", sourcemap: true, logLevel: "warning" };
if (process.argv.includes("--test")) {
  rmSync("dist-test", { recursive: true, force: true });
  const entryPoints = readdirSync("test/unit").filter((name) => name.endsWith(".test.ts")).map((name) => `test/unit/${name}`);
  await build({ ...shared, entryPoints, outdir: "dist-test", format: "cjs", alias: { vscode: "./test/unit/vscode.cjs" } });
} else if (process.argv.includes("--beside")) {
  await build({ ...shared, entryPoints: ["test/beside/extension.ts"], outdir: "dist-beside", format: "cjs", external: ["vscode"] });
  copyFileSync("test/beside/package.json", "dist-beside/package.json");
} else {
  await build({ ...shared, entryPoints: ["src/extension.ts"], outfile: "dist/extension.js", format: "cjs", external: ["vscode"], minify: true });
}
