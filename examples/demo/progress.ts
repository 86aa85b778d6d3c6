/**
 * Shows on standard error what is going on: one line that is written again and again on a terminal, one line per
 * step elsewhere.
 *
 * @module
 */

import process from "node:process";

const { stderr } = process;

/** The place where people look while the demo works. */
export class ProgressLine {
  #step = "";

  /** A step begins or goes on; `detail` is shown on a terminal only. */
  show(step: string, detail: string): void {
    if (stderr.isTTY) {
      const line = `${step} ${detail}`.slice(0, (stderr.columns || 80) - 1);
      stderr.write(`\r\x1b[K${line}`); // ECMA-48: to the first column, erase to the right.
    } else if (step !== this.#step) {
      stderr.write(`${step}\n`);
    }
    this.#step = step;
  }

  /** A line that stays. */
  say(text: string): void {
    this.clear();
    stderr.write(`${text}\n`);
  }

  /** Takes the line away. */
  clear(): void {
    if (stderr.isTTY) stderr.write("\r\x1b[K");
    this.#step = "";
  }
}
