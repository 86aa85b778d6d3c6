/**
 * The layouts that a block can be written in.
 *
 * @module
 */

import { HawserError } from "../../errors.ts";
import { decodeCanonical, decodeLittle, encodeBinary } from "./binary.ts";
import type { Block } from "./block.ts";
import { checkFields } from "./fields.ts";
import { decodeJson, encodeJson } from "./json.ts";
import { decodeMessagePack, encodeMessagePack } from "./message_pack.ts";

/**
 * How a block is written: `binary` is the canonical layout, big-endian, and what is signed and hashed; `little-endian`
 * the other binary one, for blocks that were signed in it; `json` and `messagepack` write names.
 */
export type BlockLayout = "binary" | "little-endian" | "json" | "messagepack";

interface LayoutCode {
  readonly contentType: string;
  encode(block: Block): Uint8Array;
  decode(bytes: Uint8Array): Block;
}

const CODES: Readonly<Record<BlockLayout, LayoutCode>> = {
  "binary": { contentType: "application/x-olocus-block", encode: encodeBinary, decode: decodeCanonical },
  "little-endian": { contentType: "application/x-olocus-block", encode: encodeBinary, decode: decodeLittle },
  "json": { contentType: "application/json", encode: encodeJson, decode: decodeJson },
  "messagepack": {
    contentType: "application/x-msgpack",
    encode: encodeMessagePack,
    decode: decodeMessagePack,
  },
};

/** The layouts, by the number that stands for each where one byte says which it is. */
export const BLOCK_LAYOUTS: readonly BlockLayout[] = ["binary", "little-endian", "json", "messagepack"];

/**
 * Writes a block.
 *
 * @throws {TypeError} for a layout that does not exist.
 * @throws {HawserError} `serialization` if the block was signed in the other byte order than the layout writes, or has
 * a field that cannot be.
 *
 * @example
 * ```ts
 * import { blockSigner, createBlock, decodeBlock, encodeBlock } from "@hawser/hawser/blocks";
 *
 * const signer = blockSigner(crypto.getRandomValues(new Uint8Array(32)));
 * const block = createBlock({ signer, payload: new TextEncoder().encode("hello"), nowMs: Date.now() });
 * console.log(decodeBlock(encodeBlock(block, "json"), "json").index); // 0
 * ```
 */
export function encodeBlock(block: Block, layout: BlockLayout = "binary"): Uint8Array {
  const code = codeOf(layout);
  if ((block.byteOrder === "little") !== (layout === "little-endian")) {
    throw new HawserError(
      "serialization",
      `a block that was signed in ${block.byteOrder}-endian byte order cannot be written in the layout ${layout}`,
    );
  }
  return code.encode(checkFields(block));
}

/**
 * Reads a block; its fields may be views of `bytes`. Whether it is signed, and follows another, is for `checkBlock` and
 * `checkChain`.
 *
 * @throws {TypeError} for a layout that does not exist.
 * @throws {HawserError} `serialization` if it is no block, `packet-too-large` if its payload is over the limit.
 */
export function decodeBlock(bytes: Uint8Array, layout: BlockLayout = "binary"): Block {
  return codeOf(layout).decode(bytes);
}

/** The content type of a layout, as Olocus names it: `application/x-olocus-block`. */
export function contentTypeOf(layout: BlockLayout): string {
  return codeOf(layout).contentType;
}

function codeOf(layout: BlockLayout): LayoutCode {
  if (!Object.hasOwn(CODES, layout)) {
    throw new TypeError(`there is no layout ${layout}: blocks are written as ${BLOCK_LAYOUTS.join(", ")}`);
  }
  return CODES[layout];
}
