// Key stream made ahead: nonces of a lane are counters, so what the next packets need is known.
//
// One run of the rounds makes either both blocks of the next four short packets (Poly1305 key and text),
// or the Poly1305 keys of the next eight longer ones.
//
// Area:   0  8  the counter behind the last packet that is covered; 0 if there is none
//         8  4  packets that are covered
//        12  4  bytes of each: 128 (key block and text block) or 64 (key block)
//        16 512 the blocks
//
// The area belongs to one subkey: whoever changes the subkey wipes it.

import { chachaBlocksAhead } from "./chacha20";

/** Bytes of an area. */
export const LOOKAHEAD_BYTES: usize = 16 + 512;

/** The longest text of a short packet: one block. */
export const SHORT_BYTES: u32 = 64;

const PACKETS: usize = 8;
const STRIDE: usize = 12;
const BLOCKS: usize = 16;

/** The blocks for the packet `counter`, or 0. */
export function lookaheadFind(area: usize, counter: u64): usize {
  const packets = <u64> load<u32>(area, PACKETS);
  const left = load<u64>(area) - counter; // Wraps to a large number where nothing is covered.
  if (left - 1 >= packets) return 0;
  return area + BLOCKS + <usize> (packets - left) * <usize> load<u32>(area, STRIDE);
}

/** Whether the blocks that were found have key stream for a short text, beside the key. */
export function lookaheadCoversText(area: usize): bool {
  return load<u32>(area, STRIDE) == 128;
}

/**
 * Fills the area for the packet `counter`, whose state `chachaInit` left, and the next ones.
 * Returns that packet's blocks.
 */
export function lookaheadMake(area: usize, counter: u64, withText: bool): usize {
  const packets: u32 = withText ? 4 : 8;
  chachaBlocksAhead(withText, area + BLOCKS);
  store<u64>(area, counter + packets);
  store<u32>(area, packets, PACKETS);
  store<u32>(area, 512 / packets, STRIDE);
  return area + BLOCKS;
}

/**
 * Whether a text of `length` bytes is better off with a key made ahead: if it is short, or if
 * the key block would begin another group of four.
 */
// @ts-ignore: decorator
@inline
export function lookaheadHelps(length: u32): bool {
  return length <= SHORT_BYTES || (((length + 63) >> 6) & 3) == 0;
}
