/**
 * Variable-length integers as in QUIC (RFC 9000 §16): the top two bits of the
 * first byte give the length, 1, 2, 4 or 8 bytes, big-endian. Values stop at
 * 2^53 - 1, so that a number holds every one of them.
 *
 * @module
 */

import { HawserError } from "../errors.ts";

/** How many bytes `value` takes: 1, 2, 4 or 8. */
export function varintLength(value: number): number {
  if (value < 0x40) return 1;
  if (value < 0x4000) return 2;
  return value < 0x4000_0000 ? 4 : 8;
}

/** Writes `value` (a safe integer, not negative) into `target` at `at`; returns the position behind it. */
export function writeVarint(target: Uint8Array, at: number, value: number): number {
  if (value < 0x40) {
    target[at] = value;
    return at + 1;
  }
  if (value < 0x4000) {
    target[at] = 0x40 | (value >>> 8);
    target[at + 1] = value;
    return at + 2;
  }
  if (value < 0x4000_0000) {
    writeUint32(target, at, (value | 0x8000_0000) >>> 0);
    return at + 4;
  }
  writeUint32(target, at, (Math.floor(value / 0x1_0000_0000) | 0xc000_0000) >>> 0);
  writeUint32(target, at + 4, value >>> 0);
  return at + 8;
}

/** Reads varints and runs of bytes from one region, and refuses to go past its end. */
export class Cursor {
  /** What is read. */
  bytes: Uint8Array;
  /** The next byte to read. */
  at: number;
  /** The first byte that must not be read. */
  end: number;

  /** A cursor over `bytes` from `at` to `end`. */
  constructor(bytes: Uint8Array, at = 0, end: number = bytes.length) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  /** Starts over on another region, without an allocation. */
  reset(bytes: Uint8Array, at: number, end: number): void {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  /**
   * Reads one varint.
   * @throws {HawserError} `protocol` if it is cut off or above 2^53 - 1.
   */
  varint(): number {
    if (this.at >= this.end) throw cutOff();
    const bytes = this.bytes;
    const first = bytes[this.at];
    const length = 1 << (first >>> 6);
    if (this.at + length > this.end) throw cutOff();
    let value = first & 0x3f;
    for (let index = 1; index < length; index++) value = value * 256 + bytes[this.at + index];
    if (value > Number.MAX_SAFE_INTEGER) {
      throw new HawserError("protocol", "a number of the peer is above 2^53 - 1");
    }
    this.at += length;
    return value;
  }

  /**
   * Steps over `length` bytes and returns where they begin.
   * @throws {HawserError} `protocol` if fewer are there.
   */
  skip(length: number): number {
    const start = this.at;
    if (length > this.end - start) throw cutOff();
    this.at = start + length;
    return start;
  }
}

function cutOff(): HawserError {
  return new HawserError("protocol", "a frame of the peer is cut off");
}

function writeUint32(target: Uint8Array, at: number, value: number): void {
  target[at] = value >>> 24;
  target[at + 1] = value >>> 16;
  target[at + 2] = value >>> 8;
  target[at + 3] = value;
}
