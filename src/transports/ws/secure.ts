/**
 * Listeners of `wss://`, on Deno, Bun and Node alike: the TLS of `tls://`, with an HTTP server and the package `ws` above.
 *
 * What the runtimes serve themselves shows no certificate of a client, and Deno's asks for none.
 *
 * @module
 */

import type { TLSSocket } from "node:tls";
import { WS_UPGRADE_MS_MAX } from "../../limits.ts";
import type { Listening } from "../../link.ts";
import { listenTls } from "../tls/serve.ts";
import type { WsListen } from "./mod.ts";
import { upgradeServer } from "./node_http.ts";
import { acceptUpgrade, upgrader } from "./node_link.ts";

/** Listens; see `Transport.listen`. */
export async function listen(what: WsListen): Promise<Listening> {
  const { address, options, handler } = what;
  const server = await upgrader(what.messageBytesMax, options.deflate);
  // Never bound: sockets are given to it once their handshake is done.
  const http = upgradeServer(what.rules, (upgrade) => {
    clearTimeout(waiting.get(upgrade.socket));
    acceptUpgrade(server, upgrade, listening.url, what);
  });
  const waiting = new WeakMap<object, ReturnType<typeof setTimeout>>();
  const onSocket = (socket: TLSSocket) => {
    socket.on("error", () => {}); // A link hears of it by other means.
    const timer = setTimeout(() => socket.destroy(), WS_UPGRADE_MS_MAX);
    waiting.set(socket, timer);
    socket.once("close", () => clearTimeout(timer));
    http.emit("connection", socket);
  };
  const listening = await listenTls({ address, options, handler, onSocket });
  return listening;
}
