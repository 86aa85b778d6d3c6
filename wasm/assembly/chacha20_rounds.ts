// The twenty rounds of ChaCha20 (RFC 8439 §2.3), four or eight blocks at a time.
//
// The layout is vertical: one vector holds the same state word of four blocks,
// so a round needs no shuffle between words. With eight blocks two such groups
// run side by side, because one alone leaves the vector ports waiting.
// Locals cannot be handed to another function, which is why each kernel is one
// piece: a line is one step of a quarter round, always in the same order.

import { CHACHA_STATE, CHACHA_WORDS } from "./memory";
import { rotl12, rotl16, rotl7, rotl8 } from "./rotate";

// @ts-ignore: decorator
@inline
function add(a: v128, b: v128): v128 {
  return i32x4.add(a, b);
}

// @ts-ignore: decorator
@inline
function xor(a: v128, b: v128): v128 {
  return v128.xor(a, b);
}

/** State word `index`, the same in four blocks. */
// @ts-ignore: decorator
@inline
function word(index: u32): v128 {
  return v128.load32_splat(CHACHA_STATE + (index << 2));
}

/** The counters of four consecutive blocks. */
// @ts-ignore: decorator
@inline
function counters(first: u32): v128 {
  return i32x4.add(i32x4.splat(first), i32x4(0, 1, 2, 3));
}

// @ts-ignore: decorator
@inline
function put(index: u32, value: v128): void {
  v128.store(CHACHA_WORDS + (index << 4), value);
}

/** Leaves the words of blocks `counter` to `counter + 3` in `CHACHA_WORDS`. */
export function rounds4(counter: u32): void {
  let a0 = word(0), a1 = word(1), a2 = word(2), a3 = word(3);
  let a4 = word(4), a5 = word(5), a6 = word(6), a7 = word(7);
  let a8 = word(8), a9 = word(9), a10 = word(10), a11 = word(11);
  let a12 = counters(counter), a13 = word(13), a14 = word(14), a15 = word(15);
  for (let round = 0; round < 10; round++) {
    // Columns.
    a0 = add(a0, a4); a12 = rotl16(xor(a12, a0)); a1 = add(a1, a5); a13 = rotl16(xor(a13, a1));
    a2 = add(a2, a6); a14 = rotl16(xor(a14, a2)); a3 = add(a3, a7); a15 = rotl16(xor(a15, a3));
    a8 = add(a8, a12); a4 = rotl12(xor(a4, a8)); a9 = add(a9, a13); a5 = rotl12(xor(a5, a9));
    a10 = add(a10, a14); a6 = rotl12(xor(a6, a10)); a11 = add(a11, a15); a7 = rotl12(xor(a7, a11));
    a0 = add(a0, a4); a12 = rotl8(xor(a12, a0)); a1 = add(a1, a5); a13 = rotl8(xor(a13, a1));
    a2 = add(a2, a6); a14 = rotl8(xor(a14, a2)); a3 = add(a3, a7); a15 = rotl8(xor(a15, a3));
    a8 = add(a8, a12); a4 = rotl7(xor(a4, a8)); a9 = add(a9, a13); a5 = rotl7(xor(a5, a9));
    a10 = add(a10, a14); a6 = rotl7(xor(a6, a10)); a11 = add(a11, a15); a7 = rotl7(xor(a7, a11));
    // Diagonals.
    a0 = add(a0, a5); a15 = rotl16(xor(a15, a0)); a1 = add(a1, a6); a12 = rotl16(xor(a12, a1));
    a2 = add(a2, a7); a13 = rotl16(xor(a13, a2)); a3 = add(a3, a4); a14 = rotl16(xor(a14, a3));
    a10 = add(a10, a15); a5 = rotl12(xor(a5, a10)); a11 = add(a11, a12); a6 = rotl12(xor(a6, a11));
    a8 = add(a8, a13); a7 = rotl12(xor(a7, a8)); a9 = add(a9, a14); a4 = rotl12(xor(a4, a9));
    a0 = add(a0, a5); a15 = rotl8(xor(a15, a0)); a1 = add(a1, a6); a12 = rotl8(xor(a12, a1));
    a2 = add(a2, a7); a13 = rotl8(xor(a13, a2)); a3 = add(a3, a4); a14 = rotl8(xor(a14, a3));
    a10 = add(a10, a15); a5 = rotl7(xor(a5, a10)); a11 = add(a11, a12); a6 = rotl7(xor(a6, a11));
    a8 = add(a8, a13); a7 = rotl7(xor(a7, a8)); a9 = add(a9, a14); a4 = rotl7(xor(a4, a9));
  }
  put(0, add(a0, word(0))); put(1, add(a1, word(1)));
  put(2, add(a2, word(2))); put(3, add(a3, word(3)));
  put(4, add(a4, word(4))); put(5, add(a5, word(5)));
  put(6, add(a6, word(6))); put(7, add(a7, word(7)));
  put(8, add(a8, word(8))); put(9, add(a9, word(9)));
  put(10, add(a10, word(10))); put(11, add(a11, word(11)));
  put(12, add(a12, counters(counter))); put(13, add(a13, word(13)));
  put(14, add(a14, word(14))); put(15, add(a15, word(15)));
}

