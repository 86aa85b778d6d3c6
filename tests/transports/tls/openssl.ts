/**
 * OpenSSL's own client and server as peers that nobody here wrote.
 *
 * @module
 */

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Why the tests with OpenSSL cannot run here, or `false`: what the `skip` of a test takes. */
export const opensslMissing: string | false =
  spawnSync("openssl", ["version"], { stdio: "ignore" }).status === 0
    ? false
    : "there is no openssl on the PATH; apt-get install openssl";

/** A folder of files that goes with its scope. */
export class Folder implements Disposable {
  readonly #path = mkdtempSync(join(tmpdir(), "hawser-openssl-"));

  /** Writes a file and returns its path. */
  write(name: string, text: string): string {
    const path = this.path(name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  }

  /** Where a file of that name is. */
  path(name: string): string {
    return join(this.#path, name);
  }

  [Symbol.dispose](): void {
    rmSync(this.#path, { recursive: true });
  }
}

/** One running `openssl`; leaving the scope ends it. */
export class Openssl implements AsyncDisposable {
  /** All that it wrote, on both outputs. */
  text = "";
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  #onText = () => {};

  constructor(args: readonly string[]) {
    this.#child = spawn("openssl", args, { stdio: ["pipe", "pipe", "pipe"] });
    const read = (piece: Uint8Array) => {
      this.text += new TextDecoder().decode(piece);
      this.#onText();
    };
    this.#child.stdout!.on("data", read);
    this.#child.stderr!.on("data", read);
    this.#child.stdin!.on("error", () => {}); // It may end before it was told all.
    this.#ended = new Promise((resolve) => this.#child.once("close", () => resolve()));
  }

  /** Types into it. */
  write(text: string): void {
    this.#child.stdin!.write(text);
  }

  /** Waits until it has written what matches. */
  async until(pattern: RegExp): Promise<RegExpExecArray> {
    let isOver = false;
    while (true) {
      const found = pattern.exec(this.text);
      if (found !== null) return found;
      if (isOver) throw new Error(`openssl ended without ${pattern}: ${this.text}`);
      const text = new Promise<void>((resolve) => this.#onText = resolve);
      await Promise.race([text, this.#ended.then(() => isOver = true)]);
    }
  }

  /** Waits for its end. */
  async ended(): Promise<string> {
    await this.#ended;
    return this.text;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
  }
}
