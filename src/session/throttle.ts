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

/** What may pass in each direction: by a session alone, and by all that share the limits in common. */
export interface SessionRates {
  readonly own?: { readonly send?: Rate; readonly receive?: Rate };
  readonly common?: { readonly send?: RateLimit; readonly receive?: RateLimit };
}

/** The burst of bytes of a rate; `Infinity` where bytes have no bound. */
export function burstBytesOf(rate: Rate | undefined): number {
  const { bytesPerSecond, burstBytes } = rate ?? {};
  if (bytesPerSecond === undefined) return Infinity;
  return Math.max(BURST_BYTES_MIN, burstBytes ?? bytesPerSecond * BURST_MS / 1_000);
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
      this.#bytes = new TokenBucket(bytesPerSecond, burstBytesOf(rate), now);
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

  /** When a message may pass again, whatever bytes are owed. */
  messagesReadyAt(): number {
    return this.#messages?.readyAt(1) ?? -Infinity;
  }

  /** When so many bytes may pass; `Infinity` for more than a burst. */
  bytesReadyAt(count: number): number {
    if (this.#bytes === undefined) return -Infinity;
    return count > this.#bytes.burst ? Infinity : this.#bytes.readyAt(count);
  }

  /** Room that is worth telling a peer: what comes in a while, or a part of the burst that always comes together. */
  get bytesWorth(): number {
    const bucket = this.#bytes;
    return bucket === undefined ? Infinity : Math.min(RATE_WINDOW_MS / bucket.msOf(1), bucket.burst / 4);
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

  /** When nothing is owed, of bytes. */
  paidAt(): number {
    let at = -Infinity;
    for (const limit of this.#limits) at = Math.max(at, limit.bytesReadyAt(0));
    return this.#common === undefined ? at : Math.max(at, this.#common.bytesReadyAt(0) + this.#turnMs());
  }

  /** Whole messages that may pass now, whatever bytes are owed; `Infinity` without a bound, never below 0. */
  messages(now: number): number {
    if (now < this.messagesReadyAt()) return 0;
    let count = Infinity;
    for (const limit of this.#limits) count = Math.min(count, limit.messages(now));
    return Math.max(0, count);
  }

  /** When a message may pass, whatever bytes are owed. */
  messagesReadyAt(): number {
    let at = -Infinity;
    for (const limit of this.#limits) at = Math.max(at, limit.messagesReadyAt());
    return this.#common === undefined ? at : Math.max(at, this.#common.messagesReadyAt() + this.#turnMs());
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
    for (const limit of this.#limits) count = Math.min(count, limit.bytesWorth);
    return count;
  }

  /** When so many bytes may come; `Infinity` for more than a burst. */
  bytesReadyAt(count: number): number {
    let at = -Infinity;
    for (const limit of this.#limits) at = Math.max(at, limit.bytesReadyAt(count));
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

  // How long it lets others go first, because its share is ahead so far: measured by what one turn takes.
  #turnMs(): number {
    const common = this.#common!;
    const aheadMs = this.#served - common.served;
    return aheadMs <= 0 ? 0 : RATE_TURN_MS_MAX * aheadMs / (aheadMs + common.servedMs);
  }
}

/** Whether messages come no faster than at a rate. */
export function isPaced(rates: SessionRates | undefined): boolean {
  return rates?.own?.receive !== undefined || rates?.common?.receive !== undefined;
}

/** The throttle of one direction of a session that starts now; `undefined` where no rate is said. */
export function throttleOf(
  rates: SessionRates | undefined,
  direction: "send" | "receive",
  now: number,
): Throttle | undefined {
  const own = rates?.own?.[direction];
  const common = rates?.common?.[direction];
  if (own === undefined && common === undefined) return undefined;
  return new Throttle(own === undefined ? undefined : new RateLimit(own, now), common);
}
