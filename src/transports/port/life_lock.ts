/**
 * How a page or a worker of a browser learns that another is gone: by a lock that each holds as long as it lives.
 *
 * No browser tells the other end of a port that a worker was terminated or has closed itself (Chromium 153 dispatches no
 * `close` there), but its locks are given up at once (Web Locks §2.6). So each says the name of its lock, and who wants
 * to know of its death waits for that lock.
 *
 * @module
 */

import { randomBytes } from "../../random.ts";
import { runtime } from "../runtime.ts";

/** The part of `LockManager` that is used. */
interface Locks {
  request(
    name: string,
    options: { readonly ifAvailable?: boolean; readonly signal?: AbortSignal },
    granted: (lock: unknown) => unknown,
  ): Promise<unknown>;
}

// Nobody can make us wait for, or take, a lock of the application's own.
const NAME = /^hawser-[0-9a-f]{32}$/;

// Only where the page came over https, or from this machine.
const locks = runtime === "browser" ? (globalThis.navigator as { locks?: Locks }).locks : undefined;

let own: Promise<string | undefined> | undefined;

/** The name of our own lock, once it is held; `undefined` where there are no locks. */
export function lifeLock(): Promise<string | undefined> | undefined {
  if (locks !== undefined) own ??= hold(locks);
  return own;
}

/** Calls back once when the holder of the lock `name` is gone, until `signal` aborts. Never rejects. */
export async function watchLife(name: unknown, signal: AbortSignal, onGone: () => void): Promise<void> {
  if (locks === undefined || typeof name !== "string" || !NAME.test(name)) return;
  try {
    // Pages of other origins have other locks: of what is not held here, nothing is to be learnt.
    const isHeld = await locks.request(name, { ifAvailable: true }, (lock) => lock === null);
    if (isHeld) await locks.request(name, { signal }, onGone);
  } catch {
    // Aborted, or the page may not use locks: then the keepalive finds out.
  }
}

function hold(locks: Locks): Promise<string | undefined> {
  const hex = Array.from(randomBytes(16), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const name = `hawser-${hex}`;
  return new Promise((resolve) => {
    const granted = () => {
      resolve(name);
      return new Promise(() => {}); // Until the end of this worker.
    };
    locks.request(name, {}, granted).catch(() => resolve(undefined));
  });
}
