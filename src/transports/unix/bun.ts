/**
 * Unix sockets on Bun: `Bun.connect`, `Bun.listen`.
 *
 * @module
 */

import type { Address, Link, ListenHandler, Listening } from "../../link.ts";
import { BunSocketLink, dialSocket, listenSocket } from "../stream_socket/bun.ts";
import { UNNAMED } from "./path.ts";

/** Opens a link; see `UnixRuntime`. */
export function dial(path: string, address: Address, signal: AbortSignal | undefined): Promise<Link> {
  return dialSocket({ unix: path }, signal, (socket) => new BunSocketLink(socket, UNNAMED, address.href));
}

/** Listens; see `UnixRuntime`. */
// deno-lint-ignore require-await -- `Bun.listen` throws at once; here that must reject
export async function listen(path: string, url: string, handler: ListenHandler): Promise<Listening> {
  const listener = listenSocket({ unix: path }, (socket) => {
    handler.onLink(new BunSocketLink(socket, url, UNNAMED));
  });
  return { url, close: () => Promise.resolve(listener.stop()) };
}
