/**
 * Makes messages of the records that they were written in.
 *
 * @module
 */

import { HawserError } from "../../errors.ts";
import { SHM_MESSAGE_BYTES_MAX } from "../../limits.ts";

/** Joins the parts of one message after the other. */
export class Joiner {
  #joined: Uint8Array | undefined;
  #length = 0;

  /**
   * Adds a part.
   * @param goesOn whether more parts of the same message follow
   * @returns the message, valid as long as its last part, or `undefined` while parts are missing
   * @throws {HawserError} `protocol` if it grows beyond the largest message
   */
  add(part: Uint8Array, goesOn: boolean): Uint8Array | undefined {
    if (!goesOn && this.#length === 0) return part;
    const length = this.#length + part.length;
    if (length > SHM_MESSAGE_BYTES_MAX) {
      throw new HawserError(
        "protocol",
        `a message over shared memory is longer than ${SHM_MESSAGE_BYTES_MAX}`,
      );
    }
    if (this.#joined === undefined || this.#joined.length < length) this.#grow(length);
    this.#joined!.set(part, this.#length);
    this.#length = length;
    if (goesOn) return undefined;
    const message = this.#joined!.subarray(0, length);
    this.#joined = undefined; // Large messages are rare: what they took is given back.
    this.#length = 0;
    return message;
  }

  #grow(length: number): void {
    const grown = new Uint8Array(Math.max(length, 2 * (this.#joined?.length ?? 0)));
    if (this.#joined !== undefined) grown.set(this.#joined.subarray(0, this.#length));
    this.#joined = grown;
  }
}
