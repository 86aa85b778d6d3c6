/**
 * Listeners of `wss://`, on Deno, Bun and Node alike: the TLS of `tls://`, with an HTTP server and the package `ws` above.
 *
 * What the runtimes serve themselves shows no certificate of a client, and Deno's asks for none.
 *
 * @module
 */

import type { Socket } from "node:net";
import { WS_UPGRADE_MS_MAX, WS_UPGRADES_MAX } from "../../limits.ts";
import type { Listening } from "../../link.ts";
import { listenTls } from "../tls/serve.ts";
import type { WsListen } from "./mod.ts";
import { upgradeServer } from "./node_http.ts";
import { acceptUpgrade, upgrader } from "./node_link.ts";

/** Listens; see `Transport.listen`. */
export async function listen(what: WsListen): Promise<Listening> {
  const { address, options, handler } = what;
  const server = await upgrader(what.messageBytesMax, options.deflate);
  // Clients whose TLS is done, and whose request has not come yet.
  const waiting = new Map<Socket, ReturnType<typeof setTimeout>>();
  // Never bound: sockets are given to it, so it watches no times either.
  const http = upgradeServer(what.rules, (upgrade) => {
    forget(upgrade.socket);
    acceptUpgrade(server, upgrade, listening.url, what);
  });
  const listening = await listenTls({ address, options, handler, onSocket });
  return {
    url: listening.url,
    close() {
      for (const socket of waiting.keys()) socket.destroy();
      return listening.close();
    },
  };

  function onSocket(socket: Socket): void {
    socket.on("error", () => {}); // A link hears of it by other means.
    if (waiting.size >= WS_UPGRADES_MAX) return void socket.destroy();
    waiting.set(socket, setTimeout(() => socket.destroy(), WS_UPGRADE_MS_MAX));
    socket.once("close", () => forget(socket));
    http.emit("connection", socket);
  }

  function forget(socket: Socket): void {
    clearTimeout(waiting.get(socket));
    waiting.delete(socket);
  }
}
