/**
 * Dialling, with all that Deno, Bun and Node have.
 *
 * @module
 */

import { pickCodec } from "../codec/pick.ts";
import { msgpack } from "../message/msgpack_format.ts";
import { transports } from "../transports/registry.ts";
import type { Connection } from "./connection.ts";
import { knownPeersFile } from "./known_peers_file.ts";
import { blocks } from "./blocks/exchange.ts";
import { connectWith, type Equipment } from "./connect_with.ts";
import type { ConnectOptions } from "./options.ts";

export { type PortLike, type PortRegistration, registerPort } from "../transports/port/registered_ports.ts";
export { registerTransport } from "../transports/registry.ts";

const EQUIPMENT: Equipment = { codec: pickCodec, transports, formats: [msgpack], blocks, knownPeersFile };

/**
 * Connects to the first of several addresses where the peer proves itself.
 *
 * They are tried in their order, or in that of `prefer`. Each has a head start before the next joins in; the first proven
 * session wins, and the others are closed.
 *
 * The peer has to be known: by a peer id behind the `#` of the address, by `expect`, or by `trust`.
 *
 * @param addresses One or more URLs: `tcp://host:port#peerId`.
 * @throws {HawserError} `invalid-address`; `not-authorised` where nothing says who the peer may be, or it is somebody
 * else; otherwise what went wrong with the address that was tried first, and with all of them in `cause`.
 *
 * @example
 * ```ts
 * import { connect, createIdentity, listen } from "@hawser/hawser";
 *
 * await using server = await listen(["tcp://127.0.0.1:0"], { identity: createIdentity() });
 * await using connection = await connect(server.urls);
 * console.log(connection.peer.id === server.id); // true
 * ```
 */
export function connect(
  addresses: string | readonly string[],
  options: ConnectOptions = {},
): Promise<Connection> {
  return connectWith(EQUIPMENT, addresses, options);
}
