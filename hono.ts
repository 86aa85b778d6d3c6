/**
 * Hawser behind an HTTP framework: Hono, or whatever hands out a `Request`. For Deno, Bun, Node and Cloudflare Workers.
 *
 * @example
 * ```ts
 * import { Hono } from "hono";
 * import { connect } from "@hawser/hawser";
 * import { createHawserEndpoint, hawser } from "@hawser/hawser/hono";
 *
 * await using endpoint = createHawserEndpoint();
 * endpoint.server.onConnection((connection) => connection.onMessage((message) => connection.send(message)));
 *
 * const app = new Hono().get("/hawser", hawser(endpoint));
 * const http = Deno.serve({ port: 0, onListen() {} }, app.fetch);
 *
 * const connection = await connect(`ws://127.0.0.1:${http.addr.port}/hawser#${endpoint.server.id}`);
 * connection.send(new TextEncoder().encode("ahoy"));
 * console.log(new TextDecoder().decode(await connection.receive())); // ahoy
 * await connection.close();
 * await http.shutdown();
 * ```
 *
 * @module
 */

export {
  type BunWebSocketHandler,
  createHawserEndpoint,
  type EndpointOptions,
  hawser,
  HawserEndpoint,
  type HonoContext,
  type NodeFetch,
  type NodeHttpServer,
} from "./src/connection/endpoint.ts";
