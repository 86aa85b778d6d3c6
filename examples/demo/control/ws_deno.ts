/**
 * Plain WebSockets on Deno: `Deno.serve`, `Deno.upgradeWebSocket`, `WebSocket`.
 *
 * @module
 */

import type { Channel } from "../channel.ts";
import { type ControlListening, HOST } from "./control.ts";
import { channelOf } from "./web_socket.ts";

export { dial } from "./web_socket.ts";

/** Listens; see `Control`. */
// deno-lint-ignore require-await -- others of its kind are asynchronous
export async function listen(onChannel: (channel: Channel) => void): Promise<ControlListening> {
  const server = Deno.serve({ hostname: HOST, port: 0, onListen: () => {} }, (request) => {
    const { socket, response } = Deno.upgradeWebSocket(request);
    onChannel(channelOf(socket));
    return response;
  });
  return { port: server.addr.port, close: () => server.shutdown() };
}
