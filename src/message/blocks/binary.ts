/**
 * The two binary layouts of a block.
 *
 * ```
 * canonical, big-endian     header 86 · payload size 4 · public key 32 · signature 64 · payload
 * little-endian             header 86 · payload · signature 64 · public key 32
 *
 * header     version 2 · index 8 · timestamp 8 · previous hash 32 · payload hash 32 · payload type 4
 * ```
 *
 * @module
 */

import { BLOCK_PAYLOAD_BYTES_MAX } from "../../block_limits.ts";
import { HawserError } from "../../errors.ts";
import {
  type Block,
  type ByteOrder,
  HASH_BYTES,
  HEADER_BYTES,
  SIGNATURE_BYTES,
  writeHeader,
} from "./block.ts";
import { checkFields } from "./fields.ts";

const SIZE_BYTES = 4;

/** Bytes of a block beside its payload: the canonical layout. */
const CANONICAL_BYTES = HEADER_BYTES + SIZE_BYTES + HASH_BYTES + SIGNATURE_BYTES;

/** The same: the little-endian layout. */
const LITTLE_BYTES = HEADER_BYTES + SIGNATURE_BYTES + HASH_BYTES;

/** The block in the binary layout of its byte order: what is hashed. */
export function encodeBinary(block: Block): Uint8Array {
  const { payload, publicKey, signature, byteOrder } = block;
  const isLittle = byteOrder === "little";
  const bytes = new Uint8Array((isLittle ? LITTLE_BYTES : CANONICAL_BYTES) + payload.length);
  let at = writeHeader(bytes, 0, block, byteOrder);
  if (!isLittle) {
    new DataView(bytes.buffer).setUint32(at, payload.length);
    at += SIZE_BYTES;
  }
  for (const part of isLittle ? [payload, signature, publicKey] : [publicKey, signature, payload]) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/**
 * Reads a block in the canonical layout; its fields are views of `bytes`.
 * @throws {HawserError} `serialization` if it is none, `packet-too-large` if its payload is over the limit.
 */
export function decodeCanonical(bytes: Uint8Array): Block {
  if (bytes.length < CANONICAL_BYTES) throw cutOff(bytes.length, CANONICAL_BYTES);
  const size = viewOf(bytes).getUint32(HEADER_BYTES);
  if (size > BLOCK_PAYLOAD_BYTES_MAX) throw tooLarge(size);
  if (bytes.length !== CANONICAL_BYTES + size) {
    throw new HawserError(
      "serialization",
      `this is no block: it says that its payload has ${size} bytes, and ${
        bytes.length - CANONICAL_BYTES
      } are there`,
    );
  }
  const key = HEADER_BYTES + SIZE_BYTES;
  const signature = key + HASH_BYTES;
  return checkFields({
    ...readHeader(bytes, "big"),
    publicKey: bytes.subarray(key, signature),
    signature: bytes.subarray(signature, CANONICAL_BYTES),
    payload: bytes.subarray(CANONICAL_BYTES),
  });
}

/**
 * Reads a block in the little-endian layout; its fields are views of `bytes`.
 * @throws {HawserError} `serialization` if it is none, `packet-too-large` if its payload is over the limit.
 */
export function decodeLittle(bytes: Uint8Array): Block {
  if (bytes.length < LITTLE_BYTES) throw cutOff(bytes.length, LITTLE_BYTES);
  if (bytes.length > LITTLE_BYTES + BLOCK_PAYLOAD_BYTES_MAX) throw tooLarge(bytes.length - LITTLE_BYTES);
  const key = bytes.length - HASH_BYTES;
  const signature = key - SIGNATURE_BYTES;
  return checkFields({
    ...readHeader(bytes, "little"),
    payload: bytes.subarray(HEADER_BYTES, signature),
    signature: bytes.subarray(signature, key),
    publicKey: bytes.subarray(key),
  });
}

function readHeader(bytes: Uint8Array, byteOrder: ByteOrder) {
  const view = viewOf(bytes);
  const little = byteOrder === "little";
  return {
    version: view.getUint16(0, little),
    index: Number(view.getBigUint64(2, little)),
    timestamp: Number(view.getBigInt64(10, little)),
    previousHash: bytes.subarray(18, 50),
    payloadHash: bytes.subarray(50, 82),
    payloadType: view.getUint32(82, little),
    byteOrder,
  };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

function cutOff(length: number, bytesMin: number): HawserError {
  return new HawserError(
    "serialization",
    `this is no block: ${length} bytes are there, and the least is ${bytesMin}`,
  );
}

function tooLarge(size: number): HawserError {
  return new HawserError(
    "packet-too-large",
    `the payload of a block has ${size} bytes; the limit is ${BLOCK_PAYLOAD_BYTES_MAX}`,
  );
}
