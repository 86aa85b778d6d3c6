// LZ4 blocks (lz4_Block_format.md of the LZ4 project): compress and decompress.
//
// A block is a run of sequences:
//
//   token | more literal length | literals | offset (u16 LE) | more match length
//
// The high half of the token counts literals, the low half the match beyond
// its four bytes; 15 in either half says that bytes follow which add to it,
// until one is not 255. The last sequence stops after its literals.
//
// Both sides read and write nothing outside the ranges they are given; the
// wide copies are made only where the range has room for their excess.

import { copyExact, copyMatch, copyMatchWide, copyWide, WIDE_COPY_BYTES } from "./lz4_copy";
import { LZ4_TABLE } from "./memory";

/** `lz4Decompress`: the block is not LZ4, is cut short, or points outside. */
export const LZ4_DAMAGED: i32 = -1;

/** `lz4Decompress`: the block holds more than the target takes. */
export const LZ4_TOO_LARGE: i32 = -2;

/** A match is at least this long. */
const MATCH_BYTES_MIN: u32 = 4;
/** The last bytes of a block are literals: this many. */
const LAST_LITERALS: u32 = 5;
/** No match starts later than this before the end of the block. */
const SEARCH_MARGIN: u32 = 12;
/** Offsets have 16 bits. */
const OFFSET_MAX: usize = 65535;
/** What a half of the token says when more length follows. */
const HALF_MAX: u32 = 15;
/** A sequence with at most one further byte of length touches this much: token, one vector of literals, offset, it. */
const SHORT_BYTES: u32 = 1 + 16 + 2 + 1;
/** What a half of the token and one byte behind it can say. */
const SHORT_LENGTH_MAX: u32 = HALF_MAX + 254;
/** After 2^6 misses in a row the search starts to skip bytes. */
const SKIP_LOG: u32 = 6;
/** The odd number next to 2^64 divided by the golden ratio. */
const HASH_FACTOR: u64 = 0x9e3779b97f4a7c15;
/** Below this length positions fit the 16-bit table. */
const SHORT_SOURCE_MAX: u32 = 65536;

/**
 * Compresses `sourceLength` bytes into one block at `target`, and returns its
 * length, or 0 if it is longer than `targetCapacity`.
 */
export function lz4Compress(source: usize, sourceLength: u32, target: usize, targetCapacity: u32): i32 {
  if (sourceLength > SHORT_SOURCE_MAX) {
    return compress<u32>(source, sourceLength, target, targetCapacity, 12);
  }
  // A small table costs less to clear, a large one finds more.
  let tableLog: u32 = 13;
  if (sourceLength <= 1024) tableLog = 9;
  else if (sourceLength <= 4096) tableLog = 10;
  else if (sourceLength <= 16384) tableLog = 12;
  return compress<u16>(source, sourceLength, target, targetCapacity, tableLog);
}

/**
 * Decompresses one block of `sourceLength` bytes to `target`, and returns the
 * bytes written, `LZ4_DAMAGED` or `LZ4_TOO_LARGE`. After a refusal what lies
 * in the target has no meaning.
 */
export function lz4Decompress(source: usize, sourceLength: u32, target: usize, targetCapacity: u32): i32 {
  return lz4DecompressAfter(source, sourceLength, target, target, targetCapacity);
}

