/**
 * How two sides come to know each other: from the first packet of the handshake to the lanes that follow from it.
 *
 * @module
 */

import type { Peer, SessionConfig } from "./config.ts";
import { type Handshake, unexpected } from "./handshake.ts";
import type { Incoming } from "./incoming.ts";
import { beginHandshake, compressionNameTo, makeLanes, peerOf, thawLanes } from "./negotiation.ts";
import type { Outgoing } from "./outgoing.ts";
import { peerFrom, type SessionSnapshot } from "./snapshot.ts";

/** The handshake of one session, and whom it has proved. */
export class Opening {
  readonly #config: SessionConfig;
  // Let go of when nothing that it knows can be asked for any more.
  #handshake: Handshake | undefined;
  #peer: Peer | undefined;

  /** An initiator has its first packet ready at once. With `isKnown` there is no handshake: `thaw` follows. */
  constructor(config: SessionConfig, now: number, isKnown: boolean) {
    this.#config = config;
    if (!isKnown) this.#handshake = beginHandshake(config, now);
  }

  /** Who the peer is, once it has proved it. */
  get peer(): Peer | undefined {
    return this.#peer;
  }

  /**
   * A packet of the handshake came. With `identified` there is a peer from now on.
   * @throws {HawserError} as {@linkcode Handshake.handle}; `protocol` when there is no handshake any more.
   */
  handle(body: Uint8Array, now: number): ReturnType<Handshake["handle"]> {
    if (this.#handshake === undefined) throw unexpected();
    const outcome = this.#handshake.handle(body, now);
    if (outcome === "identified") this.#peer = peerOf(this.#config, this.#handshake);
    return outcome;
  }

  /** How long a round trip of the handshake took; `undefined` where none was seen. */
  get roundTripMs(): number | undefined {
    return this.#handshake?.roundTripMs;
  }

  /** Says the last word of an initiator that has decided for its peer. */
  confirm(now: number): void {
    this.#handshake?.confirm(now);
  }

  /** Opens the lanes of an identified peer. */
  openLanes(outgoing: Outgoing, incoming: Incoming, now: number): void {
    const handshake = this.#handshake!;
    const [send, receive] = makeLanes(this.#config, handshake, this.#peer!, now);
    outgoing.open(send, handshake.peerHello, compressionNameTo(this.#config, this.#peer!) !== undefined);
    incoming.open(receive);
  }

  /** Goes on where a snapshot was taken. */
  thaw(from: SessionSnapshot, outgoing: Outgoing, incoming: Incoming, now: number): void {
    const peer = peerFrom(from);
    const [send, receive] = thawLanes(this.#config, from, peer, now);
    this.#peer = peer;
    outgoing.thaw(send, from, compressionNameTo(this.#config, peer) !== undefined);
    incoming.open(receive);
  }

  /** Messages may flow. */
  handleOpen(): void {
    // Over datagrams an initiator that missed ACCEPT repeats CONFIRM: its responder must know it again.
    if (this.#config.traits.kind === "datagram" && this.#config.role === "responder") return;
    this.#handshake?.dispose();
    this.#handshake = undefined;
  }

  /** The responder has heard us. */
  stopResending(): void {
    this.#handshake?.stopResending();
  }

  /** When `handleTimeout` has something to do. */
  deadline(): number {
    return this.#handshake?.deadline() ?? Infinity;
  }

  /** Says again what was not answered. */
  handleTimeout(now: number): void {
    this.#handshake?.handleTimeout(now);
  }

  /** How many bytes of a packet wait to be sent. */
  get pendingBytes(): number {
    return this.#handshake?.pendingBytes ?? 0;
  }

  /** The body of the packet that waits; `undefined` if there is none. */
  takePending(): Uint8Array | undefined {
    return this.#handshake?.takePending();
  }

  /** Wipes the keys. Safe to call twice. */
  dispose(): void {
    this.#handshake?.dispose();
  }
}
