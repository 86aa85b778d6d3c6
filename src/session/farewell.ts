/**
 * How a session says CLOSE, once all that waits has left; over datagrams again and again, until it is answered.
 *
 * @module
 */

import { CLOSE_REASON_BYTES_MAX, HANDSHAKE_RETRANSMIT_MS } from "../limits.ts";
import { writeClose } from "../wire/frames.ts";

/** The most bytes that CLOSE takes. */
export const CLOSE_BYTES_MAX: number = 16 + CLOSE_REASON_BYTES_MAX;

// Over datagrams; whoever answered the first may be gone when the second comes.
const TIMES_MAX = 4;

/** The last word of one side. */
export class Farewell {
  readonly #datagram: boolean;
  #words: { readonly code: number; readonly reason: Uint8Array } | undefined;
  #saidAt: number | undefined;
  #times = 0;

  constructor(datagram: boolean) {
    this.#datagram = datagram;
  }

  /** CLOSE is to be said; the first call counts. */
  prepare(code: number, reason: string): void {
    this.#words ??= { code, reason: shortened(reason) };
  }

  /** Whether CLOSE is still to be said. */
  get isDue(): boolean {
    return this.#words !== undefined && this.#saidAt === undefined;
  }

  /** Whether CLOSE has left. */
  get isSaid(): boolean {
    return this.#saidAt !== undefined;
  }

  /** Whether CLOSE was said over datagrams so often that its answer must have been lost, not the CLOSE. */
  get isExhausted(): boolean {
    return this.#times >= TIMES_MAX;
  }

  /** Writes CLOSE into `target` at `at`; returns the position behind it. Only while it `isDue`. */
  compose(target: Uint8Array, at: number, now: number): number {
    this.#saidAt = now;
    this.#times++;
    return writeClose(target, at, this.#words!.code, this.#words!.reason);
  }

  /** When `handleTimeout` has something to do. */
  deadline(): number {
    return this.#datagram && this.#saidAt !== undefined ? this.#saidAt + HANDSHAKE_RETRANSMIT_MS : Infinity;
  }

  /** Over datagrams: it is due again. */
  handleTimeout(now: number): void {
    if (now >= this.deadline()) this.#saidAt = undefined;
  }
}

/** The bytes of a reason: what fits, without cutting a character. */
function shortened(reason: string): Uint8Array {
  const bytes = new Uint8Array(CLOSE_REASON_BYTES_MAX);
  return bytes.subarray(0, new TextEncoder().encodeInto(reason, bytes).written);
}