/** The greedy search of one block; `P` is how the table holds positions. */
function compress<P>(
  source: usize,
  sourceLength: u32,
  target: usize,
  targetCapacity: u32,
  tableLog: u32,
): i32 {
  const end = source + sourceLength;
  const last = end - SEARCH_MARGIN; // Where a match may start.
  const limit = target + targetCapacity;
  memory.fill(LZ4_TABLE, 0, sizeof<P>() << tableLog);

  // An empty slot says position 0, so the search starts at 1: no offset is 0.
  let at = source + 1;
  let anchor = source; // Where the literals of the next sequence start.
  let out = target;
  let misses: u32 = 1 << SKIP_LOG;
  while (at <= last) {
    const word = load<u32>(at);
    const slot = LZ4_TABLE + (<usize> hash(at, tableLog) << alignof<P>());
    let match = source + <usize> load<P>(slot);
    store<P>(slot, <P> (at - source));
    if (load<u32>(match) != word || (sizeof<P>() > 2 && at - match > OFFSET_MAX)) {
      at += misses++ >> SKIP_LOG;
      continue;
    }
    const offset = at - match;
    while (at > anchor && match > source && load<u8>(at - 1) == load<u8>(match - 1)) {
      at--;
      match--;
    }
    const literals = <u32> (at - anchor);
    const matchEnd = equalUntil(at + MATCH_BYTES_MIN, match + MATCH_BYTES_MIN, end - LAST_LITERALS);
    const more = <u32> (matchEnd - at - MATCH_BYTES_MIN);
    if (literals < HALF_MAX && more <= SHORT_LENGTH_MAX && out + SHORT_BYTES <= limit && anchor + 16 <= end) {
      store<u8>(out, (literals << 4) | min(more, HALF_MAX));
      v128.store(out, v128.load(anchor), 1);
      out += literals + 1;
      store<u16>(out, <u16> offset);
      store<u8>(out, more - HALF_MAX, 2); // Counts only if the token says that more follows.
      out += 2 + <usize> (more >= HALF_MAX);
    } else {
      if (1 + extraBytes(literals) + literals + 2 + extraBytes(more) > <u32> (limit - out)) return 0;
      store<u8>(out++, (min(literals, HALF_MAX) << 4) | min(more, HALF_MAX));
      if (literals >= HALF_MAX) out = writeExtra(out, literals);
      copyWithin(out, anchor, literals, limit, end);
      out += literals;
      store<u16>(out, <u16> offset);
      out += 2;
      if (more >= HALF_MAX) out = writeExtra(out, more);
    }

    anchor = at = matchEnd;
    misses = 1 << SKIP_LOG;
    const behind = min(at - 2, last);
    store<P>(LZ4_TABLE + (<usize> hash(behind, tableLog) << alignof<P>()), <P> (behind - source));
  }
  return writeLastLiterals(anchor, <u32> (end - anchor), target, out, limit);
}

function writeLastLiterals(anchor: usize, literals: u32, target: usize, start: usize, limit: usize): i32 {
  let out = start;
  if (1 + extraBytes(literals) + literals > <u32> (limit - out)) return 0;
  store<u8>(out++, min(literals, HALF_MAX) << 4);
  if (literals >= HALF_MAX) out = writeExtra(out, literals);
  copyExact(out, anchor, literals);
  return <i32> (out + literals - target);
}

/**
 * A multiplicative hash (Knuth, The Art of Computer Programming 6.4) of the five bytes at `at`: a match of four
 * is hardly shorter than its sequence, so it is not looked for. Reads eight bytes.
 */
// @ts-ignore: decorator
@inline
function hash(at: usize, tableLog: u32): u32 {
  return <u32> (((load<u64>(at) << 24) * HASH_FACTOR) >> (64 - tableLog));
}

/** The bytes that a length takes beside the token. */
// @ts-ignore: decorator
@inline
function extraBytes(length: u32): u32 {
  return length < HALF_MAX ? 0 : (length - HALF_MAX) / 255 + 1;
}

function writeExtra(target: usize, length: u32): usize {
  let rest = length - HALF_MAX;
  while (rest >= 255) {
    store<u8>(target++, 255);
    rest -= 255;
  }
  store<u8>(target++, rest);
  return target;
}

/** Copies literals with one wide copy where both ranges have room for it. */
// @ts-ignore: decorator
@inline
function copyWithin(target: usize, source: usize, length: u32, targetEnd: usize, sourceEnd: usize): void {
  if (target + length + WIDE_COPY_BYTES <= targetEnd && source + length + WIDE_COPY_BYTES <= sourceEnd) {
    copyWide(target, source, length);
  } else {
    copyExact(target, source, length);
  }
}

/**
 * How far `at` goes on like `match`, at most to `end`: 32 bytes a turn, because most matches end within the first,
 * and then the branch is foreseen.
 */
// @ts-ignore: decorator
@inline
function equalUntil(at: usize, match: usize, end: usize): usize {
  while (at + 32 <= end) {
    const low = <u32> i8x16.bitmask(i8x16.eq(v128.load(at), v128.load(match)));
    const high = <u32> i8x16.bitmask(i8x16.eq(v128.load(at, 16), v128.load(match, 16)));
    const differ = ~(low | (high << 16));
    if (differ != 0) return at + <usize> ctz(differ);
    at += 32;
    match += 32;
  }
  while (at < end && load<u8>(at) == load<u8>(match)) {
    at++;
    match++;
  }
  return at;
}

// Where the quick loop stopped: the start of a sequence, and what is written before it.
let stoppedAt: usize = 0;
let stoppedOut: usize = 0;

