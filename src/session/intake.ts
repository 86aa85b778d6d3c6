/**
 * Keeps what comes to a rate, without dropping any of it: messages reach the application no faster, and the
 * peer is given room no faster than it may fill it.
 *
 * @module
 */

import type { ReceiveWindow } from "./flow.ts";
import type { Throttle } from "./throttle.ts";

// No timer is finer; a deadline that was rounded must not come at once again.
const WAIT_MS_MIN = 1;

/** The receiving side of a session that is kept to a rate. */
export class Intake {
  readonly #throttle: Throttle;
  readonly #window: ReceiveWindow;
  // When a message may be taken that was asked for.
  #messageAt = Infinity;
  // When the peer may be given room that it has none of.
  #roomAt = Infinity;
  // The same for what its streams share.
  #streamsAt = Infinity;
  // The time when it was told last: who takes a message need not say it.
  #seenAt: number;

  /** Gives room by `window`. */
  constructor(throttle: Throttle, window: ReceiveWindow, now: number) {
    this.#throttle = throttle;
    this.#window = window;
    this.#seenAt = now;
  }

  /** Bytes came off the link. */
  handleReceive(bytes: number, now: number): void {
    this.#seenAt = now;
    this.#throttle.take(bytes, 0, now);
  }

  /** Whether a message that waits may be taken now; it counts as taken then. */
  take(now: number = this.#seenAt): boolean {
    this.#seenAt = now;
    const may = this.#throttle.messages(now) >= 1;
    this.#messageAt = may ? Infinity : Math.max(this.#throttle.messagesReadyAt(), now + WAIT_MS_MIN);
    this.#note(now);
    if (may) this.#throttle.take(0, 1, now);
    return may;
  }

  /** The limit that the peer should hear of now; `undefined` if what it has heard will do. */
  takeLimit(now: number = this.#seenAt): number | undefined {
    this.#seenAt = now;
    const room = this.#throttle.bytes(now);
    const worth = this.#throttle.bytesWorth;
    const isDue = this.#window.isDueWithin(room, worth);
    const limit = isDue ? this.#window.takeLimit(room) : undefined;
    // What was told may be too little for what the peer has to send, and then nothing comes that would ask again.
    this.#roomAt = this.#dueAt(this.#window);
    this.#note(now);
    return limit;
  }

  /** Whether the peer should hear of a new limit for its streams. */
  isStreamsDue(window: ReceiveWindow): boolean {
    const isDue = window.isDueWithin(this.room, this.#throttle.bytesWorth);
    this.#streamsAt = this.#dueAt(window);
    this.#note(this.#seenAt);
    return isDue;
  }

  /** Room that the peer may have now. */
  get room(): number {
    return this.#throttle.bytes(this.#seenAt);
  }

  /** When a window that would be due but for the rate is due. */
  #dueAt(window: ReceiveWindow): number {
    if (!window.isDue) return Infinity;
    const readyAt = this.#throttle.bytesReadyAt(window.unused + this.#throttle.bytesWorth);
    return Math.max(readyAt, this.#seenAt + WAIT_MS_MIN);
  }

  /** When `handleTimeout` has something to do. */
  deadline(): number {
    return Math.min(this.#messageAt, this.#roomAt, this.#streamsAt);
  }

  /** Time has passed: what waited may be asked for again. */
  handleTimeout(now: number): void {
    this.#seenAt = now;
    if (now >= this.#messageAt) this.#messageAt = Infinity;
    if (now >= this.#roomAt) this.#roomAt = Infinity;
    if (now >= this.#streamsAt) this.#streamsAt = Infinity;
  }

  /** How long messages or the peer have waited because of the rate, in all. */
  heldMs(now: number): number {
    return this.#throttle.heldMs(now);
  }

  #note(now: number): void {
    this.#throttle.hold(this.deadline() !== Infinity, now);
  }
}
