// The sending half of a lane.
//
// Slot:   0  8  counter: the lower half of the next sequence number, 2^32 when none is left
//         8  4  epoch: the upper half
//        12  4  1 on datagram lanes
//        16  8  lane id
//        32 32  subkey of this epoch
//        64     key stream made ahead (lookahead.ts)

import { aeadSeal, wipeRegisters } from "./aead";
import { chachaInit } from "./chacha20";
import { looksCompressible } from "./entropy";
import {
  FLAG_LZ4,
  FLAG_SEALED,
  FLAG_SEQUENCED,
  HEADER_BYTES,
  headerWrite,
  SEQUENCED_BYTES,
  TAG_BYTES,
} from "./header";
import { COUNTER_END, EPOCH_LAST, laneEpochsExhausted, laneSubkey } from "./lane";
import { lookaheadCoversText, lookaheadFind, lookaheadHelps, lookaheadMake, SHORT_BYTES } from "./lookahead";
import { lz4Compress } from "./lz4";
import { PLAINTEXT, SEALED, SLOT_BYTES } from "./memory";
import { STATUS_EXHAUSTED } from "./status";

const LOOKAHEAD: usize = 64;

/** Bodies below this cannot gain; as src/compression_limits.ts says. */
export const COMPRESSION_BYTES_MIN: u32 = 64;

/** Makes a sealer in an empty slot, with the key at KEY. */
export function sealerCreate(
  slot: usize,
  laneLow: u32,
  laneHigh: u32,
  epoch: u32,
  counter: u32,
  datagram: bool,
): void {
  store<u64>(slot, counter);
  store<u32>(slot, epoch, 8);
  store<u32>(slot, datagram, 12);
  store<u32>(slot, laneLow, 16);
  store<u32>(slot, laneHigh, 20);
  laneSubkey(load<u64>(slot, 16), epoch, slot + 32);
}

/** The lower half of the next sequence number. */
export function sealerCounter(slot: usize): f64 {
  return <f64> load<u64>(slot);
}

/** The upper half of the next sequence number. */
export function sealerEpoch(slot: usize): u32 {
  return load<u32>(slot, 8);
}

/** Starts the next epoch with the key at KEY. */
export function sealerRekey(slot: usize): i32 {
  const epoch = load<u32>(slot, 8);
  if (epoch == EPOCH_LAST) return laneEpochsExhausted();
  memory.fill(slot + 32, 0, SLOT_BYTES - 32);
  store<u64>(slot, 0);
  store<u32>(slot, epoch + 1, 8);
  laneSubkey(load<u64>(slot, 16), epoch + 1, slot + 32);
  return 0;
}

/** Wipes the slot. */
export function slotWipe(slot: usize): void {
  memory.fill(slot, 0, SLOT_BYTES);
  wipeRegisters();
}

/**
 * Seals the first `length` bytes of the plaintext arena into the sealed arena. `compression` is 0, or `FLAG_LZ4` to
 * try it; the host has others, and gives the bits of the one that made the body. Returns the bytes of the packet, or
 * `STATUS_EXHAUSTED`.
 */
export function seal(slot: usize, length: u32, compression: u32, sessionHigh: u32, sessionLow: u32): i32 {
  const counter = load<u64>(slot);
  if (counter >= COUNTER_END) return STATUS_EXHAUSTED;
  const epoch = load<u32>(slot, 8);
  const datagram = load<u32>(slot, 12) != 0;
  const prefix = datagram ? HEADER_BYTES + SEQUENCED_BYTES : HEADER_BYTES;
  const body = SEALED + prefix;

  let flags: u32 = datagram ? FLAG_SEALED | FLAG_SEQUENCED : FLAG_SEALED;
  let source = PLAINTEXT;
  if (compression > FLAG_LZ4) {
    flags |= compression;
  } else if (compression != 0 && length >= COMPRESSION_BYTES_MIN && looksCompressible(PLAINTEXT, length)) {
    const smaller = lz4Compress(PLAINTEXT, length, body, length - 1);
    if (smaller > 0) {
      flags |= FLAG_LZ4;
      source = body;
      length = smaller;
    }
  }

  headerWrite(SEALED, flags, prefix - HEADER_BYTES + length + TAG_BYTES);
  if (datagram) {
    store<u32>(SEALED, bswap<u32>(sessionHigh), 10);
    store<u32>(SEALED, bswap<u32>(sessionLow), 14);
    store<u32>(SEALED, bswap<u32>(epoch), 18);
    store<u32>(SEALED, bswap<u32>(<u32> counter), 22);
  }
  chachaInit(slot + 32, 0, <u32> counter, epoch);
  const area = slot + LOOKAHEAD;
  let ahead: usize = 0;
  if (lookaheadHelps(length)) {
    ahead = lookaheadFind(area, counter);
    if (ahead == 0) ahead = lookaheadMake(area, counter, length <= SHORT_BYTES);
  }
  aeadSeal(ahead, lookaheadCoversText(area), SEALED, prefix, source, body, length);
  store<u64>(slot, counter + 1);
  return prefix + length + TAG_BYTES;
}
