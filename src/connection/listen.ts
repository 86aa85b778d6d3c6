/**
 * Listening, with all that Deno, Bun and Node have.
 *
 * @module
 */

import { pickCodec } from "../codec/pick.ts";
import { msgpack } from "../message/msgpack_format.ts";
import { transports } from "../transports/registry.ts";
import { blocks } from "./blocks/exchange.ts";
import type { Equipment } from "./connect_with.ts";
import { listenWith } from "./listen_with.ts";
import type { ListenOptions } from "./options.ts";
import type { Server } from "./server.ts";

const EQUIPMENT: Equipment = { codec: pickCodec, transports, formats: [msgpack], blocks };

/**
 * Listens on one or more addresses; port 0 takes a free one, which `urls` tells.
 *
 * @param addresses One or more URLs: `tcp://127.0.0.1:0`.
 * @throws {HawserError} `invalid-address`, `address-in-use`, `unsupported` or `io`; nothing listens then.
 *
 * @example
 * ```ts
 * import { createIdentity, listen } from "@hawser/hawser";
 *
 * const identity = createIdentity();
 * await using server = await listen(["tcp://127.0.0.1:0", "ws://127.0.0.1:0"], { identity });
 * console.log(server.urls.length); // 2
 * ```
 */
export function listen(
  addresses: string | readonly string[],
  options: ListenOptions = {},
): Promise<Server> {
  return listenWith(EQUIPMENT, addresses, options);
}
