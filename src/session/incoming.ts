/**
 * The way in: what arrives becomes packets, packets are opened, their frames are handed to whom they concern.
 *
 * @module
 */

import type { PacketReader } from "../codec/codec.ts";
import { HawserError, type HawserErrorCode } from "../errors.ts";
import { BODY_BYTES_MAX, DATAGRAM_COST_BYTES, PACKET_OVERHEAD_MAX, RECEIVE_TURN_BYTES } from "../limits.ts";
import {
  FRAME_ACCEPT,
  FRAME_APPLICATION,
  FRAME_APPLICATION_LAST,
  FRAME_BLOCKED,
  FRAME_CLOSE,
  FRAME_FRAGMENT,
  FRAME_MESSAGE,
  FRAME_OFFSET,
  FRAME_PADDING,
  FRAME_PING,
  FRAME_PONG,
  FRAME_REKEY,
  FRAME_STREAM,
  FRAME_STREAMS_MAX,
  FRAME_TYPED,
  FRAME_TYPED_FRAGMENT,
  FRAME_WINDOW,
} from "../wire/frames.ts";
import { FLAG_HANDSHAKE } from "../wire/header.ts";
import { Cursor } from "../wire/varint.ts";
import type { SessionConfig } from "./config.ts";
import { ReceiveWindow } from "./flow.ts";
import { Inbox } from "./inbox.ts";
import { Intake } from "./intake.ts";
import type { ReceiveLane } from "./lanes.ts";
import type { Outgoing } from "./outgoing.ts";
import type { SessionStreams } from "./session_streams.ts";
import type { IncomingSnapshot } from "./snapshot.ts";
import { throttleOf } from "./throttle.ts";

/** Who hears of what arrives. */
export interface IncomingHandler {
  /** The body of an unsealed handshake packet. */
  handleHandshake(body: Uint8Array, now: number): void;
  /** A packet was opened: the peer is alive. */
  handleAuthentic(now: number): void;
  /** Messages are coming: throws if they may not yet. */
  handleData(): void;
  handleAccept(): void;
  handlePong(token: number, now: number): void;
  handleClose(code: number, reason: string): void;
}

const decoder = new TextDecoder();

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
  // Answers what needs no decision.
  readonly #outgoing: Outgoing;
  readonly #streams: SessionStreams;
  readonly #reader: PacketReader;
  readonly #cursor: Cursor = new Cursor(new Uint8Array(0));
  // Only of those that are kept to a rate.
  readonly #intake: Intake | undefined;
  #lane: ReceiveLane | undefined;
  #rekeyed = false;
  #closed = false;
  /** Types of the application's own frames that somebody wants; the others are passed over. */
  frameTypes: Pick<ReadonlySet<number>, "has"> | undefined;
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
    this.#streams = streams;
    const { limits, codec } = config;
    const windowBytes = this.#datagram ? limits.datagramWindowBytes : limits.windowBytes;
    this.window = new ReceiveWindow(windowBytes, from?.receiveWindow);
    this.inbox = new Inbox(codec, this.window, this.#datagram, limits);
    const throttle = throttleOf(config.rates, "receive", now);
    if (throttle !== undefined) this.#intake = new Intake(throttle, this.window, now);
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
    if (length !== undefined) this.#handleFrames(length, now);
    return false;
  }

  /**
   * Ordered links: goes on with what arrived, as far as a turn goes. Returns whether it should be called again.
   * @throws {HawserError} for what ends the session.
   */
  handleRest(now: number): boolean {
    let bytes = 0;
    while (!this.#closed && bytes < RECEIVE_TURN_BYTES) {
      if (!this.#reader.next()) return false;
      bytes += this.#reader.length;
      this.#handlePacket(now);
    }
    return !this.#closed;
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
    return this.#intake === undefined || this.#closed || this.#intake.take(now);
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
    this.#closed = true;
    this.#lane?.dispose();
    this.#lane = undefined;
    this.inbox.dispose();
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
    this.#handleFrames(length, now);
    if (this.#rekeyed) {
      this.#rekeyed = false;
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

  #handleFrames(length: number, now: number): void {
    this.#handler.handleAuthentic(now);
    const frames = this.#cursor;
    frames.reset(this.#config.codec.opened, 0, length);
    this.window.beginPacket();
    while (frames.at < frames.end && !this.#closed) this.#handleFrame(frames.varint(), frames, now);
  }

  #handleFrame(type: number, frames: Cursor, now: number): void {
    const handler = this.#handler;
    switch (type) {
      case FRAME_PADDING:
        return;
      case FRAME_MESSAGE:
        handler.handleData();
        return this.inbox.handleMessage(frames);
      case FRAME_FRAGMENT:
        handler.handleData();
        return this.inbox.handleFragment(frames, now);
      case FRAME_TYPED:
        handler.handleData();
        return this.inbox.handleMessage(frames, true);
      case FRAME_TYPED_FRAGMENT:
        handler.handleData();
        return this.inbox.handleFragment(frames, now, true);
      case FRAME_PING:
        this.#outgoing.controls.pong = frames.varint();
        return;
      case FRAME_PONG:
        return handler.handlePong(frames.varint(), now);
      case FRAME_WINDOW:
        return this.#outgoing.handleWindow(frames.varint());
      case FRAME_OFFSET:
        return this.#handleOffset(frames.varint());
      case FRAME_BLOCKED:
        return this.#handleBlocked(frames.varint());
      case FRAME_REKEY:
        return this.#handleRekey(frames);
      case FRAME_ACCEPT:
        return handler.handleAccept();
      case FRAME_CLOSE:
        return this.#handleClose(frames);
      default:
        if (type >= FRAME_STREAM && type <= FRAME_STREAMS_MAX) return this.#handleStream(type, frames, now);
        return this.#handleApplication(type, frames);
    }
  }

  #handleApplication(type: number, frames: Cursor): void {
    if (type < FRAME_APPLICATION || type > FRAME_APPLICATION_LAST) {
      throw new HawserError("protocol", `the peer sent a frame of the unknown type ${type}`);
    }
    this.#handler.handleData();
    this.inbox.handleFrame(type, frames, this.frameTypes?.has(type) === true);
  }

  #handleStream(type: number, frames: Cursor, now: number): void {
    this.#handler.handleData();
    this.#streams.handleFrame(type, frames, now);
  }

  #handleOffset(offset: number): void {
    if (!this.#datagram) throw new HawserError("protocol", "the peer sent OFFSET on an ordered lane");
    this.#handler.handleData();
    this.window.beginPacket(offset);
    this.window.handleReceive(DATAGRAM_COST_BYTES);
  }

  #handleBlocked(offset: number): void {
    if (!this.#datagram) throw new HawserError("protocol", "the peer sent BLOCKED on an ordered lane");
    this.window.beginPacket(offset);
    // At a rate there is room when there is, and not because it is asked for.
    this.#outgoing.controls.window = this.window.takeLimit(this.#intake === undefined ? undefined : 0);
  }

  #handleRekey(frames: Cursor): void {
    if (this.#datagram || frames.at !== frames.end) {
      throw new HawserError("protocol", "the peer sent REKEY where none may be");
    }
    this.#rekeyed = true;
  }

  #handleClose(frames: Cursor): void {
    const code = frames.varint();
    const length = frames.varint();
    const start = frames.skip(length);
    this.#handler.handleClose(code, decoder.decode(frames.bytes.subarray(start, start + length)));
  }
}
