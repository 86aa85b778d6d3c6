/**
 * The packet reader of the WebAssembly core.
 *
 * A piece is copied once, into the incoming arena, and packets are found and opened there. What is unread
 * lies in the arena, from `at` to `end`, followed by `held`: bytes for which there was no room, or which had to
 * leave because another reader needed the arena.
 *
 * @module
 */

import { checkReader } from "./arguments.ts";
import type { Opener, PacketReader } from "./codec.ts";
import { FLAG_SEQUENCED, HEADER_BYTES } from "./packet_header.ts";
import { STATUS, statusError } from "./status.ts";
import type { ArenaTenant, WasmCore } from "./wasm_core.ts";
import { WasmOpener } from "./wasm_lane.ts";

const NOTHING = new Uint8Array(0);

// The words that `deframe` reports.
const REPORT_FLAGS = 1;
const REPORT_LENGTH = 2;
const REPORT_SESSION_HIGH = 3;
const REPORT_SESSION_LOW = 4;
const REPORT_EPOCH = 5;

/** Finds packets in what arrives, and opens them. */
export class WasmReader implements PacketReader, ArenaTenant {
  readonly #core: WasmCore;
  readonly #datagram: boolean;
  readonly #lengthMax: number;
  readonly #arena: number;
  readonly #arenaEnd: number;
  #at: number;
  #end: number;
  /** What is held lies from `heldAt` to `heldEnd`. */
  #held: Uint8Array = NOTHING;
  #heldAt = 0;
  #heldEnd = 0;
  /** Bytes of the current packet, which begins at `at`; 0 if there is none. */
  #current = 0;
  #refused = 0;
  /** Datagram links: a datagram, even an empty one, waits to be read. */
  #arrived = false;

  #flags = 0;
  #length = 0;
  #sessionIdHigh = 0;
  #sessionIdLow = 0;
  #packetEpoch = 0;

  constructor(core: WasmCore, options: { readonly datagram: boolean; readonly packetBytesMax: number }) {
    checkReader(options.packetBytesMax);
    this.#core = core;
    this.#datagram = options.datagram;
    this.#lengthMax = options.packetBytesMax;
    this.#arena = core.map.incoming;
    this.#arenaEnd = this.#arena + core.map.incomingBytes;
    this.#at = this.#end = this.#arena;
  }

  get unread(): number {
    return this.#end - this.#at - this.#current + this.#heldEnd - this.#heldAt;
  }

  get flags(): number {
    return this.#flags;
  }

  get length(): number {
    return this.#length;
  }

  get sessionIdHigh(): number {
    return this.#sessionIdHigh;
  }

  get sessionIdLow(): number {
    return this.#sessionIdLow;
  }

  get packetEpoch(): number {
    return this.#packetEpoch;
  }

