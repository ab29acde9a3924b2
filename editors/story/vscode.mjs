// Plays a story in a real VS Code (npm's code-server) that a user looks at through a real browser, by keys and clicks only.
//
//   vscode.mjs STORY FOLDER      prints each step that was seen; FOLDER holds the projects that the story names
//
// LEANWRIGHT, LEANWRIGHT_VSIX, LEANWRIGHT_BESIDE (a stand-in for the Lean 4 extension, packaged), LEANWRIGHT_LAKE,
// LEANWRIGHT_CODE_SERVER, LEANWRIGHT_PEERS and LEANWRIGHT_BROWSER say where things are; with LEANWRIGHT_PICTURES pictures are kept there.
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const [storyFile, folder] = process.argv.slice(2);
const env = process.env;
const require = createRequire(join(env.LEANWRIGHT_PEERS, "package.json"));
const { chromium } = require("playwright-core");
const story = JSON.parse(readFileSync(storyFile, "utf8"));
const PATIENCE = 120_000;

const scratch = mkdtempSync(join(realpathSync(tmpdir()), "leanwright-vscode-"));
const entry = join(env.LEANWRIGHT_CODE_SERVER, "node_modules/code-server/out/node/entry.js");
const folders = ["--user-data-dir", join(scratch, "user"), "--extensions-dir", join(scratch, "extensions")];
const cache = env.XDG_CACHE_HOME || join(env.HOME, ".cache");
const home = { SHELL: "/bin/bash", HOME: join(scratch, "home"), XDG_CACHE_HOME: cache, XDG_CONFIG_HOME: join(scratch, "config"), XDG_DATA_HOME: join(scratch, "data") };
const settings = {
  "leanwright.path": env.LEANWRIGHT,
  "workbench.startupEditor": "none",
  "workbench.colorTheme": "Default Light Modern",
  "editor.fontSize": 14,
  "editor.minimap.enabled": false,
  "window.commandCenter": false,
  "chat.commandCenter.enabled": false,
};

