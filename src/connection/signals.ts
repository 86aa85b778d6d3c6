/**
 * Servers that shut down when the process is told to end.
 *
 * @module
 */

import { onSignals } from "../transports/signals.ts";
import type { Server } from "./server.ts";
import type { ShutdownOptions, ShutdownOutcome } from "./shutdown.ts";

/** How servers shut down on signals. */
export interface SignalOptions extends Omit<ShutdownOptions, "signal"> {
  /** Which signals. Default: `SIGINT` (Ctrl-C) and `SIGTERM` (service managers, containers). */
  readonly signals?: readonly string[];
  /** Hears which signal came, before anything is shut down. */
  readonly onSignal?: (name: string) => void;
}

/** Servers that wait for a signal. */
export interface SignalShutdown extends Disposable {
  /** Resolves when a signal came and all servers have shut down, with the sums; `undefined` if they stopped without one. */
  readonly done: Promise<ShutdownOutcome | undefined>;
}

const SIGNALS = ["SIGINT", "SIGTERM"];

/**
 * Shuts servers down gracefully when the process gets a signal: stops accepting, tells the peers, lets what is in flight
 * finish, and closes. A second signal cuts off what is still in flight. Then the process ends by itself, if nothing else
 * keeps it.
 *
 * Leaving the scope of what it returns (`using`), or the end of all servers, gives the signals back.
 *
 * @throws {HawserError} `unsupported` where there are no signals: in web pages and Cloudflare Workers.
 *
 * @example
 * ```ts
 * import { listen, shutdownOnSignals } from "@hawser/hawser";
 *
 * await using server = await listen("tcp://127.0.0.1:0");
 * using shutdown = shutdownOnSignals(server, { timeoutMs: 5_000 });
 * void shutdown.done.then((outcome) => console.log(outcome));
 * ```
 */
export function shutdownOnSignals(
  servers: Server | readonly Server[],
  options: SignalOptions = {},
): SignalShutdown {
  const list: readonly Server[] = Array.isArray(servers) ? servers : [servers as Server];
  const { signals = SIGNALS, onSignal, timeoutMs } = options;
  const impatience = new AbortController();
  let shuttingDown: Promise<ShutdownOutcome> | undefined;
  const stop = onSignals(signals, (name) => {
    if (shuttingDown !== undefined) return impatience.abort();
    shuttingDown = shutdownAll(list, { timeoutMs, signal: impatience.signal });
    onSignal?.(name);
  });
  const done = Promise.all(list.map((server) => server.closed)).then(() => {
    stop();
    return shuttingDown;
  });
  return { done, [Symbol.dispose]: stop };
}

async function shutdownAll(servers: readonly Server[], options: ShutdownOptions): Promise<ShutdownOutcome> {
  const outcomes = await Promise.all(servers.map((server) => server.shutdown(options)));
  return {
    finished: outcomes.reduce((sum, { finished }) => sum + finished, 0),
    cutOff: outcomes.reduce((sum, { cutOff }) => sum + cutOff, 0),
  };
}
