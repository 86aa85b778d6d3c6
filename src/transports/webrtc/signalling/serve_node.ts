/**
 * The endpoint on Node: `@hono/node-server`, and `ws` for its WebSockets.
 *
 * @module
 */

import type { AddressInfo } from "node:net";
import { serve as serveHono, upgradeWebSocket } from "@hono/node-server";
import { Hono } from "hono";
import { WebSocketServer } from "ws";
import { SIGNALLING_MESSAGE_CHARS_MAX } from "../../../limits.ts";
import { endpointOf } from "./endpoint.ts";
import type { Serve, Served } from "./serve.ts";

/** Serves; rejects with what the runtime said. */
export async function serve({ host, port, path, hub, options }: Serve): Promise<Served> {
  const app = new Hono().get(path, endpointOf(hub, upgradeWebSocket, options));
  const { promise, resolve, reject } = Promise.withResolvers<AddressInfo>();
  // UTF-8 takes up to three bytes for a character.
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 3 * SIGNALLING_MESSAGE_CHARS_MAX });
  const server = serveHono(
    { fetch: app.fetch, hostname: host, port, websocket: { server: sockets } },
    resolve,
  );
  server.once("error", reject);
  const info = await promise;
  return {
    port: info.port,
    async stop() {
      for (const socket of sockets.clients) socket.terminate();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}
