/**
 * How long to wait before the next attempt: exponential, with full jitter, so that a crowd which lost its server at the same
 * moment does not come back at the same moment.
 *
 * @module
 */

/** The pauses between attempts. */
export class Backoff {
  readonly #msMax: number;
  readonly #random: () => number;
  #bound: number;

  /** Each pause is below a bound that doubles from `msMin` to `msMax`. `random` gives numbers from 0 to 1. */
  constructor(msMin: number, msMax: number, random: () => number = Math.random) {
    this.#bound = msMin;
    this.#msMax = msMax;
    this.#random = random;
  }

  /** The next pause, in milliseconds. */
  next(): number {
    const ms = this.#random() * this.#bound;
    this.#bound = Math.min(this.#msMax, this.#bound * 2);
    return ms;
  }
}
