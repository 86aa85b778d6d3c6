/**
 * The packet reader of the reference codec: one buffer of what has not been read yet.
 *
 * @module
 */

import { checkReader } from "./arguments.ts";
import type { Opener, PacketReader } from "./codec.ts";
import { FLAG_SEQUENCED, HEADER_BYTES, judgeHeader, viewOf } from "./packet_header.ts";
import { ReferenceOpener } from "./reference_lane.ts";
import { STATUS, statusError } from "./status.ts";

const NOTHING = new Uint8Array(0);

/** Finds packets in what arrives, and opens them. */
export class ReferenceReader implements PacketReader {
  readonly #opened: Uint8Array;
  readonly #datagram: boolean;
  readonly #lengthMax: number;
  #unread: Uint8Array = NOTHING;
  #packet: Uint8Array = NOTHING;
  #refused = 0;
  /** Whether a datagram is waiting to be read. */
  #arrived = false;

  /** Unsealed bodies go to `opened`. */
  constructor(opened: Uint8Array, options: { readonly datagram: boolean; readonly packetBytesMax: number }) {
    checkReader(options.packetBytesMax);
    this.#opened = opened;
    this.#datagram = options.datagram;
    this.#lengthMax = options.packetBytesMax;
  }

  push(piece: Uint8Array): void {
    if (this.#refused !== 0) return; // Nothing that follows a lie is kept.
    if (this.#datagram) {
      this.#packet = NOTHING;
      this.#unread = new Uint8Array(piece);
      this.#arrived = true;
      return;
    }
    const joined = new Uint8Array(this.#unread.length + piece.length);
    joined.set(this.#unread);
    joined.set(piece, this.#unread.length);
    this.#unread = joined;
  }

  next(): boolean {
    if (this.#refused !== 0) throw statusError(this.#refused);
    this.#packet = NOTHING;
    if (this.#datagram && !this.#arrived) return false;
    this.#arrived = false;
    const status = judgeHeader(this.#unread, 0, this.#lengthMax);
    if (status !== 0) this.#refuse(status);
    const whole = this.#wholeLength();
    if (this.#datagram && this.#unread.length !== whole) this.#refuse(STATUS.DATAGRAM);
    if (this.#unread.length < whole) return false;
    this.#packet = this.#unread.subarray(0, whole);
    this.#unread = this.#unread.subarray(whole);
    return true;
  }

  /** The bytes of the packet that comes next; more than there are while its header is incomplete. */
  #wholeLength(): number {
    if (this.#unread.length < HEADER_BYTES) return HEADER_BYTES;
    return HEADER_BYTES + viewOf(this.#unread).getUint32(6);
  }

  #refuse(status: number): never {
    if (!this.#datagram) this.#refused = status;
    throw statusError(status);
  }

  get unread(): number {
    return this.#unread.length;
  }

  get flags(): number {
    return this.#packet[5] ?? 0;
  }

  get length(): number {
    return Math.max(0, this.#packet.length - HEADER_BYTES);
  }

  body(): Uint8Array {
    return new Uint8Array(this.#current().subarray(HEADER_BYTES));
  }

  get sessionIdHigh(): number {
    return this.#word(10);
  }

  get sessionIdLow(): number {
    return this.#word(14);
  }

  get packetEpoch(): number {
    return this.#word(18);
  }

  #word(at: number): number {
    return (this.flags & FLAG_SEQUENCED) === 0 ? 0 : viewOf(this.#packet).getUint32(at);
  }

  open(opener: Opener): number {
    if (!(opener instanceof ReferenceOpener)) throw new TypeError("the opener belongs to another codec");
    return opener.open(this.#current());
  }

  read(): number {
    const body = this.#current().subarray(HEADER_BYTES);
    if (this.flags !== 0) throw statusError(STATUS.LANE_FLAGS);
    this.#opened.set(body);
    return body.length;
  }

  #current(): Uint8Array {
    if (this.#packet.length === 0) throw new TypeError("there is no packet: call next() first");
    return this.#packet;
  }
}
