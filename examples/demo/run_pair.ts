/**
 * Runs one pair of runtimes: starts their processes, follows what they tell, and ends them.
 *
 * @module
 */

import { type RuntimeProcess, spawnRuntime } from "../../tests/runtimes/runtimes.ts";
import type { Pair } from "./args.ts";
import { type DemoEvent, type Endpoint, parseEvent, reasonOf } from "./events.ts";
import type { DialerOrder } from "./order.ts";

/** No step may be silent for longer. */
const SILENCE_MS_MAX = 30_000;

/** How long a process may take to end once it has nothing more to do. */
const END_MS_MAX = 10_000;

/** How long a process may live at all, however large the folder is. */
const LIFE_MS_MAX = 6 * 60 * 60_000;

/** What is to be done, without where. */
export type Order = Pick<DialerOrder, "work" | "controlBytesMax">;

/** Who hears of it. Every transport ends in exactly one `measured` or `failed`. */
export type Listen = (event: Exclude<DemoEvent, { event: "ready" }>) => void;

/** A listener in one process, and a dialler in another that goes through all its transports. */
export async function runPair(
  pair: Pair,
  transports: readonly string[],
  order: Order,
  listen: Listen,
): Promise<void> {
  await settle(transports, listen, async (tell) => {
    await using listener = start(pair.listener, "listener.ts", transports);
    const endpoints = await ready(listener, tell);
    await using dialer = startDialer(pair.dialer, { ...order, endpoints, selfTransports: [] });
    await follow(dialer, tell);
    listener.closeInput();
    await ended(listener);
  });
}

/** Both ends in one process: for transports that never leave it. */
export async function runAlone(
  runtime: Pair["dialer"],
  transports: readonly string[],
  order: Order,
  listen: Listen,
): Promise<void> {
  await settle(transports, listen, async (tell) => {
    await using both = startDialer(runtime, { ...order, endpoints: [], selfTransports: transports });
    await follow(both, tell);
  });
}

function start(runtime: Pair["dialer"], program: string, args: readonly string[]): RuntimeProcess {
  return spawnRuntime(runtime, `examples/demo/${program}`, args, {
    timeoutMs: LIFE_MS_MAX,
    env: { NO_COLOR: "1" }, // What they write ends up in our own messages.
  });
}

function startDialer(runtime: Pair["dialer"], order: DialerOrder): RuntimeProcess {
  return start(runtime, "dialer.ts", [JSON.stringify(order)]);
}

/** Sees to it that no transport is forgotten, whatever happens to the processes. */
async function settle(
  transports: readonly string[],
  listen: Listen,
  job: (tell: Listen) => Promise<void>,
): Promise<void> {
  const open = new Set(transports);
  let reason = "nothing was heard of it";
  try {
    await job((event) => {
      if (event.event !== "progress") open.delete(event.transport);
      listen(event);
    });
  } catch (error) {
    reason = reasonOf(error);
    // All was measured, and yet something is wrong: say it of the last.
    if (open.size === 0) open.add(transports[transports.length - 1]);
  }
  for (const transport of open) listen({ event: "failed", transport, reason });
}

async function ready(listener: RuntimeProcess, tell: Listen): Promise<readonly Endpoint[]> {
  while (true) {
    const event = parseEvent(await inTime(listener.nextLine(), "the listener"));
    if (event.event === "ready") return event.endpoints;
    tell(event);
  }
}

async function follow(dialer: RuntimeProcess, tell: Listen): Promise<void> {
  const lines = dialer.lines[Symbol.asyncIterator]();
  for (
    let line = await inTime(lines.next(), "the dialler");
    !line.done;
    line = await inTime(lines.next(), "the dialler")
  ) {
    const event = parseEvent(line.value);
    if (event.event !== "ready") tell(event);
  }
  await ended(dialer);
}

async function ended(program: RuntimeProcess): Promise<void> {
  const { code, signal } = await inTime(program.exited, "a process that has nothing more to do", END_MS_MAX);
  if (code !== 0) {
    throw new Error(`a process ended with ${signal ?? `status ${code}`}:\n${program.stderr.trim()}`);
  }
}

async function inTime<T>(work: Promise<T>, who: string, ms = SILENCE_MS_MAX): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`${who} made no progress for ${ms / 1000} s`)), ms);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}
