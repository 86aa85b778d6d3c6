/**
 * Blocks on a stream of bytes, as Olocus sends them over QUIC and TCP: a length of 32 bits, big-endian, and
 * then the block.
 *
 * @module
 */

import { BLOCK_FIELDS_BYTES_MAX, BLOCK_PAYLOAD_BYTES_MAX } from "../../block_limits.ts";
import { HawserError } from "../../errors.ts";
import type { Block } from "./block.ts";
import { type BlockLayout, decodeBlock, encodeBlock } from "./layouts.ts";

const LENGTH_BYTES = 4;
const BLOCK_BYTES_MAX = Math.ceil(BLOCK_PAYLOAD_BYTES_MAX / 3) * 4 + BLOCK_FIELDS_BYTES_MAX;

/** The block with its length before it, to be written to a stream. */
export function frameBlock(block: Block, layout: BlockLayout = "binary"): Uint8Array {
  const bytes = encodeBlock(block, layout);
  const framed = new Uint8Array(LENGTH_BYTES + bytes.length);
  new DataView(framed.buffer).setUint32(0, bytes.length);
  framed.set(bytes, LENGTH_BYTES);
  return framed;
}

/**
 * Finds blocks in a stream of bytes, wherever it is cut.
 *
 * @example
 * ```ts
 * import { BlockReader, blockSigner, createBlock, frameBlock } from "@hawser/hawser/blocks";
 *
 * const signer = blockSigner(crypto.getRandomValues(new Uint8Array(32)));
 * const framed = frameBlock(createBlock({ signer, payload: new Uint8Array([7]), nowMs: Date.now() }));
 * const reader = new BlockReader();
 * reader.push(framed.subarray(0, 100));
 * console.log(reader.next()); // undefined
 * reader.push(framed.subarray(100));
 * console.log(reader.next()?.payload[0]); // 7
 * ```
 */
export class BlockReader {
  readonly #layout: BlockLayout;
  // Grows with what came, never with what a length promises.
  #buffer: Uint8Array = new Uint8Array(0);
  #start = 0;
  #end = 0;

  /** Reads blocks of one layout. */
  constructor(layout: BlockLayout = "binary") {
    this.#layout = layout;
  }

  /** Bytes that came and belong to no whole block yet: at a clean end there are none. */
  get unread(): number {
    return this.#end - this.#start;
  }

  /** Takes the next bytes of the stream; they are copied. */
  push(bytes: Uint8Array): void {
    if (this.#end + bytes.length > this.#buffer.length) this.#makeRoom(bytes.length);
    this.#buffer.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /**
   * The next block; `undefined` until all of it is there.
   * @throws {HawserError} `packet-too-large` as soon as a length says so; `serialization` if it is no block.
   */
  next(): Block | undefined {
    if (this.unread < LENGTH_BYTES) return undefined;
    const length = new DataView(this.#buffer.buffer, this.#start).getUint32(0);
    if (length > BLOCK_BYTES_MAX) {
      throw new HawserError(
        "packet-too-large",
        `a block of ${length} bytes is over the ${BLOCK_BYTES_MAX} that one may have`,
      );
    }
    if (this.unread < LENGTH_BYTES + length) return undefined;
    const start = this.#start + LENGTH_BYTES;
    this.#start = start + length;
    return decodeBlock(this.#buffer.slice(start, this.#start), this.#layout);
  }

  #makeRoom(length: number): void {
    const unread = this.#buffer.subarray(this.#start, this.#end);
    const bytes = unread.length + length;
    const target = bytes > this.#buffer.length / 2 ? new Uint8Array(bytes * 2) : this.#buffer;
    target.set(unread);
    this.#buffer = target;
    this.#end = unread.length;
    this.#start = 0;
  }
}
