/**
 * Looks for another link when the one of a session is gone: again and again, with pauses, until one carries the session on.
 *
 * @module
 */

import { HawserError } from "../errors.ts";
import { REDIAL_MS_MAX, REDIAL_MS_MIN } from "../resume_limits.ts";
import { Backoff } from "./backoff.ts";

/** How a connection that lost its link looks for another. */
export interface ResumeOptions {
  /** Attempts for one loss; each tries every address. Default: as many as fit the time. */
  readonly attemptsMax?: number;
  /** The bound of the first pause, in milliseconds; each is random below its bound, which doubles. Default 250. */
  readonly pauseMsMin?: number;
  /** The largest bound of a pause, in milliseconds. Default 5,000. */
  readonly pauseMsMax?: number;
}

/** One attempt: resolves when the session goes on. */
export type Attempt = (signal: AbortSignal) => Promise<void>;

/**
 * Tries until an attempt gets through. Where the runtime knows that it has no network, an attempt waits for one.
 * @throws {HawserError} what the last attempt said, or one that no repetition can mend; the reason of `signal`.
 */
export async function redial(attempt: Attempt, options: ResumeOptions, signal: AbortSignal): Promise<void> {
  const { attemptsMax = Infinity, pauseMsMin = REDIAL_MS_MIN, pauseMsMax = REDIAL_MS_MAX } = options;
  const backoff = new Backoff(pauseMsMin, pauseMsMax);
  for (let count = 1;; count++) {
    await pause(backoff.next(), signal);
    try {
      return await attempt(signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof HawserError) || !error.retryable || count >= attemptsMax) throw error;
    }
  }
}

// A network that comes back ends the pause; while there is none, it lasts.
function pause(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onOnline = () => resolve();
  const onTime = () => void (isOnline() && resolve());
  const onAbort = () => reject(signal.reason);
  if (signal.aborted) onAbort();
  const timer = setTimeout(onTime, ms);
  signal.addEventListener("abort", onAbort);
  globalThis.addEventListener?.("online", onOnline);
  return promise.finally(() => {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
    globalThis.removeEventListener?.("online", onOnline);
  });
}

// Only browsers know; elsewhere there is always a network to try.
function isOnline(): boolean {
  return (globalThis.navigator as { onLine?: boolean } | undefined)?.onLine !== false;
}