/** Leaves the words of blocks `counter` to `counter + 7` in `CHACHA_WORDS`, four blocks after four. */
export function rounds8(counter: u32): void {
  let a0 = word(0), a1 = word(1), a2 = word(2), a3 = word(3);
  let a4 = word(4), a5 = word(5), a6 = word(6), a7 = word(7);
  let a8 = word(8), a9 = word(9), a10 = word(10), a11 = word(11);
  let a12 = counters(counter), a13 = word(13), a14 = word(14), a15 = word(15);
  let b0 = word(0), b1 = word(1), b2 = word(2), b3 = word(3);
  let b4 = word(4), b5 = word(5), b6 = word(6), b7 = word(7);
  let b8 = word(8), b9 = word(9), b10 = word(10), b11 = word(11);
  let b12 = counters(counter + 4), b13 = word(13), b14 = word(14), b15 = word(15);
  for (let round = 0; round < 10; round++) {
    // Columns.
    a0 = add(a0, a4); a12 = rotl16(xor(a12, a0)); b0 = add(b0, b4); b12 = rotl16(xor(b12, b0));
    a1 = add(a1, a5); a13 = rotl16(xor(a13, a1)); b1 = add(b1, b5); b13 = rotl16(xor(b13, b1));
    a2 = add(a2, a6); a14 = rotl16(xor(a14, a2)); b2 = add(b2, b6); b14 = rotl16(xor(b14, b2));
    a3 = add(a3, a7); a15 = rotl16(xor(a15, a3)); b3 = add(b3, b7); b15 = rotl16(xor(b15, b3));
    a8 = add(a8, a12); a4 = rotl12(xor(a4, a8)); b8 = add(b8, b12); b4 = rotl12(xor(b4, b8));
    a9 = add(a9, a13); a5 = rotl12(xor(a5, a9)); b9 = add(b9, b13); b5 = rotl12(xor(b5, b9));
    a10 = add(a10, a14); a6 = rotl12(xor(a6, a10)); b10 = add(b10, b14); b6 = rotl12(xor(b6, b10));
    a11 = add(a11, a15); a7 = rotl12(xor(a7, a11)); b11 = add(b11, b15); b7 = rotl12(xor(b7, b11));
    a0 = add(a0, a4); a12 = rotl8(xor(a12, a0)); b0 = add(b0, b4); b12 = rotl8(xor(b12, b0));
    a1 = add(a1, a5); a13 = rotl8(xor(a13, a1)); b1 = add(b1, b5); b13 = rotl8(xor(b13, b1));
    a2 = add(a2, a6); a14 = rotl8(xor(a14, a2)); b2 = add(b2, b6); b14 = rotl8(xor(b14, b2));
    a3 = add(a3, a7); a15 = rotl8(xor(a15, a3)); b3 = add(b3, b7); b15 = rotl8(xor(b15, b3));
    a8 = add(a8, a12); a4 = rotl7(xor(a4, a8)); b8 = add(b8, b12); b4 = rotl7(xor(b4, b8));
    a9 = add(a9, a13); a5 = rotl7(xor(a5, a9)); b9 = add(b9, b13); b5 = rotl7(xor(b5, b9));
    a10 = add(a10, a14); a6 = rotl7(xor(a6, a10)); b10 = add(b10, b14); b6 = rotl7(xor(b6, b10));
    a11 = add(a11, a15); a7 = rotl7(xor(a7, a11)); b11 = add(b11, b15); b7 = rotl7(xor(b7, b11));
    // Diagonals.
    a0 = add(a0, a5); a15 = rotl16(xor(a15, a0)); b0 = add(b0, b5); b15 = rotl16(xor(b15, b0));
    a1 = add(a1, a6); a12 = rotl16(xor(a12, a1)); b1 = add(b1, b6); b12 = rotl16(xor(b12, b1));
    a2 = add(a2, a7); a13 = rotl16(xor(a13, a2)); b2 = add(b2, b7); b13 = rotl16(xor(b13, b2));
    a3 = add(a3, a4); a14 = rotl16(xor(a14, a3)); b3 = add(b3, b4); b14 = rotl16(xor(b14, b3));
    a10 = add(a10, a15); a5 = rotl12(xor(a5, a10)); b10 = add(b10, b15); b5 = rotl12(xor(b5, b10));
    a11 = add(a11, a12); a6 = rotl12(xor(a6, a11)); b11 = add(b11, b12); b6 = rotl12(xor(b6, b11));
    a8 = add(a8, a13); a7 = rotl12(xor(a7, a8)); b8 = add(b8, b13); b7 = rotl12(xor(b7, b8));
    a9 = add(a9, a14); a4 = rotl12(xor(a4, a9)); b9 = add(b9, b14); b4 = rotl12(xor(b4, b9));
    a0 = add(a0, a5); a15 = rotl8(xor(a15, a0)); b0 = add(b0, b5); b15 = rotl8(xor(b15, b0));
    a1 = add(a1, a6); a12 = rotl8(xor(a12, a1)); b1 = add(b1, b6); b12 = rotl8(xor(b12, b1));
    a2 = add(a2, a7); a13 = rotl8(xor(a13, a2)); b2 = add(b2, b7); b13 = rotl8(xor(b13, b2));
    a3 = add(a3, a4); a14 = rotl8(xor(a14, a3)); b3 = add(b3, b4); b14 = rotl8(xor(b14, b3));
    a10 = add(a10, a15); a5 = rotl7(xor(a5, a10)); b10 = add(b10, b15); b5 = rotl7(xor(b5, b10));
    a11 = add(a11, a12); a6 = rotl7(xor(a6, a11)); b11 = add(b11, b12); b6 = rotl7(xor(b6, b11));
    a8 = add(a8, a13); a7 = rotl7(xor(a7, a8)); b8 = add(b8, b13); b7 = rotl7(xor(b7, b8));
    a9 = add(a9, a14); a4 = rotl7(xor(a4, a9)); b9 = add(b9, b14); b4 = rotl7(xor(b4, b9));
  }
  put(0, add(a0, word(0))); put(1, add(a1, word(1)));
  put(2, add(a2, word(2))); put(3, add(a3, word(3)));
  put(4, add(a4, word(4))); put(5, add(a5, word(5)));
  put(6, add(a6, word(6))); put(7, add(a7, word(7)));
  put(8, add(a8, word(8))); put(9, add(a9, word(9)));
  put(10, add(a10, word(10))); put(11, add(a11, word(11)));
  put(12, add(a12, counters(counter))); put(13, add(a13, word(13)));
  put(14, add(a14, word(14))); put(15, add(a15, word(15)));
  put(16, add(b0, word(0))); put(17, add(b1, word(1)));
  put(18, add(b2, word(2))); put(19, add(b3, word(3)));
  put(20, add(b4, word(4))); put(21, add(b5, word(5)));
  put(22, add(b6, word(6))); put(23, add(b7, word(7)));
  put(24, add(b8, word(8))); put(25, add(b9, word(9)));
  put(26, add(b10, word(10))); put(27, add(b11, word(11)));
  put(28, add(b12, counters(counter + 4))); put(29, add(b13, word(13)));
  put(30, add(b14, word(14))); put(31, add(b15, word(15)));
}
