/**
 * Lanes of the reference codec: full XChaCha20-Poly1305 with a 24-byte nonce for every packet.
 *
 * The nonce is `lane id u64 LE ‖ epoch u32 LE ‖ 00000000 ‖ counter u32 LE ‖ epoch u32 LE`: the last eight bytes
 * are the 64-bit sequence, whose upper half is the epoch.
 *
 * @module
 */

import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import { COMPRESSION_BYTES_MIN } from "../compression_limits.ts";
import { BODY_BYTES_MAX } from "../limits.ts";
import { checkBytes, checkLane, checkSeal, KEY_BYTES, TAG_BYTES } from "./arguments.ts";
import type { LaneOptions, Opener, Sealer, SealOptions } from "./codec.ts";
import { looksCompressible } from "./entropy_reference.ts";
import { LZ4_REFERENCE } from "./lz4_reference.ts";
import {
  FLAG_COMPRESSION,
  FLAG_LZ4,
  FLAG_SEALED,
  FLAG_SEQUENCED,
  HEADER_BYTES,
  SEQUENCED_BYTES,
  viewOf,
  writeHeader,
} from "./packet_header.ts";
import { ReplayWindow } from "./reference_replay.ts";
import { STATUS, statusError } from "./status.ts";

const COUNTER_END = 2 ** 32;
const EPOCH_LAST = 0xffffffff;

/** The nonce of one packet. */
function nonceOf(lane: number, epoch: number, counter: number): Uint8Array {
  const nonce = new Uint8Array(24);
  const view = viewOf(nonce);
  view.setBigUint64(0, BigInt(lane), true);
  view.setUint32(8, epoch, true);
  view.setUint32(16, counter, true);
  view.setUint32(20, epoch, true);
  return nonce;
}

/** The sending half of a lane. */
export class ReferenceSealer implements Sealer {
  readonly #plaintext: Uint8Array;
  readonly #lane: number;
  readonly #datagram: boolean;
  #key: Uint8Array | undefined;
  #epoch: number;
  #counter: number;

  constructor(plaintext: Uint8Array, options: LaneOptions) {
    checkLane(options);
    this.#plaintext = plaintext;
    this.#lane = options.lane;
    this.#datagram = options.datagram;
    this.#key = new Uint8Array(options.key);
    this.#epoch = options.epoch ?? 0;
    this.#counter = options.sequence ?? 0;
  }

  get epoch(): number {
    return this.#epoch;
  }

  get sequence(): number {
    return this.#counter;
  }

