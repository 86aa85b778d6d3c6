// ChaCha20-Poly1305 (RFC 8439 §2.8) over the state that `chachaInit` left.
//
// Block 0 of the key stream is the Poly1305 key, blocks 1 and on cover the text.
// One run of the rounds makes the key and the first blocks of the text together. From then on
// each run of the rounds also takes ciphertext into Poly1305: what the run before
// it made when sealing, what has come when opening.

import { chachaGroup, chachaKeystream, xorBytes } from "./chacha20";
import { KEYSTREAM, SECRETS, SECRETS_BYTES, TAG } from "./memory";
import { polyFinish, polyInit, polyLengths, polyPadded, tagsEqual } from "./poly1305";

/** Bytes of text that the first run of the rounds covers: seven blocks. */
const HEAD_BYTES: u32 = 448;
/** Bytes of text that each later run covers. */
const GROUP_BYTES: u32 = 512;

/**
 * Starts Poly1305 and covers the head of the text; returns its length. `ahead` points at what
 * was made ahead, or is 0: the block with the Poly1305 key and, if `aheadText`, key
 * stream for one block of text.
 */
// @ts-ignore: decorator
@inline
function begin(
  ahead: usize,
  aheadText: bool,
  aad: usize,
  aadLength: u32,
  source: usize,
  target: usize,
  length: u32,
): u32 {
  let key = ahead;
  let head: u32 = aheadText && length <= 64 ? length : 0;
  if (ahead == 0) {
    key = KEYSTREAM;
    head = min(length, HEAD_BYTES);
    chachaKeystream(0, 64 + head);
  }
  polyInit(key);
  polyPadded(aad, aadLength);
  xorBytes(key + 64, source, target, head);
  return head;
}

/**
 * Covers a text, whose first byte belongs to block `first`, from `done` on, and takes the ciphertext into
 * Poly1305 from its start: as it comes into being if it is the target, else at once.
 */
export function cover(
  first: u32,
  source: usize,
  target: usize,
  ciphertext: usize,
  length: u32,
  done: u32,
): void {
  let taken: u32 = 0;
  for (; done < length; done += GROUP_BYTES) {
    const ready = ciphertext == target ? done : length;
    const fused = min((ready - taken) >> 6, GROUP_BYTES >> 6);
    const bytes = min(length - done, GROUP_BYTES);
    chachaGroup(first + (done >> 6), source + done, target + done, bytes, ciphertext + taken, fused);
    taken += fused << 6;
  }
  polyPadded(ciphertext + taken, length - taken);
}

/**
 * Encrypts `length` bytes and puts the tag behind them. Source and target may be the same.
 * `begin` explains `ahead`.
 */
export function aeadSeal(
  ahead: usize,
  aheadText: bool,
  aad: usize,
  aadLength: u32,
  source: usize,
  target: usize,
  length: u32,
): void {
  const head = begin(ahead, aheadText, aad, aadLength, source, target, length);
  cover(1, source, target, target, length, head);
  polyLengths(aadLength, length);
  polyFinish(target + length);
}

/**
 * Decrypts the `length` bytes at `source` to `target`, which must not overlap them, and wipes
 * what it wrote if the tag behind them is wrong. `begin` explains `ahead`.
 */
export function aeadOpen(
  ahead: usize,
  aheadText: bool,
  aad: usize,
  aadLength: u32,
  source: usize,
  target: usize,
  length: u32,
): bool {
  const head = begin(ahead, aheadText, aad, aadLength, source, target, length);
  cover(1, source, target, source, length, head);
  polyLengths(aadLength, length);
  polyFinish(TAG);
  if (tagsEqual(TAG, source + length)) return true;
  memory.fill(target, 0, length);
  return false;
}

/** Wipes what the algorithms left behind: keys, key stream, accumulator. */
export function wipeRegisters(): void {
  memory.fill(SECRETS, 0, SECRETS_BYTES);
}
