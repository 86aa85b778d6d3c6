/**
 * Brings records to the far end, in order on reliable channels, by sending them again on others.
 *
 * @module
 */

import type { Channel } from "./channel.ts";
import type { Gate } from "./gate.ts";
import { numberOf } from "./records.ts";

/** How long an answer may take before a record is sent again. Round trips of one machine are far below. */
export const RESEND_MS = 200;

/** How often one record is sent again before the transfer fails: the peer is gone. */
export const RESENDS_MAX = 50;

// How often the clock is looked at.
const CHECK_MS = 50;

interface Unanswered {
  readonly record: Uint8Array;
  sentAt: number;
  resends: number;
}

/**
 * Records on their way. On a reliable channel nothing is kept: its own backpressure is the only bound. On others
 * a window of unanswered records is.
 */
export class Delivery implements Disposable {
  readonly #channel: Channel;
  readonly #gate: Gate;
  readonly #unanswered: Map<number, Unanswered> = new Map();
  readonly #timer: ReturnType<typeof setInterval> | undefined;
  #resent = 0;

  /** `gate` is opened with every answer, and fails when the channel ends. */
  constructor(channel: Channel, gate: Gate) {
    this.#channel = channel;
    this.#gate = gate;
    if (!channel.reliable) this.#timer = setInterval(() => this.#resend(), CHECK_MS);
  }

  /** How many records were sent again. */
  get resent(): number {
    return this.#resent;
  }

  /**
   * Sends a record when there is room for it.
   * @throws what the gate failed with.
   */
  async put(record: Uint8Array): Promise<void> {
    this.#gate.throwIfFailed();
    if (!this.#channel.reliable) {
      while (this.#unanswered.size >= this.#channel.windowMessages) await this.#gate.wait();
      this.#unanswered.set(numberOf(record), { record, sentAt: performance.now(), resends: 0 });
    }
    if (!this.#channel.send(record)) await this.#channel.drained();
  }

  /** The far end has answered the record of this number. */
  handleAnswer(number: number): void {
    if (this.#unanswered.delete(number)) this.#gate.open();
  }

  /** Forgets everything. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#unanswered.clear();
  }

  #resend(): void {
    const now = performance.now();
    for (const [number, unanswered] of this.#unanswered) {
      if (now - unanswered.sentAt < RESEND_MS) continue;
      if (unanswered.resends++ >= RESENDS_MAX) {
        return this.#gate.fail(
          new Error(`record ${number} was sent ${RESENDS_MAX} times and never answered`),
        );
      }
      unanswered.sentAt = now;
      this.#resent++;
      if (!trySend(this.#channel, unanswered.record)) return;
    }
  }
}

/** Sends from a timer, where nobody would catch what a channel throws that has ended; its `ended` says why. */
export function trySend(channel: Channel, message: Uint8Array): boolean {
  try {
    channel.send(message);
    return true;
  } catch {
    return false;
  }
}
