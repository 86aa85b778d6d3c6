/**
 * Sends the same bytes to many peers, so that one that takes them slowly holds up no other.
 *
 * @module
 */

import type { HawserError } from "../errors.ts";
import type { SessionSendOptions } from "../session/mod.ts";
import { type SlowOptions, SlowQueue } from "../message/slow_queue.ts";

/** What is sent to a peer: a message that nobody changes any more, for all peers the same. */
export interface Parcel {
  /** The message. */
  readonly bytes: Uint8Array;
  /** How a session sends it. */
  readonly options: SessionSendOptions | undefined;
  /** The format of the value in it, which the peer must know; `undefined` if there is none. */
  readonly format: number | undefined;
}

/** A peer that is sent to. */
export interface FanoutPort {
  /** Sends, and returns `false` above the high-water mark. Throws what `send` throws. */
  sendParcel(parcel: Parcel): boolean;
  /** Resolves when there is room again; rejects when the connection ends. */
  drained(): Promise<void>;
  /** It was too slow for `close`. */
  disconnectSlow(): void;
}

interface Slow {
  readonly queue: SlowQueue<Parcel>;
}

/** What waits for slow peers. One that keeps up costs nothing here. */
export class Fanout<P extends FanoutPort> {
  readonly #options: SlowOptions;
  readonly #slow: Map<P, Slow> = new Map();
  #dropped = 0;

  /** By default a slow peer loses the oldest of what waits for it. */
  constructor(options: SlowOptions = {}) {
    this.#options = { onSlow: "drop-oldest", ...options };
    // Says at once what is wrong with them.
    new SlowQueue(this.#options);
  }

  /** How many parcels were dropped because their peer was slow, or could not take them. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Whether a peer has not taken what was sent to it. */
  isSlow(peer: P): boolean {
    return this.#slow.has(peer);
  }

  /** Sends to a peer, or lets it wait. Returns `false` if whoever sends should wait for `drained`: only with `block`. */
  send(peer: P, parcel: Parcel): boolean {
    const slow = this.#slow.size === 0 ? undefined : this.#slow.get(peer);
    const isBlocking = this.#options.onSlow === "block";
    if (slow !== undefined && !isBlocking) {
      this.#queue(peer, slow, parcel);
      return true;
    }
    if (this.#hand(peer, parcel)) return true;
    if (slow === undefined) this.#wait(peer);
    return !isBlocking;
  }

  /** Resolves when no peer keeps the others waiting; at once unless `block` is the policy. */
  async drained(): Promise<void> {
    if (this.#options.onSlow !== "block") return;
    while (this.#slow.size > 0) {
      await Promise.allSettled([...this.#slow.keys()].map((peer) => peer.drained()));
    }
  }

  #queue(peer: P, { queue }: Slow, parcel: Parcel): void {
    const { dropped, isClosed } = queue;
    queue.push(parcel, parcel.bytes.length);
    this.#dropped += queue.dropped - dropped;
    if (queue.isClosed && !isClosed) peer.disconnectSlow();
  }

  // What one peer cannot take is no matter of the others, nor of whoever sends.
  #hand(peer: P, parcel: Parcel): boolean {
    try {
      return peer.sendParcel(parcel);
    } catch (error) {
      this.#dropped++;
      return (error as HawserError).code !== "backpressure";
    }
  }

  #wait(peer: P): void {
    const slow: Slow = { queue: new SlowQueue(this.#options) };
    this.#slow.set(peer, slow);
    void this.#flush(peer, slow);
  }

  async #flush(peer: P, { queue }: Slow): Promise<void> {
    try {
      do {
        await peer.drained();
        let parcel = queue.shift();
        while (parcel !== undefined && this.#hand(peer, parcel)) parcel = queue.shift();
      } while (queue.length > 0);
    } catch {
      // It is gone, and what waited for it with it.
      this.#dropped += queue.length;
    }
    this.#slow.delete(peer);
  }
}
