/**
 * Blocks as MessagePack: a map with the names of the header in snake_case, whose values are whole numbers
 * and byte strings.
 *
 * A block nests nothing and repeats nothing, so that its few types are read here, in one pass that allocates
 * only the block: there is no depth and no count of elements that a sender could choose.
 *
 * @module
 */

import { HawserError } from "../../errors.ts";
import type { Block } from "./block.ts";
import { checkFields, FIELD_NAMES } from "./fields.ts";
import { wordOf } from "./names.ts";

// https://github.com/msgpack/msgpack/blob/master/spec.md
const FIXMAP = 0x80;
const FIXSTR = 0xa0;
const BIN_8 = 0xc4;
const BIN_16 = 0xc5;
const BIN_32 = 0xc6;
const UINT_8 = 0xcc;
const UINT_16 = 0xcd;
const UINT_32 = 0xce;
const UINT_64 = 0xcf;
const INT_8 = 0xd0;
const INT_16 = 0xd1;
const INT_32 = 0xd2;
const INT_64 = 0xd3;
const STR_8 = 0xd9;
const MAP_16 = 0xde;

// The longest name of a field, and one byte to tell a longer one.
const WORD_BYTES_MAX = 16;
const INT_BYTES = 9;
const BIN_HEAD_BYTES = 5;

const WORDS: ReadonlyMap<string, string> = new Map(FIELD_NAMES.map((name) => [wordOf(name), name]));

/** The block as MessagePack. */
export function encodeMessagePack(block: Block): Uint8Array {
  const parts = FIELD_NAMES.map((name) => ({ word: wordOf(name), value: block[name] }));
  const length = parts.reduce(
    (sum, { word, value }) =>
      sum + 1 + word.length + (typeof value === "number" ? INT_BYTES : BIN_HEAD_BYTES + value.length),
    1,
  );
  const writer = new Writer(length);
  writer.byte(FIXMAP | parts.length);
  for (const { word, value } of parts) {
    writer.byte(FIXSTR | word.length);
    writer.bytes(new TextEncoder().encode(word));
    if (typeof value === "number") writer.whole(value);
    else writer.binary(value);
  }
  return writer.written;
}

/**
 * Reads a block from MessagePack; its fields are views of `bytes`.
 * @throws {HawserError} `serialization` if it is none, `packet-too-large` if its payload is over the limit.
 */
export function decodeMessagePack(bytes: Uint8Array): Block {
  const reader = new Reader(bytes);
  const fields: Record<string, unknown> = { byteOrder: "big" };
  const count = reader.mapCount();
  if (count !== FIELD_NAMES.length) throw noBlock(`its map has ${count} entries`);
  for (let index = 0; index < count; index++) {
    const name = WORDS.get(reader.word());
    if (name === undefined || name in fields) {
      throw noBlock("its map has an entry of another name, or one twice");
    }
    fields[name] = reader.value();
  }
  if (!reader.isAtEnd) throw noBlock("something follows it");
  return checkFields(fields);
}

class Writer {
  readonly #target: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(length: number) {
    this.#target = new Uint8Array(length);
    this.#view = new DataView(this.#target.buffer);
  }

  get written(): Uint8Array {
    return this.#target.subarray(0, this.#at);
  }

  byte(value: number): void {
    this.#target[this.#at++] = value;
  }

  bytes(value: Uint8Array): void {
    this.#target.set(value, this.#at);
    this.#at += value.length;
  }

  whole(value: number): void {
    if (value >= 0 && value < 0x80) return this.byte(value);
    if (value >= 0 && value <= 0xffff_ffff) {
      this.byte(UINT_32);
      this.#view.setUint32(this.#at, value);
      this.#at += 4;
      return;
    }
    this.byte(value < 0 ? INT_64 : UINT_64);
    this.#view.setBigInt64(this.#at, BigInt(value));
    this.#at += 8;
  }

  binary(value: Uint8Array): void {
    if (value.length <= 0xff) {
      this.byte(BIN_8);
      this.byte(value.length);
    } else {
      this.byte(BIN_32);
      this.#view.setUint32(this.#at, value.length);
      this.#at += 4;
    }
    this.bytes(value);
  }
}

class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  mapCount(): number {
    const type = this.#byte();
    if ((type & 0xf0) === FIXMAP) return type & 0x0f;
    if (type === MAP_16) return this.#view.getUint16(this.#skip(2));
    throw noBlock("it is no map");
  }

  word(): string {
    const type = this.#byte();
    const length = (type & 0xe0) === FIXSTR ? type & 0x1f : type === STR_8 ? this.#byte() : Infinity;
    if (length > WORD_BYTES_MAX) throw noBlock("its map has an entry of another name");
    const start = this.#skip(length);
    return String.fromCharCode(...this.#bytes.subarray(start, start + length));
  }

  /** A whole number or a byte string; anything else is none of a block. */
  value(): number | Uint8Array {
    const type = this.#byte();
    if (type < 0x80) return type;
    if (type >= 0xe0) return type - 0x100;
    const view = this.#view;
    switch (type) {
      case BIN_8:
        return this.#binary(this.#byte());
      case BIN_16:
        return this.#binary(view.getUint16(this.#skip(2)));
      case BIN_32:
        return this.#binary(view.getUint32(this.#skip(4)));
      case UINT_8:
        return this.#byte();
      case UINT_16:
        return view.getUint16(this.#skip(2));
      case UINT_32:
        return view.getUint32(this.#skip(4));
      case UINT_64:
        return Number(view.getBigUint64(this.#skip(8)));
      case INT_8:
        return view.getInt8(this.#skip(1));
      case INT_16:
        return view.getInt16(this.#skip(2));
      case INT_32:
        return view.getInt32(this.#skip(4));
      case INT_64:
        return Number(view.getBigInt64(this.#skip(8)));
      default:
        throw noBlock("it has a value that is neither a whole number nor bytes");
    }
  }

  #binary(length: number): Uint8Array {
    const start = this.#skip(length);
    return this.#bytes.subarray(start, start + length);
  }

  #byte(): number {
    return this.#bytes[this.#skip(1)];
  }

  #skip(length: number): number {
    const start = this.#at;
    if (length > this.#bytes.length - start) throw noBlock("it is cut off");
    this.#at = start + length;
    return start;
  }
}

function noBlock(why: string): HawserError {
  return new HawserError("serialization", `this is no block in MessagePack: ${why}`);
}
