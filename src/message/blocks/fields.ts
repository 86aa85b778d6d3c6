/**
 * Holds the fields of a block against what they may be, wherever they come from.
 *
 * @module
 */

import { BLOCK_PAYLOAD_BYTES_MAX } from "../../block_limits.ts";
import { HawserError } from "../../errors.ts";
import { type Block, HASH_BYTES, SIGNATURE_BYTES } from "./block.ts";

/** What each field must be; `byteOrder` is not among them, because no layout writes it. */
const FIELDS: Readonly<Record<Exclude<keyof Block, "byteOrder">, (value: unknown) => boolean>> = {
  version: (value) => isWhole(value, 0, 0xffff),
  index: (value) => isWhole(value, 0, Number.MAX_SAFE_INTEGER),
  timestamp: (value) => isWhole(value, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
  previousHash: (value) => isBytes(value, HASH_BYTES),
  payloadHash: (value) => isBytes(value, HASH_BYTES),
  payloadType: (value) => isWhole(value, 0, 0xffff_ffff),
  payload: (value) => value instanceof Uint8Array,
  publicKey: (value) => isBytes(value, HASH_BYTES),
  signature: (value) => isBytes(value, SIGNATURE_BYTES),
};

/** The names of the fields, in the order in which the layouts with names write them. */
export const FIELD_NAMES = Object.keys(FIELDS) as (keyof typeof FIELDS)[];

/**
 * A block of these fields.
 * @throws {HawserError} `serialization` for one that is missing or cannot be, `packet-too-large` for too long a payload.
 */
export function checkFields(fields: { readonly [name in keyof Block]?: unknown }): Block {
  for (const name of FIELD_NAMES) {
    if (!FIELDS[name](fields[name])) {
      throw new HawserError(
        "serialization",
        `this is no block: its field ${name} is missing or out of range`,
      );
    }
  }
  const block = fields as Block;
  if (block.payload.length > BLOCK_PAYLOAD_BYTES_MAX) {
    throw new HawserError(
      "packet-too-large",
      `the payload of a block has ${block.payload.length} bytes; the limit is ${BLOCK_PAYLOAD_BYTES_MAX}`,
    );
  }
  return block;
}

function isWhole(value: unknown, min: number, max: number): boolean {
  return Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max;
}

function isBytes(value: unknown, length: number): boolean {
  return value instanceof Uint8Array && value.length === length;
}
