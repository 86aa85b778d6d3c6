/**
 * Listening, whatever the runtime offers for it.
 *
 * @module
 */

import { HawserError } from "../errors.ts";
import type { Address, Listening, Transport } from "../link.ts";
import { parseAddress } from "../transports/address.ts";
import type { Equipment } from "./connect_with.ts";
import { DatagramDoor } from "./datagram_door.ts";
import { createIdentity } from "./identity.ts";
import { capabilitiesOf } from "./message_parts.ts";
import { type ListenOptions, messageConfig, sessionConfig } from "./options.ts";
import { Server } from "./server.ts";
import { responderTerms } from "./terms.ts";

/** `listen`, with the equipment of one runtime. */
export async function listenWith(
  equipment: Equipment,
  addresses: string | readonly string[],
  options: ListenOptions,
): Promise<Server> {
  const list = (typeof addresses === "string" ? [addresses] : addresses).map(parseAddress);
  if (list.length === 0) throw new HawserError("invalid-address", "listen needs at least one address");
  options.signal?.throwIfAborted();
  const codec = await equipment.codec();
  const identity = options.identity ?? createIdentity();
  const messages = messageConfig(options, equipment.formats, equipment.blocks);
  const config = sessionConfig(
    { ...options, identity },
    "responder",
    codec,
    responderTerms(options),
    capabilitiesOf(messages),
  );
  const server = new Server(identity.id, config, messages, options);
  try {
    for (const address of list) {
      const transport = await equipment.transports.find(address.scheme);
      await open(transport, address, server, new DatagramDoor(server, codec, options), options);
    }
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

async function open(
  transport: Transport,
  address: Address,
  server: Server,
  door: DatagramDoor,
  options: ListenOptions,
): Promise<void> {
  const listening: Listening = await transport.listen(address, options, {
    onLink: (link) => void server.handleLink(link),
    onDatagram: (bytes, source) => door.handleDatagram(bytes, source),
    // Never before `listen` has resolved: until then, it rejects.
    onClose: () => server.handleListenerClosed(listening),
  });
  door.open(listening);
  server.addListening(listening);
}
