/**
 * Header fields as bytes: QPACK (RFC 9204) without its dynamic table, which our SETTINGS rule out.
 *
 * @module
 */

import { HTTP3_FIELDS_MAX, HTTP3_FRAME_BYTES_MAX } from "../../../quic_limits.ts";
import { http3Error } from "./error.ts";
import { decodeHuffman } from "./huffman.ts";
import { type Field, STATIC_TABLE } from "./static_table.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

/** Encodes fields, whose names are in lower case. What we say is short, so nothing is compressed beyond the table. */
export function encodeFields(fields: readonly Field[]): Uint8Array<ArrayBuffer> {
  const bytes = [0, 0]; // §4.5.1: nothing refers to a dynamic table.
  for (const [name, value] of fields) {
    const both = STATIC_TABLE.findIndex((known) => known[0] === name && known[1] === value);
    const index = both < 0 ? STATIC_TABLE.findIndex((known) => known[0] === name) : both;
    if (both >= 0) {
      bytes.push(...prefixed(0xc0, 6, both)); // §4.5.2
    } else if (index >= 0) {
      bytes.push(...prefixed(0x50, 4, index), ...text(0, 7, value)); // §4.5.4
    } else {
      bytes.push(...text(0x20, 3, name), ...text(0, 7, value)); // §4.5.6
    }
  }
  return Uint8Array.from(bytes);
}

/**
 * Decodes the fields of one request or response.
 * @throws {HawserError} `protocol` if they cannot be read, refer to a dynamic table, or are too many
 */
export function decodeFields(payload: Uint8Array): Field[] {
  const reader = new FieldReader(payload);
  if (reader.integer(8) !== 0) throw http3Error("its fields refer to a table that nobody agreed on");
  reader.integer(7);
  const fields: Field[] = [];
  while (!reader.done) {
    if (fields.length === HTTP3_FIELDS_MAX) throw http3Error(`more than ${HTTP3_FIELDS_MAX} fields`);
    fields.push(reader.field());
  }
  return fields;
}

function prefixed(flags: number, prefixBits: number, value: number): number[] {
  const most = (1 << prefixBits) - 1;
  if (value < most) return [flags | value];
  const bytes = [flags | most];
  let rest = value - most;
  for (; rest >= 0x80; rest >>>= 7) bytes.push(rest & 0x7f | 0x80);
  return [...bytes, rest];
}

function text(flags: number, prefixBits: number, value: string): number[] {
  const bytes = encoder.encode(value);
  return [...prefixed(flags, prefixBits, bytes.length), ...bytes];
}

/** Reads one field section. */
class FieldReader {
  readonly #bytes: Uint8Array;
  #at = 0;
  // Decoded bytes: a Huffman code can be longer decoded than it is.
  #decoded = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** An integer whose first byte has `prefixBits` for it (RFC 7541 §5.1). */
  integer(prefixBits: number): number {
    const most = (1 << prefixBits) - 1;
    let value = this.#byte() & most;
    if (value < most) return value;
    for (let shift = 0; shift <= 21; shift += 7) {
      const byte = this.#byte();
      value += (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw http3Error("a field has an integer that is too large");
  }

  /** The next field (§4.5). */
  field(): Field {
    const first = this.#bytes[this.#at];
    if ((first & 0xc0) === 0xc0) return this.#row(6);
    if ((first & 0xd0) === 0x50) return [this.#row(4)[0], this.#string(7)];
    if ((first & 0xe0) === 0x20) return [this.#string(3), this.#string(7)];
    throw http3Error("a field refers to a table that nobody agreed on");
  }

  #row(prefixBits: number): Field {
    const row = STATIC_TABLE[this.integer(prefixBits)];
    if (row === undefined) throw http3Error("a field refers to a row that does not exist");
    this.#count(row[0].length + row[1].length);
    return row;
  }

  // The bit above the length says whether the string is coded.
  #string(prefixBits: number): string {
    const isCoded = (this.#bytes[this.#at] & 1 << prefixBits) !== 0;
    const length = this.integer(prefixBits);
    if (length > this.#bytes.length - this.#at) throw http3Error("a field is cut off");
    const bytes = this.#bytes.subarray(this.#at, this.#at += length);
    const decoded = isCoded ? decodeHuffman(bytes) : bytes;
    this.#count(decoded.length);
    try {
      return decoder.decode(decoded);
    } catch {
      throw http3Error("a field is no text");
    }
  }

  #byte(): number {
    if (this.done) throw http3Error("its fields are cut off");
    return this.#bytes[this.#at++];
  }

  #count(bytes: number): void {
    this.#decoded += bytes;
    if (this.#decoded > HTTP3_FRAME_BYTES_MAX) {
      throw http3Error(`its fields have more than ${HTTP3_FRAME_BYTES_MAX} bytes`);
    }
  }
}
