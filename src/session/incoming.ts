/**
 * The way in: what arrives becomes packets, packets are opened, their frames are handed to whom they concern.
 *
 * @module
 */

import type { PacketReader } from "../codec/codec.ts";
import { HawserError, type HawserErrorCode } from "../errors.ts";
import { BODY_BYTES_MAX, PACKET_OVERHEAD_MAX, RECEIVE_TURN_BYTES } from "../limits.ts";
import { FLAG_HANDSHAKE } from "../wire/header.ts";
import type { SessionConfig } from "./config.ts";
import { ReceiveWindow } from "./flow.ts";
import { Inbox } from "./inbox.ts";
import { Intake } from "./intake.ts";
import { type IncomingHandler, ReceivedFrames } from "./received_frames.ts";
import type { ReceiveLane } from "./lanes.ts";
import type { Outgoing } from "./outgoing.ts";
import type { SessionStreams } from "./session_streams.ts";
import type { IncomingSnapshot } from "./snapshot.ts";
import type { LinkState } from "./survival.ts";
import { throttleOf } from "./throttle.ts";

// Faults that only a peer which holds the keys can make.
const FATAL_SEALED: readonly HawserErrorCode[] = ["compression"];
const FATAL_HANDSHAKE: readonly HawserErrorCode[] = [
  "protocol",
  "version-mismatch",
  "packet-too-large",
  "not-authorised",
];

/** The receiving half of a session. */
export class Incoming {
  /** What the peer may send. */
  readonly window: ReceiveWindow;
  /** The messages. */
  readonly inbox: Inbox;
  readonly #config: SessionConfig;
  readonly #datagram: boolean;
  readonly #handler: IncomingHandler;
  // Tells the peer what it may send.
  readonly #outgoing: Outgoing;
  /** What the packets carry. */
  readonly frames: ReceivedFrames;
  #reader: PacketReader;
  // Only of those that are kept to a rate.
  readonly #intake: Intake | undefined;
  #lane: ReceiveLane | undefined;
  /** What came so far. */
  readonly received = { bytes: 0, packets: 0, droppedPackets: 0, openFailures: 0 };

