/**
 * Dialling from a Cloudflare Worker, and endpoints that live in a Durable Object.
 *
 * @module
 */

import { msgpack } from "../message/msgpack_format.ts";
import { pickCodec } from "../codec/pick.ts";
import type { Transport } from "../link.ts";
import { workerdTransports } from "../transports/workerd.ts";
import { blocks } from "./blocks/exchange.ts";
import { keepTimersApart } from "./clock.ts";
import { connectWith, type Equipment } from "./connect_with.ts";
import type { Connection } from "./connection.ts";
import { createHawserEndpoint, type EndpointOptions, type HawserEndpoint } from "./endpoint.ts";
import type { ConnectOptions } from "./options.ts";

// While the module loads, because workerd compiles WebAssembly at no other time.
const codec = pickCodec();
keepTimersApart();

const EQUIPMENT: Equipment = {
  codec: () => codec,
  transports: workerdTransports,
  formats: [msgpack],
  blocks,
};

/**
 * Connects to the first of several addresses where the peer proves itself: `connect`, as on every runtime, over `tcp://`,
 * `ws://` and `wss://`. What a worker opens while it answers one request cannot be used in another.
 *
 * @param addresses One or more URLs: `tcp://host:port#peerId`.
 * @throws {HawserError} `invalid-address`; `not-authorised` where nothing says who the peer may be, or it is somebody
 * else; otherwise what went wrong.
 */
export function connect(
  addresses: string | readonly string[],
  options: ConnectOptions = {},
): Promise<Connection> {
  return connectWith(EQUIPMENT, addresses, options);
}

/**
 * Adds a transport of the worker's own. It serves its schemes from now on, in place of a built-in one of that name.
 *
 * @throws {TypeError} if a scheme is not a word in lower case
 * @throws {RangeError} if a scheme was registered before
 */
export function registerTransport(transport: Transport): void {
  workerdTransports.register(transport);
}

/**
 * A Durable Object that is an endpoint: all who connect to it meet in one place, and may be sent to at any time.
 *
 * It stays awake while somebody is connected, and what it knows of a connection ends with the object. One that sleeps
 * between messages is a `HibernatingObject`.
 *
 * @example
 * ```ts ignore
 * export class Room extends HawserObject {
 *   constructor(state: DurableObjectState, env: Env) {
 *     super({ identity: importIdentity(env.IDENTITY) });
 *     this.endpoint.server.onConnection((connection) => connection.onMessage((message) => connection.send(message)));
 *   }
 * }
 * ```
 */
export class HawserObject {
  /** Who listens here. */
  readonly endpoint: HawserEndpoint;

  /** Makes the endpoint. */
  constructor(options: EndpointOptions = {}) {
    this.endpoint = createHawserEndpoint(options);
  }

  /** Answers what the worker hands on: `env.ROOM.get(id).fetch(request)`. */
  fetch(request: Request): Promise<Response> {
    return this.endpoint.upgrade(request);
  }
}
