/**
 * Integers of QUIC and HTTP/3 (RFC 9000 §16): the upper two bits of the first byte give the length, 1, 2, 4 or 8 bytes.
 *
 * @module
 */

/** An integer that was read. */
export interface Varint {
  /** Exact below 2^53; what is larger is a value that nobody uses, or a length that is refused. */
  readonly value: number;
  /** Where the byte after it is. */
  readonly end: number;
}

/** Reads an integer at `at`; `undefined` where it is not complete. */
export function readVarint(bytes: Uint8Array, at: number): Varint | undefined {
  if (at >= bytes.length) return undefined;
  const end = at + (1 << (bytes[at] >>> 6));
  if (end > bytes.length) return undefined;
  let value = bytes[at] & 0x3f;
  for (let index = at + 1; index < end; index++) value = value * 256 + bytes[index];
  return { value, end };
}

/** Writes integers below 2^53, one after the other, each in its shortest form. */
export function varints(...values: readonly number[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(values.flatMap(bytesOf));
}

function bytesOf(value: number): number[] {
  if (value < 0x40) return [value];
  if (value < 0x4000) return [0x40 | value >>> 8, value & 0xff];
  if (value < 0x4000_0000) {
    return [0x80 | value >>> 24, value >>> 16 & 0xff, value >>> 8 & 0xff, value & 0xff];
  }
  const upper = Math.floor(value / 2 ** 32);
  const bytes = [
    upper >>> 24,
    upper >>> 16,
    upper >>> 8,
    upper,
    value >>> 24,
    value >>> 16,
    value >>> 8,
    value,
  ];
  bytes[0] |= 0xc0;
  return bytes.map((byte) => byte & 0xff);
}
