/**
 * Blocks as JSON: an object with the names of the header in snake_case, hashes, key and signature in
 * hexadecimal, the payload in base64.
 *
 * @module
 */

import { BLOCK_FIELDS_BYTES_MAX, BLOCK_PAYLOAD_BYTES_MAX } from "../../block_limits.ts";
import { HawserError } from "../../errors.ts";
import type { Block } from "./block.ts";
import { checkFields, FIELD_NAMES } from "./fields.ts";
import { wordOf } from "./names.ts";

const CHUNK_BYTES = 0x8000;
const TEXT_BYTES_MAX = Math.ceil(BLOCK_PAYLOAD_BYTES_MAX / 3) * 4 + BLOCK_FIELDS_BYTES_MAX;

/** The block as JSON in UTF-8. */
export function encodeJson(block: Block): Uint8Array {
  const entries = FIELD_NAMES.map((name) => {
    const value = block[name];
    if (typeof value === "number") return [wordOf(name), value];
    return [wordOf(name), name === "payload" ? toBase64(value) : toHex(value)];
  });
  return new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
}

/**
 * Reads a block from JSON. Members of other names are passed over.
 * @throws {HawserError} `serialization` if it is none, `packet-too-large` if it is over the limit.
 */
export function decodeJson(bytes: Uint8Array): Block {
  if (bytes.length > TEXT_BYTES_MAX) {
    throw new HawserError(
      "packet-too-large",
      `${bytes.length} bytes of JSON are over the ${TEXT_BYTES_MAX} of a block`,
    );
  }
  const object = parse(bytes);
  const fields: Record<string, unknown> = { byteOrder: "big" };
  for (const name of FIELD_NAMES) {
    const word = wordOf(name);
    const value = Object.hasOwn(object, word) ? object[word] : undefined;
    fields[name] = typeof value !== "string"
      ? value
      : name === "payload"
      ? fromBase64(value)
      : fromHex(value);
  }
  return checkFields(fields);
}

function parse(bytes: Uint8Array): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new HawserError("serialization", "this is no block: it is no JSON", { cause });
  }
  if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  throw new HawserError("serialization", "this is no block: it is no object of JSON");
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// What is none stays undefined, and is told by the name of its field.
function fromHex(text: string): Uint8Array | undefined {
  if (!/^(?:[0-9a-f]{2})*$/i.test(text) || text.length > BLOCK_FIELDS_BYTES_MAX) return undefined;
  return Uint8Array.from(
    { length: text.length / 2 },
    (_, index) => parseInt(text.slice(2 * index, 2 * index + 2), 16),
  );
}

function toBase64(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    parts.push(String.fromCharCode(...bytes.subarray(at, at + CHUNK_BYTES)));
  }
  return btoa(parts.join(""));
}

function fromBase64(text: string): Uint8Array | undefined {
  let binary: string;
  try {
    binary = atob(text);
  } catch {
    return undefined;
  }
  const bytes = new Uint8Array(binary.length);
  for (let index = 0; index < bytes.length; index++) bytes[index] = binary.charCodeAt(index);
  return bytes;
}
