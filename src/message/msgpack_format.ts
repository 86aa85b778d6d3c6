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
