/**
 * What arrives, on its way from frames to whole messages that wait for the application.
 *
 * @module
 */

import type { PacketCodec, Reassembler } from "../codec/codec.ts";
import { HawserError } from "../errors.ts";
import { FRAME_COST_BYTES, RECEIVED_SLAB_BYTES, type SessionLimits } from "../limits.ts";
import { applicationFrameLength } from "../wire/frames.ts";
import type { Cursor } from "../wire/varint.ts";
import { Fifo } from "../fifo.ts";
import type { ReceiveWindow } from "./flow.ts";
import { Slab } from "./slab.ts";

/** A frame of one of the application's own types. */
export interface ApplicationFrame {
  /** From 0x80 to 0xff. */
  readonly type: number;
  /** What is in it. */
  readonly bytes: Uint8Array;
}

const slab = new Slab(RECEIVED_SLAB_BYTES);

/** Whole messages in the order in which they became whole, and the parts of those that are not. */
export class Inbox {
  readonly #window: ReceiveWindow;
  readonly #reassembler: Reassembler;
  readonly #datagram: boolean;
  readonly #messageBytesMax: number;
  readonly #waitingBytesMax: number;
  #refused = 0;
  readonly #messages: Fifo<Uint8Array> = new Fifo();
  // Only of sessions that get any.
  #typed: Fifo<Uint8Array> | undefined;
  #frames: Fifo<ApplicationFrame> | undefined;
  /** Messages that became whole. */
  received = 0;

  /** Messages over `limits.messageBytesMax` are refused. */
  constructor(codec: PacketCodec, window: ReceiveWindow, datagram: boolean, limits: SessionLimits) {
    this.#window = window;
    this.#datagram = datagram;
    this.#messageBytesMax = limits.messageBytesMax;
    this.#waitingBytesMax = limits.datagramWindowBytes + limits.messageBytesMax;
    this.#reassembler = codec.createReassembler({
      messageBytesMax: limits.messageBytesMax,
      bytesMax: limits.reassemblyBytesMax,
      messagesMax: limits.reassemblyMessagesMax,
      runsMax: limits.reassemblyRunsMax,
      // On an ordered lane a message cannot lose a part; it takes as long as its sender needs.
      ageMsMax: datagram ? limits.reassemblyMsMax : Infinity,
    });
  }

  /** Messages of the peer that were given up: parts of them were lost, or it pays no heed to its window. */
  get dropped(): number {
    return this.#reassembler.dropped + this.#refused;
  }

  /** Raw messages that wait. */
  get messages(): number {
    return this.#messages.length;
  }

  /** Messages of the message layer that wait. */
  get typedMessages(): number {
    return this.#typed === undefined ? 0 : this.#typed.length;
  }

  /** Whether nothing waits, whole or in part, and nothing that was taken still counts. */
  get isEmpty(): boolean {
    return this.#window.waiting === 0 && this.#reassembler.messages === 0;
  }

  /**
   * Takes the fields of a MESSAGE, or of a TYPED.
   * @throws {HawserError} `protocol` or `packet-too-large` if they break a rule.
   */
  handleMessage(fields: Cursor, isTyped = false): void {
    const length = fields.varint();
    const start = fields.skip(length);
    if (length > this.#messageBytesMax) throw tooLarge(length, this.#messageBytesMax);
    this.#window.handleReceive(length + FRAME_COST_BYTES);
    this.#push(slab.copy(fields.bytes, start, length), isTyped);
  }

  /**
   * Takes the fields of a FRAGMENT, or of a TYPED_FRAGMENT.
   * @throws {HawserError} `protocol` or `packet-too-large` if they break a rule.
   */
  handleFragment(fields: Cursor, now: number, isTyped = false): void {
    const id = fields.varint();
    const total = fields.varint();
    const offset = fields.varint();
    const length = fields.varint();
    const start = fields.skip(length);
    this.#window.handleReceive(length + FRAME_COST_BYTES);
    const result = this.#reassembler.push(id, total, offset, fields.bytes, start, length, now);
    if (result instanceof Uint8Array) this.#push(result, isTyped);
    else if (!this.#datagram && result !== "incomplete") {
      throw new HawserError("protocol", "the peer's fragments do not make whole messages on an ordered lane");
    }
  }

  /** The next whole message; it no longer counts against the window. */
  take(): Uint8Array | undefined {
    const message = this.#messages.shift();
    if (message !== undefined) this.#window.release(message.length + FRAME_COST_BYTES);
    return message;
  }

  /** The next whole message of the message layer; it counts against the window until it is released. */
  takeTyped(): Uint8Array | undefined {
    return this.#typed?.shift();
  }

  /** The message layer is done with a message of `length` bytes that it took. */
  releaseTyped(length: number): void {
    this.#window.release(length + FRAME_COST_BYTES);
  }

  /**
   * Takes the fields of a frame of the application, which waits if `isWanted`.
   * @throws {HawserError} `protocol` if they break a rule.
   */
  handleFrame(type: number, fields: Cursor, isWanted: boolean): void {
    const length = fields.varint();
    const start = fields.skip(length);
    this.#window.handleReceive(frameCost(length));
    if (!isWanted || (this.#datagram && this.#isOverfull)) return;
    this.#window.hold(frameCost(length));
    (this.#frames ??= new Fifo()).push({ type, bytes: slab.copy(fields.bytes, start, length) });
  }

  /** The next frame of the application; it no longer counts against the window. */
  takeFrame(): ApplicationFrame | undefined {
    const frame = this.#frames?.shift();
    if (frame !== undefined) this.#window.release(frameCost(frame.bytes.length));
    return frame;
  }

  /** When `handleTimeout` has something to do. */
  deadline(): number {
    return this.#reassembler.deadline();
  }

  /** Gives up messages that have been incomplete for too long. */
  handleTimeout(now: number): void {
    if (now >= this.#reassembler.deadline()) this.#reassembler.expire(now);
  }

  /** Gives up what is incomplete; what is whole can still be taken. */
  dispose(): void {
    this.#reassembler.dispose();
  }

  // Over datagrams a peer can call new packets late ones, which count for nothing; here its reach ends.
  get #isOverfull(): boolean {
    return this.#window.waiting > this.#waitingBytesMax;
  }

  #push(message: Uint8Array, isTyped: boolean): void {
    if (this.#datagram && this.#isOverfull) {
      this.#refused++;
      return;
    }
    this.received++;
    this.#window.hold(message.length + FRAME_COST_BYTES);
    if (isTyped) (this.#typed ??= new Fifo()).push(message);
    else this.#messages.push(message);
  }
}

// The frame as a whole, with its type and length.
function frameCost(length: number): number {
  return applicationFrameLength(length) + FRAME_COST_BYTES;
}

function tooLarge(length: number, max: number): HawserError {
  return new HawserError(
    "packet-too-large",
    `the peer sent a message of ${length} bytes; the limit is ${max}`,
  );
}
