/**
 * Listening behind somebody else's HTTP server.
 *
 * @module
 */

import type { PacketCodec } from "../codec/codec.ts";
import { pickCodec } from "../codec/pick.ts";
import type { ListenHandler } from "../link.ts";
import type { Format } from "../message/formats.ts";
import { msgpack } from "../message/msgpack_format.ts";
import { runtime } from "../transports/runtime.ts";
import {
  type BunWebSocketHandler,
  type HostedUpgrade,
  HostedWebSockets,
  type NodeFetch,
  type NodeHttpServer,
} from "../transports/ws/hosted/mod.ts";
import { messageBytesMaxOf } from "../transports/ws/ws_link.ts";
import { keepTimersApart } from "./clock.ts";
import { createIdentity } from "./identity.ts";
import type { BlockSupport } from "./block_part.ts";
import { blocks } from "./blocks/exchange.ts";
import { capabilitiesOf } from "./message_parts.ts";
import { type ListenOptions, messageConfig, sessionConfig } from "./options.ts";
import { Server } from "./server.ts";
import { responderTerms } from "./terms.ts";

export type { BunWebSocketHandler, NodeFetch, NodeHttpServer } from "../transports/ws/hosted/mod.ts";

// While the module loads, because workerd compiles WebAssembly at no other time.
const codec = pickCodec();
if (runtime === "workerd") keepTimersApart();

/** What `createHawserEndpoint` may be told. */
export interface EndpointOptions extends ListenOptions {
  /** The public address, `wss://example.com/hawser`: what `server.urls` tells, with the peer id. */
  url?: string;
}

/**
 * A listener without a socket: an HTTP framework hands it requests, and its `server` has the connections.
 *
 * @example
 * ```ts
 * import { createHawserEndpoint } from "@hawser/hawser/hono";
 * import { connect } from "@hawser/hawser";
 *
 * await using endpoint = createHawserEndpoint();
 * const http = Deno.serve({ port: 0, onListen() {} }, (request, info) => endpoint.upgrade(request, info));
 * const connection = await connect(`ws://127.0.0.1:${http.addr.port}/#${endpoint.server.id}`);
 * console.log(endpoint.server.connections.length); // 1
 * await connection.close();
 * await http.shutdown();
 * ```
 */
export class HawserEndpoint implements AsyncDisposable {
  /** The connections: the same kind of server that `listen` returns. */
  readonly server: Server;
  readonly #sockets: HostedWebSockets;

  /** @ignore Endpoints come from `createHawserEndpoint`. */
  constructor(server: Server, sockets: HostedWebSockets) {
    this.server = server;
    this.#sockets = sockets;
  }

  /** Bun: for `Bun.serve({ fetch, websocket: endpoint.websocket })`. */
  get websocket(): BunWebSocketHandler {
    return this.#sockets.bunHandler;
  }

  /** Node: hands upgrade requests of a `node:http` server, which no framework hears of, to `fetch` (Hono: `app.fetch`). */
  attach(server: NodeHttpServer, fetch: NodeFetch): void {
    this.#sockets.attach(server, fetch);
  }

  /**
   * The answer to a request: a WebSocket of Hawser, or why it is none.
   *
   * @param env What the runtime gives beside the request: Deno's info, Bun's server (or an object with `server`).
   * @throws {HawserError} `unsupported` where `env` lacks what the runtime needs for it; the message says what.
   */
  upgrade(request: Request, env?: unknown): Promise<Response> {
    return this.#sockets.upgrade(request, env);
  }

  /** Turns away what is new and closes the connections in order: as `server.close()`. */
  close(): Promise<void> {
    return this.server.close();
  }

  /** Closes in order: `await using` calls it. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/**
 * Makes an endpoint for an HTTP framework. Pages may connect if their origin is one of `origins`, as with `listen`.
 *
 * On workerd random numbers cannot be had while a module loads: give an `identity` there, which a peer wants to know
 * beforehand anyway.
 */
export function createHawserEndpoint(options: EndpointOptions = {}): HawserEndpoint {
  return endpointWith({ options, codec, formats: [msgpack], blocks });
}

/** What an endpoint is made with. */
export interface EndpointParts {
  readonly options: EndpointOptions;
  readonly codec: PacketCodec;
  /** Formats of values beside those that are always there. */
  readonly formats?: readonly Format[];
  /** What carries blocks. */
  readonly blocks?: BlockSupport;
  /** Makes a WebSocket of a request, and sees to its connection. Default: as the runtime does it. */
  readonly accept?: (upgrade: HostedUpgrade) => Response;
}

/** An endpoint whose codec or WebSockets are not the usual ones. */
export function endpointWith({ options, codec, formats, blocks, accept }: EndpointParts): HawserEndpoint {
  const identity = options.identity ?? createIdentity();
  const messages = messageConfig(options, formats, blocks);
  const config = sessionConfig(
    { ...options, identity },
    "responder",
    codec,
    responderTerms(options),
    capabilitiesOf(messages),
  );
  const server = new Server(identity.id, config, messages, options);
  const handler: ListenHandler = {
    onLink: (link) => void server.handleLink(link),
    onDatagram: () => {},
    onClose: () => {},
  };
  const { origins = [], url, signal } = options;
  const messageBytesMax = messageBytesMaxOf(options);
  const sockets = new HostedWebSockets({ handler, origins, messageBytesMax, accept });
  const close = () => Promise.resolve(sockets.close());
  if (url !== undefined) server.addListening({ url, close });
  const onAbort = () => void server.close();
  signal?.addEventListener("abort", onAbort, { once: true });
  void server.closed.then(close).then(() => signal?.removeEventListener("abort", onAbort));
  return new HawserEndpoint(server, sockets);
}

/** What a handler of Hono gets; the part that is used. */
export interface HonoContext {
  /** The request, which asks for a WebSocket. */
  readonly req: { readonly raw: Request };
  /** What the runtime gives along with it: on Bun the server, on Deno where the peer is. */
  readonly env: unknown;
}

/**
 * A handler for Hono: `app.get("/hawser", hawser(endpoint))`.
 *
 * Deno: `Deno.serve(app.fetch)`. Bun: `Bun.serve({ fetch: app.fetch, websocket: endpoint.websocket })`. Node:
 * `endpoint.attach(serve({ fetch: app.fetch }), app.fetch)`. Cloudflare Workers: `export default app`.
 *
 * @example
 * ```ts
 * import { Hono } from "hono";
 * import { createHawserEndpoint, hawser } from "@hawser/hawser/hono";
 *
 * const endpoint = createHawserEndpoint();
 * const app = new Hono().get("/hawser", hawser(endpoint));
 * console.log((await app.request("/hawser")).status); // 426: no WebSocket was asked for
 * await endpoint.close();
 * ```
 */
export function hawser(endpoint: HawserEndpoint): (context: HonoContext) => Promise<Response> {
  return ({ req, env }) => endpoint.upgrade(req.raw, env);
}
