/**
 * Blocks: signed records of an application, each of which names the one before it, as Olocus has them.
 *
 * They are made and checked here. A connection carries them with `sendBlock` and `receiveBlock`; streams and
 * other networks with {@linkcode frameBlock} and {@linkcode BlockReader}.
 *
 * @example
 * ```ts
 * import { connect, listen } from "@hawser/hawser";
 * import { blockSigner, checkBlock, createBlock } from "@hawser/hawser/blocks";
 *
 * await using server = await listen("mem://blocks-example");
 * server.onConnection((connection) => connection.onBlock((block) => {
 *   console.log(block.index, checkBlock(block, { nowMs: Date.now() })); // 0 undefined: no rule is broken
 * }));
 *
 * await using connection = await connect(server.urls);
 * const signer = blockSigner(crypto.getRandomValues(new Uint8Array(32)));
 * const block = createBlock({ signer, payload: new TextEncoder().encode("ahoy"), nowMs: Date.now() });
 * await connection.sendBlock(block, { ack: true });
 * ```
 *
 * @module
 */

export * from "../../message/blocks/mod.ts";
export type { BlockHandler, BlockSendOptions, BlockSupport } from "../block_part.ts";
export { blocks } from "./exchange.ts";
