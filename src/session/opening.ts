/**
 * How two sides come to know each other: from the first packet of the handshake to the lanes that follow from it.
 *
 * @module
 */

import type { Peer, SessionConfig } from "./config.ts";
import type { EarlyData } from "./early_guard.ts";
import type { Handshake } from "./handshake.ts";
import type { Incoming } from "./incoming.ts";
import { beginHandshake, compressionNameTo, makeLanes, peerOf, thawLanes } from "./negotiation.ts";
import type { Claim } from "./resumption.ts";
import type { Outgoing } from "./outgoing.ts";
import { unexpected } from "./refusal.ts";
import { peerFrom, type SessionSnapshot } from "./snapshot.ts";
import type { LaneKeys } from "./streams/lane_keys.ts";
import type { Transition } from "./states.ts";

/** The handshake of one session, and whom it has proved. */
export class Opening {
  readonly #config: SessionConfig;
  // Let go of when nothing that it knows can be asked for any more.
  #handshake: Handshake | undefined;
  #peer: Peer | undefined;
  /** Initiators: whether the responder took what went along with the first packet. */
  isEarlyTaken = false;
  /** What the session is known by, once its lanes are open and if it outlives its link. */
  token: Uint8Array | undefined;
  /** What makes the lanes of streams, where they may ride on streams of the network. */
  laneKeys: LaneKeys | undefined;

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
    if (this.#handshake === undefined) {
      // Late, or somebody else's: over datagrams it says nothing.
      if (this.#config.traits.kind === "datagram") return "ignored";
      throw unexpected();
    }
    const outcome = this.#handshake.handle(body, now);
    if (outcome === "identified") this.#peer = peerOf(this.#config, this.#handshake);
    return outcome;
  }

  /** How long a round trip of the handshake took; `undefined` where none was seen. */
  get roundTripMs(): number | undefined {
    return this.#handshake?.roundTripMs;
  }

  /** Responders: what came along with the first packet, until it is decided whether its sender is welcome. */
  get early(): EarlyData | undefined {
    return this.#peer && this.#handshake?.early;
  }

  /** The peer is welcome: opens the lanes, and returns what that makes of the session. */
  accept(outgoing: Outgoing, incoming: Incoming, now: number, takesEarly = false): Transition {
    const handshake = this.#handshake!;
    const { isShort } = handshake.pattern;
    const isInitiator = this.#config.role === "initiator";
    if (isInitiator) handshake.confirm(now);
    else if (isShort) handshake.respond(true, takesEarly);
    this.isEarlyTaken = isInitiator && handshake.isEarlyTaken;
    this.#openLanes(outgoing, incoming, now);
    // The other side is open, or waits for this word.
    if (isInitiator === isShort) {
      outgoing.controls.accept = true;
      return "accept-initiator";
    }
    return isInitiator ? "accept-responder" : "accept-claim";
  }

  /** The peer is not welcome: it will be told so, by a packet of the handshake or a sealed CLOSE. */
  refuse(outgoing: Outgoing, incoming: Incoming, now: number): void {
    const handshake = this.#handshake!;
    if (this.#config.role === "initiator") handshake.refuse();
    else if (handshake.pattern.isShort) handshake.respond(false);
    else this.#openLanes(outgoing, incoming, now);
  }

  /**
   * The peer has sealed a packet for us. Returns whether that proves it, which is so in short handshakes: before that, what
   * it said may have been recorded by somebody else.
   */
  handleAuthentic(): boolean {
    const handshake = this.#handshake;
    if (handshake === undefined || !handshake.isUnheard || !handshake.pattern.isShort) return false;
    handshake.stopResending();
    if (this.#config.role === "responder") return true;
    this.#forget();
    return false;
  }

  /** What an initiator that has been identified wants to go on with. */
  get claim(): Claim | undefined {
    const handshake = this.#handshake;
    // A short handshake shows it in a message that can be said again by whoever has recorded it.
    return handshake === undefined || handshake.pattern.isShort ? undefined : handshake.peerHello.claim;
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
    // Over datagrams an initiator that missed ACCEPT repeats CONFIRM: its responder must know it again. In short handshakes
    // it repeats a sealed word, until it hears one.
    const isDatagram = this.#config.traits.kind === "datagram";
    const isDone = this.#config.role === "initiator" && !this.#handshake?.isUnheard;
    if (!isDatagram || isDone) this.#forget();
  }

  /** The responder has heard us. */
  stopResending(): void {
    this.#handshake?.stopResending();
  }

  /** When `handleTimeout` has something to do. */
  deadline(): number {
    return this.#handshake?.deadline() ?? Infinity;
  }

  /**
   * Says again what was not answered. Returns whether it is for the session to do so, by any sealed packet.
   * @throws {HawserError} for what was refused a while ago, if nothing better has come.
   */
  handleTimeout(now: number): boolean {
    return this.#handshake?.handleTimeout(now) ?? false;
  }

  /** How many bytes of a packet wait to be sent. */
  get pendingBytes(): number {
    return this.#handshake?.pendingBytes ?? 0;
  }

  /** The body of the packet that waits; `undefined` if there is none. */
  takePending(): Uint8Array | undefined {
    return this.#handshake?.takePending();
  }

  /** Wipes the keys; what tells the peer why it is over can still leave. Safe to call twice. */
  dispose(): void {
    this.#handshake?.dispose();
  }

  #openLanes(outgoing: Outgoing, incoming: Incoming, now: number): void {
    const handshake = this.#handshake!;
    const { send, receive, token, streams } = makeLanes(this.#config, handshake, this.#peer!, now);
    this.laneKeys = streams;
    this.token = token;
    outgoing.open(send, handshake.peerHello, compressionNameTo(this.#config, this.#peer!) !== undefined);
    incoming.open(receive);
  }

  #forget(): void {
    this.#handshake?.dispose();
    this.#handshake = undefined;
  }
}
