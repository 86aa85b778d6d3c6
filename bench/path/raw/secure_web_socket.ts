/**
 * WebSockets over TLS. The server is the runtime's own, but on Node, which has none; the client is Bun's own, and `ws`
 * elsewhere, where no other can be told which certificate to trust.
 *
 * @module
 */

import { once } from "node:events";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { WebSocket as WsSocket, WebSocketServer } from "ws";
import { currentRuntime } from "../../../tests/runtimes/runtimes.ts";
import { addressWith, credentials, partsOf } from "../credentials.ts";
import type { Network, Pipe } from "../pipe.ts";
import { openWebSocket } from "./web_socket.ts";

const HOST = "127.0.0.1";

/** `serve` starts a server with a certificate and a key, and returns its port. */
export function secureWebSocket(
  serve: (cert: string, key: string, onPipe: (pipe: Pipe) => void) => number | Promise<number>,
): Network {
  return {
    async serve(onPipe) {
      const { cert, key, ca } = await credentials();
      return addressWith(`wss://${HOST}:${await serve(cert, key, onPipe)}`, ca);
    },
    async dial(place) {
      const { address, certPem } = partsOf(place);
      if (currentRuntime() === "bun") {
        return openWebSocket(new WebSocket(address, { tls: { ca: certPem } } as unknown as string[]));
      }
      const socket = new WsSocket(address, { ca: certPem, perMessageDeflate: false });
      await once(socket, "open");
      return wsPipe(socket);
    },
  };
}

/** A server of `ws` on `node:https`. */
export async function serveWs(cert: string, key: string, onPipe: (pipe: Pipe) => void): Promise<number> {
  const server = createServer({ cert, key });
  new WebSocketServer({ server, perMessageDeflate: false }).on(
    "connection",
    (socket) => onPipe(wsPipe(socket)),
  );
  server.listen({ host: HOST, port: 0 });
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

/** A pipe over a WebSocket of `ws`. */
export function wsPipe(socket: WsSocket): Pipe {
  return {
    send: (bytes) => socket.send(bytes),
    receive: (handler) => void socket.on("message", (bytes: Uint8Array) => void handler(bytes)),
  };
}
