/**
 * A Hono app with Hawser inside: connections at `/hawser`, signalling for peers of `webrtc://`, and how it all is.
 *
 * ```sh
 * PORT=8000 deno run -A --unstable-net examples/hono_app.ts
 * curl http://127.0.0.1:8000/health
 * ```
 *
 * Peers find each other through it: one listens at `webrtc://alice?signalling=ws://127.0.0.1:8000/signalling`,
 * and others connect to that with alice's peer id behind it.
 *
 * @module
 */

import process from "node:process";
import { Hono } from "hono";
import { upgradeWebSocket } from "hono/deno";
import { logger } from "hono/logger";
import { createHawserEndpoint, hawser } from "../hono.ts";
import { signallingEndpoint } from "../src/transports/webrtc/signalling/mod.ts";

const endpoint = createHawserEndpoint();
const startedAt = Date.now();
let isStopping = false;

endpoint.server.onConnection((connection) => {
  connection.handle("sleep", async (ms) => {
    await new Promise((resolve) => setTimeout(resolve, Number(ms)));
    return `slept for ${ms} ms`;
  });
});

const app = new Hono()
  .use(logger((line) => console.error(line)))
  .get("/hawser", hawser(endpoint))
  // Whoever has a name is who callers of that name reach; the handshake then proves who it is.
  .get("/signalling", signallingEndpoint(upgradeWebSocket, { mayJoin: (name) => /^[a-z]{1,20}$/.test(name) }))
  // For load balancers: 503 as soon as no more work should come.
  .get("/health", (context) => {
    const { connections, accepted, failed } = endpoint.server.stats();
    const seconds = Math.floor((Date.now() - startedAt) / 1000);
    const status = isStopping ? "stopping" : "ok";
    return context.json({ status, seconds, connections, accepted, failed }, isStopping ? 503 : 200);
  });

const http = Deno.serve(
  { hostname: "127.0.0.1", port: Number(process.env.PORT ?? 0), onListen() {} },
  app.fetch,
);
console.log(`ws://127.0.0.1:${http.addr.port}/hawser#${endpoint.server.id}`);

process.once("SIGTERM", async () => {
  isStopping = true;
  // What was asked before is answered.
  await endpoint.server.shutdown({ timeoutMs: 5_000 });
  await http.shutdown();
});
