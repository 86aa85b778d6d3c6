// The copies of LZ4, in whole vectors.
//
// A wide copy reads and writes up to `WIDE_COPY_BYTES` beyond its length: its
// caller knows that both ranges have that room. An exact copy does not.

/** The most a wide copy touches beyond its length. */
export const WIDE_COPY_BYTES: u32 = 32;

/** From here on the engine's own copy is faster than a loop. */
const BULK_COPY_BYTES: u32 = 512;

/** Copies `length` bytes between ranges that do not overlap. */
// @ts-ignore: decorator
@inline
export function copyWide(target: usize, source: usize, length: u32): void {
  if (length > BULK_COPY_BYTES) {
    memory.copy(target, source, length);
    return;
  }
  const end = target + length;
  do {
    v128.store(target, v128.load(source));
    v128.store(target, v128.load(source, 16), 16);
    target += 32;
    source += 32;
  } while (target < end);
}

/** Copies exactly `length` bytes between ranges that do not overlap. */
export function copyExact(target: usize, source: usize, length: u32): void {
  if (length < 16) {
    for (let i: u32 = 0; i < length; i++) store<u8>(target + i, load<u8>(source + i));
    return;
  }
  if (length > BULK_COPY_BYTES) {
    memory.copy(target, source, length);
    return;
  }
  const last = length - 16; // The last 16 bytes overlap what is copied before them.
  for (let i: u32 = 0; i < last; i += 16) v128.store(target + i, v128.load(source + i));
  v128.store(target + last, v128.load(source + last));
}

/** Repeats what lies `offset` bytes before `target`, for `length` bytes. */
// @ts-ignore: decorator
@inline
export function copyMatchWide(target: usize, offset: usize, length: u32): void {
  const end = target + length;
  if (offset >= 16) {
    do { // Two vectors a turn: most matches need no second one.
      v128.store(target, v128.load(target - offset));
      v128.store(target, v128.load(target - offset, 16), 16); // May read what the line before wrote.
      target += 32;
    } while (target < end);
    return;
  }
  // The match overlaps itself: fill a vector with whole turns of its pattern.
  // What the load finds beyond `target` is in no lane that the mask takes.
  const mask = v128.load(PATTERN_MASKS + (offset << 4));
  const pattern = i8x16.swizzle(v128.load(target - offset), mask);
  const step = <usize> load<u8>(PATTERN_STEPS + offset);
  do {
    v128.store(target, pattern);
    target += step;
  } while (target < end);
}

/** Repeats what lies `offset` bytes before `target`, for exactly `length` bytes. */
export function copyMatch(target: usize, offset: usize, length: u32): void {
  let done: u32 = 0;
  if (length > 2 * WIDE_COPY_BYTES) {
    done = length - WIDE_COPY_BYTES; // Its excess lies within the match.
    copyMatchWide(target, offset, done);
  }
  for (; done < length; done++) store<u8>(target + done, load<u8>(target + done - offset));
}

/** Row n: lane i takes byte i modulo n. */
const PATTERN_MASKS = memory.data<u8>([
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1,
  0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0,
  0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3,
  0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0,
  0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5, 0, 1, 2, 3,
  0, 1, 2, 3, 4, 5, 6, 0, 1, 2, 3, 4, 5, 6, 0, 1,
  0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7,
  0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 2, 3, 4, 5, 6,
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 5,
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0, 1, 2, 3, 4,
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0, 1, 2, 3,
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0, 1, 2,
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 0, 1,
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0,
], 16);

/** How many bytes of a vector are whole turns of a pattern of n. */
const PATTERN_STEPS = memory.data<u8>([16, 16, 16, 15, 16, 15, 12, 14, 16, 9, 10, 11, 12, 13, 14, 15]);
