/**
 * Makes blocks.
 *
 * @module
 */

import { BLOCK_PAYLOAD_BYTES_MAX } from "../../block_limits.ts";
import { HawserError } from "../../errors.ts";
import { encodeBinary } from "./binary.ts";
import { type Block, BLOCK_VERSION, type ByteOrder, HASH_BYTES, signedText } from "./block.ts";
import type { BlockSigner } from "./ed25519.ts";
import { sha256 } from "./sha256.ts";

/** What a block is made of. */
export interface BlockOptions {
  /** Who signs it. */
  readonly signer: BlockSigner;
  /** What it carries: at most 16 MiB, which are not copied. */
  readonly payload: Uint8Array;
  /** What that is: a number of the application, below 2^32. Default 0. */
  readonly payloadType?: number;
  /** The block that it follows; without one it is the first of a chain. */
  readonly previous?: Block;
  /** The time, in milliseconds since 1970: `Date.now()`. A block is never dated before the one that it follows. */
  readonly nowMs: number;
  /** How it is signed: `little` for peers that speak the little-endian layout alone. Default `big`. */
  readonly byteOrder?: ByteOrder;
}

/**
 * Makes and signs the next block of a chain.
 *
 * @throws {RangeError} for a number that no block can hold, or a previous block of the other byte order.
 * @throws {HawserError} `packet-too-large` for a payload over 16 MiB.
 *
 * @example
 * ```ts
 * import { blockSigner, checkChain, createBlock } from "@hawser/hawser/blocks";
 *
 * const signer = blockSigner(crypto.getRandomValues(new Uint8Array(32)));
 * const first = createBlock({ signer, payload: new Uint8Array([1]), nowMs: Date.now() });
 * const second = createBlock({ signer, payload: new Uint8Array([2]), nowMs: Date.now(), previous: first });
 * console.log(second.index, checkChain([first, second])); // 1 undefined
 * ```
 */
export function createBlock(options: BlockOptions): Block {
  const { signer, payload, payloadType = 0, previous, nowMs } = options;
  const byteOrder = options.byteOrder ?? previous?.byteOrder ?? "big";
  if (!(payload instanceof Uint8Array)) throw new TypeError("the payload of a block is a Uint8Array");
  if (payload.length > BLOCK_PAYLOAD_BYTES_MAX) {
    throw new HawserError(
      "packet-too-large",
      `a payload of ${payload.length} bytes is over the ${BLOCK_PAYLOAD_BYTES_MAX} of a block`,
    );
  }
  if (!Number.isInteger(payloadType) || payloadType < 0 || payloadType > 0xffff_ffff) {
    throw new RangeError(`a payload type is a whole number below 2^32, not ${payloadType}`);
  }
  if (!Number.isFinite(nowMs)) throw new RangeError(`nowMs must be a time in milliseconds, not ${nowMs}`);
  if (previous !== undefined && previous.byteOrder !== byteOrder) {
    throw new RangeError(`a block in ${byteOrder}-endian order cannot follow one in the other`);
  }
  const header = {
    version: BLOCK_VERSION,
    index: previous === undefined ? 0 : previous.index + 1,
    timestamp: Math.max(Math.floor(nowMs / 1_000), previous?.timestamp ?? -Infinity),
    previousHash: previous === undefined ? new Uint8Array(HASH_BYTES) : blockHash(previous),
    payloadHash: sha256(payload),
    payloadType,
  };
  const signature = signer.sign(signedText(header, payload, byteOrder));
  return { ...header, payload, publicKey: new Uint8Array(signer.publicKey), signature, byteOrder };
}

/** What the next block calls this one: SHA-256 (32 bytes) of the binary layout of its byte order. */
export function blockHash(block: Block): Uint8Array {
  return sha256(encodeBinary(block));
}
