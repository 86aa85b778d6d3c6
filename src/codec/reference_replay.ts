/**
 * The replay window of the reference codec: a set of what was seen, and a rule for what is too old.
 *
 * @module
 */

import { REPLAY_WINDOW_PACKETS } from "../limits.ts";

/** Remembers which counters of one epoch have been accepted. */
export class ReplayWindow {
  #highest: number;
  #seen: Set<number> = new Set();

  constructor(highest: number) {
    this.#highest = highest;
  }

  /** The highest counter accepted, or the first one expected. */
  get highest(): number {
    return this.#highest;
  }

  /** Whether `counter` is neither too old nor seen. */
  fresh(counter: number): boolean {
    return counter >= this.#highest - REPLAY_WINDOW_PACKETS && !this.#seen.has(counter);
  }

  /** Marks `counter` as seen. Only for packets that proved authentic. */
  accept(counter: number): void {
    this.#highest = Math.max(this.#highest, counter);
    this.#seen.add(counter);
    if (this.#seen.size <= 2 * REPLAY_WINDOW_PACKETS) return;
    const oldest = this.#highest - REPLAY_WINDOW_PACKETS;
    this.#seen = new Set([...this.#seen].filter((seen) => seen >= oldest));
  }
}