  seal(length: number, options: SealOptions, target: Uint8Array, at: number): number {
    const key = alive(this.#key);
    checkSeal(length, options, target, at, this.#datagram);
    if (this.#counter >= COUNTER_END) throw statusError(STATUS.EXHAUSTED);
    const text = this.#plaintext.subarray(0, length);
    const { packed = 0 } = options;
    const smaller = options.compress && packed === 0 ? compressed(text) : undefined;
    const body = smaller ?? text;
    const packet = this.#packet(smaller === undefined ? packed : FLAG_LZ4, body.length, options);
    const aad = packet.subarray(0, packet.length - body.length - TAG_BYTES);
    const nonce = nonceOf(this.#lane, this.#epoch, this.#counter);
    packet.set(xchacha20poly1305(key, nonce, aad).encrypt(body), aad.length);
    target.set(packet, at);
    this.#counter++;
    return packet.length;
  }

  /** A packet with all that precedes the ciphertext, and room for it. */
  #packet(compression: number, textLength: number, options: SealOptions): Uint8Array {
    const sequenced = this.#datagram ? SEQUENCED_BYTES : 0;
    const packet = new Uint8Array(HEADER_BYTES + sequenced + textLength + TAG_BYTES);
    const flags = FLAG_SEALED | compression | (this.#datagram ? FLAG_SEQUENCED : 0);
    writeHeader(packet, 0, flags, packet.length - HEADER_BYTES);
    if (this.#datagram) {
      const [high, low] = options.sessionId!;
      [high, low, this.#epoch, this.#counter].forEach((word, i) =>
        viewOf(packet).setUint32(10 + 4 * i, word)
      );
    }
    return packet;
  }

  rekey(key: Uint8Array): void {
    checkBytes("key", key, KEY_BYTES);
    alive(this.#key);
    if (this.#epoch === EPOCH_LAST) throw statusError(STATUS.EXHAUSTED);
    this.#key!.fill(0);
    this.#key = new Uint8Array(key);
    this.#epoch++;
    this.#counter = 0;
  }

  dispose(): void {
    this.#key?.fill(0);
    this.#key = undefined;
  }
}

/** The body as one LZ4 block, if that is worth it. */
function compressed(text: Uint8Array): Uint8Array | undefined {
  if (text.length < COMPRESSION_BYTES_MIN || !looksCompressible(text)) return undefined;
  const block = new Uint8Array(text.length - 1);
  const length = LZ4_REFERENCE.compressBlock(text, block);
  return length === 0 ? undefined : block.subarray(0, length);
}

function alive<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError("this half of the lane is disposed");
  return value;
}

/** One epoch of an opener: its key, and what it has seen. */
class Generation {
  readonly epoch: number;
  readonly key: Uint8Array;
  readonly window: ReplayWindow;

  constructor(epoch: number, key: Uint8Array, counter: number) {
    this.epoch = epoch;
    this.key = new Uint8Array(key);
    this.window = new ReplayWindow(counter);
  }
}

/** The receiving half of a lane. */
export class ReferenceOpener implements Opener {
  readonly #opened: Uint8Array;
  readonly #lane: number;
  readonly #datagram: boolean;
  #current: Generation | undefined;
  #previous: Generation | undefined;
  #next: Generation | undefined;
  /** Ordered lanes: the next counter. */
  #counter: number;
  #replays = 0;
  #epoch: number;

  constructor(opened: Uint8Array, options: LaneOptions) {
    checkLane(options);
    this.#opened = opened;
    this.#lane = options.lane;
    this.#datagram = options.datagram;
    this.#counter = options.sequence ?? 0;
    this.#epoch = options.epoch ?? 0;
    this.#current = new Generation(this.#epoch, options.key, this.#counter);
  }

  get epoch(): number {
    return this.#current?.epoch ?? this.#epoch;
  }

  get sequence(): number {
    return this.#datagram ? this.#current?.window.highest ?? 0 : this.#counter;
  }

  get replays(): number {
    return this.#replays;
  }

  rekey(key: Uint8Array): void {
    checkBytes("key", key, KEY_BYTES);
    const current = alive(this.#current);
    const epoch = (this.#next ?? current).epoch;
    if (epoch === EPOCH_LAST) throw statusError(STATUS.EXHAUSTED);
    if (this.#datagram) {
      if (this.#next !== undefined) this.#promote();
      this.#next = new Generation(epoch + 1, key, 0);
      return;
    }
    current.key.fill(0);
    this.#current = new Generation(epoch + 1, key, 0);
    this.#counter = 0;
  }

  /** The next generation becomes the current one, which stays for late packets. */
  #promote(): void {
    this.#previous?.key.fill(0);
    this.#previous = this.#current;
    this.#current = this.#next;
    this.#next = undefined;
  }

  forget(): void {
    this.#previous?.key.fill(0);
    this.#previous = undefined;
  }

  dispose(): void {
    this.#epoch = this.epoch;
    for (const generation of [this.#current, this.#previous, this.#next]) generation?.key.fill(0);
    this.#current = this.#previous = this.#next = undefined;
  }

  /** Opens a whole packet into the opened region; returns the length of its text. */
  open(packet: Uint8Array): number {
    alive(this.#current);
    const expected = FLAG_SEALED | (this.#datagram ? FLAG_SEQUENCED : 0);
    if ((packet[5] & ~FLAG_COMPRESSION) !== expected) throw statusError(STATUS.LANE_FLAGS);
    const text = this.#datagram ? this.#openDatagram(packet) : this.#openOrdered(packet);
    return this.#deliver(packet[5], text);
  }

  #openOrdered(packet: Uint8Array): Uint8Array {
    if (this.#counter >= COUNTER_END) throw statusError(STATUS.EXHAUSTED);
    const text = this.#decrypt(this.#current!, this.#counter, packet, HEADER_BYTES);
    this.#counter++;
    return text;
  }

  #openDatagram(packet: Uint8Array): Uint8Array {
    const view = viewOf(packet);
    const [epoch, counter] = [view.getUint32(18), view.getUint32(22)];
    const generation = [this.#current, this.#previous, this.#next].find((each) => each?.epoch === epoch);
    if (generation === undefined) throw statusError(STATUS.EPOCH);
    if (!generation.window.fresh(counter)) {
      this.#replays++;
      throw statusError(STATUS.REPLAYED);
    }
    const text = this.#decrypt(generation, counter, packet, HEADER_BYTES + SEQUENCED_BYTES);
    generation.window.accept(counter);
    if (generation === this.#next) this.#promote();
    return text;
  }

  #decrypt(generation: Generation, counter: number, packet: Uint8Array, prefix: number): Uint8Array {
    const nonce = nonceOf(this.#lane, generation.epoch, counter);
    try {
      return xchacha20poly1305(generation.key, nonce, packet.subarray(0, prefix)).decrypt(
        packet.subarray(prefix),
      );
    } catch {
      throw statusError(STATUS.FORGED);
    }
  }

  #deliver(flags: number, text: Uint8Array): number {
    if ((flags & FLAG_COMPRESSION) !== FLAG_LZ4) {
      this.#opened.set(text);
      return text.length;
    }
    const length = LZ4_REFERENCE.decompressBlock(text, this.#opened, 0, 0, BODY_BYTES_MAX);
    if (length < 0) throw statusError(STATUS.COMPRESSION);
    return length;
  }
}
