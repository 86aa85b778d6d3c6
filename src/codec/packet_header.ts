/**
 * The packet header in TypeScript: what wasm/assembly/header.ts does.
 *
 * ```text
 * 0  4  DE AD BE EF
 * 4  1  version 1
 * 5  1  flags    bits 0-1 compression (1 LZ4, 2 zstd, 3 gzip), 2 sealed, 3 sequenced, 4 handshake, others zero
 * 6  4  length of the body, big-endian
 * ```
 *
 * @module
 */

import { BODY_BYTES_MAX } from "../limits.ts";
import { checkBytes, checkWhole, TAG_BYTES } from "./arguments.ts";
import type { CompressionName } from "./codec.ts";
import { STATUS } from "./status.ts";

/** Magic, version, flags and length. */
export const HEADER_BYTES = 10;

/** Session id and sequence of a sequenced packet, eight bytes each, big-endian. */
export const SEQUENCED_BYTES = 16;

/** The two bits of the compression. */
export const FLAG_COMPRESSION = 3;

/** The body is one LZ4 block. */
export const FLAG_LZ4 = 1;

/** What the two bits of the compression say. */
export const COMPRESSION_BITS: Readonly<Record<CompressionName, number>> = {
  lz4: FLAG_LZ4,
  zstd: 2,
  gzip: 3,
};

/** The body is sealed. */
export const FLAG_SEALED = 4;

/** The body begins with session id and sequence. */
export const FLAG_SEQUENCED = 8;

/** The body is a message of the handshake. */
export const FLAG_HANDSHAKE = 16;

const MAGIC = [0xde, 0xad, 0xbe, 0xef];
const VERSION = 1;
const FLAGS_KNOWN = 31;

/** Writes the ten bytes at `at`. */
export function writeHeader(target: Uint8Array, at: number, flags: number, length: number): void {
  for (let i = 0; i < MAGIC.length; i++) target[at + i] = MAGIC[i];
  target[at + 4] = VERSION;
  target[at + 5] = flags;
  for (let i = 0; i < 4; i++) target[at + 6 + i] = length >>> (24 - 8 * i);
}

/**
 * Makes an unsealed packet.
 * @throws {RangeError} for other flags than the handshake's or none, or a body over the limit.
 */
export function unsealedPacket(flags: number, body: Uint8Array): Uint8Array {
  checkBytes("body", body);
  checkWhole("body length", body.length, BODY_BYTES_MAX);
  if (flags !== 0 && flags !== FLAG_HANDSHAKE) {
    throw new RangeError(`an unsealed packet has the handshake flag (16) or none, not ${flags}`);
  }
  const packet = new Uint8Array(HEADER_BYTES + body.length);
  writeHeader(packet, 0, flags, body.length);
  packet.set(body, HEADER_BYTES);
  return packet;
}

/**
 * Writes a packet without flags, of the first `length` bytes of `body`, to `target` at `at`; returns its bytes.
 * @throws {RangeError} for a length over the limit, or a target without room.
 */
export function packUnsealed(body: Uint8Array, length: number, target: Uint8Array, at: number): number {
  checkWhole("length", length, BODY_BYTES_MAX);
  writeHeader(target, at, 0, length);
  target.set(body.subarray(0, length), at + HEADER_BYTES);
  return HEADER_BYTES + length;
}

/**
 * Judges as much of a header as `bytes` has from `at` on: 0, or the status of
 * the first thing that is wrong. Length bytes that are missing count as zero.
 */
export function judgeHeader(bytes: Uint8Array, at: number, lengthMax: number): number {
  const header = bytes.subarray(at, at + HEADER_BYTES);
  for (let i = 0; i < Math.min(header.length, 4); i++) {
    if (header[i] !== MAGIC[i]) return STATUS.MAGIC;
  }
  if (header.length > 4 && header[4] !== VERSION) return STATUS.VERSION;
  if (header.length <= 5) return 0;
  const flags = header[5];
  if (!flagsPossible(flags)) return STATUS.FLAGS;
  let length = 0;
  for (let i = 6; i < HEADER_BYTES; i++) length = length * 256 + (header[i] ?? 0);
  const least = bodyBytesMin(flags);
  if (length > Math.min(lengthMax, BODY_BYTES_MAX + least)) return STATUS.TOO_LARGE;
  return header.length === HEADER_BYTES && length < least ? STATUS.TOO_SHORT : 0;
}

/** Known bits, and only sealed bodies compressed or sequenced. */
function flagsPossible(flags: number): boolean {
  if ((flags & ~FLAGS_KNOWN) !== 0) return false;
  return (flags & FLAG_SEALED) !== 0 || (flags & (FLAG_COMPRESSION | FLAG_SEQUENCED)) === 0;
}

/** The fewest bytes of a body with these flags. */
function bodyBytesMin(flags: number): number {
  if ((flags & FLAG_SEALED) === 0) return 0;
  return TAG_BYTES + ((flags & FLAG_SEQUENCED) === 0 ? 0 : SEQUENCED_BYTES);
}

/** A `DataView` of exactly these bytes. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
