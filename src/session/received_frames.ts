/**
 * What the frames of a packet mean, and whom they concern.
 *
 * @module
 */

import type { PacketCodec } from "../codec/codec.ts";
import { HawserError } from "../errors.ts";
import { DATAGRAM_COST_BYTES } from "../limits.ts";
import {
  FRAME_ACCEPT,
  FRAME_ACK,
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
  FRAME_RESUMED,
  FRAME_STREAM,
  FRAME_STREAMS_MAX,
  FRAME_TYPED,
  FRAME_TYPED_FRAGMENT,
  FRAME_WINDOW,
} from "../wire/frames.ts";
import { Cursor } from "../wire/varint.ts";
import type { ReceiveWindow } from "./flow.ts";
import type { Inbox } from "./inbox.ts";
import type { Outgoing } from "./outgoing.ts";
import type { Resumption } from "./resumption.ts";
import type { SessionStreams } from "./session_streams.ts";

/** Who hears of what arrives. */
export interface IncomingHandler {
  /** The body of an unsealed handshake packet. */
  handleHandshake(body: Uint8Array, now: number): void;
  /** A packet was opened: the peer is alive. */
  handleAuthentic(now: number): void;
  /** Messages are coming: throws if they may not yet. */
  handleData(): void;
  handleAccept(): void;
  /** The responder goes on with an earlier session, of which it has heard `received` packets. */
  handleResumed(received: number): void;
  handlePong(token: number, now: number): void;
  handleClose(code: number, reason: string): void;
}

const decoder = new TextDecoder();

/** What the frames are handed to. */
export interface FrameTargets {
  readonly codec: PacketCodec;
  readonly isDatagram: boolean;
  /** Whether a rate holds back what the peer may send. */
  readonly isThrottled: boolean;
  readonly handler: IncomingHandler;
  readonly window: ReceiveWindow;
  readonly inbox: Inbox;
  /** Answers what needs no decision. */
  readonly outgoing: Outgoing;
  readonly streams: SessionStreams;
}

/** Hands out the frames of one session. */
export class ReceivedFrames {
  readonly #codec: PacketCodec;
  readonly #datagram: boolean;
  readonly #isThrottled: boolean;
  readonly #handler: IncomingHandler;
  readonly #window: ReceiveWindow;
  readonly #inbox: Inbox;
  readonly #outgoing: Outgoing;
  readonly #streams: SessionStreams;
  readonly #cursor: Cursor = new Cursor(new Uint8Array(0));
  /** What lets the session outlive its link, if it does. */
  resumption: Resumption | undefined;
  // Whether the packet counts, and asks for an acknowledgement.
  #isCounted = true;
  /** Whether the next packet is of the next epoch. */
  isRekeyed = false;
  /** Whether nothing more is taken. */
  isClosed = false;
  /** Types of the application's own frames that somebody wants; the others are passed over. */
  types: Pick<ReadonlySet<number>, "has"> | undefined;

  constructor(targets: FrameTargets) {
    this.#codec = targets.codec;
    this.#datagram = targets.isDatagram;
    this.#isThrottled = targets.isThrottled;
    this.#handler = targets.handler;
    this.#window = targets.window;
    this.#inbox = targets.inbox;
    this.#outgoing = targets.outgoing;
    this.#streams = targets.streams;
  }

  /**
   * Takes the frames of the packet that was opened, of which there are `length` bytes.
   * @throws {HawserError} for a frame that breaks a rule.
   */
  handle(length: number, now: number): void {
    this.#handler.handleAuthentic(now);
    const frames = this.#cursor;
    frames.reset(this.#codec.opened, 0, length);
    this.#window.beginPacket();
    if (this.resumption !== undefined) return this.#handleCounted(frames, this.resumption, now);
    while (frames.at < frames.end && !this.isClosed) this.#handleFrame(frames.varint(), frames, now);
  }

  /** Tells the peer again what it may send. */
  sayWindow(): void {
    this.#outgoing.controls.window = this.#window.takeLimit(this.#isThrottled ? 0 : undefined);
  }

  #handleCounted(frames: Cursor, resumption: Resumption, now: number): void {
    const { end } = frames;
    this.#isCounted = true;
    resumption.handleAuthentic();
    while (frames.at < frames.end && !this.isClosed) this.#handleFrame(frames.varint(), frames, now);
    if (this.#isCounted) resumption.handleReceive(end, now);
  }

  #handleFrame(type: number, frames: Cursor, now: number): void {
    const handler = this.#handler;
    switch (type) {
      case FRAME_PADDING:
        return;
      case FRAME_MESSAGE:
        handler.handleData();
        return this.#inbox.handleMessage(frames);
      case FRAME_FRAGMENT:
        handler.handleData();
        return this.#inbox.handleFragment(frames, now);
      case FRAME_TYPED:
        handler.handleData();
        return this.#inbox.handleMessage(frames, true);
      case FRAME_TYPED_FRAGMENT:
        handler.handleData();
        return this.#inbox.handleFragment(frames, now, true);
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
      case FRAME_ACK:
        return this.#handleAck(frames);
      case FRAME_RESUMED:
        return this.#handleResumed(frames);
      case FRAME_CLOSE:
        return this.#handleClose(frames);
      default:
        if (type >= FRAME_STREAM && type <= FRAME_STREAMS_MAX) return this.#handleStream(type, frames, now);
        return this.#handleApplication(type, frames);
    }
  }

  #handleAck(frames: Cursor): void {
    const isFirst = frames.at === 1;
    const count = frames.varint();
    if (this.resumption === undefined) {
      throw new HawserError("protocol", "the peer sent ACK where none may be");
    }
    this.resumption.log.acknowledge(count);
    // By itself, though REKEY may follow, which belongs to the link.
    const isAlone = frames.at === frames.end || frames.bytes[frames.at] === FRAME_REKEY;
    if (isFirst && isAlone) this.#isCounted = false;
  }

  #handleResumed(frames: Cursor): void {
    this.#isCounted = false;
    // What follows is for the session that goes on.
    this.isClosed = true;
    this.#handler.handleResumed(frames.varint());
  }

  #handleApplication(type: number, frames: Cursor): void {
    if (type < FRAME_APPLICATION || type > FRAME_APPLICATION_LAST) {
      throw new HawserError("protocol", `the peer sent a frame of the unknown type ${type}`);
    }
    this.#handler.handleData();
    this.#inbox.handleFrame(type, frames, this.types?.has(type) === true);
  }

  #handleStream(type: number, frames: Cursor, now: number): void {
    this.#handler.handleData();
    this.#streams.handleFrame(type, frames, now);
  }

  #handleOffset(offset: number): void {
    if (!this.#datagram) throw new HawserError("protocol", "the peer sent OFFSET on an ordered lane");
    this.#handler.handleData();
    this.#window.beginPacket(offset);
    this.#window.handleReceive(DATAGRAM_COST_BYTES);
  }

  #handleBlocked(offset: number): void {
    if (!this.#datagram) throw new HawserError("protocol", "the peer sent BLOCKED on an ordered lane");
    this.#window.beginPacket(offset);
    // At a rate there is room when there is, and not because it is asked for.
    this.sayWindow();
  }

  #handleRekey(frames: Cursor): void {
    if (this.#datagram || frames.at !== frames.end) {
      throw new HawserError("protocol", "the peer sent REKEY where none may be");
    }
    this.isRekeyed = true;
  }

  #handleClose(frames: Cursor): void {
    const code = frames.varint();
    const length = frames.varint();
    const start = frames.skip(length);
    this.#handler.handleClose(code, decoder.decode(frames.bytes.subarray(start, start + length)));
  }
}
