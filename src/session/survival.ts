/**
 * How a session goes on when its link is gone: what it keeps, for how long, and how it moves to another link.
 *
 * A new link brings a session of its own through the handshake. That one hands its lanes over to the one that was
 * suspended, and is over.
 *
 * @module
 */

import type { PacketReader } from "../codec/codec.ts";
import { HawserError } from "../errors.ts";
import type { SessionConfig } from "./config.ts";
import type { Incoming } from "./incoming.ts";
import type { ReceiveLane, SendLane } from "./lanes.ts";
import type { Outgoing } from "./outgoing.ts";
import { bodyBytesMax, REKEY_BYTES } from "./packet_room.ts";
import { Resumption } from "./resumption.ts";

/** What a new session hands over to the one that goes on. */
export interface LinkState {
  readonly send: SendLane;
  readonly receive: ReceiveLane;
  /** With what arrived and was not read yet. */
  readonly reader: PacketReader;
  readonly mtu: number | undefined;
  readonly compress: boolean;
  readonly token: Uint8Array;
  /** What the peer showed, if it is the initiator. */
  readonly claimed: Uint8Array | undefined;
}

/** The part of a session that lets it outlive its link. */
export class Survival {
  readonly #config: SessionConfig;
  readonly #outgoing: Outgoing;
  readonly #incoming: Incoming;
  #token: Uint8Array | undefined;
  #resumption: Resumption | undefined;
  #suspendedUntil = Infinity;

  constructor(config: SessionConfig, outgoing: Outgoing, incoming: Incoming) {
    this.#config = config;
    this.#outgoing = outgoing;
    this.#incoming = incoming;
  }

  /** The books; `undefined` where the session ends with its link. */
  get resumption(): Resumption | undefined {
    return this.#resumption;
  }

  /** The lanes are open; with a token, both sides want the session to outlive its link. */
  handleLanes(token: Uint8Array | undefined): void {
    if (token === undefined) return;
    this.#token = token;
    this.#resumption = new Resumption(token, this.#config.limits.replayBytesMax);
    this.#outgoing.resumption = this.#incoming.frames.resumption = this.#resumption;
  }

  /** The link is gone. */
  suspend(now: number): void {
    this.#suspendedUntil = now + this.#config.limits.resumeMsMax;
    this.#outgoing.dispose();
    this.#incoming.leaveLink();
  }

  /** When `handleTimeout` has something to do. */
  deadline(): number {
    return this.#suspendedUntil;
  }

  /**
   * Time has passed.
   * @throws {HawserError} `timeout` when no link came in time.
   */
  handleTimeout(now: number): void {
    if (now < this.#suspendedUntil) return;
    const { resumeMsMax } = this.#config.limits;
    throw new HawserError("timeout", `the link was lost, and no other came within ${resumeMsMax} ms`);
  }

  /**
   * Gives everything that belongs to the link away; nothing can be sent or received any more.
   * @throws {HawserError} `protocol` if the peer did not want its session to outlive the link.
   */
  handOver(compress: boolean, claimed: Uint8Array | undefined): LinkState {
    if (this.#token === undefined) {
      throw new HawserError("protocol", "the peer goes on over a link that no session may outlive");
    }
    const link = {
      send: this.#outgoing.releaseLane(),
      ...this.#incoming.releaseLink(),
      mtu: this.#config.traits.mtu,
      compress,
      token: this.#token,
      claimed,
    };
    this.#outgoing.resumption = this.#incoming.frames.resumption = undefined;
    return link;
  }

  /**
   * Goes on over the link of another session; the peer has heard `received` packets. A responder tells how many it has.
   * Returns how many packets will be said again.
   * @throws {HawserError} `protocol` if so many were never said; `unsupported` if one does not fit this link.
   */
  resume(link: LinkState, received: number): number {
    const resumption = this.#resumption!;
    resumption.resume(link.token, received, link.claimed);
    const { log } = resumption;
    const bytesMax = bodyBytesMax(link.mtu) - REKEY_BYTES;
    if (link.mtu !== undefined && Math.max(log.longest, this.#outgoing.outbox.longestFrame) > bytesMax) {
      throw new HawserError("unsupported", `what must be said in one packet does not fit ${link.mtu} bytes`);
    }
    this.#token = link.token;
    this.#suspendedUntil = Infinity;
    this.#outgoing.enterLink(link);
    this.#incoming.enterLink(link);
    return log.toReplay;
  }

  /** Wipes what is secret. */
  dispose(): void {
    this.#suspendedUntil = Infinity;
    this.#resumption?.dispose();
  }
}