  push(piece: Uint8Array): void {
    if (this.#refused !== 0) return; // Nothing that follows a lie is kept.
    this.#enter();
    if (this.#datagram) {
      this.#drop();
      this.#arrived = true;
      // Beyond what any packet may have, so that what is cut off makes no difference.
      if (piece.length > this.#arenaEnd - this.#arena) {
        piece = piece.subarray(0, this.#arenaEnd - this.#arena);
      }
    }
    if (this.#heldEnd > 0) return this.#hold(piece);
    if (piece.length > this.#arenaEnd - this.#end) this.#moveToFront();
    const room = this.#arenaEnd - this.#end;
    if (piece.length <= room) {
      this.#core.bytes.set(piece, this.#end);
      this.#end += piece.length;
      return;
    }
    this.#core.bytes.set(piece.subarray(0, room), this.#end);
    this.#end += room;
    this.#hold(piece.subarray(room));
  }

  next(): boolean {
    if (this.#refused !== 0) throw statusError(this.#refused);
    this.#enter();
    this.#at += this.#current;
    this.#clearCurrent();
    if (this.#datagram && !this.#arrived) return false;
    this.#arrived = false;
    let whole = this.#deframe();
    if (whole === 0 && this.#heldEnd > 0) {
      this.#refill();
      whole = this.#deframe();
    }
    if (this.#datagram && whole >= 0 && (whole === 0 || whole !== this.#end - this.#at)) {
      whole = STATUS.DATAGRAM;
    }
    if (whole < 0) this.#refuse(whole);
    if (whole === 0) return false;
    this.#take(whole);
    return true;
  }

  body(): Uint8Array {
    this.#checkCurrent();
    this.#enter();
    return this.#core.bytes.slice(this.#at + HEADER_BYTES, this.#at + this.#current);
  }

  open(opener: Opener): number {
    if (!(opener instanceof WasmOpener)) throw new TypeError("the opener belongs to another codec");
    this.#checkCurrent();
    this.#enter();
    this.#core.growAhead();
    return opener.open(this.#core, this.#at, this.#current);
  }

  read(): number {
    this.#checkCurrent();
    if (this.#flags !== 0) throw statusError(STATUS.LANE_FLAGS);
    this.#enter();
    this.#core.growAhead();
    const { bytes, opened } = this.#core;
    bytes.copyWithin(opened.byteOffset, this.#at + HEADER_BYTES, this.#at + this.#current);
    return this.#length;
  }

  evict(): void {
    if (this.#at === this.#end) return;
    const unread = this.#core.bytes.subarray(this.#at, this.#end);
    this.#at = this.#end = this.#arena;
    const held = this.#held.subarray(this.#heldAt, this.#heldEnd);
    this.#setHeld(new Uint8Array(unread.length + held.length));
    this.#held.set(unread);
    this.#held.set(held, unread.length);
  }

  /** Makes the arena this reader's, with what it had there before. */
  #enter(): void {
    const core = this.#core;
    if (core.tenant === this) return;
    core.tenant?.evict();
    core.tenant = this;
    if (this.#heldEnd > 0) this.#refill();
  }

  /** Moves what is unread to the front of the arena, and held bytes behind it as far as there is room. */
  #refill(): void {
    this.#moveToFront();
    const taken = Math.min(this.#heldEnd - this.#heldAt, this.#arenaEnd - this.#end);
    this.#core.bytes.set(this.#held.subarray(this.#heldAt, this.#heldAt + taken), this.#end);
    this.#end += taken;
    this.#heldAt += taken;
    if (this.#heldAt === this.#heldEnd) this.#setHeld(NOTHING);
  }

  #moveToFront(): void {
    if (this.#at === this.#arena) return;
    this.#core.bytes.copyWithin(this.#arena, this.#at, this.#end);
    this.#end -= this.#at - this.#arena;
    this.#at = this.#arena;
  }

  /** Keeps bytes outside the arena; the buffer grows by doubling, with what has really arrived. */
  #hold(piece: Uint8Array): void {
    if (this.#heldEnd + piece.length > this.#held.length) {
      const held = this.#held.subarray(this.#heldAt, this.#heldEnd);
      const needed = held.length + piece.length;
      this.#setHeld(new Uint8Array(Math.max(needed, 2 * held.length)), held.length);
      this.#held.set(held);
    }
    this.#held.set(piece, this.#heldEnd);
    this.#heldEnd += piece.length;
  }

  #setHeld(held: Uint8Array, length = held.length): void {
    this.#held = held;
    this.#heldAt = 0;
    this.#heldEnd = length;
  }

  #drop(): void {
    this.#at = this.#end = this.#arena;
    this.#setHeld(NOTHING);
    this.#clearCurrent();
  }

  #clearCurrent(): void {
    this.#current = this.#flags = this.#length = 0;
    this.#sessionIdHigh = this.#sessionIdLow = this.#packetEpoch = 0;
    if (this.#at === this.#end) this.#at = this.#end = this.#arena;
  }

  #checkCurrent(): void {
    if (this.#current === 0) throw new TypeError("there is no packet: call next() first");
  }

  #deframe(): number {
    try {
      return this.#core.exports.deframe(this.#at, this.#end, this.#lengthMax);
    } catch (cause) {
      throw this.#core.discard(cause);
    }
  }

  #refuse(status: number): never {
    this.#drop();
    if (!this.#datagram) this.#refused = status;
    throw statusError(status);
  }

  #take(whole: number): void {
    const { report } = this.#core;
    this.#current = whole;
    this.#flags = report[REPORT_FLAGS];
    this.#length = report[REPORT_LENGTH];
    if ((this.#flags & FLAG_SEQUENCED) === 0) return;
    this.#sessionIdHigh = report[REPORT_SESSION_HIGH];
    this.#sessionIdLow = report[REPORT_SESSION_LOW];
    this.#packetEpoch = report[REPORT_EPOCH];
  }
}
