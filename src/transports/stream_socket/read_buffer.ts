/**
 * How large the buffer of the next read should be.
 *
 * @module
 */

import {
  LINK_READ_BYTES_MAX,
  LINK_READ_BYTES_MIN,
  LINK_READ_GROWTH,
  LINK_READS_SMALL_MAX,
} from "../../limits.ts";

/** Small while there is little to read, larger while reads fill it, and small again afterwards. */
export class ReadBuffer {
  /** Where the next read goes. */
  bytes: Uint8Array = new Uint8Array(LINK_READ_BYTES_MIN);
  // Reads in a row that would have fitted the smallest buffer.
  #small = 0;

  /** A read brought `count` bytes, which are no longer needed. */
  handleRead(count: number): void {
    if (count === this.bytes.length) return this.#grow();
    this.#small = count < LINK_READ_BYTES_MIN ? this.#small + 1 : 0;
    if (this.#small < LINK_READS_SMALL_MAX || this.bytes.length === LINK_READ_BYTES_MIN) return;
    this.bytes = new Uint8Array(LINK_READ_BYTES_MIN);
  }

  #grow(): void {
    this.#small = 0;
    if (this.bytes.length === LINK_READ_BYTES_MAX) return;
    this.bytes = new Uint8Array(Math.min(LINK_READ_BYTES_MAX, this.bytes.length * LINK_READ_GROWTH));
  }
}
