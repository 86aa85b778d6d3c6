/**
 * Hawser for Cloudflare Workers: `connect` over `tcp://` and WebSockets, endpoints for Hono or a bare `fetch`, and
 * Durable Objects.
 *
 * What a plain worker opens or accepts belongs to the request that it answers: connections that are to talk to each
 * other meet in a Durable Object: a {@linkcode HawserObject}, or a {@linkcode HibernatingObject}, which sleeps between
 * messages.
 *
 * From compatibility date 2025-06-01 on: earlier, workerd does not compile the WebAssembly core, and the slow reference
 * codec takes over.
 *
 * @example
 * ```ts ignore
 * import { Hono } from "hono";
 * import { connect, createHawserEndpoint, hawser, importIdentity } from "@hawser/hawser/workerd";
 *
 * const endpoint = createHawserEndpoint({ identity: importIdentity(IDENTITY) });
 * endpoint.server.onConnection((connection) => connection.onMessage((message) => connection.send(message)));
 * export default new Hono().get("/hawser", hawser(endpoint));
 * ```
 *
 * @module
 */

export { connect, HawserObject, registerTransport } from "./src/connection/workerd.ts";
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
export {
  HibernatingObject,
  type HibernatingOptions,
  type HibernationSocket,
  type HibernationState,
} from "./src/connection/hibernating_object.ts";
export * from "./src/connection/face.ts";
export * from "./src/connection/listening_face.ts";
