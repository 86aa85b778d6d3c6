/**
 * MessagePack as a format of values, within bounds.
 *
 * @module
 */

import { Decoder, Encoder } from "@msgpack/msgpack";
import { VALUE_DEPTH_MAX } from "../message_limits.ts";
import type { Format } from "./formats.ts";
import { checkMsgpack } from "./msgpack_budget.ts";

const FORMAT_MSGPACK = 4;

const encoder = new Encoder({ maxDepth: VALUE_DEPTH_MAX, ignoreUndefined: true });
const decoder = new Decoder();

/**
 * MessagePack: smaller than JSON, with bytes and dates, which JSON lacks.
 *
 * Every side that imports `@hawser/hawser` knows it; a web page names it among its `formats`.
 *
 * @example
 * ```ts
 * import { connect, listen } from "@hawser/hawser";
 *
 * await using server = await listen("mem://msgpack-example", { format: "msgpack" });
 * server.onConnection((connection) => connection.handle("length", (bytes) => (bytes as Uint8Array[])[0].length));
 *
 * await using connection = await connect(server.urls, { format: "msgpack" });
 * console.log(await connection.request("length", [new Uint8Array(7)])); // 7
 * ```
 */
export const msgpack: Format = {
  name: "msgpack",
  id: FORMAT_MSGPACK,
  encode: (value) => encoder.encode(value),
  decode(bytes) {
    checkMsgpack(bytes);
    return decoder.decode(bytes);
  },
};
