/**
 * Keeps one direction of a connection to a rate: its own, one that it shares with others, or both.
 *
 * Nothing is dropped: what leaves waits, and what comes is not asked for. What
 * the protocol needs to stay alive passes all the same, and is counted.
 *
 * @module
 */

import {
  BURST_BYTES_MIN,
  BURST_MESSAGES_MIN,
  BURST_MS,
  RATE_TURN_MS_MAX,
  RATE_WINDOW_MS,
} from "../rate_limits.ts";
import { TokenBucket } from "./token_bucket.ts";

/** What may pass in one direction. */
export interface Rate {
  /** Bytes on the link per second. Default: no bound. */
  readonly bytesPerSecond?: number;
  /** Bytes at once. Default: those of a second; never less than two full packets (131,584). */
  readonly burstBytes?: number;
  /** Messages per second. Default: no bound. */
  readonly messagesPerSecond?: number;
  /** Messages at once. Default: those of a second, at least one. */
  readonly burstMessages?: number;
}

/** The buckets of one rate, of one connection or of many. */
export class RateLimit {
  readonly #bytes: TokenBucket | undefined;
  readonly #messages: TokenBucket | undefined;
  /** @ignore Of {@linkcode Throttle}: how much who was served last had been served before, in milliseconds of the rate. */
  served = 0;
  /** @ignore Of {@linkcode Throttle}: what that took, in the same measure. */
  servedMs = 0;

  /** Both buckets start full. */
  constructor(rate: Rate, now: number) {
    const { bytesPerSecond, messagesPerSecond } = rate;
    if (bytesPerSecond !== undefined) {
      const burst = Math.max(BURST_BYTES_MIN, rate.burstBytes ?? bytesPerSecond * BURST_MS / 1_000);
      this.#bytes = new TokenBucket(bytesPerSecond, burst, now);
    }
    if (messagesPerSecond !== undefined) {
      const burst = Math.max(BURST_MESSAGES_MIN, rate.burstMessages ?? messagesPerSecond * BURST_MS / 1_000);
      this.#messages = new TokenBucket(messagesPerSecond, burst, now);
    }
  }

  /** Bytes that may pass now; below 0 what is owed. */
  bytes(now: number): number {
    return this.#bytes?.level(now) ?? Infinity;
  }

  /** Whole messages that may pass now. */
  messages(now: number): number {
    // A deadline that was rounded must not find a message that is all but there.
    return Math.floor((this.#messages?.level(now) ?? Infinity) + 1e-6);
  }

  /** When a message may pass again. */
  readyAt(): number {
    return Math.max(this.#bytes?.readyAt(0) ?? -Infinity, this.#messages?.readyAt(1) ?? -Infinity);
  }

  /** When the bytes of so many milliseconds may pass. */
  bytesReadyAt(ms: number): number {
    const bucket = this.#bytes;
    return bucket === undefined ? -Infinity : bucket.readyAt(ms / bucket.msOf(1));
  }

  /** The bytes of so many milliseconds. */
  bytesIn(ms: number): number {
    return this.#bytes === undefined ? Infinity : ms / this.#bytes.msOf(1);
  }

  /** Something passes; what is over the level is owed. Returns how many milliseconds of the rate that is. */
  take(bytes: number, messages: number, now: number): number {
    this.#bytes?.take(bytes, now);
    this.#messages?.take(messages, now);
    return Math.max(this.#bytes?.msOf(bytes) ?? 0, this.#messages?.msOf(messages) ?? 0);
  }
}

/** The way of one direction of one connection through its limits. */
export class Throttle {
  readonly #limits: readonly RateLimit[];
  readonly #common: RateLimit | undefined;
  #served = 0;
  #heldMs = 0;
  // Invariant: defined exactly while something waits because of a rate.
  #heldAt: number | undefined;

  /** A limit of its own, one in common with other connections, or both. */
  constructor(own: RateLimit | undefined, common: RateLimit | undefined) {
    this.#limits = [own, common].filter((limit) => limit !== undefined);
    this.#common = common;
  }

  /** When something may pass. */
  readyAt(): number {
    let at = -Infinity;
    for (const limit of this.#limits) at = Math.max(at, limit.readyAt());
    const common = this.#common;
    if (common === undefined) return at;
    return Math.max(at, common.readyAt() + turnMs(this.#served - common.served, common.servedMs));
  }

  /** Whole messages that may pass now; `Infinity` without a bound. 0 while anything is owed. */
  messages(now: number): number {
    if (now < this.readyAt()) return 0;
    let count = Infinity;
    for (const limit of this.#limits) count = Math.min(count, limit.messages(now));
    return count;
  }

  /** Bytes that may come now; never below 0. */
  bytes(now: number): number {
    let count = Infinity;
    for (const limit of this.#limits) count = Math.min(count, limit.bytes(now));
    return Math.max(0, count);
  }

  /** Room that is worth telling a peer. */
  get bytesWorth(): number {
    let count = Infinity;
    for (const limit of this.#limits) count = Math.min(count, limit.bytesIn(RATE_WINDOW_MS));
    return count;
  }

  /** When there is as much. */
  bytesReadyAt(): number {
    let at = -Infinity;
    for (const limit of this.#limits) at = Math.max(at, limit.bytesReadyAt(RATE_WINDOW_MS));
    return at;
  }

  /** Something passed; what is over the level is owed. */
  take(bytes: number, messages: number, now: number): void {
    for (const limit of this.#limits) {
      const ms = limit.take(bytes, messages, now);
      if (limit !== this.#common) continue;
      const start = Math.max(this.#served, limit.served);
      limit.served = start;
      limit.servedMs = ms;
      this.#served = start + ms;
    }
  }

  /** Something waits because of a rate, or no longer does. */
  hold(isHeld: boolean, now: number): void {
    if (!isHeld && this.#heldAt !== undefined) this.#heldMs += now - this.#heldAt;
    this.#heldAt = isHeld ? this.#heldAt ?? now : undefined;
  }

  /** How long something has waited because of a rate, in all. */
  heldMs(now: number): number {
    return this.#heldMs + (this.#heldAt === undefined ? 0 : now - this.#heldAt);
  }
}

/** How long somebody lets others go first, whose share is ahead so far, measured by what one turn takes. */
function turnMs(aheadMs: number, oneMs: number): number {
  return aheadMs <= 0 ? 0 : RATE_TURN_MS_MAX * aheadMs / (aheadMs + oneMs);
}
