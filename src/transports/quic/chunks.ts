/**
 * How the bytes of a link travel on a QUIC stream: in chunks, so that its end can be told from its death.
 *
 * ```
 * opener    01                        version of this framing, once; makes the stream known to the peer
 * chunk     length u32 BE, 1 or more  then so many bytes of the link
 * end       length 0                  the link ends in an orderly way; nothing follows
 * ```
 *
 * A stream that finishes without its end was cut off. QUIC itself cannot be asked: Deno finishes a stream in an
 * orderly way when its program aborts it, or forgets it, or is killed.
 *
 * A chunk has no border that means anything: it announces what is ready to be sent, whatever that is made of.
 *
 * @module
 */

import { HawserError } from "../../errors.ts";

/** The bytes of a chunk's length. */
export const CHUNK_HEAD_BYTES = 4;

/** What the side that opens a stream sends first. */
export const OPENER: Uint8Array = Uint8Array.of(1);

/** What ends a stream in an orderly way. */
export const END: Uint8Array = new Uint8Array(CHUNK_HEAD_BYTES);

/** Writes the length of a chunk at the start of `target`. */
export function writeChunkHead(target: Uint8Array, length: number): void {
  target[0] = length >>> 24;
  target[1] = length >>> 16;
  target[2] = length >>> 8;
  target[3] = length;
}

/** Reads chunks, however the stream was cut into pieces. */
export class ChunkReader {
  #opened: boolean;
  #ended = false;
  #left = 0;
  #head = 0;
  #headBytes = 0;

  /** `expectsOpener`: whether the peer opened the stream. */
  constructor(expectsOpener: boolean) {
    this.#opened = !expectsOpener;
  }

  /** Whether the end was read. */
  get ended(): boolean {
    return this.#ended;
  }

  /**
   * Takes what was read from the stream and delivers the bytes of the link, as parts of `bytes`.
   * @throws {HawserError} `protocol` for what is no such framing.
   */
  feed(bytes: Uint8Array, deliver: (bytes: Uint8Array) => void): void {
    let at = this.#open(bytes);
    while (at < bytes.length) {
      if (this.#ended) {
        throw new HawserError("protocol", "the peer sent bytes after the end of a QUIC stream");
      }
      if (this.#left === 0) {
        at = this.#readHead(bytes, at);
        continue;
      }
      const end = Math.min(bytes.length, at + this.#left);
      this.#left -= end - at;
      deliver(at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end));
      at = end;
    }
  }

  #open(bytes: Uint8Array): number {
    if (this.#opened || bytes.length === 0) return 0;
    if (bytes[0] !== OPENER[0]) {
      throw new HawserError("protocol", "the peer opened a QUIC stream that is not Hawser's");
    }
    this.#opened = true;
    return 1;
  }

  #readHead(bytes: Uint8Array, start: number): number {
    let at = start;
    while (at < bytes.length && this.#headBytes < CHUNK_HEAD_BYTES) {
      this.#head = (this.#head << 8 | bytes[at++]) >>> 0;
      this.#headBytes++;
    }
    if (this.#headBytes === CHUNK_HEAD_BYTES) {
      this.#left = this.#head;
      this.#ended = this.#head === 0;
      this.#head = this.#headBytes = 0;
    }
    return at;
  }
}
