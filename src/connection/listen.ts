/**
 * Listening.
 *
 * @module
 */

import { HawserError } from "../errors.ts";
import type { Address, Listening } from "../link.ts";
import { pickCodec } from "../codec/pick.ts";
import { parseAddress } from "../transports/address.ts";
import { transportFor } from "../transports/registry.ts";
import { DatagramDoor } from "./datagram_door.ts";
import { createIdentity } from "./identity.ts";
import { type ListenOptions, sessionConfig } from "./options.ts";
import { Server } from "./server.ts";

/**
 * Listens on one or more addresses; port 0 takes a free one, which `urls` tells.
 *
 * @param addresses One or more URLs: `tcp://127.0.0.1:0`.
 * @throws {HawserError} `invalid-address`, `address-in-use`, `unsupported` or `io`; nothing listens then.
 *
 * @example
 * ```ts
 * import { createIdentity, listen } from "@hawser/hawser";
 *
 * const identity = createIdentity();
 * await using server = await listen(["tcp://127.0.0.1:0", "ws://127.0.0.1:0"], { identity });
 * console.log(server.urls.length); // 2
 * ```
 */
export async function listen(
  addresses: string | readonly string[],
  options: ListenOptions = {},
): Promise<Server> {
  const list = (typeof addresses === "string" ? [addresses] : addresses).map(parseAddress);
  if (list.length === 0) throw new HawserError("invalid-address", "listen needs at least one address");
  options.signal?.throwIfAborted();
  const identity = options.identity ?? createIdentity();
  const config = sessionConfig({ ...options, identity }, "responder", pickCodec());
  const server = new Server(identity.id, config, options);
  try {
    for (const address of list) await open(server, address, options);
    options.signal?.throwIfAborted();
  } catch (error) {
    await server.close();
    throw error;
  }
  const onAbort = () => void server.close();
  options.signal?.addEventListener("abort", onAbort, { once: true });
  void server.closed.then(() => options.signal?.removeEventListener("abort", onAbort));
  return server;
}

async function open(server: Server, address: Address, options: ListenOptions): Promise<void> {
  const transport = await transportFor(address.scheme);
  const door = new DatagramDoor(server, options);
  const listening: Listening = await transport.listen(address, options, {
    onLink: (link) => void server.handleLink(link),
    onDatagram: (bytes, source) => door.handleDatagram(bytes, source),
    // Never before `listen` has resolved: until then, it rejects.
    onClose: () => server.handleListenerClosed(listening),
  });
  door.open(listening);
  server.addListening(listening);
}
