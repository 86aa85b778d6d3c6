/**
 * What a value of MessagePack (its specification, "Formats") would cost, before anything of it is built.
 *
 * @module
 */

import { VALUE_DEPTH_MAX, VALUE_ELEMENTS_MAX } from "../message_limits.ts";

// What follows the first byte, from 0xc0 on: a length of so many bytes (low digit), then so many more (high digit).
// c0-c3 nil, false, true; c4-c6 bin; c7-c9 ext; ca-cb float; cc-d3 integers; d4-d8 fixext; d9-db str.
const LENGTH_BYTES = [0, 0, 0, 0, 1, 2, 4, 1, 2, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 4];
const FIXED_BYTES = [0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 4, 8, 1, 2, 4, 8, 1, 2, 4, 8, 2, 3, 5, 9, 17, 0, 0, 0];

/**
 * Walks over one value without recursion.
 * @throws {RangeError} if it is nested too deep, has too many elements, or is cut off: an array says how many elements
 * it has, and a decoder believes it.
 */
export function checkMsgpack(bytes: Uint8Array): void {
  // What is still to come at each depth.
  const left: number[] = [1];
  let elements = 0;
  let at = 0;
  while (left.length > 0) {
    if (left[left.length - 1]-- === 0) {
      left.pop();
      continue;
    }
    if (at >= bytes.length) throw new RangeError("it is cut off");
    const first = bytes[at++];
    const count = countOf(bytes, at, first);
    if (count < 0) {
      at = endOfScalar(bytes, at, first);
      continue;
    }
    if (first >= 0xdc) at += first & 1 ? 4 : 2;
    elements += count;
    if (elements > VALUE_ELEMENTS_MAX) {
      throw new RangeError(`it has more than ${VALUE_ELEMENTS_MAX} elements`);
    }
    // The last entry is that of the value itself.
    if (left.length > VALUE_DEPTH_MAX) throw new RangeError(`it is nested deeper than ${VALUE_DEPTH_MAX}`);
    left.push(count);
  }
}

/** How many values an array or a map has, keys included; -1 for what is neither. */
function countOf(bytes: Uint8Array, at: number, first: number): number {
  if (first < 0x80) return -1;
  if (first < 0x90) return 2 * (first & 0x0f);
  if (first < 0xa0) return first & 0x0f;
  if (first < 0xdc || first > 0xdf) return -1;
  const count = numberAt(bytes, at, first & 1 ? 4 : 2);
  return first < 0xde ? count : 2 * count;
}

function endOfScalar(bytes: Uint8Array, at: number, first: number): number {
  if (first < 0x80 || first >= 0xe0) return at;
  if (first < 0xc0) return within(bytes, at + (first & 0x1f));
  const lengthBytes = LENGTH_BYTES[first - 0xc0];
  const length = numberAt(bytes, at, lengthBytes);
  return within(bytes, at + lengthBytes + FIXED_BYTES[first - 0xc0] + length);
}

function numberAt(bytes: Uint8Array, at: number, length: number): number {
  within(bytes, at + length);
  let value = 0;
  for (let index = 0; index < length; index++) value = value * 256 + bytes[at + index];
  return value;
}

function within(bytes: Uint8Array, end: number): number {
  if (end > bytes.length) throw new RangeError("it is cut off");
  return end;
}
