/**
 * Runs a program under any of the three runtimes, from a test under any of them.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { resolve } from "node:path";
import process from "node:process";
import { executableOf, ROOT, type RuntimeName } from "./executables.ts";
import { killAll, RuntimeProcess } from "./runtime_process.ts";

export { currentRuntime, type RuntimeName } from "./executables.ts";
export { type Exit, RuntimeProcess } from "./runtime_process.ts";

/** One of the runtimes, and how it is started. */
export interface Runtime {
  readonly name: RuntimeName;
  /** Looked up when it is read: throws, with what to do, where the runtime is not installed. */
  readonly executable: string;
  /** All arguments that run a TypeScript file, the file included; the program's own follow. */
  args(file: string): string[];
}

/** Options of {@linkcode spawnRuntime}. */
export interface SpawnOptions {
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Default: the root of the repository. */
  readonly cwd?: string;
  /** The process is killed after this long, in milliseconds. Default 100,000. */
  readonly timeoutMs?: number;
  /** A command that runs what follows it elsewhere: on another host. */
  readonly on?: readonly string[];
}

const FLAGS: Readonly<Record<RuntimeName, readonly string[]>> = {
  deno: ["run", "-A", "--unstable-net", "--quiet", "--no-check", `--config=${ROOT}deno.json`],
  bun: ["--no-install"],
  node: ["--disable-warning=ExperimentalWarning"],
};

/** Runs before the program: ends it when this process is gone. */
const GUARD = new URL("./guard.ts", import.meta.url).href;
const GUARD_FLAG: Readonly<Record<RuntimeName, string>> = {
  deno: "--preload",
  bun: "--preload",
  node: "--import",
};

process.on("exit", killAll);

/** The three runtimes, in the order in which the tests run. */
export const runtimes: readonly Runtime[] = [describe("deno"), describe("bun"), describe("node")];

/**
 * Starts a TypeScript file under a runtime. `file` is absolute, or relative to
 * the root of the repository. Hold it with `await using`: leaving the scope kills it.
 *
 * @example
 * ```ts ignore
 * await using echo = spawnRuntime("bun", "tests/runtimes/fixtures/echo.ts", ["hello"]);
 * assertEquals(await echo.nextLine(), "hello");
 * ```
 */
export function spawnRuntime(
  name: RuntimeName,
  file: string,
  args: readonly string[] = [],
  options: SpawnOptions = {},
): RuntimeProcess {
  const path = resolve(ROOT, file);
  const line = [executableOf(name), ...FLAGS[name], GUARD_FLAG[name], GUARD, path, ...args];
  const [command, ...rest] = [...options.on ?? [], ...line];
  const child = spawn(command, rest, {
    cwd: options.cwd ?? ROOT,
    env: { ...process.env, ...options.env, HAWSER_PARENT_PID: String(process.pid) },
    stdio: ["pipe", "pipe", "pipe"],
  });
  return new RuntimeProcess(child, `${name} ${file}`, options.timeoutMs ?? 100_000);
}

function describe(name: RuntimeName): Runtime {
  return {
    name,
    get executable(): string {
      return executableOf(name);
    },
    args: (file) => [...FLAGS[name], file],
  };
}
