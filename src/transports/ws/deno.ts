/**
 * WebSocket listeners on Deno: `Deno.upgradeWebSocket` over `node:http`.
 *
 * @module
 */

import type { Listening } from "../../link.ts";
import { listenHttp, refuse, type Upgrade } from "./http_server.ts";
import type { WsListen } from "./mod.ts";
import { SUBPROTOCOL } from "./upgrade.ts";
import { WebSocketLink } from "./web_socket_link.ts";

/** Listens; see `Transport.listen`. */
export function listen({ address, rules, options, messageBytesMax, handler }: WsListen): Promise<Listening> {
  return listenHttp(address, rules, options, handler, (upgrade) => {
    const socket = accept(upgrade);
    if (socket === undefined) return;
    socket.binaryType = "arraybuffer";
    const { localAddress, remoteAddress } = upgrade;
    const link = new WebSocketLink(socket, localAddress, remoteAddress, messageBytesMax);
    socket.onopen = () => handler.onLink(link);
  });
}

function accept({ request, socket, head }: Upgrade): WebSocket | undefined {
  try {
    const headers = new Headers(request.headers as Record<string, string>);
    const web = new Request(`http://${request.headers.host ?? "localhost"}${request.url}`, { headers });
    // Silence is for the session to notice, not for pings of the runtime.
    return Deno.upgradeWebSocket(web, { protocol: SUBPROTOCOL, idleTimeout: 0, socket, head }).socket;
  } catch {
    refuse(socket, { status: 400, reason: "the request is no WebSocket handshake of version 13" });
    return undefined;
  }
}
