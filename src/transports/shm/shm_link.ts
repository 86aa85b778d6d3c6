/**
 * One end of a link over shared memory.
 *
 * Messages lie in the rings of a {@linkcode Region}. A second, ordinary link, the carrier, leads to the same peer: it
 * tells the end of the peer, orderly or not, and where memory alone cannot wake the other end, it does.
 *
 * @module
 */

import { HawserError } from "../../errors.ts";
import {
  LINK_HIGH_WATER_BYTES,
  LINK_LOW_WATER_BYTES,
  LINK_MESSAGE_BYTES,
  LINK_QUEUE_BYTES_MAX,
  SHM_BATCHES_MAX,
  SHM_MESSAGE_BYTES_MAX,
} from "../../limits.ts";
import type { Link, LinkTraits } from "../../link.ts";
import { BaseLink } from "../base_link.ts";
import { nextTurn } from "../turn.ts";
import { AtomicBell, type Bell, CarrierBell } from "./bell.ts";
import { Joiner } from "./joiner.ts";
import { type Region, WISH_DATA, WISH_ROOM } from "./region.ts";

const TRAITS: LinkTraits = {
  kind: "message",
  reliable: true,
  ordered: true,
  mtu: undefined,
  encrypted: false,
  nativeStreams: false,
  inMemory: true,
};

/** What a link over shared memory is made of. */
export interface ShmParts {
  readonly region: Region;
  readonly carrier: Link;
  /** Whether threads of one process share the memory. */
  readonly isWithinProcess: boolean;
  /** Gives the memory back. Nobody touches it afterwards. */
  free(): void;
}

/** A link over shared memory. */
export class ShmLink extends BaseLink {
  readonly traits = TRAITS;
  readonly #parts: ShmParts;
  readonly #bell: Bell;
  readonly #joiner: Joiner = new Joiner();
  // What the ring had no room for, and how far the first of them was written.
  readonly #queue: Uint8Array[] = [];
  #written = 0;
  #weight = 0;
  // Invariant: true exactly while a `send` has returned false and no drain was told since.
  #awaited = false;
  #delivers = false;
  #isScheduled = false;
  #carrierEnd: { readonly error: HawserError | undefined } | undefined;

  constructor(parts: ShmParts, localAddress: string, remoteAddress: string) {
    super(localAddress, remoteAddress);
    this.#parts = parts;
    const { region, carrier, isWithinProcess } = parts;
    this.#bell = isWithinProcess && AtomicBell.isAvailable
      ? new AtomicBell(region, () => this.#work())
      : new CarrierBell(carrier);
    carrier.start({
      onReceive: () => this.#work(),
      onDrain() {},
      onClose: (error) => this.#handleCarrierClosed(error),
    });
  }

  protected get pending(): number {
    return this.#weight;
  }

  protected begin(): void {
    this.#delivers = true;
    this.#schedule();
  }

  protected write(bytes: Uint8Array): boolean {
    if (bytes.length > SHM_MESSAGE_BYTES_MAX) {
      const message = `a message over shared memory has at most ${SHM_MESSAGE_BYTES_MAX} bytes`;
      this.finish(new HawserError("packet-too-large", message));
      return false;
    }
    if (this.#queue.length === 0 && this.#writeNow(bytes)) return true;
    this.#queue.push(bytes);
    this.#weight += bytes.length + LINK_MESSAGE_BYTES;
    if (this.#weight > LINK_QUEUE_BYTES_MAX) this.finish(this.overrun());
    if (this.#weight > LINK_HIGH_WATER_BYTES) this.#awaited = true;
    return !this.#awaited;
  }

  protected end(): void {
    this.#delivers = true; // What arrives from now on is dropped.
    this.#work();
  }

  protected async release(): Promise<void> {
    this.#queue.length = 0;
    this.#bell.stop();
    await this.#parts.carrier.close({ abort: true });
    this.#parts.free();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    nextTurn(() => {
      this.#isScheduled = false;
      this.#work();
    });
  }

  #work(): void {
    if (this.over) return;
    try {
      this.#flush();
      if (!this.#delivers) return;
      if (this.#carrierEnd === undefined) this.#deliver();
      else this.#deliverLast(this.#carrierEnd.error);
    } catch (breach) {
      this.finish(breach as HawserError);
    }
  }

  #writeNow(bytes: Uint8Array): boolean {
    try {
      const isWhole = this.#put(bytes);
      this.#announce();
      return isWhole;
    } catch (breach) {
      this.finish(breach as HawserError);
      return false;
    }
  }

  #flush(): void {
    const queue = this.#queue;
    while (queue.length > 0 && this.#put(queue[0])) {
      this.#weight -= queue.shift()!.length + LINK_MESSAGE_BYTES;
    }
    this.#announce();
    if (queue.length === 0 && this.closing) void this.#parts.carrier.close();
    if (!this.#awaited || this.#weight > LINK_LOW_WATER_BYTES) return;
    this.#awaited = false;
    this.drained();
  }

  // Whether the message, or what was left of it, is in the ring; otherwise we shall be woken when there is room.
  #put(message: Uint8Array): boolean {
    const { writer } = this.#parts.region;
    do {
      let written = writer.write(message, this.#written);
      if (written < 0) {
        this.#parts.region.wish(WISH_ROOM);
        written = writer.write(message, this.#written);
        if (written < 0) return false;
      }
      this.#written = written;
    } while (this.#written < message.length);
    this.#written = 0;
    return true;
  }

  #announce(): void {
    if (this.#parts.region.isWished(WISH_DATA)) this.#bell.ring();
  }

  #deliver(): void {
    const { region } = this.#parts;
    for (let batches = 0; batches < SHM_BATCHES_MAX; batches++) {
      if (!region.reader.take()) {
        region.wish(WISH_DATA);
        if (region.reader.isEmpty) return;
        continue;
      }
      if (region.isWished(WISH_ROOM)) this.#bell.ring();
      this.#deliverBatch();
      if (this.over) return;
    }
    this.#schedule();
  }

  #deliverBatch(): void {
    const { reader } = this.#parts.region;
    for (let part = reader.next(); part !== undefined; part = reader.next()) {
      const message = this.#joiner.add(part, reader.goesOn);
      if (message !== undefined) this.receiver?.onReceive(message);
      if (this.over) return;
    }
  }

  #handleCarrierClosed(error: HawserError | undefined): void {
    this.#carrierEnd = { error };
    this.#work();
  }

  // All that the peer sent before its end is in the ring by now.
  #deliverLast(error: HawserError | undefined): void {
    while (!this.over && this.#parts.region.reader.take()) this.#deliverBatch();
    if (error === undefined) this.finish();
    else this.fail(error);
  }
}
