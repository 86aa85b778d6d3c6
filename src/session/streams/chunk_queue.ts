/**
 * Bytes that came on a stream and wait for the application.
 *
 * Small parts are joined in buffers that grow, so that what waits costs little more than its bytes, however it was cut.
 *
 * @module
 */

import { Fifo } from "../../fifo.ts";
import { STREAM_JOIN_BYTES_MIN, STREAM_JOINED_BYTES_MAX } from "../../stream_limits.ts";

const JOIN_GROWTH_MAX = 16;

/** Chunks, first in, first out. */
export class ChunkQueue {
  readonly #chunks: Fifo<Uint8Array> = new Fifo();
  // Where small parts are joined; behind all chunks. Its first `#joinedBytes` are used, from `#joinedFrom` on not taken.
  #joined: Uint8Array | undefined;
  #joinedBytes = 0;
  // Of the first chunk, what was taken.
  #headOffset = 0;
  #bytes = 0;

  /** Bytes that wait. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Takes a copy of `length` bytes of `source` from `start` on. */
  push(source: Uint8Array, start: number, length: number): void {
    if (length === 0) return;
    this.#bytes += length;
    if (length >= STREAM_JOINED_BYTES_MAX) {
      this.#closeJoined();
      this.#chunks.push(source.slice(start, start + length));
      return;
    }
    const joined = this.#joinedFor(length);
    joined.set(source.subarray(start, start + length), this.#joinedBytes);
    this.#joinedBytes += length;
  }

  /** The next bytes, which belong to the caller; `undefined` if none wait. */
  take(): Uint8Array | undefined {
    if (this.#chunks.length === 0) this.#closeJoined();
    const chunk = this.#chunks.shift();
    if (chunk === undefined) return undefined;
    const rest = this.#headOffset === 0 ? chunk : chunk.subarray(this.#headOffset);
    this.#headOffset = 0;
    this.#bytes -= rest.length;
    return rest;
  }

  /** Moves as many bytes into `target` as there are, and fit; returns how many. */
  takeInto(target: Uint8Array): number {
    let at = 0;
    while (at < target.length) {
      if (this.#chunks.length === 0) this.#closeJoined();
      const chunk = this.#chunks.peek();
      if (chunk === undefined) break;
      const part = chunk.subarray(this.#headOffset, this.#headOffset + target.length - at);
      target.set(part, at);
      at += part.length;
      this.#headOffset += part.length;
      if (this.#headOffset < chunk.length) break;
      this.#chunks.shift();
      this.#headOffset = 0;
    }
    this.#bytes -= at;
    return at;
  }

  /** Forgets everything; returns how many bytes that were. */
  clear(): number {
    const bytes = this.#bytes;
    this.#chunks.clear();
    this.#joined = undefined;
    this.#joinedBytes = this.#headOffset = this.#bytes = 0;
    return bytes;
  }

  #joinedFor(length: number): Uint8Array {
    const before = this.#joined;
    if (before !== undefined && before.length - this.#joinedBytes >= length) return before;
    const grown = Math.min((before?.length ?? 0) * 2, STREAM_JOIN_BYTES_MIN * JOIN_GROWTH_MAX);
    this.#closeJoined();
    return this.#joined = new Uint8Array(Math.max(STREAM_JOIN_BYTES_MIN, grown, length));
  }

  #closeJoined(): void {
    if (this.#joined === undefined) return;
    this.#chunks.push(this.#joined.subarray(0, this.#joinedBytes));
    this.#joined = undefined;
    this.#joinedBytes = 0;
  }
}
