/**
 * One end of a link in memory. What one end sends waits in the inbox of the other until the turn of the sender is over.
 *
 * @module
 */

import {
  LINK_HIGH_WATER_BYTES,
  LINK_LOW_WATER_BYTES,
  LINK_MESSAGE_BYTES,
  LINK_QUEUE_BYTES_MAX,
  MEM_DELIVERIES_MAX,
} from "../../limits.ts";
import { HawserError } from "../../errors.ts";
import type { LinkTraits } from "../../link.ts";
import { BaseLink } from "../base_link.ts";
import { nextTurn } from "../turn.ts";

const TRAITS: LinkTraits = {
  kind: "message",
  reliable: true,
  ordered: true,
  mtu: undefined,
  encrypted: false,
  nativeStreams: false,
  inMemory: true,
};

/** One end of a link in memory. */
export class MemoryLink extends BaseLink {
  readonly traits = TRAITS;
  #peer!: MemoryLink;
  #inbox: Uint8Array[] = [];
  // What the inbox weighs: its bytes, and the cost of keeping each message.
  #weight = 0;
  #delivers = false;
  #scheduled = false;
  // Invariant: true exactly while a `send` of this end has returned false and no drain was told since.
  #awaited = false;

  /** Two ends, each the peer of the other. */
  static pair(nearAddress: string, farAddress: string): [MemoryLink, MemoryLink] {
    const near = new MemoryLink(nearAddress, farAddress);
    const far = new MemoryLink(farAddress, nearAddress);
    near.#peer = far;
    far.#peer = near;
    return [near, far];
  }

  protected get pending(): number {
    return this.#peer.#weight;
  }

  protected begin(): void {
    this.#delivers = true;
    this.#schedule();
  }

  protected write(bytes: Uint8Array): boolean {
    const peer = this.#peer;
    peer.#inbox.push(bytes);
    peer.#weight += bytes.length + LINK_MESSAGE_BYTES;
    if (peer.#weight > LINK_QUEUE_BYTES_MAX) this.finish(this.overrun());
    peer.#schedule();
    if (peer.#weight > LINK_HIGH_WATER_BYTES) this.#awaited = true;
    return !this.#awaited;
  }

  protected end(): void {
    this.#delivers = true; // What arrives from now on is dropped.
    this.#schedule();
    this.#peer.#schedule();
  }

  protected release(): void {
    this.#inbox = [];
    this.#weight = 0;
    // Without effect after an orderly end, which ends both at once.
    queueMicrotask(() =>
      this.#peer.finish(new HawserError("io", "the other end gave the link up; dial again"))
    );
  }

  #schedule(): void {
    if (this.#scheduled || this.over) return;
    this.#scheduled = true;
    schedule(() => this.#deliver());
  }

  #deliver(): void {
    this.#scheduled = false;
    if (this.over) return;
    if (this.#delivers) this.#empty();
    if (!this.#peer.closing || this.#inbox.length > 0 || this.over) return;
    this.finish();
    this.#peer.finish();
  }

  #empty(): void {
    const batch = this.#inbox;
    this.#inbox = [];
    for (const bytes of batch) {
      this.#weight -= bytes.length + LINK_MESSAGE_BYTES;
      this.receiver?.onReceive(bytes);
      if (this.over) return;
    }
    const peer = this.#peer;
    if (!peer.#awaited || this.#weight > LINK_LOW_WATER_BYTES) return;
    peer.#awaited = false;
    peer.drained();
  }
}

let deliveries = 0;

// Two ends which answer each other for ever must not keep timers and sockets waiting.
function schedule(deliver: () => void): void {
  if (++deliveries % MEM_DELIVERIES_MAX === 0) nextTurn(deliver);
  else queueMicrotask(deliver);
}
