/**
 * FNV-1a, 32 bits (Fowler, Noll, Vo): tells whether the same bytes arrived.
 *
 * @module
 */

const OFFSET_BASIS = 0x811c9dc5;
const PRIME = 0x01000193;

/** A checksum of the first bytes of a flow; what follows costs nothing. */
export class Checksum {
  /** Of all bytes so far. */
  value: number = OFFSET_BASIS;
  #left: number;

  /** Counts `bytesMax` bytes. */
  constructor(bytesMax: number) {
    this.#left = bytesMax;
  }

  update(bytes: Uint8Array): void {
    const length = Math.min(this.#left, bytes.length);
    this.#left -= length;
    for (let at = 0; at < length; at++) this.value = Math.imul(this.value ^ bytes[at], PRIME) >>> 0;
  }
}