/** Do something until it gives a value. What it throws last is why it never did. */
async function until(what, look) {
  const end = Date.now() + PATIENCE;
  let last;
  for (;;) {
    try {
      const seen = await look();
      if (seen !== undefined && seen !== false) return seen;
      last = "it was not there";
    } catch (error) {
      last = error.message;
    }
    if (Date.now() > end) throw new Error(`waited in vain for ${what}: ${last}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const same = (seen, expected) => {
  if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error(`saw ${JSON.stringify(seen)} instead of ${JSON.stringify(expected)}`);
  return true;
};
const contains = (seen, parts) => {
  for (const part of parts) if (!seen.toLowerCase().includes(part.toLowerCase())) throw new Error(`no ${JSON.stringify(part)} in ${JSON.stringify(seen)}`);
  return true;
};

/** One window of VS Code: what a user can do in it, and what he sees. */
class Window {
  constructor(page) {
    this.page = page;
  }

  /** Write into the field that a key opens. A page that has just got the focus may not pass the key on yet. */
  async quickInput(key, text) {
    const input = this.page.locator(".quick-input-widget input.input");
    await until("the field for commands", async () => {
      await this.page.keyboard.press(key);
      await input.fill(text, { timeout: 4000 });
      return (await input.inputValue({ timeout: 1000 })) === text;
    });
  }

  /** By the command palette, as it is labelled there. */
  async command(title) {
    await this.quickInput("F1", `>${title}`);
    const row = this.page.locator(`.quick-input-widget .monaco-list-row:is([aria-label="${title}"], [aria-label^="${title},"])`).first();
    await row.click({ timeout: 20_000 });
  }

  /** The page of a webview that holds an element. */
  async webview(selector) {
    for (const frame of this.page.frames()) {
      const found = frame.url().includes("webview") || frame.name() ? await frame.$(selector).catch(() => null) : null;
      if (found && (await found.isVisible())) return frame;
    }
    return undefined;
  }

  doing = {
    open: async ({ file }) => {
      await this.quickInput("Control+KeyP", join(folder, file));
      const name = file.split("/").at(-1);
      await this.page.locator(".quick-input-widget .monaco-list-row").filter({ hasText: name }).first().click({ timeout: 20_000 });
      await this.page.locator(`.tab.active[data-resource-name="${name}"]`).waitFor();
    },
    cursor: async ({ line, column }) => {
      await this.quickInput("Control+KeyP", `:${line}:${column}`);
      await this.page.keyboard.press("Enter");
    },
    prove: () => this.command("Leanwright: Prove This Sorry"),
    proveAll: () => this.command("Leanwright: Prove All Sorries in This File"),
    // Messages hide after a while, and who has missed one does not look for it in the list of notifications.
    missQuestion: async () => {
      await this.page.locator(".statusbar-item", { hasText: "Leanwright?" }).first().waitFor();
      await this.command("Notifications: Clear All Notifications");
    },
    consent: async () => {
      await this.page.locator(".statusbar-item", { hasText: "Leanwright?" }).locator("a").first().click();
      await this.page.locator(".monaco-dialog-box .monaco-button", { hasText: "Use Leanwright" }).click();
    },
    walk: () => this.command("Leanwright: Walk Through This Proof"),
    doctor: () => this.command("Leanwright: Doctor"),
    forward: async () => {
      const frame = await until("the walk", () => this.webview("#goals"));
      // The focus is still in the editor: where the cursor is, the walk is.
      await frame.locator("nav button").last().click();
    },
    action: async ({ title }) => {
      const bulb = this.page.locator(".lightBulbWidget, .codicon-gutter-lightbulb, [class*='codicon-light-bulb']").locator("visible=true").first();
      await bulb.waitFor({ timeout: 20_000 });
      await this.picture("offer");
      await bulb.click();
      // The widget keeps the mouse off at first: by keys, as most people do.
      const focused = this.page.locator(".action-widget .monaco-list-row.focused");
      await until(`the action ${title}`, async () => {
        if ((await focused.innerText()).includes(title)) return true;
        await this.page.keyboard.press("ArrowDown");
        return false;
      });
      await this.picture("actions");
      await this.page.keyboard.press("Enter");
    },
  };

  seeing = {
    warnings: async ({ count }) => {
      const label = await this.page.locator("#status\\.problems a, #status\\.problems").first().getAttribute("aria-label");
      const found = /Warnings: (\d+)/.exec(label ?? "")?.[1] ?? (/No Problems/.test(label ?? "") ? 0 : undefined);
      return same(Number(found), count);
    },
    states: async ({ are }) => {
      const seen = await this.page.locator(".glyph-margin-widgets .cgmr").evaluateAll((glyphs) =>
        glyphs
          .map((glyph) => [glyph.getBoundingClientRect().top, /gutter-(\w+)\.svg/.exec(getComputedStyle(glyph).backgroundImage)?.[1]])
          .filter(([, state]) => state)
          .sort(([one], [other]) => one - other)
          .map(([, state]) => state));
      return same(seen, are);
    },
    holes: async ({ are }) => {
      const tree = this.page.locator(".pane", { has: this.page.locator(".pane-header", { hasText: "Holes" }) }).locator(".monaco-list-row[aria-level='2']");
      if (!(await this.page.locator(".pane-header", { hasText: "Holes" }).isVisible())) await this.command("View: Show Leanwright");
      const seen = await tree.evaluateAll((rows) =>
        rows.map((row) => `${row.querySelector(".label-name").textContent}: ${row.querySelector(".label-description").textContent}`));
      return same(seen, are);
    },
    goals: async ({ are }) => {
      const frame = await this.webview("main[aria-label='Goals at the cursor']");
      if (!frame) await this.command("Leanwright: Show Goals");
      return frame && same(await frame.locator(".goal > div").allInnerTexts(), are);
    },
    lens: async ({ says }) => {
      const lenses = await this.page.locator(".codelens-decoration").allInnerTexts();
      return contains(lenses.join("\n").replace(/\u00a0/g, " "), [says]);
    },
    message: async ({ says }) => {
      const toasts = await this.page.locator(".notification-toast .notification-list-item-message").allInnerTexts();
      contains(toasts.join("\n"), [says]);
      await this.picture("message");
      await this.command("Notifications: Clear All Notifications");
      return true;
    },
    text: async ({ line, is }) => {
      const seen = await this.page.locator(".editor-group-container.active .view-line").evaluateAll((lines) =>
        lines.map((one) => [one.getBoundingClientRect().top, one.textContent.replace(/\u00a0/g, " ")]).sort(([one], [other]) => one - other).map(([, text]) => text));
      return same(seen[line - 1], is);
    },
    certificate: async ({ says }) => {
      if (!(await this.webview("table .verdict"))) await this.command("Leanwright: Show Certificate");
      const frame = await until("the certificate", () => this.webview("table .verdict"));
      contains(await frame.locator("body").innerText(), says);
      await this.picture("certificate");
      await this.page.locator(".tab", { hasText: "Certificate" }).locator(".codicon-close").click();
      return true;
    },
    step: async ({ says }) => {
      const frame = await this.webview("#goals");
      if (!frame) return false;
      contains(await frame.evaluate(() => [document.querySelector("nav output").textContent, document.querySelector("#goals section:not([hidden])").innerText].join("\n")), says);
      await this.picture("walk");
      return true;
    },
    // Somebody who has not answered yet is led on by the view, and by a command that cannot do its work.
    question: async () => {
      if (!(await this.page.locator(".pane-header", { hasText: "Holes" }).isVisible())) await this.command("View: Show Leanwright");
      const link = this.page.locator(".welcome-view-content a, .welcome-view-content .monaco-button", { hasText: "Work beside the Lean 4 extension" });
      if (!(await link.first().isVisible())) return false;
      return same(await this.page.locator(".pane-header", { hasText: "Goals" }).count(), 0);
    },
    theirs: async () => {
      if (!(await this.page.locator(".tab.active", { hasText: "doctor" }).isVisible())) await this.command("Leanwright: Doctor");
      return this.seeing.doctor({ says: ["beside the Lean 4 extension"] });
    },
    servers: async ({ count }) => {
      if (!(await this.page.locator(".tab.active", { hasText: "doctor" }).isVisible())) await this.command("Leanwright: Doctor");
      const text = await this.page.locator(".editor-group-container.active .view-line").allInnerTexts();
      return same(text.filter((line) => line.replace(/\u00a0/g, " ").startsWith("✓ server:")).length, count);
    },
    doctor: async ({ says }) => {
      const text = await this.page.locator(".editor-group-container.active .view-line").allInnerTexts();
      return contains(text.join("\n").replace(/\u00a0/g, " "), says);
    },
  };

  async picture(name) {
    if (env.LEANWRIGHT_PICTURES) await this.page.screenshot({ path: join(env.LEANWRIGHT_PICTURES, `vscode-${name}.png`), animations: "disabled" });
  }
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** The address of a window with some projects in it. */
function address(port, name, projects) {
  const base = `http://127.0.0.1:${port}/`;
  if (projects.length === 1) return `${base}?folder=${join(folder, projects[0])}`;
  const file = join(scratch, `${name}.code-workspace`);
  writeFileSync(file, JSON.stringify({ folders: projects.map((project) => ({ path: join(folder, project) })) }));
  return `${base}?workspace=${file}`;
}

mkdirSync(join(scratch, "user/User"), { recursive: true });
mkdirSync(home.HOME, { recursive: true });
writeFileSync(join(scratch, "user/User/settings.json"), JSON.stringify(settings));
const beside = story.steps.some((step) => step.beside);
// The Lean 4 extension finds its `lake` on PATH, which VS Code takes from the user's shell.
const path = beside ? `${dirname(env.LEANWRIGHT_LAKE)}:${env.PATH}` : env.PATH;
writeFileSync(join(home.HOME, ".bash_profile"), `export PATH='${path}'\n`);
for (const vsix of [beside ? env.LEANWRIGHT_BESIDE : env.LEANWRIGHT_LANGUAGE, env.LEANWRIGHT_VSIX]) {
  const installed = spawnSync("node", [entry, ...folders, "--install-extension", vsix], { env: { ...env, ...home }, encoding: "utf8" });
  if (installed.status !== 0) throw new Error(`${vsix} was not installed: ${installed.stdout}${installed.stderr}`);
}
const port = await freePort();
const flags = ["--auth", "none", "--bind-addr", `127.0.0.1:${port}`, "--disable-telemetry", "--disable-update-check", "--disable-workspace-trust"];
const server = spawn("node", [entry, ...folders, ...flags], { env: { ...env, ...home }, stdio: "ignore", detached: true });
// However this ends, the server and what it has started end, too.
const stop = () => {
  try {
    process.kill(-server.pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
};
process.on("exit", stop);
const browserFlags = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";
const browser = await chromium.launch({ executablePath: env.LEANWRIGHT_BROWSER, args: browserFlags.split(" ") });
const windows = new Map();
let here;
let failed;
try {
  for (const [number, step] of story.steps.entries()) {
    // The other editor's.
    if (step.only && step.only !== "vscode") continue;
    const name = step.do ?? `see ${step.see}`;
    try {
      if (step.do === "window" && !windows.has(step.name)) {
        const page = await browser.newPage({ viewport: { width: 1280, height: 760 } });
        page.setDefaultTimeout(PATIENCE);
        // A page that is asked for while the server starts may never become a window: it is asked for again.
        await until("the window", async () => {
          await page.goto(address(port, step.name, step.projects));
          return await page.locator(".monaco-workbench .part.statusbar").waitFor({ timeout: 30_000 }).then(() => true);
        });
        windows.set(step.name, new Window(page));
      }
      if (step.do === "window") here = windows.get(step.name);
      else if (step.do) await here.doing[step.do](step);
      else await until(name, () => here.seeing[step.see](step));
    } catch (error) {
      if (env.LEANWRIGHT_PICTURES) await here?.page.screenshot({ path: join(env.LEANWRIGHT_PICTURES, "vscode-failure.png") });
      throw new Error(`step ${number + 1} (${JSON.stringify(step)}): ${error.message}`);
    }
    console.log(JSON.stringify(step));
  }
} catch (error) {
  failed = error;
}
await browser.close();
stop();
rmSync(scratch, { recursive: true, force: true, maxRetries: 10, retryDelay: 300 });
if (failed) {
  console.error(failed.message);
  process.exit(1);
}
