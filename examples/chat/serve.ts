/**
 * A chat in web pages: rooms are topics, and the server passes on what is said in them.
 *
 * ```sh
 * PORT=8000 deno run -A --unstable-net examples/chat/serve.ts   # then open http://127.0.0.1:8000/?room=lobby&name=ann
 * ```
 *
 * @module
 */

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { Hono } from "hono";
import { createHawserEndpoint, hawser } from "../../hono.ts";

declare const Bun: { serve(options: object): unknown } | undefined;

const port = Number(process.env.PORT ?? 8000);
const origin = `http://127.0.0.1:${port}`;
const endpoint = createHawserEndpoint({ url: `ws://127.0.0.1:${port}/chat`, origins: [origin] });

// What one says in a room goes to all others who are there.
endpoint.server.relay("room.>");
endpoint.server.onConnection(({ peer }) => console.log(`${peer.id} came`));

const page = await readFile(new URL("index.html", import.meta.url), "utf8");
const { outputFiles: [script] } = await build({
  entryPoints: [fileURLToPath(new URL("../../web.ts", import.meta.url))],
  bundle: true,
  format: "esm",
  write: false,
});
const app = new Hono()
  .get("/", (context) => context.html(page))
  .get("/hawser.js", (context) => context.body(script.text, 200, { "content-type": "text/javascript" }))
  .get("/address", (context) => context.text(endpoint.server.urls[0]))
  .get("/chat", hawser(endpoint));

if ("Deno" in globalThis) Deno.serve({ hostname: "127.0.0.1", port, onListen() {} }, app.fetch);
else if (typeof Bun !== "undefined") {
  Bun.serve({ hostname: "127.0.0.1", port, fetch: app.fetch, websocket: endpoint.websocket });
} else {
  const { getRequestListener } = await import("@hono/node-server");
  const server = createServer(getRequestListener(app.fetch)).listen(port, "127.0.0.1");
  endpoint.attach(server, app.fetch);
}
console.log(origin);
