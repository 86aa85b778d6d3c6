/**
 * The endpoint on Bun: `Bun.serve`.
 *
 * @module
 */

import { Hono } from "hono";
import { upgradeWebSocket, websocket } from "hono/bun";
import { SIGNALLING_MESSAGE_CHARS_MAX } from "../../../limits.ts";
import { bunListenFailure } from "../../bun_failure.ts";
import { endpointOf } from "./endpoint.ts";
import type { Serve, Served } from "./serve.ts";

interface BunServer {
  readonly port: number;
  stop(closeActive: boolean): Promise<void>;
}

declare const Bun: {
  serve(options: {
    hostname: string;
    port: number;
    fetch(request: Request, server: BunServer): Response | Promise<Response>;
    websocket: object;
  }): BunServer;
};

/** Serves; rejects with what the runtime said. */
export async function serve({ host, port, path, hub, options }: Serve): Promise<Served> {
  const app = new Hono().get(path, endpointOf(hub, upgradeWebSocket, options));
  try {
    const server = Bun.serve({
      hostname: host,
      port,
      fetch: (request, server) => app.fetch(request, server),
      // UTF-8 takes up to three bytes for a character.
      websocket: { ...websocket, maxPayloadLength: 3 * SIGNALLING_MESSAGE_CHARS_MAX },
    });
    return { port: server.port, stop: () => Promise.resolve(void server.stop(true)) };
  } catch (cause) {
    const address = {
      scheme: "ws",
      host,
      port,
      path,
      peerId: undefined,
      href: `ws://${host}:${port}${path}`,
    };
    throw await bunListenFailure(cause, address);
  }
}
