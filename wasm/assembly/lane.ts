// What both halves of a lane share: the nonce.
//
//   lane id u64 LE | epoch u32 LE | 00000000 | sequence u64 LE      24 bytes
//
// The sequence is the epoch (upper half) and a counter (lower half). The first 16 bytes stay
// the same for a lane and epoch, so HChaCha20 runs once and each packet costs
// a plain ChaCha20-Poly1305 with the nonce 00000000 | counter | epoch
// (draft-irtf-cfrg-xchacha-03 §2.3).

import { wipeRegisters } from "./aead";
import { hchacha20 } from "./chacha20";
import { KEY, NONCE } from "./memory";
import { STATUS_EXHAUSTED } from "./status";

/** No counter is left in an epoch. */
export const COUNTER_END: u64 = 0x100000000;

/** No epoch follows this one. */
export const EPOCH_LAST: u32 = 0xffffffff;

/** Writes the subkey of the key at KEY to `target`, and wipes KEY. */
export function laneSubkey(lane: u64, epoch: u32, target: usize): void {
  store<u64>(NONCE, lane);
  store<u64>(NONCE, epoch, 8);
  hchacha20(KEY, NONCE, target);
  memory.fill(KEY, 0, 32);
  wipeRegisters();
}

/** Refuses the key at KEY, because no epoch is left for it. */
export function laneEpochsExhausted(): i32 {
  memory.fill(KEY, 0, 32);
  return STATUS_EXHAUSTED;
}
