/**
 * How long one side of a handshake waits: before it repeats what was not answered, and for something authentic after
 * something that was not.
 *
 * Holds no timer and reads no clock: times are milliseconds on the driver's clock.
 *
 * @module
 */

import type { HawserError } from "../errors.ts";
import { DOUBT_MS } from "../handshake_limits.ts";
import { HANDSHAKE_RETRANSMIT_MS } from "../limits.ts";

/** The times of one handshake. */
export class Patience {
  readonly #random: (length: number) => Uint8Array;
  #repeatAt = Infinity;
  #repeatMs = HANDSHAKE_RETRANSMIT_MS;
  // Something was refused, by us or by the peer, and what is authentic may still come.
  #doubt: HawserError | undefined;
  #doubtUntil = Infinity;

  /** Nothing is waited for. */
  constructor(random: (length: number) => Uint8Array) {
    this.#random = random;
  }

  /** Whether something is repeated until it is answered. */
  get isRepeating(): boolean {
    return this.#repeatAt !== Infinity;
  }

  /** From now on something is repeated, less and less often. */
  repeat(now: number): void {
    this.#repeatMs = HANDSHAKE_RETRANSMIT_MS;
    this.#repeatAt = now + this.#jittered();
  }

  /** Something authentic came: nothing is repeated any more, and no doubt is left. */
  settle(): void {
    this.#repeatAt = this.#doubtUntil = Infinity;
    this.#doubt = undefined;
  }

  /** Something that is not authentic says that all is over: only the first such counts. */
  doubt(error: HawserError, now: number): void {
    if (this.#doubt !== undefined) return;
    this.#doubt = error;
    this.#doubtUntil = now + DOUBT_MS;
  }

  /** When `handleTimeout` has something to do. */
  deadline(): number {
    return Math.min(this.#repeatAt, this.#doubtUntil);
  }

  /**
   * Returns whether it is time to repeat.
   * @throws {HawserError} for what was in doubt, if nothing better has come.
   */
  handleTimeout(now: number): boolean {
    if (now >= this.#doubtUntil) throw this.#doubt;
    if (now < this.#repeatAt) return false;
    this.#repeatMs *= 2;
    this.#repeatAt = now + this.#jittered();
    return true;
  }

  // From three quarters to five quarters: a crowd that was turned away together does not come back together.
  #jittered(): number {
    return this.#repeatMs * (0.75 + this.#random(1)[0] / 512);
  }
}
