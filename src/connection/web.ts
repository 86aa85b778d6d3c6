/**
 * Dialling from a web page, with what every browser has.
 *
 * @module
 */

import type { PacketCodec } from "../codec/codec.ts";
import { loadSmallCore } from "../codec/small_core.ts";
import { WasmPacketCodec } from "../codec/wasm_packets.ts";
import type { Transport } from "../link.ts";
import { webTransports } from "../transports/web.ts";
import { connectWith, type Equipment } from "./connect_with.ts";
import type { Connection } from "./connection.ts";
import type { ConnectOptions } from "./options.ts";

let codec: Promise<WasmPacketCodec> | undefined;

const EQUIPMENT: Equipment = {
  codec: webCodec,
  transports: webTransports,
};

/**
 * Connects to the first of several addresses where the peer proves itself: `connect`, as on every runtime, over the
 * transports that a browser has. The first call compiles the WebAssembly core.
 *
 * @param addresses One or more URLs: `wss://host/path#peerId`.
 * @throws {HawserError} `invalid-address`; `not-authorised` where nothing says who the peer may be, or it is somebody
 * else; `unsupported` where the page may not compile WebAssembly; otherwise what went wrong.
 *
 * @example
 * ```ts
 * import { listen } from "@hawser/hawser";
 * import { connect } from "@hawser/hawser/web";
 *
 * await using server = await listen("ws://127.0.0.1:0");
 * await using connection = await connect(server.urls); // In a page: the URL that the server has told it.
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
 * Adds a transport of the page's own. It serves its schemes from now on, in place of a built-in one of that name.
 *
 * @throws {TypeError} if a scheme is not a word in lower case
 * @throws {RangeError} if a scheme was registered before
 */
export function registerTransport(transport: Transport): void {
  webTransports.register(transport);
}

/** The byte engine of a page: the small core, which the first call compiles. */
export function webCodec(): Promise<PacketCodec> {
  return codec ??= loadCodec();
}

// What failed may be tried again.
async function loadCodec(): Promise<WasmPacketCodec> {
  try {
    return new WasmPacketCodec(await loadSmallCore());
  } catch (error) {
    codec = undefined;
    throw error;
  }
}
