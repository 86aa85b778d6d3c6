// The packet header: magic, version, flags and length, ten bytes.
//
//   0  4  DE AD BE EF
//   4  1  version 1
//   5  1  flags    bits 0-1 compression (1 LZ4, 2 zstd, 3 gzip), 2 sealed, 3 sequenced, 4 handshake, others zero
//   6  4  length of the body, big-endian
//
// A sequenced packet continues with session id and sequence, eight bytes each, big-endian.

import { BODY_BYTES_MAX } from "./memory";
import { STATUS_FLAGS, STATUS_MAGIC, STATUS_TOO_LARGE, STATUS_TOO_SHORT, STATUS_VERSION } from "./status";

export const HEADER_BYTES: u32 = 10;
/** Session id and sequence. */
export const SEQUENCED_BYTES: u32 = 16;
export const TAG_BYTES: u32 = 16;

export const FLAG_COMPRESSION: u32 = 3;
export const FLAG_LZ4: u32 = 1;
export const FLAG_SEALED: u32 = 4;
export const FLAG_SEQUENCED: u32 = 8;

const MAGIC: u32 = 0xefbeadde; // DE AD BE EF, read little-endian
const VERSION: u32 = 1;
const FLAGS_KNOWN: u32 = 0x1f;

/** Writes the ten bytes. */
export function headerWrite(target: usize, flags: u32, length: u32): void {
  store<u32>(target, MAGIC);
  store<u8>(target, VERSION, 4);
  store<u8>(target, flags, 5);
  store<u32>(target, bswap<u32>(length), 6);
}

/** Whether flags of this kind can be: known bits, and only sealed bodies compressed or sequenced. */
export function flagsPossible(flags: u32): bool {
  if ((flags & ~FLAGS_KNOWN) != 0) return false;
  return (flags & FLAG_SEALED) != 0 || (flags & (FLAG_COMPRESSION | FLAG_SEQUENCED)) == 0;
}

/** The fewest bytes of a body with these flags. */
function bodyBytesMin(flags: u32): u32 {
  if ((flags & FLAG_SEALED) == 0) return 0;
  return TAG_BYTES + ((flags & FLAG_SEQUENCED) != 0 ? SEQUENCED_BYTES : 0);
}

/**
 * Judges the first `available` bytes of a packet, however few they are: 0, or the
 * status of the first thing that is wrong. Bytes of the length that have not
 * arrived count as zero, so that a lie is seen with its first byte.
 */
export function headerJudge(header: usize, available: u32, lengthMax: u32): i32 {
  const magicBytes = min(available, 4);
  for (let i: u32 = 0; i < magicBytes; i++) {
    if (load<u8>(header + i) != <u8> (MAGIC >> (i << 3))) return STATUS_MAGIC;
  }
  if (available < 5) return 0;
  if (load<u8>(header, 4) != VERSION) return STATUS_VERSION;
  if (available < 6) return 0;
  const flags = <u32> load<u8>(header, 5);
  if (!flagsPossible(flags)) return STATUS_FLAGS;
  let length: u32 = 0;
  for (let i: u32 = 6; i < min(available, HEADER_BYTES); i++) {
    length |= <u32> load<u8>(header + i) << ((9 - i) << 3);
  }
  const least = bodyBytesMin(flags);
  // More text than an arena holds could not be taken in, whatever the limit.
  if (length > min(lengthMax, BODY_BYTES_MAX + least)) return STATUS_TOO_LARGE;
  if (available >= HEADER_BYTES && length < least) return STATUS_TOO_SHORT;
  return 0;
}
