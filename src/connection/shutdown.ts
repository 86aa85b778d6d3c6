/**
 * The end of a server in which nothing that was begun is lost, if it ends in time.
 *
 * @module
 */

import { Deferred } from "../deferred.ts";
import { SHUTDOWN_MS_DEFAULT } from "../shutdown_limits.ts";
import type { Connection } from "./connection.ts";

/** How a server shuts down. */
export interface ShutdownOptions {
  /** How long what is in flight may take before it is cut off. Default 10,000. */
  readonly timeoutMs?: number;
  /** Cuts off at once when it aborts. */
  readonly signal?: AbortSignal;
}

/** How a shutdown went. */
export interface ShutdownOutcome {
  /** Connections on which nothing was in flight any more when they were closed. */
  readonly finished: number;
  /** Connections that were closed in the middle of something. */
  readonly cutOff: number;
}

/** What the peers are told. */
export const SHUTDOWN_REASON = "the server shuts down";

/**
 * Tells the peers that the end is near, and hands each connection to `close` once nothing is in flight on it, or when
 * the time is over. Resolves when all were handed over.
 */
export async function finishAll(
  connections: readonly Connection[],
  close: (connection: Connection) => void,
  { timeoutMs = SHUTDOWN_MS_DEFAULT, signal }: ShutdownOptions,
): Promise<ShutdownOutcome> {
  const timeOver = new Deferred<void>();
  const giveUp = () => timeOver.resolve();
  const timer = setTimeout(giveUp, timeoutMs);
  signal?.addEventListener("abort", giveUp);
  if (signal?.aborted) giveUp();
  let finished = 0;
  try {
    await Promise.all(connections.map(async (connection) => {
      const isFinished = await Promise.race([
        finish(connection).then(() => true),
        timeOver.promise.then(() => false),
      ]);
      if (isFinished) finished++;
      close(connection);
    }));
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", giveUp);
  }
  return { finished, cutOff: connections.length - finished };
}

/** Says goodbye, and resolves when nothing is in flight any more. */
function finish(connection: Connection): Promise<void> {
  if (connection.isClosed) return Promise.resolve();
  return new Promise((resolve) => {
    connection.addSettledHandler(() => {
      if (!connection.isBusy) resolve();
    });
    void connection.closed.then(() => resolve());
    try {
      connection.goodbye(SHUTDOWN_REASON);
    } catch {
      // It is about to close already, or its queue is full: both settle without it.
    }
  });
}
