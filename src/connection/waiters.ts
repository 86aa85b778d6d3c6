/**
 * Promises that wait for something a connection will do, each with its own deadline and signal.
 *
 * @module
 */

import { HawserError } from "../errors.ts";

/** How long to wait. */
export interface WaitOptions {
  /** Gives up when it aborts: the promise rejects with its reason. */
  readonly signal?: AbortSignal;
  /** Gives up after so many milliseconds: the promise rejects with `timeout`. Default: never. */
  readonly timeoutMs?: number;
}

interface Waiter<T> {
  resolve(value: T): void;
  reject(reason: unknown): void;
}

/** Promises that are settled one by one, or all together. */
export class Waiters<T> {
  readonly #what: string;
  // Made by the first that waits: most connections have nobody who waits for most things.
  #waiting: Set<Waiter<T>> | undefined;

  /** `what` completes the sentence "... did not happen within 500 ms". */
  constructor(what: string) {
    this.#what = what;
  }

  /** How many wait. */
  get size(): number {
    return this.#waiting?.size ?? 0;
  }

  /** Waits. Nothing is left behind when the promise settles, whatever settles it. */
  wait(options: WaitOptions = {}): Promise<T> {
    const { signal, timeoutMs = Infinity } = options;
    const hasTimeout = timeoutMs !== Infinity;
    if (signal?.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const onTimeout = () =>
        waiter.reject(new HawserError("timeout", `${this.#what} did not happen within ${timeoutMs} ms`));
      const timer = hasTimeout ? setTimeout(onTimeout, timeoutMs) : undefined;
      const onAbort = () => waiter.reject(signal?.reason);
      const settle = () => {
        this.#waiting?.delete(waiter);
        clearTimeout(timer);
        signal?.removeEventListener("abort", onAbort);
      };
      const waiter: Waiter<T> = {
        resolve: (value) => (settle(), resolve(value)),
        reject: (reason) => (settle(), reject(reason)),
      };
      (this.#waiting ??= new Set()).add(waiter);
      signal?.addEventListener("abort", onAbort);
    });
  }

  /** Settles the one that has waited longest. Returns whether there was one. */
  resolveFirst(value: T): boolean {
    for (const waiter of this.#waiting ?? []) {
      waiter.resolve(value);
      return true;
    }
    return false;
  }

  /** Fails the one that has waited longest. Returns whether there was one. */
  rejectFirst(reason: unknown): boolean {
    for (const waiter of this.#waiting ?? []) {
      waiter.reject(reason);
      return true;
    }
    return false;
  }

  /** Settles all. */
  resolveAll(value: T): void {
    for (const waiter of this.#takeAll()) waiter.resolve(value);
  }

  /** Fails all. */
  rejectAll(reason: unknown): void {
    for (const waiter of this.#takeAll()) waiter.reject(reason);
  }

  #takeAll(): Iterable<Waiter<T>> {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    return waiting;
  }
}
