/**
 * What a block is: a record of an application that names the record before it and is signed (Olocus).
 *
 * @module
 */

/** The order of the bytes of numbers: `big` in the canonical layout, `little` in the other binary one. */
export type ByteOrder = "big" | "little";

/** A signed record in a chain of records. */
export interface Block {
  /** The version of the format: the major in the upper byte, the minor in the lower. */
  readonly version: number;
  /** Its place in the chain, from 0 to 2^53 - 1. */
  readonly index: number;
  /** When it was made: whole seconds since 1970. */
  readonly timestamp: number;
  /** The hash of the block before (32 bytes); zeros in the first. */
  readonly previousHash: Uint8Array;
  /** SHA-256 of the payload (32 bytes). */
  readonly payloadHash: Uint8Array;
  /** What the payload is: a number of the application, below 2^32. */
  readonly payloadType: number;
  /** What the application has to say. */
  readonly payload: Uint8Array;
  /** The Ed25519 key of whoever signed (32 bytes). */
  readonly publicKey: Uint8Array;
  /** Ed25519 (RFC 8032) over header, length of the payload, and payload (64 bytes). */
  readonly signature: Uint8Array;
  /**
   * How the header was written when it was signed and hashed. A block that was signed in one order is none in the other:
   * `little` is for peers that speak the little-endian layout alone.
   */
  readonly byteOrder: ByteOrder;
}

/** The version of blocks that are made here: 1.5, the one that Olocus documents. */
export const BLOCK_VERSION = 0x0105;

/** Bytes of a hash, and of a public key. */
export const HASH_BYTES = 32;

/** Bytes of a signature. */
export const SIGNATURE_BYTES = 64;

/** Bytes of the header: version 2, index 8, timestamp 8, previous hash 32, payload hash 32, payload type 4. */
export const HEADER_BYTES = 86;

/** The fields that the header has in it. */
export type BlockHeader = Pick<
  Block,
  "version" | "index" | "timestamp" | "previousHash" | "payloadHash" | "payloadType"
>;

/** Writes the header into `target` at `at`; returns the position behind it. */
export function writeHeader(
  target: Uint8Array,
  at: number,
  header: BlockHeader,
  byteOrder: ByteOrder,
): number {
  const view = new DataView(target.buffer, target.byteOffset + at, HEADER_BYTES);
  const little = byteOrder === "little";
  view.setUint16(0, header.version, little);
  view.setBigUint64(2, BigInt(header.index), little);
  view.setBigInt64(10, BigInt(header.timestamp), little);
  target.set(header.previousHash, at + 18);
  target.set(header.payloadHash, at + 50);
  view.setUint32(82, header.payloadType, little);
  return at + HEADER_BYTES;
}

/** What is signed: the header, the length of the payload (32 bits, big-endian in both orders), the payload. */
export function signedText(header: BlockHeader, payload: Uint8Array, byteOrder: ByteOrder): Uint8Array {
  const text = new Uint8Array(HEADER_BYTES + 4 + payload.length);
  const at = writeHeader(text, 0, header, byteOrder);
  new DataView(text.buffer).setUint32(at, payload.length);
  text.set(payload, at + 4);
  return text;
}
