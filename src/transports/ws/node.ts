/**
 * WebSocket listeners on Node: the package `ws`, which is loaded when first needed.
 *
 * @module
 */

import type { Listening } from "../../link.ts";
import { listenHttp } from "./node_http.ts";
import type { WsListen } from "./mod.ts";
import { acceptUpgrade, upgrader } from "./node_link.ts";

/** Listens; see `Transport.listen`. */
export async function listen(what: WsListen): Promise<Listening> {
  const { address, rules, options, handler } = what;
  const server = await upgrader(what.messageBytesMax, options.deflate);
  return await listenHttp(address, rules, options, handler, (upgrade, url) => {
    acceptUpgrade(server, upgrade, url, what);
  });
}
