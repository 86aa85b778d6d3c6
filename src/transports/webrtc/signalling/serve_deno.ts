/**
 * The endpoint on Deno: `Deno.serve`.
 *
 * @module
 */

import { Hono } from "hono";
import { upgradeWebSocket } from "hono/deno";
import { endpointOf } from "./endpoint.ts";
import type { Serve, Served } from "./serve.ts";

/** Serves; rejects with what the runtime said. */
// deno-lint-ignore require-await -- `Deno.serve` throws at once; here that must reject
export async function serve({ host, port, path, hub, options }: Serve): Promise<Served> {
  const app = new Hono().get(path, endpointOf(hub, upgradeWebSocket, options));
  const stopper = new AbortController();
  const server = Deno.serve(
    { hostname: host, port, signal: stopper.signal, onListen() {} },
    (request) => app.fetch(request),
  );
  return {
    port: server.addr.port,
    async stop() {
      stopper.abort();
      await server.finished;
    },
  };
}
