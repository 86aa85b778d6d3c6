// Poly1305 (RFC 8439 §2.5) with four limbs of 32 bits and a small fifth one.
//
// The clamp leaves r0 below 2^28 and r1, r2, r3 below 2^28 and divisible by 4.
// Since 2^130 = 5 (mod p), a product that would stand at 2^128 or above comes back with
// r/4*5 in place of r. A limb of h stays below 3.25 * 2^32 even with the next
// message word added and no carry propagated: each x is then at most
// (3.25 + 3 * 3 * 1.25) * 2^60 < 2^64. So the four carries are independent.

import { PARTIAL, POLY_H as H, POLY_PAD as PAD, POLY_R as R } from "./memory";

/** A row of 16 bytes that begins 16 - n bytes in keeps the first n bytes of a vector. */
const KEEP_FIRST = memory.data<u64>([-1, -1, 0, 0], 16);

/** Starts with the 32-byte one-time key at `key`. */
export function polyInit(key: usize): void {
  v128.store(H, i64x2.splat(0));
  v128.store(H, i64x2.splat(0), 16);
  store<u64>(H, 0, 32);
  store<u32>(R, load<u32>(key) & 0x0fffffff);
  store<u32>(R, load<u32>(key, 4) & 0x0ffffffc, 4);
  store<u32>(R, load<u32>(key, 8) & 0x0ffffffc, 8);
  store<u32>(R, load<u32>(key, 12) & 0x0ffffffc, 12);
  v128.store(PAD, v128.load(key + 16));
}

/** Takes `count` blocks of 16 bytes. */
export function polyBlocks(data: usize, count: u32): void {
  const r0 = <u64> load<u32>(R), r1 = <u64> load<u32>(R, 4);
  const r2 = <u64> load<u32>(R, 8), r3 = <u64> load<u32>(R, 12);
  const s0 = (r0 >> 2) * 5, s1 = r1 + (r1 >> 2), s2 = r2 + (r2 >> 2), s3 = r3 + (r3 >> 2);
  let h0 = load<u64>(H), h1 = load<u64>(H, 8), h2 = load<u64>(H, 16);
  let h3 = load<u64>(H, 24), h4 = load<u64>(H, 32);
  for (const end = data + (<usize> count << 4); data < end; data += 16) {
    h0 += <u64> load<u32>(data);
    h1 += <u64> load<u32>(data, 4);
    h2 += <u64> load<u32>(data, 8);
    h3 += <u64> load<u32>(data, 12);
    h4 += 1;
    const x0 = h0 * r0 + h1 * s3 + h2 * s2 + h3 * s1 + h4 * s0;
    const x1 = h0 * r1 + h1 * r0 + h2 * s3 + h3 * s2 + h4 * s1;
    const x2 = h0 * r2 + h1 * r1 + h2 * r0 + h3 * s3 + h4 * s2;
    const x3 = h0 * r3 + h1 * r2 + h2 * r1 + h3 * r0 + h4 * s3;
    const x4 = h4 * (r0 & 3) + (x3 >> 32);
    h0 = (x0 & 0xffffffff) + (x4 >> 2) * 5;
    h1 = (x1 & 0xffffffff) + (x0 >> 32);
    h2 = (x2 & 0xffffffff) + (x1 >> 32);
    h3 = (x3 & 0xffffffff) + (x2 >> 32);
    h4 = x4 & 3;
  }
  store<u64>(H, h0);
  store<u64>(H, h1, 8);
  store<u64>(H, h2, 16);
  store<u64>(H, h3, 24);
  store<u64>(H, h4, 32);
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
  let h0 = load<u64>(H), h1 = load<u64>(H, 8), h2 = load<u64>(H, 16);
  let h3 = load<u64>(H, 24), h4 = load<u64>(H, 32);
  // Twice, because what overflows 2^130 comes back at the bottom.
  for (let pass = 0; pass < 2; pass++) {
    h1 += h0 >> 32;
    h2 += h1 >> 32;
    h3 += h2 >> 32;
    h4 += h3 >> 32;
    h0 = (h0 & 0xffffffff) + (h4 >> 2) * 5;
    h1 &= 0xffffffff;
    h2 &= 0xffffffff;
    h3 &= 0xffffffff;
    h4 &= 3;
  }
  // h + 5 reaches 2^130 exactly if h >= p, and then its low bits are h - p: so 5 or 0 is added, without a branch.
  let g: u64 = 5 + h0;
  g = (g >> 32) + h1;
  g = (g >> 32) + h2;
  g = (g >> 32) + h3;
  const five: u64 = (((g >> 32) + h4) >> 2) * 5;
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
