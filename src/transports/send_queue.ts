/**
 * What a stream link has accepted and not yet written.
 *
 * Pieces keep their order and are never copied, except that runs of small ones
 * are joined, so that many small sends cost one write.
 *
 * @module
 */

import { LINK_HIGH_WATER_BYTES, LINK_JOIN_BYTES_MAX, LINK_LOW_WATER_BYTES } from "../limits.ts";

/** A queue of bytes with a high and a low mark. */
export class SendQueue {
  readonly #pieces: Uint8Array[] = [];
  #head = 0;
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

  /** The bytes to write next, or `undefined` when there are none. Valid until the next `next`. */
  next(): Uint8Array | undefined {
    if (this.#bytes === 0) return undefined;
    const piece = this.#pieces[this.#head];
    const first = this.#offset === 0 ? piece : piece.subarray(this.#offset);
    const second = this.#pieces[this.#head + 1];
    if (second === undefined || first.length + second.length > LINK_JOIN_BYTES_MAX) return first;
    return this.#join(first);
  }

  /** Forgets `count` bytes that were written. `true`: there is room again after a `hasRoom` that said no. */
  advance(count: number): boolean {
    this.#bytes -= count;
    this.#offset += count;
    while (this.#head < this.#pieces.length && this.#offset >= this.#pieces[this.#head].length) {
      this.#offset -= this.#pieces[this.#head].length;
      this.#head++;
    }
    this.#compact();
    if (!this.#awaited || this.#bytes > LINK_LOW_WATER_BYTES) return false;
    this.#awaited = false;
    return true;
  }

  /** Gives up everything. */
  clear(): void {
    this.#pieces.length = 0;
    this.#head = this.#offset = this.#bytes = 0;
    this.#joined = undefined;
  }

  #join(first: Uint8Array): Uint8Array {
    const target = this.#joined ??= new Uint8Array(LINK_JOIN_BYTES_MAX);
    target.set(first);
    let length = first.length;
    for (let index = this.#head + 1; index < this.#pieces.length; index++) {
      const piece = this.#pieces[index];
      if (length + piece.length > target.length) break;
      target.set(piece, length);
      length += piece.length;
    }
    return target.subarray(0, length);
  }

  // Drops the written pieces once they are the greater part, so that each is moved at most once.
  #compact(): void {
    if (this.#head === this.#pieces.length) {
      this.#pieces.length = 0;
      this.#head = 0;
    } else if (this.#head >= 64 && this.#head * 2 >= this.#pieces.length) {
      this.#pieces.splice(0, this.#head);
      this.#head = 0;
    }
  }
}
