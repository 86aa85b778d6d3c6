/**
 * Which streams the peer may open: how many at once, and how fast it may throw them away.
 *
 * @module
 */

import { HawserError } from "../../errors.ts";
import {
  STREAM_RESETS_BURST,
  STREAM_RESETS_PAUSE_MS,
  STREAM_RESETS_PER_SECOND,
  STREAMS_INITIAL,
} from "../../stream_limits.ts";

/** How many the peer may open, and which it has. */
export interface OpeningsSnapshot {
  readonly next: number;
  readonly limit: number;
  readonly closed: number;
}

/** The streams of one side, counted from 0, as the other side admits them. */
export class Openings {
  readonly #streamsMax: number;
  #limit: number;
  // All below were opened, but those that were passed over: urgent ones leave earlier than others.
  #next: number;
  #skipped: Set<number> | undefined;
  #closed: number;
  // Streams that the peer reset, and that are not given back to it yet.
  #withheld = 0;
  #allowance = STREAM_RESETS_BURST;
  #allowanceAt = 0;

  /** At most `streamsMax` at once, though a peer may open STREAMS_INITIAL before it hears of that. */
  constructor(streamsMax: number, from?: OpeningsSnapshot) {
    this.#streamsMax = streamsMax;
    this.#limit = from?.limit ?? STREAMS_INITIAL;
    this.#next = from?.next ?? 0;
    this.#closed = from?.closed ?? 0;
  }

  /** Where it stands; `undefined` while any is open or withheld. */
  freeze(): OpeningsSnapshot | undefined {
    if (this.#closed < this.#next || (this.#skipped?.size ?? 0) > 0) return undefined;
    return { next: this.#next, limit: this.#limit, closed: this.#closed };
  }

  /**
   * The peer opens its stream `index`.
   * @throws {HawserError} `protocol` if it may not, or did before.
   */
  handleOpen(index: number): void {
    if (index >= this.#limit) {
      throw new HawserError("protocol", "the peer opened more streams than it may");
    }
    if (index < this.#next) {
      if (this.#skipped?.delete(index) === true) return;
      throw new HawserError("protocol", "the peer opened a stream twice");
    }
    for (; this.#next < index; this.#next++) (this.#skipped ??= new Set()).add(this.#next);
    this.#next++;
  }

  /** Whether the peer may open stream `index` now. */
  mayOpen(index: number): boolean {
    return index < this.#limit && !this.isOpened(index);
  }

  /** Whether the peer has opened stream `index`. */
  isOpened(index: number): boolean {
    return index < this.#next && this.#skipped?.has(index) !== true;
  }

  /** One is over; `wasReset` if it was the peer that gave it up. */
  handleClosed(wasReset: boolean, now: number): void {
    if (wasReset) {
      this.#withheld++;
      this.handleTimeout(now);
    } else this.#closed++;
  }

  /** When streams that are withheld can be given back. */
  deadline(): number {
    return this.#withheld === 0 ? Infinity : this.#allowanceAt + STREAM_RESETS_PAUSE_MS;
  }

  /** Gives back what the rate allows. */
  handleTimeout(now: number): void {
    const earned = (now - this.#allowanceAt) * STREAM_RESETS_PER_SECOND / 1_000;
    this.#allowance = Math.min(STREAM_RESETS_BURST, this.#allowance + earned);
    this.#allowanceAt = now;
    const given = Math.min(this.#withheld, Math.floor(this.#allowance));
    this.#withheld -= given;
    this.#allowance -= given;
    this.#closed += given;
  }

  /** Whether the peer should hear how many it may open: a quarter has become free since it heard last. */
  get isDue(): boolean {
    const free = this.#closed + this.#streamsMax - this.#limit;
    return free > 0 && free >= this.#streamsMax / 4;
  }

  /** How many to tell the peer now. */
  takeLimit(): number {
    this.#limit = Math.max(this.#limit, this.#closed + this.#streamsMax);
    return this.#limit;
  }
}
