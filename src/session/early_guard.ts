/**
 * Decides whether a message that came along with INIT is taken. INIT can be recorded, and sent again by anybody.
 *
 * The initiator says in INIT, sealed, what time it is. An INIT of another time is refused, and of those that fit each is
 * remembered for as long as it does. What cannot be remembered is refused too: nothing is ever forgotten for want of room.
 * A listener that has just begun does not know what its key was used for before; so it waits until all INITs of that time
 * are too old.
 *
 * Holds no timer and reads no clock: times are milliseconds since 1970.
 *
 * @module
 */

import { EARLY_INITS_MAX, EARLY_WINDOW_MS } from "../handshake_limits.ts";

/** A message that came along with INIT. */
export interface EarlyData {
  /** The message. */
  readonly bytes: Uint8Array;
  /** When it was sent, on the clock of who sent it. */
  readonly at: number;
  /** What tells this INIT from every other: 32 bytes. */
  readonly initKey: Uint8Array;
}

/** What all connections of one listener share. */
export class EarlyGuard {
  readonly #initsMax: number;
  readonly #startedAt: number;
  // By what is known of each INIT, when it may be forgotten. Invariant: in ascending order of that.
  readonly #seen: Map<string, number> = new Map();
  #now = -Infinity;

  /** `startedAt`: since when the listener's key is used by this guard alone; `-Infinity` for a key that was just made. */
  constructor(startedAt: number, initsMax: number = EARLY_INITS_MAX) {
    this.#startedAt = startedAt;
    this.#initsMax = initsMax;
  }

  /** INITs that are remembered now. */
  get size(): number {
    return this.#seen.size;
  }

  /** Whether it is the first time that this message comes, as far as can be known. A clock that goes back stands still here. */
  admit({ at, initKey }: Pick<EarlyData, "at" | "initKey">, now: number): boolean {
    this.#now = Math.max(this.#now, now);
    this.#forget();
    // Before it began, another could take what was said to be up to one window later.
    const isNew = at > this.#startedAt + EARLY_WINDOW_MS;
    if (!isNew || Math.abs(at - this.#now) > EARLY_WINDOW_MS) return false;
    const key = String.fromCharCode(...initKey);
    if (this.#seen.has(key) || this.#seen.size >= this.#initsMax) return false;
    // The latest moment at which any time that fits now would still fit.
    this.#seen.set(key, this.#now + 2 * EARLY_WINDOW_MS);
    return true;
  }

  #forget(): void {
    for (const [key, until] of this.#seen) {
      if (this.#now <= until) return;
      this.#seen.delete(key);
    }
  }
}
