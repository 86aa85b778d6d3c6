/**
 * Dialling and listening in a web page and its workers.
 *
 * @module
 */

import type { Transport } from "../link.ts";
import { webWorkerTransports } from "../transports/web_workers.ts";
import { connectWith, type Equipment } from "./connect_with.ts";
import type { Connection } from "./connection.ts";
import { listenWith } from "./listen_with.ts";
import type { ConnectOptions, ListenOptions } from "./options.ts";
import type { Server } from "./server.ts";
import { webCodec } from "./web.ts";

export { type PortLike, type PortRegistration, registerPort } from "../transports/port/registered_ports.ts";

const EQUIPMENT: Equipment = { codec: webCodec, transports: webWorkerTransports };

/**
 * Connects to the first of several addresses where the peer proves itself: `connect`, as on every runtime, over the
 * transports of a browser and to what {@linkcode registerPort} has named.
 *
 * @param addresses One or more URLs: `wss://host/path#peerId`, `port://name`, `shm://name`.
 * @throws {HawserError} `invalid-address`; `not-authorised` where nothing says who the peer may be, or it is somebody
 * else; `unsupported` where the page may not compile WebAssembly, or shares no memory; otherwise what went wrong.
 *
 * @example
 * ```ts
 * import { connect, listen, registerPort } from "@hawser/hawser/web/workers";
 *
 * // The ends of a channel are usually in two workers; a Worker, and the scope inside it, are ports too.
 * const { port1, port2 } = new MessageChannel();
 * using _worker = registerPort("worker", port1);
 * using _page = registerPort("page", port2);
 *
 * await using server = await listen("port://page");
 * await using connection = await connect("port://worker", { expect: server.id });
 * console.log(connection.peer.id === server.id); // true
 * ```
 */
export function connect(
  addresses: string | readonly string[],
  options: ConnectOptions = {},
): Promise<Connection> {
  return connectWith(EQUIPMENT, addresses, options);
}

/**
 * Listens on ports that {@linkcode registerPort} has named: nobody else can reach into a browser by these transports.
 *
 * @param addresses One or more URLs: `port://name`, `shm://name`.
 * @throws {HawserError} `invalid-address`, `address-in-use` or `unsupported`; nothing listens then.
 */
export function listen(
  addresses: string | readonly string[],
  options: ListenOptions = {},
): Promise<Server> {
  return listenWith(EQUIPMENT, addresses, options);
}

/**
 * Adds a transport of the page's own. It serves its schemes from now on, in place of a built-in one of that name.
 *
 * @throws {TypeError} if a scheme is not a word in lower case
 * @throws {RangeError} if a scheme was registered before
 */
export function registerTransport(transport: Transport): void {
  webWorkerTransports.register(transport);
}
