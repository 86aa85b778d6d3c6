/**
 * A program that runs beside a test: its lines, its end, and its certain death.
 *
 * @module
 */

import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { LineReader } from "./line_reader.ts";

/** How a process ended: one of the two is null. */
export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** How much of standard error is kept for messages. */
const STDERR_CHARACTERS_MAX = 64 * 1024;

/** Processes that have not ended yet. */
const alive = new Set<ChildProcessWithoutNullStreams>();

/** Kills every process that has not ended yet; for the moment at which this one ends. */
export function killAll(): void {
  for (const child of alive) child.kill("SIGKILL");
}

/** A running process. `kill` it, or hold it with `await using`. */
export class RuntimeProcess {
  /** Resolves when the process has ended and all its output was read. */
  readonly exited: Promise<Exit>;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #title: string;
  readonly #reader = new LineReader();
  readonly #timer: ReturnType<typeof setTimeout>;
  #stderr = "";
  #end = "was not started";

  /** Watches over `child`; `title` names it in messages. */
  constructor(child: ChildProcessWithoutNullStreams, title: string, timeoutMs: number) {
    this.#child = child;
    this.#title = title;
    alive.add(child);
    this.#timer = setTimeout(() => this.#expire(timeoutMs), timeoutMs);
    child.stdin.on("error", () => {}); // A process may end before it has read everything.
    child.stdout.setEncoding("utf8").on("data", (text: string) => this.#reader.push(text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_CHARACTERS_MAX);
    });
    this.exited = this.#watchEnd();
  }

  /** The process id; 0 where the process could not be started. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** The end of what it wrote to standard error, so far. */
  get stderr(): string {
    return this.#stderr;
  }

  /**
   * The next line of its standard output, without the line's end.
   * @throws {Error} when it ended before; the message holds its standard error.
   */
  async nextLine(): Promise<string> {
    const line = await this.#reader.next();
    if (line !== undefined) return line;
    throw new Error(`${this.#title} ${this.#end} before its next line; it wrote:\n${this.#stderr}`);
  }

  /** All further lines of its standard output, until it ends. */
  get lines(): AsyncIterable<string> {
    return this.#lines();
  }

  /** Writes to its standard input. */
  write(text: string): void {
    this.#child.stdin.write(text);
  }

  /** Ends its standard input. */
  closeInput(): void {
    this.#child.stdin.end();
  }

  /** Kills it at once and resolves when it is gone. Safe to call at any time, and twice. */
  async kill(): Promise<Exit> {
    this.#child.kill("SIGKILL");
    return await this.exited;
  }

  /** Kills it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }

  async *#lines(): AsyncGenerator<string, void, undefined> {
    for (let line = await this.#reader.next(); line !== undefined; line = await this.#reader.next()) {
      yield line;
    }
  }

  #expire(timeoutMs: number): void {
    this.#stderr += `\n(killed: it was still running after ${timeoutMs} ms)`;
    this.#child.kill("SIGKILL");
  }

  #watchEnd(): Promise<Exit> {
    return new Promise((resolve) => {
      const finish = (exit: Exit, end: string) => {
        clearTimeout(this.#timer);
        alive.delete(this.#child);
        this.#end = end;
        this.#reader.end();
        resolve(exit);
      };
      this.#child.on(
        "close",
        (code, signal) => finish({ code, signal }, `ended (${signal ?? `code ${code}`})`),
      );
      this.#child.on("error", (error) => {
        this.#stderr += `\n${error.message}`;
        if (this.#child.pid === undefined) finish({ code: null, signal: null }, "could not be started");
      });
    });
  }
}
