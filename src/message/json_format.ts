/**
 * JSON (RFC 8259) as a format of values, within bounds.
 *
 * @module
 */

import { VALUE_DEPTH_MAX, VALUE_ELEMENTS_MAX } from "../message_limits.ts";
import type { Format } from "./formats.ts";

const FORMAT_JSON = 3;
const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
// Brackets and braces differ in one bit.
const CASE_BIT = 0x20;
const OPENING = 0x7b;
const CLOSING = 0x7d;
const PROTO = "__proto__";
// The key may be written with escapes.
const MAYBE_PROTO = /__proto__|\\u00[567]/;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** JSON: what is not of JSON (functions, `undefined` within an object) is left out, as `JSON.stringify` does. */
export const json: Format = {
  name: "json",
  id: FORMAT_JSON,
  encode(value) {
    const text = JSON.stringify(value);
    if (text === undefined) throw new TypeError(`JSON has no ${typeof value}`);
    return text;
  },
  decode(bytes) {
    checkBudget(bytes);
    const text = decoder.decode(bytes);
    return MAYBE_PROTO.test(text) ? JSON.parse(text, refuseProto) : JSON.parse(text);
  },
};

function refuseProto(key: string, value: unknown): unknown {
  if (key === PROTO) throw new RangeError(`a key is ${PROTO}`);
  return value;
}

/** Counts without building anything. What is no JSON passes: the parser refuses it. */
function checkBudget(bytes: Uint8Array): void {
  // What is nested deeper has an opening and a closing byte for each level.
  if (bytes.length <= 2 * VALUE_DEPTH_MAX) return;
  let depth = 0;
  let elements = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) at = endOfString(bytes, at);
    else if (byte === COMMA) elements++;
    else if ((byte | CASE_BIT) === OPENING) {
      elements++;
      if (++depth > VALUE_DEPTH_MAX) throw new RangeError(`it is nested deeper than ${VALUE_DEPTH_MAX}`);
    } else if ((byte | CASE_BIT) === CLOSING) depth--;
  }
  if (elements > VALUE_ELEMENTS_MAX) {
    throw new RangeError(`it has more than ${VALUE_ELEMENTS_MAX} elements`);
  }
}

/** Where the quote is that ends the string which begins at `at`. */
function endOfString(bytes: Uint8Array, at: number): number {
  while (true) {
    at = bytes.indexOf(QUOTE, at + 1);
    if (at < 0) return bytes.length;
    let backslashes = 0;
    while (bytes[at - 1 - backslashes] === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return at;
  }
}
