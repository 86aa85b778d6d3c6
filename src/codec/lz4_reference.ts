/**
 * LZ4 blocks, written to be read: the oracle for the WebAssembly core, and its stand-in.
 *
 * Format: doc/lz4_Block_format.md of the LZ4 project. A block is a run of
 * sequences: token, literals, match. The high half of the token counts
 * literals, the low half the match beyond its four bytes; 15 says that further
 * bytes add to it. The last sequence stops after its literals.
 *
 * @module
 */

import { checkBytes } from "./arguments.ts";
import {
  checkDecoded,
  checkSizeMax,
  LZ4_DAMAGED,
  LZ4_OFFSET_MAX,
  LZ4_TOO_LARGE,
  lz4BlockBytesMax,
  lz4DecodedBytesMax,
  type Lz4Engine,
} from "./lz4_block.ts";
import { xxh32 } from "./xxhash32_reference.ts";

const MATCH_BYTES_MIN = 4;
/** The last bytes of a block are literals: this many. */
const LAST_LITERALS = 5;
/** No match starts later than this before the end. */
const SEARCH_MARGIN = 12;
/** What a half of the token says when more length follows. */
const HALF_MAX = 15;
/** A length that never ends. */
const CUT_SHORT = -1;
const TABLE_LOG = 13;

/**
 * Compresses `source` into one block.
 *
 * @param output where the block goes; the part of it that was written is returned. By default a new array.
 * @throws {RangeError} if `output` is too small; `lz4BlockBytesMax(source.length)` bytes are always enough.
 */
export function lz4CompressBlock(source: Uint8Array, output?: Uint8Array): Uint8Array {
  checkBytes("source", source);
  if (output !== undefined) checkBytes("output", output);
  const target = output ?? new Uint8Array(lz4BlockBytesMax(source.length));
  // Written over while it is read, it would become something else.
  const own = source.buffer === target.buffer ? new Uint8Array(source) : source;
  const length = compressBlock(own, target);
  if (length === 0) {
    throw new RangeError(`the block does not fit into the ${target.length} bytes of output; give more room`);
  }
  return output === undefined ? target.slice(0, length) : target.subarray(0, length);
}

/**
 * Decompresses one block.
 *
 * @throws {HawserError} `compression` for a damaged block, or one that holds more than `sizeMax` bytes.
 */
export function lz4DecompressBlock(block: Uint8Array, sizeMax: number, output?: Uint8Array): Uint8Array {
  checkBytes("block", block);
  checkSizeMax(sizeMax, output);
  const text = new Uint8Array(Math.min(sizeMax, lz4DecodedBytesMax(block.length)));
  const length = checkDecoded(decompressBlock(block, text, 0, 0, text.length), sizeMax);
  if (output === undefined) return text.slice(0, length);
  output.set(text.subarray(0, length));
  return output.subarray(0, length);
}

/** The engine that needs nothing but the language. */
export const LZ4_REFERENCE: Lz4Engine = { compressBlock, decompressBlock, xxh32 };

function compressBlock(source: Uint8Array, output: Uint8Array): number {
  const words = new DataView(source.buffer, source.byteOffset, source.byteLength);
  const table = new Int32Array(1 << TABLE_LOG).fill(-1); // Where a hash of four bytes was seen last.
  const end = source.length;
  let out = 0;
  let anchor = 0; // Where the literals of the next sequence start.
  let at = 0;
  while (at + SEARCH_MARGIN <= end) {
    const word = words.getUint32(at, true);
    const slot = Math.imul(word, 2654435761) >>> (32 - TABLE_LOG);
    const match = table[slot];
    table[slot] = at;
    if (match < 0 || at - match > LZ4_OFFSET_MAX || words.getUint32(match, true) !== word) {
      at++;
      continue;
    }
    let length = MATCH_BYTES_MIN;
    while (at + length < end - LAST_LITERALS && source[at + length] === source[match + length]) length++;
    out = writeSequence(output, out, source.subarray(anchor, at), at - match, length);
    if (out === 0) return 0;
    at += length;
    anchor = at;
  }
  return writeSequence(output, out, source.subarray(anchor), 0, MATCH_BYTES_MIN);
}

/** Writes one sequence at `start`; offset 0: no match follows. Returns its end, or 0 without room. */
function writeSequence(
  output: Uint8Array,
  start: number,
  literals: Uint8Array,
  offset: number,
  matchLength: number,
): number {
  const more = matchLength - MATCH_BYTES_MIN;
  const offsetBytes = offset === 0 ? 0 : 2;
  const size = 1 + extraBytes(literals.length) + literals.length + offsetBytes + extraBytes(more);
  if (size > output.length - start) return 0;

  let out = start;
  output[out++] = (Math.min(literals.length, HALF_MAX) << 4) | Math.min(more, HALF_MAX);
  out = writeExtra(output, out, literals.length);
  output.set(literals, out);
  out += literals.length;
  if (offset === 0) return out;
  output[out++] = offset & 0xff;
  output[out++] = offset >>> 8;
  return writeExtra(output, out, more);
}

/** The bytes that a length takes beside the token. */
function extraBytes(length: number): number {
  return length < HALF_MAX ? 0 : Math.floor((length - HALF_MAX) / 255) + 1;
}

function writeExtra(output: Uint8Array, start: number, length: number): number {
  let out = start;
  if (length < HALF_MAX) return out;
  let rest = length - HALF_MAX;
  for (; rest >= 255; rest -= 255) output[out++] = 255;
  output[out++] = rest;
  return out;
}

function decompressBlock(
  block: Uint8Array,
  output: Uint8Array,
  historyStart: number,
  start: number,
  sizeMax: number,
): number {
  const limit = start + sizeMax;
  let out = start;
  let at = 0;

  const readLength = (half: number): number => {
    let length = half;
    let byte = half === HALF_MAX ? 255 : 0;
    while (byte === 255) {
      if (at >= block.length) return CUT_SHORT;
      byte = block[at++];
      length += byte;
    }
    return length;
  };

  while (at < block.length) {
    const isFirst = at === 0;
    const token = block[at++];
    const literals = readLength(token >>> 4);
    if (literals === CUT_SHORT || literals > block.length - at) return LZ4_DAMAGED;
    if (literals > limit - out) return LZ4_TOO_LARGE;
    output.set(block.subarray(at, at + literals), out);
    at += literals;
    out += literals;
    if (at === block.length) return isFirst || literals >= LAST_LITERALS ? out - start : LZ4_DAMAGED;

    if (block.length - at < 2) return LZ4_DAMAGED;
    const offset = block[at] | (block[at + 1] << 8);
    at += 2;
    if (offset === 0 || offset > out - historyStart) return LZ4_DAMAGED;
    const more = readLength(token & HALF_MAX);
    if (more === CUT_SHORT) return LZ4_DAMAGED;
    if (more + MATCH_BYTES_MIN > limit - out) return LZ4_TOO_LARGE;
    for (const end = out + more + MATCH_BYTES_MIN; out < end; out++) output[out] = output[out - offset];
  }
  return LZ4_DAMAGED; // Nothing at all, or an end after a match.
}
