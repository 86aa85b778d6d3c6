/**
 * What arrives, on its way from frames to whole messages that wait for the application.
 *
 * @module
 */

import type { PacketCodec, Reassembler } from "../codec/codec.ts";
import { HawserError } from "../errors.ts";
import { FRAME_COST_BYTES, RECEIVED_SLAB_BYTES, type SessionLimits } from "../limits.ts";
import type { Cursor } from "../wire/varint.ts";
import { Fifo } from "../fifo.ts";
import type { ReceiveWindow } from "./flow.ts";
import { Slab } from "./slab.ts";

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

  /** Messages that wait. */
  get messages(): number {
    return this.#messages.length;
  }

  /** Whether nothing waits, whole or in part. */
  get isEmpty(): boolean {
    return this.#messages.length === 0 && this.#reassembler.messages === 0;
  }

  /**
   * Takes the fields of a MESSAGE.
   * @throws {HawserError} `protocol` or `packet-too-large` if they break a rule.
   */
  handleMessage(fields: Cursor): void {
    const length = fields.varint();
    const start = fields.skip(length);
    if (length > this.#messageBytesMax) throw tooLarge(length, this.#messageBytesMax);
    this.#window.handleReceive(length + FRAME_COST_BYTES);
    this.#push(slab.copy(fields.bytes, start, length));
  }

  /**
   * Takes the fields of a FRAGMENT.
   * @throws {HawserError} `protocol` or `packet-too-large` if they break a rule.
   */
  handleFragment(fields: Cursor, now: number): void {
    const id = fields.varint();
    const total = fields.varint();
    const offset = fields.varint();
    const length = fields.varint();
    const start = fields.skip(length);
    this.#window.handleReceive(length + FRAME_COST_BYTES);
    const result = this.#reassembler.push(id, total, offset, fields.bytes, start, length, now);
    if (result instanceof Uint8Array) this.#push(result);
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

  #push(message: Uint8Array): void {
    // Over datagrams a peer can call new packets late ones, which count for nothing; here its reach ends.
    if (this.#datagram && this.#window.waiting > this.#waitingBytesMax) {
      this.#refused++;
      return;
    }
    this.received++;
    this.#window.hold(message.length + FRAME_COST_BYTES);
    this.#messages.push(message);
  }
}

function tooLarge(length: number, max: number): HawserError {
  return new HawserError(
    "packet-too-large",
    `the peer sent a message of ${length} bytes; the limit is ${max}`,
  );
}
