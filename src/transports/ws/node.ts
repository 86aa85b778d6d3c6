/**
 * WebSocket listeners on Node: the package `ws`, which is loaded when first needed.
 *
 * @module
 */

import type { Listening } from "../../link.ts";
import { listenHttp } from "./node_http.ts";
import type { WsListen } from "./mod.ts";
import { NodeWsLink, upgrader } from "./node_link.ts";

/** Listens; see `Transport.listen`. */
export async function listen(
  { address, rules, options, messageBytesMax, handler }: WsListen,
): Promise<Listening> {
  const server = await upgrader(messageBytesMax);
  return await listenHttp(address, rules, options, handler, (upgrade) => {
    const { request, socket, head, localAddress, remoteAddress } = upgrade;
    server.handleUpgrade(request, socket, head, (webSocket) => {
      handler.onLink(new NodeWsLink(webSocket, localAddress, remoteAddress, messageBytesMax));
    });
  });
}
