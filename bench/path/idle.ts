/**
 * What a connection costs in memory that is open, and over which nothing is said.
 *
 * The first connections are opened before the memory is looked at: what a process needs once is not counted.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import process from "node:process";
import { type Figures, figures } from "./loads.ts";
import type { Network, Pipe } from "./pipe.ts";

const WARM_UP_CONNECTIONS = 500;
const DIALS_AT_ONCE = 32;
/** On a machine that is busy some are not answered in time. */
const FAILURES_MAX = 100;

/** What a process has open besides the connections. */
const OTHER_DESCRIPTORS = 200;

/** Until what was closed, refused or not yet collected is gone. */
const SETTLE_MS = 500;
const COLLECTIONS = 3;

/** Makes `collectGarbage` possible in a process that is started with it. */
export const COLLECTING_ENV: Readonly<Record<string, string>> = {
  DENO_V8_FLAGS: "--expose-gc",
  NODE_OPTIONS: "--expose-gc",
};

/** Opens so many connections, in two steps: some to warm up, then the others. */
export async function idleDriver(network: Network, address: string, connections: number) {
  const pipes: Pipe[] = [];
  let failures = 0;
  const dial = async (count: number) => {
    while (pipes.length < count) {
      const some = Array.from({ length: Math.min(DIALS_AT_ONCE, count - pipes.length) });
      const dialled = await Promise.allSettled(some.map(() => network.dial(address)));
      for (const outcome of dialled) {
        if (outcome.status === "fulfilled") pipes.push(outcome.value);
        else if (++failures > FAILURES_MAX) throw outcome.reason;
      }
    }
  };
  await dial(Math.min(WARM_UP_CONNECTIONS, connections / 2));
  return async (): Promise<Figures> => {
    await dial(connections);
    return figures(pipes.length, 0);
  };
}

/** Accepts, and holds. Its first report is the memory's starting point, the second one counts from there. */
export async function idleServer(
  network: Network,
): Promise<[address: string, report: () => Promise<Figures>]> {
  const pipes: Pipe[] = [];
  let open = 0;
  const address = await network.serve((pipe) => {
    pipes.push(pipe);
    pipe.receive(() => {});
    open++;
    void pipe.closed?.then(() => open--);
  });
  let first: { count: number; bytes: number } | undefined;
  const report = async () => {
    const bytes = await settledBytes();
    first ??= { count: open, bytes };
    const count = open - first.count;
    return { ...figures(0, 0), bytesEach: count === 0 ? 0 : (bytes - first.bytes) / count };
  };
  return [address, report];
}

/** Why so many connections cannot be held, if they cannot. */
export function lackOfDescriptors(connections: number): string | undefined {
  const needed = connections + OTHER_DESCRIPTORS;
  const [, hard] = /Max open files\s+\S+\s+(\S+)/.exec(readSystemFile("/proc/self/limits")) ?? [];
  if (hard === undefined || hard === "unlimited" || Number(hard) >= needed) return undefined;
  return `it needs ${needed} open files, and only ${hard} are allowed: ulimit -n ${needed}`;
}

async function settledBytes(): Promise<number> {
  for (let count = 0; count < COLLECTIONS; count++) {
    collectGarbage();
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  }
  // Linux keeps this one exact, and what memoryUsage tells only roughly.
  const [, kib] = /^Rss:\s+(\d+) kB/m.exec(readSystemFile("/proc/self/smaps_rollup")) ?? [];
  return kib === undefined ? process.memoryUsage().rss : Number(kib) * 1024;
}

// Node and Deno keep the young generation as large as the load made it; V8 gives it back before it would run out of
// memory, and when it is asked as if. The control is asked too.
const LAST_RESORT = { type: "major", execution: "sync", flavor: "last-resort" };

function collectGarbage(): void {
  const { gc, Bun } = globalThis as {
    gc?: (how: typeof LAST_RESORT) => void;
    Bun?: { gc(isSynchronous: boolean): void };
  };
  if (Bun !== undefined) return Bun.gc(true);
  if (gc === undefined) throw new Error("garbage cannot be collected here: start with --expose-gc");
  gc(LAST_RESORT);
}

function readSystemFile(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // Not Linux.
  }
}
