/**
 * Blocks: signed records of an application, each of which names the one before it, as Olocus has them.
 *
 * They are made and checked here. A connection carries them with `sendBlock` and `receiveBlock`; streams and
 * other networks with {@linkcode frameBlock} and {@linkcode BlockReader}.
 *
 * @example
 * ```ts
 * import { blockSigner, checkChain, createBlock } from "@hawser/hawser/blocks";
 *
 * const signer = blockSigner(crypto.getRandomValues(new Uint8Array(32)));
 * const first = createBlock({ signer, payload: new TextEncoder().encode("ahoy"), nowMs: Date.now() });
 * const next = createBlock({ signer, payload: new Uint8Array(0), nowMs: Date.now(), previous: first });
 * console.log(checkChain([first, next])); // undefined: no rule is broken
 * console.log(checkChain([next, first])?.rule); // index
 * ```
 *
 * @module
 */

export { type Block, BLOCK_VERSION, type ByteOrder } from "./block.ts";
export { blockHash, type BlockOptions, createBlock } from "./create.ts";
export { type BlockSigner, blockSigner } from "./ed25519.ts";
export {
  type BlockCheckOptions,
  type BlockFault,
  type BlockRule,
  type ChainCheckOptions,
  checkBlock,
  checkChain,
  checkReplacement,
  type ReplacementOptions,
} from "./chain.ts";
export { type BlockLayout, contentTypeOf, decodeBlock, encodeBlock } from "./layouts.ts";
export { BlockReader, frameBlock } from "./framing.ts";
export {
  BLOCK_AGE_MS_MAX,
  BLOCK_FUTURE_MS_MAX,
  BLOCK_PAYLOAD_BYTES_MAX,
  BLOCK_REORGANISATION_MAX,
} from "../../block_limits.ts";
