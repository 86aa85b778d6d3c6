/**
 * What waits for somebody who takes it slowly, and what happens when that is too much.
 *
 * @module
 */

import { Fifo } from "../fifo.ts";
import { EVENT_COST_BYTES, SUBSCRIPTION_QUEUE_BYTES_MAX, SUBSCRIPTION_QUEUE_MAX } from "../topic_limits.ts";

/**
 * What happens when more waits than may: `block` makes the sender wait and loses nothing, `drop-oldest` makes room,
 * `drop-newest` loses what comes, `close` ends it after what waits.
 */
export type SlowPolicy = "block" | "drop-oldest" | "drop-newest" | "close";

const POLICIES: readonly string[] = ["block", "drop-oldest", "drop-newest", "close"];

/** How much may wait, and what happens beyond. */
export interface SlowOptions {
  /** Default: `block`. */
  readonly onSlow?: SlowPolicy;
  /** How many may wait. Default 1,024. */
  readonly queueMax?: number;
  /** How many bytes may wait, 64 more counted for each; one of any size may always. Default 1 MiB. */
  readonly queueBytesMax?: number;
}

/** What became of an item: it waits; it waits beyond the bounds; it was dropped; it ended the queue. */
export type SlowOutcome = "queued" | "over" | "dropped" | "closed";

interface Waiting<T> {
  readonly item: T;
  readonly bytes: number;
}

/**
 * A bounded queue with a policy. Only with `block` may it hold more than its bounds: whoever gets `over` must see to
 * it that no more comes until that item is taken.
 */
export class SlowQueue<T> {
  readonly #policy: SlowPolicy;
  readonly #countMax: number;
  readonly #bytesMax: number;
  readonly #waiting: Fifo<Waiting<T>> = new Fifo();
  #bytes = 0;
  #dropped = 0;
  #isClosed = false;

  /** @throws {TypeError} for an unknown policy, {RangeError} for a bound that is none. */
  constructor(options: SlowOptions = {}) {
    const {
      onSlow = "block",
      queueMax = SUBSCRIPTION_QUEUE_MAX,
      queueBytesMax = SUBSCRIPTION_QUEUE_BYTES_MAX,
    } = options;
    if (!POLICIES.includes(onSlow)) {
      throw new TypeError(`onSlow is one of ${POLICIES.join(", ")}, not ${onSlow}`);
    }
    if (!(queueMax >= 1)) throw new RangeError(`queueMax is at least 1, not ${queueMax}`);
    if (!(queueBytesMax >= 1)) throw new RangeError(`queueBytesMax is at least 1, not ${queueBytesMax}`);
    this.#policy = onSlow;
    this.#countMax = queueMax;
    this.#bytesMax = queueBytesMax;
  }

  /** How many wait. */
  get length(): number {
    return this.#waiting.length;
  }

  /** What waits in bytes, book-keeping counted. */
  get bytes(): number {
    return this.#bytes;
  }

  /** How many were dropped so far. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Whether it took more than it may, with `close`: what waits can still be taken. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Adds an item of so many bytes, and says what became of it. */
  push(item: T, bytes: number): SlowOutcome {
    const cost = bytes + EVENT_COST_BYTES;
    if (this.#isClosed) return this.#drop("closed");
    if (this.#fits(cost)) return this.#queue(item, cost, "queued");
    switch (this.#policy) {
      case "block":
        return this.#queue(item, cost, "over");
      case "drop-newest":
        return this.#drop("dropped");
      case "close":
        this.#isClosed = true;
        return this.#drop("closed");
      case "drop-oldest":
        while (!this.#fits(cost)) {
          this.shift();
          this.#dropped++;
        }
        return this.#queue(item, cost, "queued");
    }
  }

  /** The oldest item, which is taken away; `undefined` if nothing waits. */
  shift(): T | undefined {
    const first = this.#waiting.shift();
    if (first === undefined) return undefined;
    this.#bytes -= first.bytes;
    return first.item;
  }

  // Whatever its size, one item fits an empty queue: a bound below one message must not stop everything.
  #fits(bytes: number): boolean {
    if (this.#waiting.length === 0) return true;
    return this.#waiting.length < this.#countMax && this.#bytes + bytes <= this.#bytesMax;
  }

  #queue(item: T, bytes: number, outcome: SlowOutcome): SlowOutcome {
    this.#waiting.push({ item, bytes });
    this.#bytes += bytes;
    return outcome;
  }

  #drop(outcome: SlowOutcome): SlowOutcome {
    this.#dropped++;
    return outcome;
  }
}
