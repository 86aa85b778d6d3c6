/**
 * A Durable Object that sleeps between messages, and whose connections do not notice.
 *
 * @module
 */

import { pickSeparateCodec } from "../codec/pick.ts";
import {
  type HibernatingLink,
  HibernatingWebSockets,
  type HibernationSocket,
  type HibernationState,
} from "../transports/ws/hosted/mod.ts";
import { msgpack } from "../message/msgpack_format.ts";
import { messageBytesMaxOf } from "../transports/ws/ws_link.ts";
import type { SessionSnapshot } from "../session/mod.ts";
import { blocks } from "./blocks/exchange.ts";
import { type EndpointOptions, endpointWith, type HawserEndpoint } from "./endpoint.ts";
import type { Identity } from "./identity.ts";

export type { HibernationSocket, HibernationState } from "../transports/ws/hosted/mod.ts";

/** What a `HibernatingObject` may be told. */
export interface HibernatingOptions extends EndpointOptions {
  /** Who it is, each time that it wakes up. */
  identity: Identity;
}

/**
 * A Durable Object that is an endpoint, as `HawserObject`, and sleeps while nothing happens: workerd takes it out of memory,
 * keeps its WebSockets, and makes it anew for the next event. Its sessions go on where they were, without a handshake.
 *
 * - After a sleep all connections come anew out of `server.onConnection`, with the same `peer`, before the event that
 *   woke the object; register the handler in the constructor. What else the object knew is gone, unless it is in its storage.
 * - It does not ask whether silent peers are there, which would keep it awake. Each ping of a client wakes it up, so
 *   clients should ask seldom: `connect(url, { limits: { keepaliveMs: 60_000 } })`.
 * - The keys of a session are in the attachment of its WebSocket, so Cloudflare keeps them beside it, as it keeps the
 *   object's memory while it is awake. An application must not attach anything of its own to these WebSockets.
 * - A session goes on only if nothing was under way: no message in part, or not taken, or waiting for a slow reader. Else
 *   its WebSocket is closed when the object wakes up, and the peer gets a `HawserError` with the code `closed`, which says
 *   `retryable`: it should dial again.
 *
 * @example
 * ```ts ignore
 * export class Room extends HibernatingObject {
 *   constructor(state: DurableObjectState, env: Env) {
 *     super(state, { identity: importIdentity(env.IDENTITY) });
 *     const { server } = this.endpoint;
 *     server.onConnection((connection) =>
 *       connection.onMessage((message) => server.connections.forEach((other) => other.send(message)))
 *     );
 *   }
 * }
 * ```
 */
export class HibernatingObject {
  /** Who listens here. */
  readonly endpoint: HawserEndpoint;
  readonly #sockets: HibernatingWebSockets;

  /** Wakes up. Never asks whether a silent peer is there, whatever `options.limits.keepaliveMs` says. */
  constructor(state: HibernationState, options: HibernatingOptions) {
    const take = (link: HibernatingLink, snapshot: unknown) => this.#take(link, snapshot);
    this.#sockets = new HibernatingWebSockets(state, messageBytesMaxOf(options), take);
    this.endpoint = endpointWith({
      // What a session keeps for its next link would go with the object's memory.
      options: { ...options, resume: false, limits: { ...options.limits, keepaliveMs: Infinity } },
      // Nobody says when the object falls asleep: its sessions' share of the core must go with it.
      codec: pickSeparateCodec(),
      formats: [msgpack],
      blocks,
      accept: (upgrade) => this.#sockets.accept(upgrade),
    });
    this.#sockets.restore();
  }

  /** Answers what the worker hands on: `env.ROOM.get(id).fetch(request)`. */
  fetch(request: Request): Promise<Response> {
    return this.endpoint.upgrade(request);
  }

  /** workerd calls it with each message. */
  webSocketMessage(socket: HibernationSocket, data: ArrayBuffer | string): void {
    this.#sockets.handleMessage(socket, data);
  }

  /** workerd calls it when a peer has closed its WebSocket. */
  webSocketClose(socket: HibernationSocket, code: number, reason: string, _wasClean: boolean): void {
    this.#sockets.handleClose(socket, code, reason);
  }

  /** workerd calls it when a WebSocket broke. */
  webSocketError(socket: HibernationSocket, error: unknown): void {
    this.#sockets.handleClose(socket, 1006, error instanceof Error ? error.message : String(error));
  }

  /** Kept once the connection has been handed to the application, or is over. */
  #take(link: HibernatingLink, snapshot: unknown): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const connection = this.endpoint.server.handleLink(link, {
      snapshot: snapshot as SessionSnapshot | undefined,
      onHandshakeOver: resolve,
      onSettled: (connection) => link.keep(connection.freeze()),
    });
    if (connection === undefined) resolve();
    return promise;
  }
}
