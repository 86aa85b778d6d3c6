/**
 * What a stream link has accepted and not yet written.
 *
 * Pieces keep their order and are never copied, except that runs of small ones
 * are joined, so that many small sends cost one write.
 *
 * @module
 */

import { Fifo } from "../fifo.ts";
import {
  LINK_HIGH_WATER_BYTES,
  LINK_JOIN_BYTES_MAX,
  LINK_JOIN_SPARES_MAX,
  LINK_LOW_WATER_BYTES,
} from "../limits.ts";

// Where runs are joined: only a link that has something to write needs one, and most are idle.
const spares: Uint8Array[] = [];

/** A queue of bytes with a high and a low mark. */
export class SendQueue {
  readonly #pieces: Fifo<Uint8Array> = new Fifo();
  // Bytes of the head piece that were written already.
  #offset = 0;
  #bytes = 0;
  // Invariant: true exactly while `hasRoom` has returned false and no `advance` has returned true since.
  #awaited = false;
  #joined: Uint8Array | undefined;

  /** Bytes waiting. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds a piece, which the queue owns from now on. */
  push(piece: Uint8Array): void {
    if (piece.length === 0) return;
    this.#pieces.push(piece);
    this.#bytes += piece.length;
  }

  /** Whether more may be pushed. After `false`, an `advance` will say when. */
  hasRoom(): boolean {
    if (this.#bytes > LINK_HIGH_WATER_BYTES) this.#awaited = true;
    return !this.#awaited;
  }

  /** The bytes to write next, or `undefined` when there are none. Valid until the next `next`, or until they were written. */
  next(): Uint8Array | undefined {
    const piece = this.#pieces.peek();
    if (piece === undefined) return undefined;
    const first = this.#offset === 0 ? piece : piece.subarray(this.#offset);
    const second = this.#pieces.at(1);
    if (second === undefined || first.length + second.length > LINK_JOIN_BYTES_MAX) return first;
    return this.#join(first);
  }

  /** Forgets `count` bytes that were written. `true`: there is room again after a `hasRoom` that said no. */
  advance(count: number): boolean {
    this.#bytes -= count;
    this.#offset += count;
    let piece = this.#pieces.peek();
    while (piece !== undefined && this.#offset >= piece.length) {
      this.#offset -= piece.length;
      this.#pieces.shift();
      piece = this.#pieces.peek();
    }
    if (this.#bytes === 0) this.#spare();
    if (!this.#awaited || this.#bytes > LINK_LOW_WATER_BYTES) return false;
    this.#awaited = false;
    return true;
  }

  /** Gives up everything. */
  clear(): void {
    this.#pieces.clear();
    this.#offset = this.#bytes = 0;
    // The kernel may still read it.
    this.#joined = undefined;
  }

  #join(first: Uint8Array): Uint8Array {
    const target = this.#joined ??= spares.pop() ?? new Uint8Array(LINK_JOIN_BYTES_MAX);
    target.set(first);
    let length = first.length;
    for (let index = 1; index < this.#pieces.length; index++) {
      const piece = this.#pieces.at(index)!;
      if (length + piece.length > target.length) break;
      target.set(piece, length);
      length += piece.length;
    }
    return target.subarray(0, length);
  }

  #spare(): void {
    if (this.#joined !== undefined && spares.length < LINK_JOIN_SPARES_MAX) spares.push(this.#joined);
    this.#joined = undefined;
  }
}
