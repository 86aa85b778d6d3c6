// The AEADs as the host's primitives use them: key, nonce and associated data
// lie where the map says, the text in the work arena. Small texts take one call;
// large ones go through the arena piece by piece.

import { aeadOpen, aeadSeal, cover, wipeRegisters } from "./aead";
import { chachaInit, chachaKeystream, hchacha20 } from "./chacha20";
import { AAD, KEY, KEYSTREAM, NONCE, OUTPUT, TAG, WORK } from "./memory";
import { polyBlocks, polyFinish, polyInit, polyLengths, polyPadded, tagsEqual } from "./poly1305";

/** Takes key and nonce: 12 nonce bytes, or 24 if `extended`. Wipes the key. */
function start(extended: bool): void {
  if (extended) {
    hchacha20(KEY, NONCE, KEY);
    chachaInit(KEY, 0, load<u32>(NONCE, 16), load<u32>(NONCE, 20));
  } else {
    chachaInit(KEY, load<u32>(NONCE), load<u32>(NONCE, 4), load<u32>(NONCE, 8));
  }
  memory.fill(KEY, 0, 32);
}

/** Seals `length` bytes of the work arena in place, with the associated data behind the nonce. */
export function sealOnce(extended: bool, aadLength: u32, length: u32): void {
  start(extended);
  aeadSeal(0, false, AAD, aadLength, WORK, WORK, length);
  wipeRegisters();
}

/** Opens `length` bytes and a tag of the work arena to the output arena; zeros are there if the tag is wrong. */
export function openOnce(extended: bool, aadLength: u32, length: u32): bool {
  start(extended);
  const opened = aeadOpen(0, false, AAD, aadLength, WORK, OUTPUT, length);
  wipeRegisters();
  return opened;
}

/** Begins a text that comes in pieces. Other one-shot calls must wait until `streamTag` or `streamCheck`. */
export function streamStart(extended: bool): void {
  start(extended);
  chachaKeystream(0, 64);
  polyInit(KEYSTREAM);
}

/** Authenticates a piece of the work arena; every piece of one part but its last is a multiple of 16 bytes. */
export function streamAuthenticate(length: u32): void {
  polyPadded(WORK, length);
}

/**
 * Seals a piece of the work arena in place, its first byte in block `counter`; all pieces
 * but the last are whole blocks.
 */
export function streamSeal(counter: u32, length: u32): void {
  cover(counter, WORK, WORK, WORK, length, 0);
}

/**
 * Opens a piece of the work arena to the output arena, as `streamSeal` seals it. Nobody may see
 * it before `streamCheck` has found the tag right.
 */
export function streamOpen(counter: u32, length: u32): void {
  cover(counter, WORK, OUTPUT, WORK, length, 0);
}

/** Leaves the tag at the start of the work arena. The lengths are bytes, whole numbers. */
export function streamTag(aadLength: f64, textLength: f64): void {
  polyLengths(<u64> aadLength, <u64> textLength);
  polyFinish(WORK);
}

/** Whether the tag at the start of the work arena is the right one. */
export function streamCheck(aadLength: f64, textLength: f64): bool {
  polyLengths(<u64> aadLength, <u64> textLength);
  polyFinish(TAG);
  return tagsEqual(TAG, WORK);
}

/** The 32 bytes of HChaCha20 for the key and the first 16 nonce bytes, to the work arena. */
export function hchachaOnce(): void {
  hchacha20(KEY, NONCE, WORK);
  memory.fill(KEY, 0, 32);
  wipeRegisters();
}

/** The bare Poly1305 of `blocks` whole blocks of the work arena, with the key. */
export function polyOnce(blocks: u32): void {
  polyInit(KEY);
  polyBlocks(WORK, blocks);
  polyFinish(WORK);
  memory.fill(KEY, 0, 32);
  wipeRegisters();
}