/**
 * `lz4Decompress` for a block whose matches may reach back to `targetBegin`:
 * blocks of a linked LZ4 frame continue the output before them.
 */
export function lz4DecompressAfter(
  source: usize,
  sourceLength: u32,
  targetBegin: usize,
  target: usize,
  targetCapacity: u32,
): i32 {
  const end = source + sourceLength;
  const limit = target + targetCapacity;
  decompressQuick(source, end, targetBegin, target, limit);
  return decompressCareful(source, end, targetBegin, target, limit);
}

/** What the quick loop needs in front of it: input for a short sequence, output for its wide copies. */
const QUICK_SOURCE_BYTES: u32 = 36;
const QUICK_TARGET_BYTES: u32 = 64;

/**
 * Decodes while plenty of input and output remain. It refuses nothing: what it
 * is not sure of it leaves, from the start of the sequence, to the careful loop.
 */
function decompressQuick(
  source: usize,
  end: usize,
  targetBegin: usize,
  target: usize,
  limit: usize,
): void {
  let at = source;
  let out = target;
  while (at + QUICK_SOURCE_BYTES <= end && out + QUICK_TARGET_BYTES <= limit) {
    const token = <u32> load<u8>(at);
    let from = at + 1;
    let to = out;
    let literals = token >> 4;
    if (literals < HALF_MAX) {
      v128.store(to, v128.load(from));
    } else {
      const room = <u32> min(end - from, limit - to);
      let byte: u32;
      do {
        byte = load<u8>(from++);
        literals += byte;
      } while (byte == 255 && literals < room);
      if (from + literals + QUICK_SOURCE_BYTES > end || to + literals + QUICK_TARGET_BYTES > limit) break;
      copyWide(to, from, literals);
    }
    from += literals;
    to += literals;

    const offset = <usize> load<u16>(from);
    from += 2;
    if (offset - 1 >= to - targetBegin) break; // Zero, or before the beginning.
    let length = (token & HALF_MAX) + MATCH_BYTES_MIN;
    if (length < HALF_MAX + MATCH_BYTES_MIN && offset >= 16) {
      v128.store(to, v128.load(to - offset));
      store<u32>(to, load<u32>(to - offset, 16), 16);
    } else {
      if (length == HALF_MAX + MATCH_BYTES_MIN) {
        let byte: u32 = 255;
        while (byte == 255 && from < end && length < <u32> (limit - to)) {
          byte = load<u8>(from++);
          length += byte;
        }
        if (byte == 255 || to + length + WIDE_COPY_BYTES > limit) break;
      }
      copyMatchWide(to, offset, length);
    }
    at = from;
    out = to + length;
  }
  stoppedAt = at;
  stoppedOut = out;
}

/** Decodes the rest of a block, checking each bound by itself. */
function decompressCareful(
  source: usize,
  end: usize,
  targetBegin: usize,
  target: usize,
  limit: usize,
): i32 {
  let at = stoppedAt;
  let out = stoppedOut;
  while (at < end) {
    const isFirst = at == source;
    const token = <u32> load<u8>(at++);
    let literals = token >> 4;
    if (literals == HALF_MAX) {
      let byte: u32 = 255;
      while (byte == 255) {
        if (at >= end || literals > <u32> (end - at)) return LZ4_DAMAGED;
        byte = load<u8>(at++);
        literals += byte;
      }
    }
    if (literals > <u32> (end - at)) return LZ4_DAMAGED;
    if (literals > <u32> (limit - out)) return LZ4_TOO_LARGE;
    copyExact(out, at, literals);
    at += literals;
    out += literals;
    if (at == end) return isFirst || literals >= LAST_LITERALS ? <i32> (out - target) : LZ4_DAMAGED;

    if (at + 2 > end) return LZ4_DAMAGED;
    const offset = <usize> load<u16>(at);
    at += 2;
    if (offset == 0 || offset > out - targetBegin) return LZ4_DAMAGED;
    let length = (token & HALF_MAX) + MATCH_BYTES_MIN;
    if (length == HALF_MAX + MATCH_BYTES_MIN) {
      let byte: u32 = 255;
      while (byte == 255) {
        if (at >= end) return LZ4_DAMAGED;
        if (length > <u32> (limit - out)) return LZ4_TOO_LARGE;
        byte = load<u8>(at++);
        length += byte;
      }
    }
    if (length > <u32> (limit - out)) return LZ4_TOO_LARGE;
    copyMatch(out, offset, length);
    out += length;
  }
  return LZ4_DAMAGED; // Nothing at all, or an end after a match.
}
