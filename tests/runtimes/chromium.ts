/**
 * A real browser for tests: a headless Chromium that opens one page and is certain to die.
 *
 * @module
 */

import { execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { executableOf, ROOT } from "./executables.ts";
import { RuntimeProcess } from "./runtime_process.ts";

/** The folder that `scripts/setup_browser.ts` fills, with a slash at its end. */
export const BROWSER_FOLDER = `${ROOT}.cache/browser/`;

/** Holds the path of the executable, once it was fetched. */
export const BROWSER_PATH_FILE = `${BROWSER_FOLDER}path`;

const SETUP_MS_MAX = 120_000;

// Tests run as root, in containers, without a network beyond this machine.
const FLAGS = [
  "--headless=shell",
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** The executable, fetched if it must be; or why there is none. */
export type Found = { readonly executable: string } | { readonly missing: string };

/** Looks for a Chromium: what HAWSER_CHROMIUM names, else what `scripts/setup_browser.ts` fetches. */
export function findChromium(): Found {
  const named = process.env.HAWSER_CHROMIUM;
  if (named !== undefined) return existsSync(named) ? { executable: named } : { missing: `no file ${named}` };
  try {
    const args = ["run", "-A", "--quiet", "--no-check", `${ROOT}scripts/setup_browser.ts`];
    const output = execFileSync(executableOf("deno"), args, {
      cwd: ROOT,
      encoding: "utf8",
      timeout: SETUP_MS_MAX,
      stdio: ["ignore", "pipe", "pipe"],
    });
    return { executable: output.trim() };
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    return { missing: `no Chromium can be had: ${stderr || message}` };
  }
}

/** A browser with one page open. Hold it with `await using`: leaving the scope ends it and removes its profile. */
export class Browser implements AsyncDisposable {
  readonly #process: RuntimeProcess;
  readonly #profile: string;

  private constructor(process: RuntimeProcess, profile: string) {
    this.#process = process;
    this.#profile = profile;
  }

  /** Opens `url` in a new browser with an empty profile. */
  static async open(executable: string, url: string, flags: readonly string[] = []): Promise<Browser> {
    const profile = await mkdtemp(join(tmpdir(), "hawser-chromium-"));
    const child = spawn(executable, [...FLAGS, ...flags, `--user-data-dir=${profile}`, url]);
    return new Browser(new RuntimeProcess(child, `Chromium at ${url}`, 100_000), profile);
  }

  /** What it wrote to standard error, for messages. */
  get stderr(): string {
    return this.#process.stderr;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process.kill();
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 10 });
  }
}