  /** Takes packets of up to BODY_BYTES_MAX of text. */
  constructor(
    config: SessionConfig,
    handler: IncomingHandler,
    outgoing: Outgoing,
    streams: SessionStreams,
    now: number,
    from?: IncomingSnapshot,
  ) {
    this.#config = config;
    this.#datagram = config.traits.kind === "datagram";
    this.#handler = handler;
    this.#outgoing = outgoing;
    const { limits, codec } = config;
    const windowBytes = this.#datagram ? limits.datagramWindowBytes : limits.windowBytes;
    this.window = new ReceiveWindow(windowBytes, from?.receiveWindow);
    this.inbox = new Inbox(codec, this.window, this.#datagram, limits);
    const throttle = throttleOf(config.rates, "receive", now);
    if (throttle !== undefined) this.#intake = new Intake(throttle, this.window, now);
    streams.gate = this.#intake;
    this.frames = new ReceivedFrames({
      codec,
      isDatagram: this.#datagram,
      isThrottled: throttle !== undefined,
      handler,
      window: this.window,
      inbox: this.inbox,
      outgoing,
      streams,
    });
    this.#reader = codec.createReader({
      datagram: this.#datagram,
      packetBytesMax: BODY_BYTES_MAX + PACKET_OVERHEAD_MAX,
    });
  }

  /** Epochs of the key, after the first. */
  get rekeys(): number {
    return this.#lane?.rekeys ?? 0;
  }

  /** Packets that came twice, or too late. */
  get replays(): number {
    return this.#lane?.replays ?? 0;
  }

  /** How long messages or the peer have waited because of a rate. */
  heldMs(now: number): number {
    return this.#intake?.heldMs(now) ?? 0;
  }

  /** The keys are there: packets can be opened. */
  open(lane: ReceiveLane): void {
    this.#lane = lane;
  }

  /**
   * Takes bytes of the link. Returns whether `handleRest` should follow, once the application has what came of them.
   * @throws {HawserError} for what ends the session. On datagram links, packets that are not authentic are only counted.
   */
  receive(bytes: Uint8Array, now: number): boolean {
    this.received.bytes += bytes.length;
    this.#intake?.handleReceive(bytes.length, now);
    if (!this.#datagram) {
      this.#reader.push(bytes);
      return this.handleRest(now);
    }
    const length = this.#openDatagram(bytes, now);
    if (length !== undefined) this.frames.handle(length, now);
    return false;
  }

  /**
   * Ordered links: goes on with what arrived, as far as a turn goes. Returns whether it should be called again.
   * @throws {HawserError} for what ends the session.
   */
  handleRest(now: number): boolean {
    let bytes = 0;
    while (!this.frames.isClosed && bytes < RECEIVE_TURN_BYTES) {
      if (!this.#reader.next()) return false;
      bytes += this.#reader.length;
      this.#handlePacket(now);
    }
    return !this.frames.isClosed;
  }

  /** Where it stands; `undefined` while anything is incomplete, or waits for the application. */
  freeze(): IncomingSnapshot | undefined {
    const receive = this.#lane?.freeze();
    if (receive === undefined || !this.inbox.isEmpty || this.#reader.unread > 0) return undefined;
    return { receive, receiveWindow: this.window.freeze() };
  }

  /** The next whole message; `undefined` if none waits, or none may be taken yet. */
  take(now?: number): Uint8Array | undefined {
    return this.inbox.messages > 0 && this.#mayTake(now) ? this.inbox.take() : undefined;
  }

  /** The next whole message of the message layer; as `take`. */
  takeTyped(now?: number): Uint8Array | undefined {
    return this.inbox.typedMessages > 0 && this.#mayTake(now) ? this.inbox.takeTyped() : undefined;
  }

  // What came before the end can be taken at once after it.
  #mayTake(now?: number): boolean {
    return this.#intake === undefined || this.frames.isClosed || this.#intake.take(now);
  }

  /** Tells the peer of new room, if there is enough to tell of. */
  updateWindow(now?: number): void {
    if (this.#intake !== undefined) {
      const limit = this.#intake.takeLimit(now);
      if (limit !== undefined) this.#outgoing.controls.window = limit;
    } else if (this.window.isDue) {
      this.#outgoing.controls.window = this.window.takeLimit();
    }
  }

  /** When `handleTimeout` has something to do. */
  deadline(): number {
    const deadline = Math.min(this.inbox.deadline(), this.#lane?.deadline() ?? Infinity);
    return this.#intake === undefined ? deadline : Math.min(deadline, this.#intake.deadline());
  }

  /** Gives up what is too old. */
  handleTimeout(now: number): void {
    this.inbox.handleTimeout(now);
    this.#lane?.handleTimeout(now);
    this.#intake?.handleTimeout(now);
  }

  /** Wipes the keys; nothing is opened any more. Whole messages can still be taken. */
  dispose(): void {
    this.frames.isClosed = true;
    this.#lane?.dispose();
    this.#lane = undefined;
    this.inbox.dispose();
  }

  /** The link is gone, and what of it was not read. */
  leaveLink(): void {
    this.#lane?.dispose();
    this.#lane = undefined;
  }

  /** Leaves the link: nothing is taken any more. Lane and reader are the caller's. */
  releaseLink(): Pick<LinkState, "receive" | "reader"> {
    const link = { receive: this.#lane!, reader: this.#reader };
    this.#lane = undefined;
    this.frames.isClosed = true;
    return link;
  }

  /** Goes on over another link. */
  enterLink({ receive, reader }: LinkState): void {
    this.#lane = receive;
    this.#reader = reader;
    this.frames.isRekeyed = false;
  }

  #handlePacket(now: number): void {
    this.received.packets++;
    const reader = this.#reader;
    if (reader.flags === FLAG_HANDSHAKE) return this.#handler.handleHandshake(reader.body(), now);
    if (this.#lane === undefined) {
      throw new HawserError("protocol", "the peer sent something else before the handshake was over");
    }
    let length: number;
    try {
      length = this.#lane.open(reader, now);
    } catch (error) {
      this.received.openFailures++;
      throw error;
    }
    this.frames.handle(length, now);
    if (this.frames.isRekeyed) {
      this.frames.isRekeyed = false;
      this.#lane?.advance();
    }
  }

  /** Returns the length of the text; `undefined` for a packet of the handshake, or one that is dropped. */
  #openDatagram(bytes: Uint8Array, now: number): number | undefined {
    this.received.packets++;
    const reader = this.#reader;
    try {
      reader.push(bytes);
      if (!reader.next()) throw new HawserError("protocol", "a datagram was cut off");
      if (reader.flags !== FLAG_HANDSHAKE) return this.#openSealed(now);
    } catch (error) {
      this.#handleDropped(error, FATAL_SEALED);
      return undefined;
    }
    try {
      this.#handler.handleHandshake(reader.body(), now);
    } catch (error) {
      this.#handleDropped(error, FATAL_HANDSHAKE);
    }
    return undefined;
  }

  #openSealed(now: number): number {
    const lane = this.#lane;
    if (lane === undefined) {
      throw new HawserError("protocol", "a sealed packet came before the handshake was over");
    }
    return lane.open(this.#reader, now);
  }

  // Whoever can send datagrams can send these: they are counted. What an authentic peer did wrong is thrown on.
  #handleDropped(error: unknown, fatal: readonly HawserErrorCode[]): void {
    if (!(error instanceof HawserError) || fatal.includes(error.code)) throw error;
    this.received.droppedPackets++;
    if (error.code === "open-failed") this.received.openFailures++;
    if (this.received.openFailures >= this.#config.limits.openFailuresMax) {
      throw new HawserError("open-failed", "too many packets failed to open: somebody is guessing", {
        cause: error,
      });
    }
  }
}
