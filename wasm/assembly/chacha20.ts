// ChaCha20 (RFC 8439 §2.4) and HChaCha20 (draft-irtf-cfrg-xchacha-03 §2.2)
// over the state at CHACHA_STATE.

import { rounds4, rounds8 as unrolled8 } from "./chacha20_rounds";
import { CHACHA_STATE, CHACHA_WORDS, KEYSTREAM, ZEROS } from "./memory";

/** Fills the state with the constants, the 32-byte key at `key`, and a 96-bit nonce. */
export function chachaInit(key: usize, nonce0: u32, nonce1: u32, nonce2: u32): void {
  // "expand 32-byte k"
  store<u64>(CHACHA_STATE, 0x3320646e61707865);
  store<u64>(CHACHA_STATE, 0x6b20657479622d32, 8);
  v128.store(CHACHA_STATE + 16, v128.load(key));
  v128.store(CHACHA_STATE + 32, v128.load(key + 16));
  store<u32>(CHACHA_STATE, nonce0, 52);
  store<u32>(CHACHA_STATE, nonce1, 56);
  store<u32>(CHACHA_STATE, nonce2, 60);
}

/**
 * Writes the 32-byte subkey of the key at `key` and the 16 nonce bytes at `nonce` to `target`.
 *
 * HChaCha20 is the rounds without the final addition, so a block of ChaCha20
 * whose counter is the first nonce word gives it, once the addition is undone.
 */
export function hchacha20(key: usize, nonce: usize, target: usize): void {
  const first = load<u32>(nonce);
  chachaInit(key, load<u32>(nonce, 4), load<u32>(nonce, 8), load<u32>(nonce, 12));
  rounds4(first, CONSECUTIVE, 0, 0);
  store<u32>(CHACHA_STATE, first, 48);
  for (let i: usize = 0; i < 4; i++) {
    const head = load<u32>(CHACHA_WORDS + (i << 4)) - load<u32>(CHACHA_STATE + (i << 2));
    const tail = load<u32>(CHACHA_WORDS + (i << 4), 192) - load<u32>(CHACHA_STATE + (i << 2), 48);
    store<u32>(target + (i << 2), head);
    store<u32>(target + (i << 2), tail, 16);
  }
}

/** Puts four words of four blocks in byte order: four vectors, each xored with its 16 source bytes. */
// @ts-ignore: decorator
@inline
function xorQuarter(words: usize, source: usize, target: usize): void {
  const w0 = v128.load(words), w1 = v128.load(words, 16);
  const w2 = v128.load(words, 32), w3 = v128.load(words, 48);
  const low01 = v128.shuffle<i32>(w0, w1, 0, 4, 1, 5), high01 = v128.shuffle<i32>(w0, w1, 2, 6, 3, 7);
  const low23 = v128.shuffle<i32>(w2, w3, 0, 4, 1, 5), high23 = v128.shuffle<i32>(w2, w3, 2, 6, 3, 7);
  const b0 = v128.shuffle<i64>(low01, low23, 0, 2), b1 = v128.shuffle<i64>(low01, low23, 1, 3);
  const b2 = v128.shuffle<i64>(high01, high23, 0, 2), b3 = v128.shuffle<i64>(high01, high23, 1, 3);
  v128.store(target, v128.xor(b0, v128.load(source)));
  v128.store(target, v128.xor(b1, v128.load(source, 64)), 64);
  v128.store(target, v128.xor(b2, v128.load(source, 128)), 128);
  v128.store(target, v128.xor(b3, v128.load(source, 192)), 192);
}

/** Xors 256 bytes with the four blocks whose words lie at `words`. Source and target may be the same. */
// @ts-ignore: decorator
@inline
function xorWords(words: usize, source: usize, target: usize): void {
  xorQuarter(words, source, target);
  xorQuarter(words + 64, source + 16, target + 16);
  xorQuarter(words + 128, source + 32, target + 32);
  xorQuarter(words + 192, source + 48, target + 48);
}

/**
 * What each of eight blocks adds to the block counter and, in the second row, to the
 * second nonce word, which counts packets: here the blocks of one packet in a row.
 */
const CONSECUTIVE = memory.data<u32>([0, 1, 2, 3, 4, 5, 6, 7, 0, 0, 0, 0, 0, 0, 0, 0], 16);

/** Leaves the words of eight blocks, as `rounds4` does for four. The small build has no unrolled rounds for eight. */
// @ts-ignore: decorator
@inline
function rounds8(counter: u32, layout: usize, data: usize, fused: u32): void {
  if (ASC_SHRINK_LEVEL > 0) {
    rounds4(counter, layout + 16, 0, 0);
    memory.copy(CHACHA_WORDS + 256, CHACHA_WORDS, 256);
    rounds4(counter, layout, data, fused);
  } else {
    unrolled8(counter, layout, data, fused);
  }
}

/** Leaves the words of at least `length` (at most 512) bytes; Poly1305 takes `fused` times 64 bytes meanwhile. */
// @ts-ignore: decorator
@inline
function roundsFor(counter: u32, length: u32, data: usize, fused: u32): void {
  if (length > 256) rounds8(counter, CONSECUTIVE, data, fused);
  else rounds4(counter, CONSECUTIVE, data, fused);
}

/** Leaves at least `length` (at most 512) bytes of key stream from block `counter` on in KEYSTREAM. */
export function chachaKeystream(counter: u32, length: u32): void {
  roundsFor(counter, length, 0, 0);
  xorWords(CHACHA_WORDS, ZEROS, KEYSTREAM);
  if (length > 256) xorWords(CHACHA_WORDS + 256, ZEROS, KEYSTREAM + 256);
}

/** Rows as in CONSECUTIVE: the first two blocks of four packets in a row. */
const PAIRS_OF_PACKETS = memory.data<u32>([0, 1, 0, 1, 0, 1, 0, 1, 0, 0, 1, 1, 2, 2, 3, 3], 16);
/** Rows as in CONSECUTIVE: the first block of eight packets in a row. */
const FIRST_OF_PACKETS = memory.data<u32>([0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7], 16);

/** Writes 512 bytes of key stream to `target`: two blocks for each of four packets, or one for each of eight. */
export function chachaBlocksAhead(pairs: bool, target: usize): void {
  rounds8(0, pairs ? PAIRS_OF_PACKETS : FIRST_OF_PACKETS, 0, 0);
  xorWords(CHACHA_WORDS, ZEROS, target);
  xorWords(CHACHA_WORDS + 256, ZEROS, target + 256);
}

/** Xors `length` bytes with the bytes at `mask`. Touches up to 15 bytes of the slack behind all three. */
export function xorBytes(mask: usize, source: usize, target: usize, length: u32): void {
  for (let i: u32 = 0; i < length; i += 16) {
    v128.store(target + i, v128.xor(v128.load(source + i), v128.load(mask + i)));
  }
}

/**
 * Xors `length` bytes, at most 512, with the key stream from block `counter` on, while Poly1305 takes `fused` times
 * 64 bytes from `data` on. Source and target may be the same; up to 255 bytes of the slack behind both are touched.
 */
// @ts-ignore: decorator
@inline
export function chachaGroup(
  counter: u32,
  source: usize,
  target: usize,
  length: u32,
  data: usize,
  fused: u32,
): void {
  roundsFor(counter, length, data, fused);
  xorWords(CHACHA_WORDS, source, target);
  if (length > 256) xorWords(CHACHA_WORDS + 256, source + 256, target + 256);
}
