// Poly1305 (RFC 8439 §2.5) with four limbs of 32 bits, the topmost of which has room for two bits more.
//
// The clamp leaves r0 below 2^28 and r1, r2, r3 below 2^28 and divisible by 4. Since
// 2^130 = 5 (mod p), a product that would stand at 2^128 or above comes back
// with s = r/4*5 in place of r. So h * r is a Toeplitz matrix times a vector:
//
//   x0   r0 s3 | s2 s1   h0        | A B |   each quarter       | a b |   a, b and c
//   x1 = r1 r0 | s3 s2 * h1        | C A |   of it like         | c a |   are numbers
//        -------------
//   x2   r2 r1 | r0 s3   h2
//   x3   r3 r2 | r1 r0   h3
//
// Half of A is shared: A(v+w) + (B-A)w is the upper half, A(v+w) + (C-A)v the lower one, and the
// same within each quarter. That takes 9 multiplications instead of 16, by factors that are
// made once (Fan and Hasan, "A New Approach to Subquadratic Space Complexity Parallel
// Multipliers for Extended Binary Fields", IEEE Transactions on Computers 56, 2007).
// Factors and sums on the way may be negative: all is modulo 2^64, and each x is below that.
// For with the next message block added h0 stays below 3.1 * 2^32, h1 and h2 below
// 2 * 2^32 and h3 below 6 * 2^32; the largest, x0, is at most (3.1 + 10 * 1.25) * 2^60.

import { PARTIAL, POLY_H as H, POLY_PAD as PAD, POLY_R as R } from "./memory";

/** A row of 16 bytes that begins 16 - n bytes in keeps the first n bytes of a vector. */
const KEEP_FIRST = memory.data<u64>([-1, -1, 0, 0], 16);

/** Starts with the 32-byte one-time key at `key`. */
export function polyInit(key: usize): void {
  v128.store(H, i64x2.splat(0));
  v128.store(H, i64x2.splat(0), 16);
  const r0 = <u64> (load<u32>(key) & 0x0fffffff), r1 = <u64> (load<u32>(key, 4) & 0x0ffffffc);
  const r2 = <u64> (load<u32>(key, 8) & 0x0ffffffc), r3 = <u64> (load<u32>(key, 12) & 0x0ffffffc);
  const s1 = r1 + (r1 >> 2), s2 = r2 + (r2 >> 2), s3 = r3 + (r3 >> 2);
  // The corners of the quarters A, B - A and C - A; of each the upper left, and how the other two differ from it.
  const b = s2 - r0, c = r2 - r0;
  store<u64>(R, r0);
  store<u64>(R, s3 - r0, 8);
  store<u64>(R, r1 - r0, 16);
  store<u64>(R, b, 24);
  store<u64>(R, s1 - s3 - b, 32);
  store<u64>(R, s3 - r1 - b, 40);
  store<u64>(R, c, 48);
  store<u64>(R, r1 - s3 - c, 56);
  store<u64>(R, r3 - r1 - c, 64);
  v128.store(PAD, v128.load(key + 16));
}

/** Takes `count` blocks of 16 bytes. */
export function polyBlocks(data: usize, count: u32): void {
  const u0 = load<u64>(R), u1 = load<u64>(R, 8), u2 = load<u64>(R, 16);
  const v0 = load<u64>(R, 24), v1 = load<u64>(R, 32), v2 = load<u64>(R, 40);
  const w0 = load<u64>(R, 48), w1 = load<u64>(R, 56), w2 = load<u64>(R, 64);
  let h0 = load<u64>(H), h1 = load<u64>(H, 8), h2 = load<u64>(H, 16), h3 = load<u64>(H, 24);
  for (const end = data + (<usize> count << 4); data < end; data += 16) {
    h0 += <u64> load<u32>(data);
    h1 += <u64> load<u32>(data, 4);
    h2 += <u64> load<u32>(data, 8);
    h3 += <u64> load<u32>(data, 12) + 0x100000000;
    const even = h0 + h2, odd = h1 + h3, shared = u0 * (even + odd);
    const upper = v0 * (h2 + h3), lower = w0 * (h0 + h1);
    const y0 = shared + u1 * odd, y1 = shared + u2 * even;
    const x0 = y0 + upper + v1 * h3;
    const x1 = y1 + upper + v2 * h2 + (x0 >> 32);
    const x2 = y0 + lower + w1 * h1 + (x1 >> 32);
    const x3 = y1 + lower + w2 * h0 + (x2 >> 32);
    h0 = (x0 & 0xffffffff) + (x3 >> 34) * 5;
    h1 = x1 & 0xffffffff;
    h2 = x2 & 0xffffffff;
    h3 = x3 & 0x3ffffffff;
  }
  store<u64>(H, h0);
  store<u64>(H, h1, 8);
  store<u64>(H, h2, 16);
  store<u64>(H, h3, 24);
}

/** Takes `length` bytes and zeros up to the next multiple of 16 (RFC 8439 §2.8). Reads up to 15 bytes of the slack. */
export function polyPadded(data: usize, length: u32): void {
  const whole = length & ~15;
  if (whole > 0) polyBlocks(data, whole >> 4);
  if (whole == length) return;
  const mask = v128.load(KEEP_FIRST + 16 - (length - whole));
  v128.store(PARTIAL, v128.and(v128.load(data + whole), mask));
  polyBlocks(PARTIAL, 1);
}

/** Takes the block of the two lengths that ends an AEAD (RFC 8439 §2.8). */
export function polyLengths(aadLength: u64, textLength: u64): void {
  store<u64>(PARTIAL, aadLength);
  store<u64>(PARTIAL, textLength, 8);
  polyBlocks(PARTIAL, 1);
}

/** Writes the 16-byte tag to `target`. */
export function polyFinish(target: usize): void {
  let h0 = load<u64>(H), h1 = load<u64>(H, 8), h2 = load<u64>(H, 16), h3 = load<u64>(H, 24);
  // Twice, because what overflows 2^130 comes back at the bottom.
  for (let pass = 0; pass < 2; pass++) {
    h1 += h0 >> 32;
    h2 += h1 >> 32;
    h3 += h2 >> 32;
    h0 = (h0 & 0xffffffff) + (h3 >> 34) * 5;
    h1 &= 0xffffffff;
    h2 &= 0xffffffff;
    h3 &= 0x3ffffffff;
  }
  // h + 5 reaches 2^130 exactly if h >= p, and then its low bits are h - p: so 5 or 0 is added, without a branch.
  let g: u64 = 5 + h0;
  g = (g >> 32) + h1;
  g = (g >> 32) + h2;
  const five: u64 = (((g >> 32) + h3) >> 34) * 5;
  let sum = h0 + five + <u64> load<u32>(PAD);
  store<u32>(target, <u32> sum);
  sum = (sum >> 32) + h1 + <u64> load<u32>(PAD, 4);
  store<u32>(target, <u32> sum, 4);
  sum = (sum >> 32) + h2 + <u64> load<u32>(PAD, 8);
  store<u32>(target, <u32> sum, 8);
  sum = (sum >> 32) + h3 + <u64> load<u32>(PAD, 12);
  store<u32>(target, <u32> sum, 12);
}

/** Whether two tags are equal; takes the same time wherever they differ. */
export function tagsEqual(a: usize, b: usize): bool {
  const low = load<u64>(a) ^ load<u64>(b);
  const high = load<u64>(a, 8) ^ load<u64>(b, 8);
  return (low | high) == 0;
}
