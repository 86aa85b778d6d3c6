/**
 * Datagram links over a data channel that may lose, or whose messages may overtake each other.
 *
 * @module
 */

import { LINK_HIGH_WATER_BYTES, LINK_LOW_WATER_BYTES, UDP_EARLY_MAX } from "../../limits.ts";
import type { LinkCloseOptions, LinkTraits } from "../../link.ts";
import { BaseLink } from "../base_link.ts";
import type { Call } from "./call.ts";
import type { ChannelHandler, PeerChannel } from "./peer.ts";

/** A link over one channel; the call behind it is the link's from now on. */
export class ChannelDatagramLink extends BaseLink implements ChannelHandler {
  readonly traits: LinkTraits;
  readonly #channel: PeerChannel;
  readonly #call: Call;
  // Invariant: empty once the link was started.
  #early: Uint8Array[] = [];
  #isStarted = false;
  // Where datagrams go that arrive at a listener; its link is told of drains and the end only.
  #elsewhere: ((bytes: Uint8Array) => void) | undefined;
  #onGone: (() => void) | undefined;
  // Invariant: true exactly while a `send` has returned false and no drain was told since.
  #awaited = false;

  constructor(channel: PeerChannel, call: Call, mtu: number, localAddress: string, remoteAddress: string) {
    super(localAddress, remoteAddress);
    this.#channel = channel;
    this.#call = call;
    this.traits = {
      kind: "datagram",
      reliable: false,
      ordered: false,
      mtu,
      encrypted: true,
      nativeStreams: false,
    };
    call.onLost = (reason) => this.fail(new Error(reason));
    channel.lowThreshold = LINK_LOW_WATER_BYTES;
    channel.listen(this);
  }

  /** What arrives goes to `onDatagram` from now on, in place of the handler; `onGone` is called at the end. */
  receive(onDatagram: (bytes: Uint8Array) => void, onGone: () => void): void {
    this.#elsewhere = onDatagram;
    this.#onGone = onGone;
  }

  onBytes(bytes: Uint8Array): void {
    if (this.over) return;
    if (this.#elsewhere !== undefined) this.#elsewhere(bytes);
    else if (this.#isStarted) this.receiver?.onReceive(bytes);
    else if (this.#early.length < UDP_EARLY_MAX) this.#early.push(bytes);
  }

  onText(): void {}

  onLow(): void {
    if (this.closing) return this.finish();
    if (!this.#awaited || this.#channel.bufferedAmount > LINK_LOW_WATER_BYTES) return;
    this.#awaited = false;
    this.drained();
  }

  /** Datagrams have no end of their own: the session says its own. */
  onClosed(): void {
    this.finish();
  }

  protected get pending(): number {
    return this.#channel.bufferedAmount;
  }

  protected begin(): void {
    queueMicrotask(() => {
      this.#isStarted = true;
      for (const bytes of this.#early.splice(0)) this.receiver?.onReceive(bytes);
    });
  }

  protected write(bytes: Uint8Array): boolean {
    if (bytes.length > this.traits.mtu! || this.#awaited) return !this.#awaited;
    try {
      this.#channel.send(bytes);
    } catch (cause) {
      this.fail(cause);
      return false;
    }
    if (this.#channel.bufferedAmount > LINK_HIGH_WATER_BYTES) this.#awaited = true;
    return !this.#awaited;
  }

  protected end(_options: LinkCloseOptions): void {
    this.#channel.lowThreshold = 0;
    if (this.#channel.bufferedAmount === 0) queueMicrotask(() => this.finish());
  }

  protected release(): void {
    this.#early.length = 0;
    this.#onGone?.();
    this.#call.close();
  }
}
