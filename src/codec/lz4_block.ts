/**
 * What the LZ4 block engines have in common: their interface, their bounds and their errors.
 *
 * @module
 */

import { HawserError } from "../errors.ts";
import { outputOf } from "./arguments.ts";

/**
 * Compresses and decompresses single blocks, and checks them: the seam between
 * the LZ4 frame format and whoever does the byte work.
 */
export interface Lz4Engine {
  /** Compresses `source` into `output` as one block; returns its bytes, or 0 if it does not fit. */
  compressBlock(source: Uint8Array, output: Uint8Array): number;
  /**
   * Decompresses `block` into `output` from `start`, at most `sizeMax` bytes; returns the bytes written,
   * `LZ4_DAMAGED` or `LZ4_TOO_LARGE`. Matches may reach back to `historyStart`: `start` itself for a block
   * that stands alone. `output` has room for `sizeMax` bytes behind `start`.
   */
  decompressBlock(
    block: Uint8Array,
    output: Uint8Array,
    historyStart: number,
    start: number,
    sizeMax: number,
  ): number;
  /** The XXH32 with seed 0, unsigned. */
  xxh32(bytes: Uint8Array): number;
}

/** The block is not LZ4, is cut short, or points outside itself. */
export const LZ4_DAMAGED = -1;

/** The block holds more than it may. */
export const LZ4_TOO_LARGE = -2;

/** The furthest that a match may reach back. */
export const LZ4_OFFSET_MAX = 65535;

/** The most bytes that a block of `sourceBytes` can have: all literals. */
export function lz4BlockBytesMax(sourceBytes: number): number {
  return sourceBytes + Math.floor(sourceBytes / 255) + 16;
}

/** The most bytes that `blockBytes` can decompress to: each byte adds 255 to a match at most. */
export function lz4DecodedBytesMax(blockBytes: number): number {
  return 255 * blockBytes;
}

/** The error for a frame or block that breaks its format in the way that `what` says. */
export function lz4Damaged(what: string): HawserError {
  return new HawserError("compression", `the LZ4 data is damaged: ${what}; it must be sent again`);
}

/** The error for a block or frame that holds more than the caller allows. */
export function lz4TooLarge(sizeMax: number): HawserError {
  return new HawserError(
    "compression",
    `the LZ4 data holds more than ${sizeMax} bytes; raise the limit if that much is expected`,
  );
}

/**
 * Passes on the length of a decompressed block.
 * @throws {HawserError} `compression` for `LZ4_DAMAGED` and `LZ4_TOO_LARGE`.
 */
export function checkDecoded(length: number, sizeMax: number): number {
  if (length === LZ4_TOO_LARGE) throw lz4TooLarge(sizeMax);
  if (length < 0) throw lz4Damaged("it is not a whole block");
  return length;
}

/** @throws {RangeError} unless `sizeMax` is a whole number of bytes, and the output has room for them. */
export function checkSizeMax(sizeMax: number, output?: Uint8Array): void {
  if (!(Number.isSafeInteger(sizeMax) && sizeMax >= 0)) {
    throw new RangeError(`sizeMax must be a whole number of bytes, 0 or more, not ${sizeMax}`);
  }
  if (output !== undefined) outputOf(sizeMax, output);
}
