/**
 * How much the peer may send on one stream: a window that grows while the application keeps up.
 *
 * A stream that nobody reads keeps its first, small window, so many of them leave the others their share of what all
 * streams may send together.
 *
 * @module
 */

import { HawserError } from "../../errors.ts";
import { STREAM_WINDOW_BYTES_INITIAL } from "../../stream_limits.ts";

/** The window of one stream. */
export class StreamCredit {
  readonly #windowBytesMax: number;
  #windowBytes = STREAM_WINDOW_BYTES_INITIAL;
  #limit = STREAM_WINDOW_BYTES_INITIAL;
  #taken = 0;
  /** What came. */
  received = 0;

  /** It grows up to `windowBytesMax`. */
  constructor(windowBytesMax: number) {
    this.#windowBytesMax = windowBytesMax;
  }

  /**
   * `length` bytes came.
   * @throws {HawserError} `protocol` if they are beyond the limit.
   */
  handleReceive(length: number): void {
    this.received += length;
    if (this.received > this.#limit) {
      throw new HawserError("protocol", "the peer sent more on a stream than its window allows");
    }
  }

  /** The application took `length` bytes. */
  handleTaken(length: number): void {
    this.#taken += length;
  }

  /** Whether the peer should hear of a new limit: a quarter of the window has become free since the last. */
  get isDue(): boolean {
    return this.#taken + this.#windowBytes - this.#limit >= this.#windowBytes / 4;
  }

  /** The limit to tell the peer now. */
  takeLimit(): number {
    this.#windowBytes = Math.min(2 * this.#windowBytes, this.#windowBytesMax);
    this.#limit = Math.max(this.#limit, this.#taken + this.#windowBytes);
    return this.#limit;
  }
}
