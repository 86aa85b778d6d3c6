// ChaCha20-Poly1305 (RFC 8439 §2.8) over the state that `chachaInit` left.
//
// Block 0 of the key stream is the Poly1305 key, blocks 1 and on cover the text.
// One run of the rounds makes the key and the first blocks of the text together.

import { chachaKeystream, chachaXor, xorBytes } from "./chacha20";
import { CHACHA_STATE, CHACHA_WORDS, KEYSTREAM, PARTIAL, POLY_STATE, TAG } from "./memory";
import { polyFinish, polyInit, polyLengths, polyPadded, tagsEqual } from "./poly1305";

/** Bytes of text that the first run of the rounds covers: seven blocks. */
const HEAD_BYTES: u32 = 448;

/** Makes the key stream of the head, and starts Poly1305 with its first block. */
function begin(length: u32): u32 {
  const head = min(length, HEAD_BYTES);
  chachaKeystream(0, 64 + head);
  polyInit(KEYSTREAM);
  return head;
}

/** Xors the text with the key stream: the head from KEYSTREAM, the rest made as it goes. */
function cover(source: usize, target: usize, length: u32, head: u32): void {
  xorBytes(KEYSTREAM + 64, source, target, head);
  if (length > head) chachaXor(8, source + head, target + head, length - head);
}

function finish(aad: usize, aadLength: u32, ciphertext: usize, length: u32, tag: usize): void {
  polyPadded(aad, aadLength);
  polyPadded(ciphertext, length);
  polyLengths(aadLength, length);
  polyFinish(tag);
}

/** Encrypts `length` bytes and puts the tag behind them. Source and target may be the same. */
export function aeadSeal(aad: usize, aadLength: u32, source: usize, target: usize, length: u32): void {
  cover(source, target, length, begin(length));
  finish(aad, aadLength, target, length, target + length);
}

/**
 * Checks the tag behind `length` bytes at `source`, and only if it is right decrypts
 * them to `target`, which must not overlap the source unless it is the same.
 */
export function aeadOpen(aad: usize, aadLength: u32, source: usize, target: usize, length: u32): bool {
  const head = begin(length);
  finish(aad, aadLength, source, length, TAG);
  if (!tagsEqual(TAG, source + length)) return false;
  cover(source, target, length, head);
  return true;
}

/** Wipes what the algorithms left behind: keys, key stream, accumulator. */
export function wipeRegisters(): void {
  memory.fill(CHACHA_STATE, 0, 64);
  memory.fill(POLY_STATE, 0, 128);
  memory.fill(PARTIAL, 0, 64);
  memory.fill(TAG, 0, 64);
  memory.fill(KEYSTREAM, 0, 512);
  memory.fill(CHACHA_WORDS, 0, 512);
}
